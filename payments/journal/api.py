"""Single journals over HTTP, for readers of the ledger."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import db
from payments.journal import lookup
from payments.journal.schemas import JournalOut

router = APIRouter(prefix="/v1/ledger/journals", tags=["finance"])


@router.get("/{id}")
def get_journal(
    journal_id: Annotated[UUID, Path(alias="id")],
    principal: Annotated[Principal, requires(Permission.LEDGER_READ)],
) -> JournalOut:
    """One journal with all its lines."""
    with db.read_only(tenant=principal.tenant_id) as tx:
        return JournalOut.model_validate(lookup.read(tx, journal_id))

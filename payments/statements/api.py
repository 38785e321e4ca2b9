"""Own statements over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import db
from kernel.paging import Page
from payments.statements import service
from payments.statements.schemas import StatementLineOut

router = APIRouter(prefix="/v1/statements", tags=["money"])


@router.get("")
def own_statement(
    principal: Annotated[Principal, requires(Permission.STATEMENTS_READ)],
    asset: Annotated[str | None, Query(pattern=r"^[A-Z0-9]{0,32}$")] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[StatementLineOut]:
    """Your account movements, newest first, each with the balance after it."""
    with db.read_only(tenant=principal.tenant_id, repeatable=True) as tx:
        page = service.page(
            tx, owner=principal.id, asset=asset or None, cursor=cursor or None, limit=limit, realm=principal.realm
        )
    return Page(items=[StatementLineOut.model_validate(line) for line in page.items], next_cursor=page.next_cursor)

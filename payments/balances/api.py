"""Own balances over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import db
from kernel.paging import Page
from payments.balances import service
from payments.balances.schemas import BalanceOut

router = APIRouter(prefix="/v1/balances", tags=["money"])


@router.get("")
def own_balances(principal: Annotated[Principal, requires(Permission.BALANCES_READ)]) -> Page[BalanceOut]:
    """Your balance of every asset you have or had."""
    with db.read_only(tenant=principal.tenant_id) as tx:
        rows = service.of_owner(tx, owner=principal.id, realm=principal.realm)
    return shown(rows)


def shown(rows: Sequence[service.BalanceRow]) -> Page[BalanceOut]:
    return Page(items=[BalanceOut.model_validate(row) for row in rows])

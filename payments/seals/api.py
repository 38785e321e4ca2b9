"""The chain of seals, and where the fold stands, over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import db
from kernel.paging import Page, cut, decode_cursor
from payments.balances import service as balances
from payments.seals import service
from payments.seals.schemas import FoldOut, SealOut

router = APIRouter(prefix="/v1/ledger", tags=["finance"])


@router.get("/seals")
def seals(
    principal: Annotated[Principal, requires(Permission.LEDGER_READ)],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str | None = None,
) -> Page[SealOut]:
    """The chain of seals over the journal, newest first; one chain for all tenants, with your own turnover."""
    before = decode_cursor(cursor, int) if cursor is not None else None
    with db.read_only(tenant=principal.tenant_id) as tx:
        rows = service.page(tx, before=before, limit=limit + 1)
    rows, following = cut(rows, limit, lambda one: one.seal_no)
    return Page(items=[SealOut.model_validate(row) for row in rows], next_cursor=following)


@router.get("/fold")
def fold(principal: Annotated[Principal, requires(Permission.LEDGER_READ)]) -> FoldOut:
    """How many of your entries are committed and not in the balances yet, and how old the oldest of them is."""
    with db.read_only(tenant=principal.tenant_id, repeatable=True) as tx:
        lag, now = balances.fold_lag(tx), balances.horizon(tx)
    return FoldOut(
        lag_entries=lag.entries,
        lag_ms=int(lag.age_s * 1000),
        epoch=now.epoch,
        horizon=str(now.horizon),
        seal_no=now.seal_no,
    )

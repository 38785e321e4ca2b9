"""Treasury's balances over HTTP: every place beside the ledger, and how each came to where it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import db
from kernel.clock import Moment
from kernel.errors import InvalidRequest
from wallet_bridge.levels import service
from wallet_bridge.levels.schemas import HistoryOut, TreasuryBalancesOut, point, shown

router = APIRouter(prefix="/v1/treasury", tags=["treasury"])
_A_DAY = timedelta(days=1)
_FIRST_YEAR = 2000


@router.get("/balances")
def balances(principal: Annotated[Principal, requires(Permission.TREASURY_READ)]) -> TreasuryBalancesOut:
    """Every venue account and wallet: what is reported, what the ledger says, how long it lasts, and its level."""
    with db.read_only(tenant=principal.tenant_id, repeatable=True) as tx:
        found = service.overview(tx)
        at = tx.now
    return TreasuryBalancesOut(at=at, items=[shown(one) for one in found])


@router.get("/history")
def history(
    principal: Annotated[Principal, requires(Permission.TREASURY_READ)],
    location: Annotated[str, Query(max_length=80, examples=["venue:okx"])],
    asset: Annotated[str, Query(max_length=32)],
    since: Annotated[Moment | None, Query(alias="from", description="Default: a day before `to`.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Default: now. Not included.")] = None,
) -> HistoryOut:
    """What one balance was over time, for a plot; ninety days are kept."""
    with db.read_only() as tx:
        end = until or tx.now
    if end.year < _FIRST_YEAR:
        raise InvalidRequest("there is nothing that old")
    begin = since or end - _A_DAY
    if not timedelta(0) < end - begin <= service.KEPT + _A_DAY:
        raise InvalidRequest("`from` lies before `to`, by ninety days at most")
    found = service.history(principal.tenant_id, location=location, asset=asset, since=begin, until=end)
    return HistoryOut(location=location, asset=asset, items=[point(sample) for sample in found])

"""Revenue over HTTP, for those who run the business; customers never see what venues charge us."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from broker.revenue import service
from broker.revenue.rules import REPORTING
from broker.revenue.schemas import AssetRevenueOut, By, RevenueOut, RevenueRowOut, SumsOut, UnbookedFeeOut
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import db
from kernel.clock import Moment
from kernel.errors import InvalidRequest
from kernel.http import cut, decode_cursor

router = APIRouter(prefix="/v1/revenue", tags=["revenue"])
EARLIEST = 2000


@router.get("")
def revenue(
    principal: Annotated[Principal, requires(Permission.REVENUE_READ)],
    start: Annotated[
        Moment | None, Query(alias="from", description="Business time; default 30 days before `to`.")
    ] = None,
    end: Annotated[Moment | None, Query(alias="to", description="Not included; default now.")] = None,
    by: By = "day",
    order_id: UUID | None = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> RevenueOut:
    """What trading earned and cost, grouped, with totals per asset beside those of the ledger's accounts."""
    until = end or _now(principal) + timedelta(microseconds=1)
    if until.year < EARLIEST:
        raise InvalidRequest("nothing was traded so long ago")
    since = start or until - timedelta(days=30)
    after = decode_cursor(cursor, str) if cursor else ""
    found = service.report(
        principal.tenant_id, by=by, start=since, end=until, order=order_id, after=after, limit=limit + 1
    )
    groups, more = cut(found.groups, limit, lambda one: one.key)
    return RevenueOut(
        by=by,
        start=since,
        end=until,
        reporting_currency=REPORTING,
        as_of=found.as_of,
        waiting=found.waiting,
        items=[RevenueRowOut(key=row.key, **_sums(row)) for row in groups],
        next_cursor=more,
        totals=SumsOut(**_sums(found.totals)),
        assets=[_asset(row) for row in found.assets],
        unbooked_fees=[UnbookedFeeOut(**row._mapping) for row in found.unbooked],  # noqa: SLF001  the row's documented view
    )


def _now(principal: Principal) -> Any:
    with db.read_only(tenant=principal.tenant_id) as tx:
        return tx.now


def _sums(row: Any) -> dict[str, Any]:
    names = ("fills", "volume", "trade_fees", "spread", "venue_fees", "without_worth")
    return {name: getattr(row, name) for name in names} | {"net": row.trade_fees + row.spread - row.venue_fees}


def _asset(row: Any) -> AssetRevenueOut:
    ours = (row.trade_fee, row.spread, row.venue_fee)
    agrees = ours == (row.ledger_trade_fee, row.ledger_spread, row.ledger_venue_fee)
    return AssetRevenueOut(**row._mapping, agrees=agrees)  # noqa: SLF001  the row's documented view

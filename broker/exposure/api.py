"""The house's exposure over HTTP, for treasury."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from broker.exposure import service
from broker.exposure.rules import Exposure
from broker.exposure.schemas import AssetExposureOut, DayReportOut, ExposureOut, GapOut, UnknownOut
from broker.revenue.rules import REPORTING
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import Page, cut, decode_cursor
from kernel.paging import InvalidCursor

router = APIRouter(prefix="/v1/treasury/exposure", tags=["treasury"])


@router.get("")
def exposure(principal: Annotated[Principal, requires(Permission.TREASURY_READ)]) -> ExposureOut:
    """Where the house stands in each asset, to the last committed entry."""
    now = service.overview(principal.tenant_id)
    return ExposureOut(
        as_of=now.as_of,
        reporting_currency=REPORTING,
        flat=all(e.books.trading == 0 for e in now.assets),
        realised=now.realised,
        unrealised=now.unrealised,
        waiting=now.waiting,
        assets=[_asset(e) for e in now.assets],
        unknown_orders=[UnknownOut.model_validate(row) for row in now.unknown],
        hedge_gaps=[GapOut.model_validate(row) for row in now.gaps],
    )


def _asset(exposure: Exposure) -> AssetExposureOut:
    books, held = exposure.books, exposure.position
    return AssetExposureOut(
        asset=books.asset, custody=books.custody, outside=books.outside, customers=books.customers, capital=books.capital,
        trading=books.trading, earned=books.earned, spent=books.spent, other=books.other, price=exposure.price,
        position=held.quantity, cost=held.cost, realised=held.realised, unrealised=exposure.unrealised,
    )  # fmt: skip


@router.get("/reports")
def reports(
    principal: Annotated[Principal, requires(Permission.TREASURY_READ)],
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 31,
) -> Page[DayReportOut]:
    """The reports of past days (UTC, business time), newest first."""
    days, lines = service.reports(principal.tenant_id, before=_day(cursor), limit=limit + 1)
    days, more = cut(days, limit, lambda one: one.day.isoformat())
    return Page(
        items=[
            DayReportOut(
                **row._mapping,  # noqa: SLF001  the row's documented view as a mapping
                net=row.trade_fees + row.spread - row.venue_fees,
                assets=[AssetExposureOut.model_validate(line) for line in lines[row.day]],
            )
            for row in days
        ],
        next_cursor=more,
    )


def _day(cursor: str | None) -> date | None:
    if cursor is None:
        return None
    try:
        return date.fromisoformat(decode_cursor(cursor, str))
    except ValueError:
        raise InvalidCursor from None

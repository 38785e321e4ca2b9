"""Candles over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.clock import Moment
from kernel.errors import InvalidRequest
from markets.candles import service
from markets.candles.schemas import CandleOut, CandlesOut

router = APIRouter(prefix="/v1/markets", tags=["markets"])


@router.get("/{symbol}/candles")
def candles(
    symbol: Annotated[str, Path(max_length=32)],
    _principal: Annotated[Principal, requires(Permission.MARKETS_READ)],
    interval: Annotated[str, Query(max_length=8, description="1s to 1w, e.g. 1m, 15m, 4h, 1d.")] = "1m",
    start: Annotated[Moment | None, Query(alias="from", description="First opening time; included.")] = None,
    end: Annotated[Moment | None, Query(alias="to", description="Last opening time; not included.")] = None,
    limit: Annotated[int, Query(ge=1, le=service.MAX_LIMIT)] = 500,
) -> CandlesOut:
    """With `from` the first `limit` candles from there, else the last `limit` before `to`. Weeks open on Monday, UTC."""
    if start is not None and end is not None and start > end:
        raise InvalidRequest("from must not be later than to")
    found = service.read(symbol, interval=interval, start=start, end=end, limit=limit)
    return CandlesOut(
        symbol=symbol,
        interval=service.interval_of(interval),
        items=[CandleOut.model_validate(candle) for candle in found],
    )

"""Public trades over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import Page, cut, decode_cursor
from markets.trades import service
from markets.trades.schemas import TradeOut

router = APIRouter(prefix="/v1/markets", tags=["markets"])


@router.get("/{symbol}/trades")
def trades(
    symbol: Annotated[str, Path(max_length=32)],
    _principal: Annotated[Principal, requires(Permission.MARKETS_READ)],
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=service.MAX_LIMIT)] = 100,
) -> Page[TradeOut]:
    """What was traded at all venues of this market, the latest known first; some days back."""
    before = decode_cursor(cursor, int) if cursor else None
    found = service.recent(symbol, limit=limit + 1, before=before)
    found, more = cut(found, limit, lambda one: one.id)
    return Page(items=[TradeOut.model_validate(trade) for trade in found], next_cursor=more)

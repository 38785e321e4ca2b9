"""Keeping the venues' lists: the engine reads them, a little of the past each time, and stores what is new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from broker.venue_trades import queries
from kernel import clock, db
from venues.gateway import VenueTrade

OVERLAP = timedelta(minutes=5)
PAGE_FULL = 50  # from here on a list may have been cut: it is complete only up to its last row


def read_since(tenant: UUID, *, venue: str, symbol: str) -> datetime:
    """From when the venue should list again: a little before it was complete. The first reading begins now."""
    with db.read_only(tenant=tenant) as tx:
        state = queries.read_state(tx, venue=venue, symbol=symbol)
    if state is None:
        return clock.wall()
    start: datetime = max(state.read_from, state.read_through - OVERLAP)
    return start


def store(
    tenant: UUID, *, venue: str, symbol: str, since: datetime, asked_at: datetime, trades: Sequence[VenueTrade]
) -> None:
    """Keep what the venue listed. A long list is taken as cut after its last row, a short one as complete until it was asked for."""
    through = asked_at if len(trades) < PAGE_FULL else max(trade.executed_at for trade in trades)
    rows = [
        {"venue": venue, "symbol": symbol, "trade_id": t.trade_id, "venue_order_id": t.venue_order_id, "side": t.side,
         "price": t.price, "quantity": t.quantity, "fee": t.fee, "fee_asset": t.fee_asset, "executed_at": t.executed_at}
        for t in trades if t.symbol == symbol
    ]  # fmt: skip
    with db.transaction(tenant=tenant) as tx:
        queries.insert_trades(tx, rows)
        queries.move_read(tx, venue=venue, symbol=symbol, start=since, through=max(since, through))

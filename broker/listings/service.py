"""Keeping the venues' lists of open orders: the engine reads them, whole lists at a time; what is new and not ours is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from broker.listings import events, queries
from kernel import db, log, outbox
from venues.gateway import OrderReport

_log = log.get("listings")


def store(tenant: UUID, *, venue: str, symbol: str, listed: Sequence[OrderReport], took_s: float) -> None:
    """Take over what a venue lists as open; `took_s`: how long ago it was asked."""
    shown = {report.venue_order_id: report for report in listed if report.venue_order_id is not None}
    with db.transaction(tenant=tenant) as tx:
        known = queries.ours(tx, venue=venue, client_order_ids=[r.client_order_id for r in shown.values()])
        rows = [
            {"venue_order_id": venue_order_id, "client_order_id": r.client_order_id, "ours": r.client_order_id in known,
             "side": r.side, "price": r.limit_price, "quantity": r.quantity, "filled_quantity": r.filled_quantity}
            for venue_order_id, r in shown.items()
        ]  # fmt: skip
        new = queries.replace(tx, venue=venue, symbol=symbol, rows=rows, read_at=tx.now - timedelta(seconds=took_s))
        for venue_order_id in new:
            report = shown[venue_order_id]
            if report.client_order_id not in known:
                fact = events.ForeignOrderSeen(venue, symbol, venue_order_id, report.client_order_id)
                outbox.publish(tx, fact, key=f"{venue}:{symbol}")
                _log.warning("foreign_order_seen", venue=venue, symbol=symbol, order=venue_order_id)

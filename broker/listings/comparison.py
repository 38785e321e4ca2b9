"""Source of reconciliation: what a venue lists as open on our account against what we think is open there.

Every order that we send fills or ends at once, so a minute later nothing of ours should be open. Three things can be wrong: the venue
lists an order that we did not place (foreign: shown to people, never touched), it lists one that is over for us, or it does not list one
that we still wait for. Nothing is corrected here; each becomes a ticket with both records.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.listings import queries
from broker.orders.states import CHILD, ChildStatus
from kernel.db import AnyRow, Tx
from kernel.paging import decode_cursor, encode_cursor
from payments.reconciliation.sources import Observation, Scope, Slice
from payments.reconciliation.states import BreakClass, Level

ORDERS = "orders"
TRADES = "trades"
SETTLED_BEFORE = timedelta(minutes=1)


class OpenOrders:
    """Scope: a venue, the id of one order, or `orders` for this comparison alone."""

    levels = frozenset(Level)

    def read(self, tx: Tx, scope: Scope, position: str | None, limit: int) -> Slice:
        """The next slice; what agrees is told too, so that a break that has gone is cleared."""
        venue, order_id = _scope(scope.name)
        after = decode_cursor(position, str, str, str) if position else ("", "", "")
        rows = queries.compare(
            tx, venue=venue, order_id=order_id, settled_before=SETTLED_BEFORE, after=after, limit=limit
        )
        last = rows[-1] if len(rows) == limit else None
        return Slice(
            [_observe(row, tx) for row in rows],
            encode_cursor(last.venue, last.symbol, last.venue_order_id) if last is not None else None,
        )


def _scope(name: str | None) -> tuple[str | None, UUID | None]:
    if name is None or name == ORDERS:
        return None, None
    try:
        return None, UUID(name)
    except ValueError:
        venue, _, asset = name.partition(":")
    return (venue if not asset else ""), None


def _observe(row: AnyRow, tx: Tx) -> Observation:
    """Both sides count what is still open of the order."""
    base = row.symbol.partition("-")[0]
    over = row.status is not None and ChildStatus(row.status) in CHILD.terminal
    theirs = _left(row.their_quantity, row.their_filled) if row.listed else None
    ours = None if row.status is None or over else _left(row.our_quantity, row.our_filled)
    foreign = row.listed and not row.ours
    return Observation(
        reference=f"{row.venue}:{row.symbol}:open:{row.venue_order_id or row.client_order_id}", asset=base, ours=ours, theirs=theirs,
        moving=not foreign and row.listed and tx.now - row.first_seen_at < SETTLED_BEFORE,
        hint=BreakClass.MISSING_OURS if foreign else None, raw=_raw(row, foreign=foreign),
    )  # fmt: skip


def _left(quantity: Decimal | None, filled: Decimal | None) -> Decimal:
    return max((quantity or Decimal(0)) - (filled or Decimal(0)), Decimal(0))


def _raw(row: AnyRow, *, foreign: bool) -> dict[str, Any]:
    return {
        "what": "open order", "foreign": foreign, "venue": row.venue, "symbol": row.symbol, "venue_order_id": row.venue_order_id,
        "client_order_id": row.client_order_id, "listed": row.listed, "side": row.side, "price": row.price,
        "their_quantity": row.their_quantity, "their_filled": row.their_filled, "first_seen_at": row.first_seen_at,
        "order_id": row.order_id, "our_status": row.status, "our_quantity": row.our_quantity, "our_filled": row.our_filled,
    }  # fmt: skip

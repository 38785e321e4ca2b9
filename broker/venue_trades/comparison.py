"""Source of reconciliation: each execution that a venue lists against the one that we booked.

Nothing is corrected here: what a trade moved shows again in the balance at the venue, and money is corrected once, there. A difference
becomes a ticket with both records, so that people know which trade it was.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.venue_trades import queries
from kernel import clock
from kernel.db import AnyRow, Tx
from kernel.money import half_even_to_scale
from kernel.paging import decode_cursor, encode_cursor
from payments.reconciliation.sources import Observation, Scope, Slice, scale_of
from payments.reconciliation.states import BreakClass, Level

BOOKED_WITHIN = timedelta(minutes=2)
RECENT = "trades"  # the scope of the run every five minutes
RECENT_FROM, RECENT_UNTIL = timedelta(minutes=20), timedelta(minutes=5)
LISTED_WITHIN = timedelta(minutes=5)


class VenueTrades:
    """Scope: a venue, the id of one order, or `trades` for those of five to twenty minutes ago.

    Fills from before the lists were kept cannot be compared and are left out.
    """

    levels = frozenset(Level)

    def read(self, tx: Tx, scope: Scope, position: str | None, limit: int) -> Slice:
        venue, order_id = _scope(scope.name)
        after = decode_cursor(position, str, str, str) if position else ("", "", "")
        now = clock.wall()
        window = (now - RECENT_FROM, now - RECENT_UNTIL) if scope.name == RECENT else scope.window
        rows = queries.compare(tx, window=window, venue=venue, order_id=order_id, after=after, limit=limit)
        seen = [observation for row in rows if not _too_fresh(row) for observation in _observe(row)]
        last = rows[-1] if len(rows) == limit else None
        return Slice(seen, encode_cursor(last.venue, last.symbol, last.trade_id) if last is not None else None)


def _scope(name: str | None) -> tuple[str | None, UUID | None]:
    if name is None or name == RECENT:
        return None, None
    try:
        return None, UUID(name)
    except ValueError:
        venue, _, asset = name.partition(":")
    # A single asset of a venue is a question about its balance: no trade belongs to it alone.
    return (venue if not asset else ""), None


def _observe(row: AnyRow) -> list[Observation]:
    base, _, quote = row.symbol.partition("-")
    name = f"{row.venue}:{row.symbol}:{row.trade_id}"
    raw = _raw(row)
    moving = _moving(row)
    quantity = Observation(
        reference=name, asset=base, ours=row.our_quantity, theirs=row.their_quantity, moving=moving, raw=raw
    )
    if row.our_quantity is None or row.their_quantity is None:
        return [quantity]
    return [quantity, _cost(row, name, quote, raw), _fee(row, name, raw)]


def _cost(row: AnyRow, name: str, quote: str, raw: dict[str, Any]) -> Observation:
    cost = half_even_to_scale(row.their_quantity * row.their_price, scale_of(quote))
    return Observation(reference=f"{name}:cost", asset=quote, ours=row.venue_cost, theirs=cost, raw=raw)


def _fee(row: AnyRow, name: str, raw: dict[str, Any]) -> Observation:
    """Fees count as what they take from us. Ours are rounded up to the asset's scale, theirs may be finer."""
    same = row.venue_fee_asset == row.their_fee_asset
    ours: Decimal = row.venue_fee if same else Decimal(0)
    unbooked = ours == 0 and half_even_to_scale(row.their_fee, scale_of(row.their_fee_asset)) != 0
    return Observation(
        reference=f"{name}:fee", asset=row.their_fee_asset, ours=-ours, theirs=-row.their_fee, raw=raw,
        hint=BreakClass.UNBOOKED_FEE if unbooked else None,
    )  # fmt: skip


def _too_fresh(row: AnyRow) -> bool:
    """The venue has not been asked since we booked this: there is nothing to compare it with. A list that stays away is a difference."""
    unlisted = row.their_quantity is None and row.our_time > row.read_through
    return unlisted and clock.wall() - row.our_time < LISTED_WITHIN


def _moving(row: AnyRow) -> bool:
    if row.child_id is None:
        return bool(row.live) or clock.wall() - row.their_time < BOOKED_WITHIN
    return row.their_quantity is None and (row.read_through is None or row.our_time > row.read_through)


def _raw(row: AnyRow) -> dict[str, Any]:
    return {
        "venue": row.venue, "symbol": row.symbol, "trade_id": row.trade_id, "side": row.side, "venue_order_id": row.venue_order_id,
        "order_id": row.order_id, "their_quantity": row.their_quantity, "their_price": row.their_price, "their_fee": row.their_fee,
        "their_fee_asset": row.their_fee_asset, "their_time": row.their_time, "our_quantity": row.our_quantity, "our_price": row.our_price,
        "our_cost": row.venue_cost, "our_fee": row.venue_fee, "our_fee_asset": row.venue_fee_asset, "our_time": row.our_time,
    }  # fmt: skip

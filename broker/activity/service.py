"""From facts about orders to what their owners are told: every state, every fill, once and in the order in which it happened.

Facts of one order may be read in another order than they happened: a transaction that got its number first may have waited for the
order's lock. What an order has filled so far, and its version, tell the true order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from broker.activity import queries
from broker.activity.queries import FillRow, OrderRow
from broker.fees.rules import is_maker
from broker.orders.events import OrderAccepted, OrderChanged, OrderFilled
from broker.orders.states import OrderStatus
from broker.stops import rules as stops
from kernel import feeds
from kernel.db import Tx
from kernel.feeds import Told
from kernel.money import canonical
from kernel.outbox import Fact

ORDERS, FILLS = "orders", "fills"
TOPICS = ("broker.order_accepted.v1", "broker.order_changed.v1", "broker.order_filled.v1")
SNAPSHOT_ORDERS, SNAPSHOT_FILLS = 500, 100
_TWELVE = Decimal("1e-12")


@dataclass(frozen=True, slots=True)
class _Step:
    """One thing that happened to an order; `filled` is what it had filled when it had happened."""

    source: UUID
    event: str
    status: str
    filled: Decimal
    version: int | None = None
    reason: str | None = None
    fill: FillRow | None = None

    @property
    def place(self) -> tuple[Decimal, int, int]:
        return self.filled, ("accepted", "filled", "changed").index(self.event), self.version or 0


def tell(tx: Tx, facts: Sequence[Fact]) -> None:
    """Add to the owners' channels what these facts mean to them. The handler of an event consumer."""
    order_ids = list(dict.fromkeys(fact.event.order_id for fact in facts))
    orders, fills = queries.orders(tx, order_ids), defaultdict[UUID, list[FillRow]](list)
    for fill in queries.fills(tx, order_ids):
        fills[fill.order_id].append(fill)
    told = feeds.already_told(tx, FILLS, [fill.id for those in fills.values() for fill in those])
    by_order = defaultdict[UUID, list[Fact]](list)
    for fact in facts:
        by_order[fact.event.order_id].append(fact)
    entries = [
        entry
        for order_id, those in by_order.items()
        if order_id in orders
        for entry in _entries(orders[order_id], those, fills[order_id], told)
    ]
    feeds.append(tx, entries)


def _entries(order: OrderRow, facts: Sequence[Fact], fills: Sequence[FillRow], told: set[UUID]) -> Iterator[Told]:
    sums, steps = _Sums(fills), [_step(fact) for fact in facts if not isinstance(fact.event, OrderFilled)]
    if any(isinstance(fact.event, OrderFilled) for fact in facts):
        steps += [_fill_step(fill, sums) for fill in fills if fill.id not in told]
    for step in sorted(steps, key=lambda step: step.place):
        if step.fill is not None:
            shown = fill_out(order, step.fill, filled=step.filled, cost=sums.cost_at(step.filled))
            yield Told(order.owner_id, FILLS, step.source, _json(shown))
        yield Told(order.owner_id, ORDERS, step.source, _json(_order_step(order, step, sums)))


class _Sums:
    """Quantity, cost and fee of an order after each of its fills."""

    def __init__(self, fills: Sequence[FillRow]) -> None:
        self._after: list[tuple[Decimal, Decimal, Decimal]] = [(Decimal(0), Decimal(0), Decimal(0))]
        self.quantity_after: dict[UUID, Decimal] = {}
        for fill in fills:
            quantity, cost, fee = self._after[-1]
            self._after.append((quantity + fill.quantity, cost + fill.cost, fee + fill.fee))
            self.quantity_after[fill.id] = self._after[-1][0]

    def at(self, filled: Decimal) -> tuple[Decimal, Decimal, Decimal]:
        return next(sums for sums in reversed(self._after) if sums[0] <= filled)

    def cost_at(self, filled: Decimal) -> Decimal:
        return self.at(filled)[1]


def _step(fact: Fact) -> _Step:
    match fact.event:
        case OrderAccepted():
            return _Step(fact.id, "accepted", OrderStatus.ACCEPTED.value, Decimal(0), version=1)
        case OrderChanged() as change:
            return _Step(
                fact.id, "changed", change.status, change.filled_quantity, version=change.version, reason=change.reason
            )
        case _:
            raise AssertionError(fact.topic)


def _fill_step(fill: FillRow, sums: _Sums) -> _Step:
    """A fill by itself leaves the order working; what it becomes afterwards is a change of its own."""
    return _Step(fill.id, "filled", OrderStatus.WORKING.value, sums.quantity_after[fill.id], fill=fill)


def _order_step(order: OrderRow, step: _Step, sums: _Sums) -> dict[str, Any]:
    quantity, cost, fee = sums.at(step.filled)
    shown = order_out(order)
    shown |= {
        "event": step.event,
        "status": step.status,
        "filled_quantity": _text(step.filled),
        "average_price": _average(cost, quantity),
        "fee": _text(fee),
        "reason": step.reason,
        "version": step.version,
    }
    return shown


def order_out(order: OrderRow) -> dict[str, Any]:
    """An order as it is now."""
    return {
        "id": order.id,
        "client_order_id": order.client_order_id,
        "number": order.number,
        "status": order.status,
        "symbol": order.symbol,
        "side": order.side,
        "type": order.type,
        "time_in_force": order.time_in_force,
        "venue": order.venue,
        "quantity": _text(order.quantity),
        "quote_quantity": _text(order.quote_quantity),
        **_terms(order),
        "filled_quantity": _text(order.filled_quantity),
        "average_price": _average(order.filled_cost, order.filled_quantity),
        "fee": _text(order.fee),
        "fee_asset": order.quote_asset,
        "stopped_at": order.stopped_at,
        "expires_at": order.expires_at,
        "pair_id": order.group_id,
        "replaces": order.replaces,
        "slices_left": order.slices_left,
        "reason": order.reason,
        "cancel_requested": order.cancel_requested_at is not None,
        "version": order.version,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }


def _terms(order: OrderRow) -> dict[str, Any]:
    """At which prices, and how much of it at once; a trail with the stop that it has come to."""
    trail = None
    if order.trail_best is not None:
        rising = stops.waits_for_rise(side=order.side, kind=order.type)
        amount, fraction = order.trail_amount, order.trail_fraction
        stop = stops.trailing_stop(order.trail_best, amount=amount, fraction=fraction, rising=rising)
        trail = {
            "amount": _text(amount),
            "fraction": _text(fraction),
            "best_price": _text(order.trail_best),
            "stop_price": _text(stop),
        }
    return {
        "limit_price": _text(order.limit_price),
        "stop_price": _text(order.stop_price),
        "trail": trail,
        "post_only": order.post_only,
        "display_quantity": _text(order.display_quantity),
    }


def fill_out(order: OrderRow, fill: FillRow, *, filled: Decimal | None, cost: Decimal | None) -> dict[str, Any]:
    """A fill with what its order had filled afterwards, where that is known."""
    return {
        "id": fill.id,
        "number": fill.number,
        "order_id": order.id,
        "client_order_id": order.client_order_id,
        "order_number": order.number,
        "symbol": order.symbol,
        "side": order.side,
        "order_type": order.type,
        "time_in_force": order.time_in_force,
        **_terms(order),
        "order_quantity": _text(order.quantity),
        "filled_quantity": _text(filled),
        "filled_cost": _text(cost),
        "venue": fill.venue,
        "trade_id": fill.trade_id,
        "price": _text(fill.price),
        "quantity": _text(fill.quantity),
        "cost": _text(fill.cost),
        "fee": _text(fill.fee),
        "fee_asset": order.quote_asset,
        "maker": is_maker(taker_cost=order.taker_cost, cost_before=fill.cost_before),
        "executed_at": fill.executed_at,
    }


def snapshot(tx: Tx, owner: UUID, channel: str) -> str:
    """What a newcomer to the channel starts from, as JSON: the open orders, or the latest fills."""
    if channel == ORDERS:
        rows = queries.open_orders(tx, owner, limit=SNAPSHOT_ORDERS)
        return _json([order_out(order) for order in rows])
    recent = queries.recent_fills(tx, owner, limit=SNAPSHOT_FILLS)
    orders = queries.orders(tx, list({fill.order_id for fill in recent}))
    return _json([fill_out(orders[fill.order_id], fill, filled=None, cost=None) for fill in recent])


def _average(cost: Decimal, quantity: Decimal) -> str | None:
    """For people's eyes, like that of the order itself: 12 decimals at most."""
    return canonical((cost / quantity).quantize(_TWELVE)) if quantity else None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else canonical(value)


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode()

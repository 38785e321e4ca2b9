"""The one way an order changes its state: a conditional UPDATE, its line in the transition log, and the fact for everybody outside.

A leg of a pair that wins (it traded, its stop was reached, or it ended) takes the other one out in the same transaction. The pair's hold
is not touched here: it belongs to the winner until that ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from broker.orders import events, queries
from broker.orders.queries import Order
from broker.orders.states import ORDER, OrderStatus
from kernel import cache, outbox
from kernel.db import Tx
from payments.holds import service as holds

TWIN_WON = "the other order of the pair took its place"


def move(tx: Tx, order: Order, to: OrderStatus, *, reason: str | None = None, **changes: Any) -> bool:
    """Move an order and set further columns; False, and nothing written, when its present state does not allow the move."""
    version = queries.move(tx, order, to, reason=reason, **changes)
    if version is None:
        return False
    fact = events.OrderChanged(
        order_id=order.id,
        owner_id=order.owner_id,
        symbol=order.symbol,
        status=to.value,
        reason=reason,
        filled_quantity=order.filled_quantity,
        version=version,
    )
    if order.of_customer:
        outbox.publish(tx, fact, key=str(order.id))
    if order.group_id is not None and _wins(order, to, changes):
        _end_twins(tx, order)
    return True


def close(tx: Tx, order: Order, to: OrderStatus, reason: str | None) -> None:
    """End an order that has no venue order out: its hold is given back, everybody is told."""
    move(tx, order, to, reason=reason)
    holds.void(tx, hold_id=order.hold_id)
    _tell_closed(tx, order, to)


def wake_market(tx: Tx, symbol: str) -> None:
    tx.after_commit(lambda: cache.publish(f"rm:market:{symbol}"))


def _wins(order: Order, to: OrderStatus, changes: dict[str, Any]) -> bool:
    return to in ORDER.terminal or changes.get("stopped_at") is not None or order.filled_quantity > 0


def end_twins(tx: Tx, traded: Sequence[Order]) -> None:
    """These orders rest and have traded after all: whoever is one of a pair has won."""
    for order in traded:
        if order.group_id is not None:
            _end_twins(tx, order)


def _end_twins(tx: Tx, winner: Order) -> None:
    assert winner.group_id is not None
    others = [leg for leg in queries.group(tx, winner.group_id) if leg != winner.id]
    for twin in queries.lock_all(tx, others):
        version = (
            queries.move(tx, twin, OrderStatus.CANCELLED, reason=TWIN_WON)
            if twin.status == OrderStatus.RESTING
            else None
        )
        if version is None:
            continue
        told = events.OrderChanged(
            twin.id, twin.owner_id, twin.symbol, OrderStatus.CANCELLED.value, TWIN_WON, twin.filled_quantity, version
        )
        outbox.publish(tx, told, key=str(twin.id))
        _tell_closed(tx, twin, OrderStatus.CANCELLED)
    wake_market(tx, winner.symbol)


def _tell_closed(tx: Tx, order: Order, to: OrderStatus) -> None:
    outbox.publish(tx, closed_fact(order, to), key=str(order.id))


def closed_fact(order: Order, to: OrderStatus) -> events.OrderClosed | events.SaleEnded:
    """That an order has ended, for whoever owns it."""
    if order.of_customer:
        return events.OrderClosed(order.id, order.owner_id, order.symbol, to.value, order.filled_quantity)
    return events.SaleEnded(order.id, order.owner_id, order.filled_quantity)


def move_all(
    tx: Tx, orders: Sequence[Order], to: OrderStatus, *, reason: str | None = None, **changes: Any
) -> list[Order]:
    """The same move and the same changes for many orders in three statements; returns those that moved, in their new state."""
    if not orders:
        return []
    versions = queries.move_all(tx, orders, to, reason=reason, **changes)
    moved = [replace(order, status=to.value) for order in orders if order.id in versions]
    facts = [
        events.OrderChanged(
            order_id=order.id,
            owner_id=order.owner_id,
            symbol=order.symbol,
            status=to.value,
            reason=reason,
            filled_quantity=order.filled_quantity,
            version=versions[order.id],
        )
        for order in moved
        if order.of_customer
    ]
    outbox.publish_all(tx, [(fact, str(fact.order_id)) for fact in facts])
    for order in moved:
        if order.group_id is not None and _wins(order, to, changes):
            _end_twins(tx, order)
    return moved

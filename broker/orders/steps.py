"""The one way an order changes its state: a conditional UPDATE, its line in the transition log, and the fact for everybody outside."""

from __future__ import annotations

from typing import Any

from broker.orders import events, queries
from broker.orders.queries import Order
from broker.orders.states import OrderStatus
from kernel import outbox
from kernel.db import Tx


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
    outbox.publish(tx, fact, key=str(order.id))
    return True

"""Carrying out `cancel_all`: everything open in the scope of a live switch is cancelled, order by order, until nothing is left.

Each cancellation is the customer's own use case, so linked orders and children at venues behave as they do there; what is already
asked to end is left out. A kill anywhere repeats nothing that matters: the next sweep finds what is still open.
"""

from __future__ import annotations

from uuid import UUID

from broker.controls import queries, service
from broker.controls.rules import Switch
from broker.controls.states import Scope
from broker.orders import service as orders
from broker.orders.errors import OrderNotOpen
from kernel import db
from kernel.errors import NotFound

BATCH = 200
WHY = "cancelled by a control"


def sweep(tenant: UUID) -> int:
    """One pass over a tenant's live switches; returns how many orders were cancelled or asked to end."""
    return sum(_carry_out(tenant, switch) for switch in service.cancelling(tenant))


def _carry_out(tenant: UUID, switch: Switch) -> int:
    with db.read_only(tenant=tenant) as tx:
        found = queries.open_orders(
            tx,
            symbol=switch.target if switch.scope is Scope.MARKET else None,
            venue=switch.target if switch.scope is Scope.VENUE else None,
            owner=UUID(switch.target) if switch.scope is Scope.CUSTOMER else None,
            limit=BATCH,
        )
        known = queries.switch(tx, switch.id)
    cancelled = sum(_cancel(tenant, order_id, owner) for order_id, owner in found)
    if cancelled or (known is not None and known.swept_at is None and not found):
        with db.transaction(tenant=tenant) as tx:
            queries.note_sweep(tx, switch.id, cancelled=cancelled, swept=not found)
    return cancelled


def _cancel(tenant: UUID, order_id: UUID, owner: UUID) -> bool:
    try:
        orders.cancel_order(tenant=tenant, owner=owner, order_id=order_id, why=WHY)
    except (OrderNotOpen, NotFound):  # it came to its end by itself
        return False
    return True

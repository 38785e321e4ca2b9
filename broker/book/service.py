"""From trigger to child: the owner of a market hands over what its book says, the database decides again on each order.

The rows are locked in time priority before anything is reserved, so that two flows never wait for each other in a circle. An order
whose venue is short of funds, or for which the depth is gone, goes back to rest with its old priority.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from broker.execution.children import send_plan
from broker.orders import queries, steps
from broker.orders.queries import Order
from broker.orders.states import OrderStatus
from broker.routing.rules import Plan
from kernel import cache, clock, db, failpoints
from kernel.db import Tx
from wallet_bridge.funds import service as funds

REST_AGAIN_S = 5.0  # without funds or a venue that takes so little, trying every second would only fill the log
failpoints.declare("trigger.before_commit", "trigger.after_commit")
PlanOf = Callable[[Order, frozenset[str]], Plan]


@dataclass(frozen=True, slots=True)
class Triggered:
    """How many orders got a child, and how many went back to rest; `taken` are both."""

    working: int
    resting: int
    taken: frozenset[UUID] = field(default=frozenset(), compare=False)


def trigger(*, tenant: UUID, order_ids: Sequence[UUID], plan_of: PlanOf) -> Triggered:
    """Take the orders out of rest and give each its children. `plan_of` reads the owner's view in memory, no I/O."""

    def use_case() -> Triggered:
        with db.transaction(tenant=tenant) as tx:
            orders = queries.lock_resting(tx, order_ids)
            started = [_start(tx, order, plan_of) for order in orders]
            failpoints.hit("trigger.before_commit")
        failpoints.hit("trigger.after_commit")
        taken = frozenset(order.id for order in orders)
        return Triggered(working=sum(started), resting=len(started) - sum(started), taken=taken)

    return db.retrying(use_case)


def _start(tx: Tx, order: Order, plan_of: PlanOf) -> bool:
    steps.move(tx, order, OrderStatus.TRIGGERED)
    triggered = queries.lock(tx, order.id)
    sent = send_plan(tx, order=order, plan=plan_of(order, frozenset()), replan=lambda dry: plan_of(order, dry))
    for shortage in sent.shortages:
        funds.note_shortage(tx, shortage)
    if sent.venues:
        steps.move(tx, triggered, OrderStatus.WORKING)
        return True
    steps.move(tx, triggered, OrderStatus.RESTING, rearm_at=clock.wall() + timedelta(seconds=REST_AGAIN_S))
    symbol = order.symbol
    tx.after_commit(lambda: cache.publish(f"rm:market:{symbol}"))
    return False

"""From trigger to child: the owner of a market hands over what its book says, the database decides again on each order.

Orders of one market, side and choice of venue go out together: one plan for their sum, and each child serves as many of them as its
quantity reaches, first come first served. The rows are locked in time priority before anything is reserved, so that two flows never wait
for each other in a circle. Whom the plan does not reach stays at rest; where nothing can be sent at all (the depth is gone, the venues are
short of funds) the orders go back to rest with their old priority and a pause.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from broker.execution.children import Sent, send_batch
from broker.orders import queries, steps
from broker.orders.queries import Order
from broker.orders.states import OrderStatus
from broker.routing.rules import Leg, Plan
from kernel import cache, clock, db, failpoints, leases
from kernel.db import Tx
from wallet_bridge.funds import service as funds

REST_AGAIN_S = 5.0  # without funds or a venue that takes so little, trying every second would only fill the log
MOST_AT_ONCE = (
    1_000  # orders in one transaction, and so served by one child: its report must stay one short transaction too
)
failpoints.declare("trigger.before_commit", "trigger.after_commit")

PlanOf = Callable[[Sequence[Order], frozenset[str]], Plan]
"""A plan for the sum of what these orders want, within the limits of all of them; pure and in memory, no I/O."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who owns the market, by which lease; the database is asked whether that is still so."""

    lease: str
    holder: str
    epoch: int


@dataclass(frozen=True, slots=True)
class Triggered:
    """How many orders got a child, and how many went back to rest; `taken` are both. `legs` is what was sent for them."""

    working: int
    resting: int
    taken: frozenset[UUID] = field(default=frozenset(), compare=False)
    legs: tuple[Leg, ...] = field(default=(), compare=False)


def trigger(*, tenant: UUID, order_ids: Sequence[UUID], plan_of: PlanOf, owner: Owner | None = None) -> Triggered:
    """Take the orders out of rest and make children for them, as few as the plan has legs."""
    assert len(order_ids) <= MOST_AT_ONCE

    def use_case() -> Triggered:
        with db.transaction(tenant=tenant) as tx:
            if owner is not None and not leases.still_held(
                tx, name=owner.lease, holder=owner.holder, epoch=owner.epoch
            ):
                return Triggered(0, 0)  # this process stood still; its view is of the past
            done = [_start(tx, orders, plan_of) for orders in _alike(queries.lock_resting(tx, order_ids))]
            failpoints.hit("trigger.before_commit")
        failpoints.hit("trigger.after_commit")
        return Triggered(
            working=sum(each.working for each in done),
            resting=sum(each.resting for each in done),
            taken=frozenset[UUID]().union(*(each.taken for each in done)),
            legs=tuple(leg for each in done for leg in each.legs),
        )

    return db.retrying(use_case)


def _alike(orders: Sequence[Order]) -> list[list[Order]]:
    """Orders that one plan can serve, in time priority; who agreed to a wider spread can pay a venue less than the others can."""

    def kind(order: Order) -> tuple[str, str, str, Decimal]:
        return order.symbol, order.side, order.venue, order.markup

    return [list(group) for _, group in groupby(sorted(orders, key=kind), key=kind)]


def _start(tx: Tx, orders: Sequence[Order], plan_of: PlanOf) -> Triggered:
    """What there are funds for goes out, the oldest first: where all of them ask for too much, the first half may be covered."""
    asked, sent = orders, _send(tx, orders, plan_of)
    shortages = {(short.venue, short.asset): short for short in sent.shortages}
    while not sent.legs and sent.shortages and len(asked) > 1:
        asked = asked[: len(asked) // 2]
        sent = _send(tx, asked, plan_of)
    for shortage in shortages.values():
        funds.note_shortage(tx, shortage)
    served = [order for order in asked if order.id in sent.served]
    working = steps.move_all(tx, steps.move_all(tx, served, OrderStatus.TRIGGERED), OrderStatus.WORKING)
    back = _pause(tx, orders[len(asked) :] if sent.legs else orders)
    return Triggered(len(working), len(back), sent.served | {order.id for order in back}, sent.legs)


def _send(tx: Tx, orders: Sequence[Order], plan_of: PlanOf) -> Sent:
    return send_batch(
        tx,
        orders=[(order, order.wanted) for order in orders],
        plan=plan_of(orders, frozenset()),
        replan=lambda dry: plan_of(orders, dry),
    )


def _pause(tx: Tx, orders: Sequence[Order]) -> list[Order]:
    """Nothing can be sent for these: back to rest, with their old priority, for a while."""
    if not orders:
        return []
    symbol = orders[0].symbol
    tx.after_commit(lambda: cache.publish(f"rm:market:{symbol}"))
    triggered = steps.move_all(tx, orders, OrderStatus.TRIGGERED)
    return steps.move_all(tx, triggered, OrderStatus.RESTING, rearm_at=_later())


def _later() -> datetime:
    return clock.wall() + timedelta(seconds=REST_AGAIN_S)

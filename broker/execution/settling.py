"""What orders become when a child of theirs has ended: filled, closed, routed again, or at rest with their old time priority.

An order stays working until none of its children is live; while one is unknown it reaches no terminal state and nothing of its hold is
given back. The rest of a market or IOC order is planned again on fresh books, twice at most; a limit order that may rest goes back to
the book, whose owner starts it again by the same rule as everybody else's, so that nobody is overtaken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal

from broker.execution import queries
from broker.execution.children import send_plan
from broker.execution.states import CHANNEL
from broker.orders import queries as order_queries
from broker.orders import steps
from broker.orders.queries import Child, Order
from broker.orders.states import ChildStatus, OrderStatus, TimeInForce
from broker.routing.rules import Plan
from kernel import cache, clock, outbox
from kernel.db import Tx
from payments.holds import service as holds
from wallet_bridge.funds import service as funds

MAX_ROUTES = 3  # the first plan and two more, as long as the order allows it
REARM_S = 1.0
_REFUSED = frozenset({ChildStatus.REFUSED, ChildStatus.NOT_PLACED})

Reroute = Callable[[Order, frozenset[str]], Plan]
"""A fresh plan for what remains of an order, without the venues named; pure and in memory, no I/O."""

Closing = tuple[OrderStatus, str | None]


def settle(tx: Tx, child: Child, orders: Sequence[Order], reroute: Reroute) -> None:
    """`child` has ended and its row says so: decide on each of its orders, and give back what it reserved.

    Holds are voided before funds at the venue are released: balances come before funds in the lock order.
    """
    waiting = [order for order in orders if order.status == OrderStatus.WORKING]
    live = queries.with_live_children(tx, [order.id for order in waiting]) if waiting else set()
    free = [order for order in waiting if order.id not in live]
    closing: defaultdict[Closing, list[Order]] = defaultdict(list)
    resting: list[Order] = []
    again: list[tuple[Order, Plan, frozenset[str]]] = []
    for order in free:
        plan, refused = _fresh_plan(tx, order, reroute)
        end = _closing(tx, order, routable=plan is not None and bool(plan.legs))
        if end is not None:
            closing[end].append(order)
        elif plan is None:
            resting.append(order)
        else:
            again.append((order, plan, refused))
    for (status, reason), those in closing.items():
        close(tx, those, status, reason)
    _release(tx, child)
    _rest_again(tx, child, resting)
    for order, plan, refused in again:
        if not _route_again(tx, order, plan, refused, reroute):
            close(tx, [order], *_unfilled(tx, order))


def close(tx: Tx, orders: Sequence[Order], status: OrderStatus, reason: str | None) -> None:
    """End orders: no more of their holds is needed."""
    closed = steps.move_all(tx, orders, status, reason=reason)
    holds.void_all(tx, [order.hold_id for order in closed])
    facts = [steps.closed_fact(order, status) for order in closed]
    outbox.publish_all(tx, [(fact, str(fact.order_id)) for fact in facts])
    announce(tx, closed)


def announce(tx: Tx, orders: Sequence[Order]) -> None:
    """Wake whoever waits for these orders, and the owners of their markets."""
    ids, symbols = [str(order.id) for order in orders], {order.symbol for order in orders}

    def wake() -> None:
        for order_id in ids:
            cache.publish(CHANNEL, order_id)
        for symbol in symbols:
            cache.publish(f"rm:market:{symbol}")

    tx.after_commit(wake)


def rests(order: Order) -> bool:
    return order.rests


def _release(tx: Tx, child: Child) -> None:
    funds.release(tx, venue=child.venue, asset=child.reserved_asset, amount=child.reserved)
    order_queries.clear_reserved(tx, child.id)


def _fresh_plan(tx: Tx, order: Order, reroute: Reroute) -> tuple[Plan | None, frozenset[str]]:
    """The rest once more: on fresh books, not to a venue that refused or killed it, at most twice. None where that is not its way."""
    routable = order.venue == "best" and not rests(order) and order.remaining > 0 and order.routed < MAX_ROUTES - 1
    if not routable or order.cancel_requested_at is not None:
        return None, frozenset()
    asked, fok = order_queries.children(tx, [order.id]), order.time_in_force == TimeInForce.FOK
    refused = frozenset(child.venue for child in asked if fok or child.status in _REFUSED)
    return reroute(order, refused), refused


def _closing(tx: Tx, order: Order, *, routable: bool) -> Closing | None:
    """The terminal state that is due now, None while the order goes on."""
    if order.remaining == 0:
        return OrderStatus.FILLED, None
    if order.cancel_requested_at is not None:
        return OrderStatus.CANCELLED, order.cancel_reason
    return None if rests(order) or routable else _unfilled(tx, order)


def _unfilled(tx: Tx, order: Order) -> Closing:
    children = order_queries.children(tx, [order.id])
    refused = all(c.status in _REFUSED for c in children)
    status = OrderStatus.REJECTED if refused and order.filled_quantity == 0 else OrderStatus.CANCELLED
    return status, _explain(children[-1])


def _explain(last: Child) -> str:
    """Why an order ended unfilled, in the customer's words; the venue's own words stay with the child, for staff."""
    match ChildStatus(last.status):
        case ChildStatus.REFUSED:
            return f"{last.venue} did not take the order; nothing was traded there"
        case ChildStatus.NOT_PLACED:
            return f"{last.venue} did not answer and never had the order"
        case _:
            return "no more was offered within the protected price"


def _rest_again(tx: Tx, child: Child, orders: Sequence[Order]) -> None:
    """Remainders go back with their old time priority.

    Who got nothing waits a second; and where none of its venue orders traded at all, for a price that was not tried.
    """
    if not orders:
        return
    attempts = queries.attempts(tx, child.batch, [order.id for order in orders], side=child.side)
    rearm_at = clock.wall() + timedelta(seconds=REARM_S)
    groups: defaultdict[tuple[bool, tuple[Decimal, Decimal] | None], list[Order]] = defaultdict(list)
    for order in orders:
        attempt = attempts[order.id]
        in_vain = not attempt.traded and attempt.reached_venue
        groups[attempt.filled, (attempt.seen, attempt.limit) if in_vain else None].append(order)
    for (filled, tried), those in groups.items():
        steps.move_all(
            tx,
            those,
            OrderStatus.RESTING,
            rearm_at=None if filled else rearm_at,
            failed_price=None if tried is None else tried[0],
            failed_limit=None if tried is None else tried[1],
        )
    announce(tx, orders)


def _route_again(tx: Tx, order: Order, plan: Plan, refused: frozenset[str], reroute: Reroute) -> bool:
    sent = send_plan(tx, order=order, plan=plan, replan=lambda dry: reroute(order, refused | dry))
    for shortage in sent.shortages:
        funds.note_shortage(tx, shortage)
    if sent.venues:
        order_queries.count_routing(tx, order.id)
    return bool(sent.venues)

"""What a venue's answer does to a child and its orders, in one transaction with the state of the call.

    fills (each trade once) → slices by rank → captures of holds → journals → orders' sums        booking
    child terminal → reservation released → orders filled | resting again | routed again | closed    settling

While a child is live or unknown its orders reach no terminal state and nothing is released: fills win over cancels.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from broker.execution import booking, queries, settling
from broker.execution.children import PLACE, lane_of
from broker.execution.settling import MAX_ROUTES, Reroute
from broker.orders import queries as order_queries
from broker.orders import steps
from broker.orders.queries import Child, Order
from broker.orders.states import CHILD, ChildStatus, OrderStatus
from broker.routing.rules import Plan
from kernel import log
from kernel.calls import service as calls
from kernel.calls.outcomes import Done, Expired, NotPlaced, Outcome, Refused, Unknown
from kernel.db import Tx
from venues.gateway import OrderReport
from wallet_bridge.funds import service as funds

__all__ = ["ASK_AGAIN_S", "MAX_ROUTES", "Reroute", "apply", "withdraw_unsent"]

ASK_AGAIN_S = 0.15
_log = log.get("execution")


def apply(tx: Tx, *, child_id: UUID, outcome: Outcome, reroute: Reroute) -> float | None:
    """Record one outcome of one child; returns seconds until the venue should be asked again, None when the child is finished."""
    orders, child = queries.lock_served(tx, child_id), order_queries.lock_child(tx, child_id)
    if ChildStatus(child.status) in CHILD.terminal and not isinstance(outcome, Done):
        return None
    match outcome:
        case Done(report):
            return _book_report(tx, orders, child, report, reroute)
        case Unknown(text):
            order_queries.update_child(tx, child.id, status=ChildStatus.UNKNOWN, venue_order_id=None, reason=text[:200])
            return ASK_AGAIN_S
        case Refused(code, text):
            _end_child(tx, child, ChildStatus.REFUSED, f"{code}: {text}"[:200])
        case NotPlaced():
            _end_child(tx, child, ChildStatus.NOT_PLACED, "the venue never had it")
        case Expired(reason):
            _end_child(tx, child, ChildStatus.REFUSED, reason)
    settling.settle(tx, child, orders, reroute)
    if isinstance(outcome, Refused) and outcome.code == "insufficient_funds":
        _venue_ran_dry(tx, child)
    return None


def withdraw_unsent(tx: Tx, order: Order) -> bool:
    """Take back what was not sent yet for a locked order that is to be cancelled; True when that ended the order.

    A child that serves others too goes its way: its fills are theirs and, as far as they reach, this order's.
    """
    for share in order_queries.children(tx, [order.id]):
        if share.status != ChildStatus.INTENT:
            continue
        child = order_queries.lock_child(tx, share.id)
        if child.order_id is None or child.status != ChildStatus.INTENT:
            continue
        lane = lane_of(tx.tenant_id, child.venue)
        if calls.withdraw(tx, lane=lane, kind=PLACE, ref=child.client_order_id):
            _end_child(tx, child, ChildStatus.REFUSED, "withdrawn before it was sent")
            settling.settle(tx, child, [order_queries.lock(tx, order.id)], _nowhere)
    return order_queries.lock(tx, order.id).status != OrderStatus.WORKING


def _nowhere(order: Order, _without: frozenset[str]) -> Plan:
    return Plan(legs=(), residual=order.remaining, evidence={})


def _venue_ran_dry(tx: Tx, child: Child) -> None:
    """The venue refused for lack of funds although our books said otherwise: tell treasury and read its balances again."""
    funds.note_shortage(tx, funds.Shortage(child.venue, child.reserved_asset, child.reserved, Decimal(0)))
    funds.want_refresh(tx, child.venue)


def _end_child(tx: Tx, child: Child, status: ChildStatus, reason: str | None) -> None:
    order_queries.update_child(tx, child.id, status=status, venue_order_id=None, reason=reason)
    _log.info("child_ended", order=child.order_id, child=child.id, venue=child.venue, status=status, reason=reason)


def _book_report(tx: Tx, orders: Sequence[Order], child: Child, report: OrderReport, reroute: Reroute) -> float | None:
    before = {order.id: order.filled_quantity for order in orders}
    orders = booking.book(tx, child, orders, report.fills)
    target = ChildStatus(report.status)
    if ChildStatus(child.status) in CHILD.terminal:
        late = [order for order in orders if order.filled_quantity > before[order.id]]
        steps.end_twins(tx, [order for order in late if order.status == OrderStatus.RESTING])
        # A late fill took the last of what rests.
        done = [order for order in orders if order.status == OrderStatus.RESTING and order.remaining == 0]
        if done:
            settling.close(tx, done, OrderStatus.FILLED, None)
        return None
    if not (target in CHILD.terminal and report.fills_complete):
        shown = ChildStatus.PARTIALLY_FILLED if report.filled_quantity > 0 else ChildStatus.OPEN
        order_queries.update_child(tx, child.id, status=shown, venue_order_id=report.venue_order_id, reason=None)
        return ASK_AGAIN_S
    order_queries.update_child(tx, child.id, status=target, venue_order_id=report.venue_order_id, reason=None)
    settling.settle(tx, child, orders, reroute)
    return None

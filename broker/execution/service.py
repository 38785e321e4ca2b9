"""What a venue's answer does to a child and its order, in one transaction with the state of the call.

    fills (each once by venue, symbol, trade id) → capture of the hold → journal → order's sums
    child terminal → reservation released → order filled | resting again | routed again | closed

While a child is live or unknown the order reaches no terminal state and nothing is released: fills win over cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from broker.execution import postings
from broker.execution.children import send_plan
from broker.execution.states import CHANNEL
from broker.fees import rules as fees
from broker.orders import events, queries, rules, steps
from broker.orders.queries import Child, Order
from broker.orders.states import CHILD, ORDER, ChildStatus, OrderStatus
from broker.routing.rules import Plan
from kernel import cache, clock, log, outbox
from kernel.calls.outcomes import Done, Expired, NotPlaced, Outcome, Refused, Unknown
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import ceil_to_scale
from payments.assets import service as assets
from payments.holds import service as holds
from venues.gateway import OrderReport, VenueFill
from wallet_bridge.funds import service as funds

MAX_ROUTES = 3  # the first plan and two more, as long as the order allows it
REARM_S = 1.0
ASK_AGAIN_S = 0.15
_log = log.get("execution")

Reroute = Callable[[Order, frozenset[str]], Plan]
"""A fresh plan for what remains of an order, without the venues named; pure and in memory, no I/O."""


def apply(tx: Tx, *, order_id: UUID, child_id: UUID, outcome: Outcome, reroute: Reroute) -> float | None:
    """Record one outcome of one child; returns seconds until the venue should be asked again, None when the child is finished."""
    order, child = queries.lock(tx, order_id), queries.lock_child(tx, child_id)
    if ChildStatus(child.status) in CHILD.terminal and not isinstance(outcome, Done):
        return None
    match outcome:
        case Done(report):
            return _book_report(tx, order, child, report, reroute)
        case Unknown(text):
            queries.update_child(tx, child.id, status=ChildStatus.UNKNOWN, venue_order_id=None, reason=text[:200])
            return ASK_AGAIN_S
        case Refused(code, text):
            _end_child(tx, child, ChildStatus.REFUSED, f"{code}: {text}"[:200])
        case NotPlaced():
            _end_child(tx, child, ChildStatus.NOT_PLACED, "the venue never had it")
        case Expired(reason):
            _end_child(tx, child, ChildStatus.REFUSED, reason)
    _settle(tx, order, child, reroute)
    if isinstance(outcome, Refused) and outcome.code == "insufficient_funds":
        _venue_ran_dry(tx, child)
    return None


def _venue_ran_dry(tx: Tx, child: Child) -> None:
    """The venue refused for lack of funds although our books said otherwise: tell treasury and read its balances again."""
    funds.note_shortage(tx, funds.Shortage(child.venue, child.reserved_asset, child.reserved, Decimal(0)))
    funds.want_refresh(tx, child.venue)


def _end_child(tx: Tx, child: Child, status: ChildStatus, reason: str | None) -> None:
    queries.update_child(tx, child.id, status=status, venue_order_id=None, reason=reason)
    _log.info("child_ended", order=child.order_id, venue=child.venue, status=status, reason=reason)


def _release(tx: Tx, child: Child) -> None:
    funds.release(tx, venue=child.venue, asset=child.reserved_asset, amount=child.reserved)
    queries.add_fill_to_child(tx, child.id, quantity=Decimal(0), cost=Decimal(0), released=child.reserved)


def _book_report(tx: Tx, order: Order, child: Child, report: OrderReport, reroute: Reroute) -> float | None:
    booked = queries.booked_trades(tx, child.id)
    for fill in report.fills:
        if fill.trade_id not in booked:
            order = _book_fill(tx, order, child, fill)
    target = ChildStatus(report.status)
    finished = target in CHILD.terminal and report.fills_complete
    if ChildStatus(child.status) in CHILD.terminal:
        if order.status == OrderStatus.RESTING and order.remaining == 0:
            _close(tx, order, OrderStatus.FILLED, None)  # a late fill took the last of it
        return None
    if not finished:
        shown = ChildStatus.PARTIALLY_FILLED if report.filled_quantity > 0 else ChildStatus.OPEN
        queries.update_child(tx, child.id, status=shown, venue_order_id=report.venue_order_id, reason=None)
        return ASK_AGAIN_S
    queries.update_child(tx, child.id, status=target, venue_order_id=report.venue_order_id, reason=None)
    _settle(tx, order, child, reroute, failed_price=child.seen_price if report.filled_quantity == 0 else None)
    return None


def _book_fill(tx: Tx, order: Order, child: Child, fill: VenueFill) -> Order:
    """One transaction, both sides: the customer's capture and the venue's cost stand in the same journal."""
    facts = _facts(order, child, fill)
    for_customer = OrderStatus(order.status) not in ORDER.terminal and fill.quantity <= order.remaining
    customer = _capture(tx, order, facts) if for_customer else None
    journal_id = postings.venue_fill(tx, facts, customer)
    _record_fill(tx, child, fill, facts, owner="customer" if for_customer else "house", journal_id=journal_id)
    queries.add_fill_to_child(tx, child.id, quantity=fill.quantity, cost=facts.venue_cost, released=Decimal(0))
    if not for_customer:
        _house_takes(tx, order, child, fill)
        return order
    queries.add_fill_to_order(tx, order.id, quantity=fill.quantity, cost=facts.customer_cost, fee=facts.customer_fee)
    told = events.OrderFilled(
        order_id=order.id, owner_id=order.owner_id, symbol=order.symbol, side=order.side, venue=child.venue,
        quantity=fill.quantity, price=facts.customer_price, remaining=order.remaining - fill.quantity,
    )  # fmt: skip
    outbox.publish(tx, told, key=str(order.id))
    refreshed = queries.get(tx, order.id)
    assert refreshed is not None
    return refreshed


def _facts(order: Order, child: Child, fill: VenueFill) -> postings.FillFacts:
    amounts = rules.fill_amounts(
        side=order.side, quantity=fill.quantity, venue_price=fill.price, limit_price=order.protect_price, markup=order.markup,
        fill_mode=order.fill_mode, fee_rate=fees.rate_for(order), filled_cost=order.filled_cost, fee_so_far=order.fee,
        quote_scale=assets.scale(order.quote_asset),
    )  # fmt: skip
    venue_fee, fee_asset = _venue_fee(order, fill)
    return postings.FillFacts(
        tenant_order=order.id, venue=child.venue, symbol=child.symbol, trade_id=fill.trade_id, side=order.side,
        base=order.base_asset, quote=order.quote_asset, quantity=fill.quantity, price=fill.price,
        venue_cost=amounts.venue_cost, venue_fee=venue_fee, venue_fee_asset=fee_asset,
        customer_price=amounts.customer_price, customer_cost=amounts.customer_cost, customer_fee=amounts.customer_fee,
        spread=amounts.spread,
    )  # fmt: skip


def _venue_fee(order: Order, fill: VenueFill) -> tuple[Decimal, str]:
    """The venue's fee as our books can hold it: venues count finer, the dust is ours.

    A fee in an asset that we do not keep is left to reconciliation: the customer's fill must not wait for a new account.
    """
    if fill.fee_asset not in assets.all_assets():
        _log.error(
            "venue_fee_in_unknown_asset", order=order.id, trade=fill.trade_id, fee=fill.fee, asset=fill.fee_asset
        )
        return Decimal(0), order.quote_asset
    return ceil_to_scale(fill.fee, assets.scale(fill.fee_asset)), fill.fee_asset


def _record_fill(
    tx: Tx, child: Child, fill: VenueFill, facts: postings.FillFacts, *, owner: str, journal_id: UUID
) -> None:
    row = {
        "id": uuid7(), "order_id": child.order_id, "venue_order_id": child.id, "venue": child.venue, "symbol": child.symbol,
        "trade_id": fill.trade_id, "owner": owner, "price": fill.price, "quantity": fill.quantity, "venue_cost": facts.venue_cost,
        "venue_fee": facts.venue_fee, "venue_fee_asset": facts.venue_fee_asset, "customer_price": facts.customer_price,
        "customer_cost": facts.customer_cost, "customer_fee": facts.customer_fee, "journal_id": journal_id,
        "executed_at": fill.executed_at,
    }  # fmt: skip
    queries.insert_fill(tx, row)


def _capture(tx: Tx, order: Order, facts: postings.FillFacts) -> postings.CustomerSide:
    paid = facts.customer_cost + facts.customer_fee if order.side == "buy" else facts.quantity
    # A fill worth less than the smallest unit of quote captures nothing, and has no line to pay it.
    held_delta = holds.capture(tx, hold_id=order.hold_id, amount=paid).held_delta if paid > 0 else paid
    return postings.CustomerSide(
        spend_account=order.spend_account,
        receive_account=order.receive_account,
        hold_id=order.hold_id,
        held_delta=held_delta,
    )


def _house_takes(tx: Tx, order: Order, child: Child, fill: VenueFill) -> None:
    _log.error("house_position_opened", order=order.id, venue=child.venue, trade=fill.trade_id, quantity=fill.quantity)
    outbox.publish(
        tx,
        events.HousePositionOpened(order.id, child.venue, child.symbol, order.side, fill.quantity, fill.price),
        key=f"{child.venue}:{child.symbol}",
    )


def _settle(tx: Tx, order: Order, child: Child, reroute: Reroute, *, failed_price: Decimal | None = None) -> None:
    """`child` has ended: give back what it reserved, and decide what its order becomes once no child is live.

    The hold is voided before funds at the venue are released: balances come before funds in the lock order.
    """
    order, children = queries.lock(tx, order.id), queries.children(tx, [order.id])
    if order.status != OrderStatus.WORKING or any(ChildStatus(c.status) in CHILD.live for c in children):
        _release(tx, child)
        return
    refused = frozenset(c.venue for c in children if c.status in {ChildStatus.REFUSED, ChildStatus.NOT_PLACED})
    plan = reroute(order, refused) if _routable(order) else None
    closing = _closing(order, children, routable=plan is not None and bool(plan.legs))
    if closing is not None:
        _close(tx, order, *closing)
    _release(tx, child)
    if closing is not None:
        return
    if _rests(order):
        _rest_again(tx, order, children[-1], failed_price)
    elif plan is None or not _route_again(tx, order, plan, refused, reroute):
        _close(tx, order, *_unfilled(order, children))


def _rests(order: Order) -> bool:
    return order.type == "limit" and order.time_in_force == "gtc"


def _closing(order: Order, children: Sequence[Child], *, routable: bool) -> tuple[OrderStatus, str | None] | None:
    """The terminal state that is due now, None while the order goes on."""
    if order.remaining == 0:
        return OrderStatus.FILLED, None
    if order.cancel_requested_at is not None:
        return OrderStatus.CANCELLED, "cancelled by the customer"
    return None if _rests(order) or routable else _unfilled(order, children)


def _unfilled(order: Order, children: Sequence[Child]) -> tuple[OrderStatus, str]:
    refused = all(c.status in {ChildStatus.REFUSED, ChildStatus.NOT_PLACED} for c in children)
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


def _rest_again(tx: Tx, order: Order, last: Child, failed_price: Decimal | None) -> None:
    """The remainder goes back with its old time priority; after an attempt that filled nothing it waits for a better price."""
    rearm_at = clock.wall() + timedelta(seconds=REARM_S) if last.filled_quantity == 0 else None
    steps.move(tx, order, OrderStatus.RESTING, failed_price=failed_price, rearm_at=rearm_at)
    _announce(tx, order)


def _routable(order: Order) -> bool:
    """Whether the rest may go out once more: on fresh books, not to a venue that refused, at most twice."""
    return order.venue == "best" and not _rests(order) and order.remaining > 0 and order.routed < MAX_ROUTES - 1


def _route_again(tx: Tx, order: Order, plan: Plan, refused: frozenset[str], reroute: Reroute) -> bool:
    sent = send_plan(tx, order=order, plan=plan, replan=lambda dry: reroute(order, refused | dry))
    for shortage in sent.shortages:
        funds.note_shortage(tx, shortage)
    if sent.venues:
        queries.count_routing(tx, order.id)
    return bool(sent.venues)


def _close(tx: Tx, order: Order, status: OrderStatus, reason: str | None) -> None:
    steps.move(tx, order, status, reason=reason)
    holds.void(tx, hold_id=order.hold_id)
    outbox.publish(
        tx,
        events.OrderClosed(order.id, order.owner_id, order.symbol, status.value, order.filled_quantity),
        key=str(order.id),
    )
    _announce(tx, order)


def _announce(tx: Tx, order: Order) -> None:
    """Wake whoever waits for this order, and the owner of its market."""
    order_id, symbol = str(order.id), order.symbol
    tx.after_commit(lambda: cache.publish(CHANNEL, order_id))
    tx.after_commit(lambda: cache.publish(f"rm:market:{symbol}"))

"""Use cases of customer orders: place, cancel, read.

Placing is one transaction: order, hold, reservation at the venue, child and the intent to send it. What the market looks like is read
before it opens (the owner's copy in Valkey, age checked); what is too late or too little is denied and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from broker.book import rules as triggers
from broker.execution.children import Sent, send_plan
from broker.execution.states import CHANNEL
from broker.fees.rules import customer_fee_rate
from broker.orders import errors, events, queries, rules, steps
from broker.orders.queries import Order
from broker.orders.states import ORDER, OrderStatus
from broker.routing import rules as routing
from kernel import cache, clock, commands, db, outbox
from kernel.db import Tx
from kernel.errors import DomainError, NotFound
from kernel.ids import uuid7
from kernel.money import fits_scale
from markets.instruments import service as instruments
from markets.instruments.service import Instrument
from markets.instruments.states import FillMode, Trigger
from markets.quotes import service as quotes
from markets.quotes.service import MarketView
from payments.accounts import service as accounts
from payments.assets import service as assets
from payments.holds import service as holds
from payments.holds.states import HoldKind
from wallet_bridge.funds import service as funds
from wallet_bridge.funds.errors import VenueBalanceLow

DEFAULT_TOLERANCE = Decimal("0.002")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a customer asks for, already well-formed; `quantity` or `quote_quantity` is set."""

    symbol: str
    side: str
    type: str
    quantity: Decimal | None
    quote_quantity: Decimal | None
    limit_price: Decimal | None
    venue: str
    time_in_force: str
    expected_price: Decimal | None
    tolerance: Decimal
    client_order_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A wish checked against instrument and market: exact sizes, the price no fill may pass, and where it could go right now."""

    instrument: Instrument
    quantity: Decimal
    protect_price: Decimal
    fee_rate: Decimal
    hold_asset: str
    hold_amount: Decimal
    plan: routing.Plan | None  # None: rests in our own book
    replan: routing.Replan


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order with its fills and children, read in one snapshot."""

    order: Order
    fills: Sequence[Any]
    children: Sequence[queries.Child]


def place_order(
    *, tenant: UUID, owner: UUID, wish: Wish, order_id: UUID, key: str | None, fingerprint: bytes
) -> commands.Outcome:
    """Accept an order or deny it; the outcome names the order, a repeat of the key the first one.

    Raises:
        DomainError: every denial, see `errors`; nothing is held or reserved then.
    """
    shortages: list[funds.Shortage] = []
    ticket = _ticket_or_denial(wish)

    def use_case(tx: Tx) -> tuple[str, UUID]:
        shortages.clear()
        if isinstance(ticket, DomainError):
            raise ticket
        _accept(tx, owner=owner, wish=wish, ticket=ticket, order_id=order_id, shortages=shortages)
        return "order", order_id

    try:
        return commands.run(
            tenant=tenant, principal=owner, route="POST /v1/orders", key=key, fingerprint=fingerprint, fn=use_case
        )
    except VenueBalanceLow:
        for shortage in shortages:
            funds.report_shortage(tenant, shortage)
        raise


def _ticket_or_denial(wish: Wish) -> Ticket | DomainError:
    """Looked up before the transaction opens; a denial waits until the key is known to be new, for a repeat is answered, not denied."""
    try:
        return _ticket(wish)
    except DomainError as denial:
        return denial


def _ticket(wish: Wish) -> Ticket:
    """Everything that needs no database row of the customer. Instruments are cached, quotes come from the owner's copy."""
    instrument = instruments.get(wish.symbol)
    instruments.require_trading(instrument)
    view = quotes.load(wish.symbol)
    fee_rate = customer_fee_rate()
    if wish.type == "market":
        return _market_ticket(wish, instrument, view, fee_rate)
    return _limit_ticket(wish, instrument, view, fee_rate)


def _market_ticket(wish: Wish, instrument: Instrument, view: MarketView, fee_rate: Decimal) -> Ticket:
    rules.require_price(view, venue=wish.venue, now=clock.wall())
    edge = rules.protection_edge(view, side=wish.side, tick=instrument.tick)
    if wish.expected_price is not None:
        rules.check_price(
            expected=wish.expected_price,
            tolerance=wish.tolerance,
            current=_best_price(view, wish, instrument),
            side=wish.side,
        )
    if wish.quote_quantity is not None:
        if not fits_scale(wish.quote_quantity, assets.scale(instrument.quote)):
            raise errors.InvalidQuantity(f"quote_quantity has more decimals than {instrument.quote}")
        size = rules.size_by_quote(
            view,
            quote_quantity=wish.quote_quantity,
            instrument=instrument,
            fee_rate=fee_rate,
            venue=wish.venue,
            edge=edge,
        )
        quantity, edge = size.quantity, size.limit_price
    else:
        assert wish.quantity is not None
        quantity = wish.quantity
    rules.check_size(quantity, price=edge, instrument=instrument)
    replan = partial(
        _plan,
        view,
        side=wish.side,
        quantity=quantity,
        worst_price=rules.venue_limit(edge, side=wish.side, markup=instrument.markup),
        venue=wish.venue,
    )
    plan = replan(frozenset())
    if not plan.legs:
        raise errors.NoLiquidity
    amount, asset = rules.hold_size(
        side=wish.side, quantity=quantity, price=edge, fee_rate=fee_rate, instrument=instrument, scale=assets.scale
    )
    return Ticket(
        instrument=instrument,
        quantity=quantity,
        protect_price=edge,
        fee_rate=fee_rate,
        hold_asset=asset,
        hold_amount=amount,
        plan=plan,
        replan=replan,
    )


def _plan(view: MarketView, without: frozenset[str], **asked: Any) -> routing.Plan:
    return routing.plan(view, without=without, **asked)


def _best_price(view: MarketView, wish: Wish, instrument: Instrument) -> Decimal:
    price = rules.executable_price(view, side=wish.side, venue=wish.venue, markup=instrument.markup)
    if price is None:
        raise errors.VenueUnavailable
    return price


def _limit_ticket(wish: Wish, instrument: Instrument, view: MarketView, fee_rate: Decimal) -> Ticket:
    assert wish.limit_price is not None
    assert wish.quantity is not None
    rules.check_limit_price(wish.limit_price, instrument=instrument)
    rules.check_size(wish.quantity, price=wish.limit_price, instrument=instrument)
    routing.require_venue(wish.venue)
    replan = partial(
        _plan,
        view,
        side=wish.side,
        quantity=wish.quantity,
        venue=wish.venue,
        even_without_depth=instrument.trigger is Trigger.LAST,
        worst_price=rules.venue_limit(
            rules.inside_band(wish.limit_price, view=view, side=wish.side, tick=instrument.tick),
            side=wish.side,
            markup=instrument.markup,
        ),
    )
    now = triggers.triggers_now(view, side=wish.side, limit=wish.limit_price, venue=wish.venue, instrument=instrument)
    plan = replan(frozenset()) if now else None
    amount, asset = rules.hold_size(
        side=wish.side,
        quantity=wish.quantity,
        price=wish.limit_price,
        fee_rate=fee_rate,
        instrument=instrument,
        scale=assets.scale,
    )
    return Ticket(
        instrument=instrument,
        quantity=wish.quantity,
        protect_price=wish.limit_price,
        fee_rate=fee_rate,
        hold_asset=asset,
        hold_amount=amount,
        plan=plan if plan and plan.legs else None,
        replan=replan,
    )


def _accept(
    tx: Tx, *, owner: UUID, wish: Wish, ticket: Ticket, order_id: UUID, shortages: list[funds.Shortage]
) -> None:
    instrument = ticket.instrument
    spend_asset, receive_asset = (
        (instrument.quote, instrument.base) if wish.side == "buy" else (instrument.base, instrument.quote)
    )
    spend = accounts.customer(tx, customer_id=owner, asset=spend_asset)
    receive = accounts.customer(tx, customer_id=owner, asset=receive_asset)
    hold_id = holds.open_hold(
        tx, account_id=spend, amount=ticket.hold_amount, kind=HoldKind.ORDER, reference=str(order_id), order_id=order_id
    )
    inserted = queries.insert_order(
        tx,
        {
            "id": order_id,
            "owner_kind": "customer",
            "owner_id": owner,
            "client_order_id": wish.client_order_id or str(order_id),
            "symbol": wish.symbol,
            "side": wish.side,
            "type": wish.type,
            "time_in_force": wish.time_in_force,
            "venue": wish.venue,
            "quantity": ticket.quantity,
            "quote_quantity": wish.quote_quantity,
            "limit_price": wish.limit_price,
            "protect_price": ticket.protect_price,
            "markup": instrument.markup,
            "fee_rate": ticket.fee_rate,
            # A market order has no limit of its own to be filled at: it always gets the venue's price.
            "fill_mode": instrument.fill if wish.type == "limit" else FillMode.PASS_THROUGH,
            "status": OrderStatus.ACCEPTED.value,
            "base_asset": instrument.base,
            "quote_asset": instrument.quote,
            "spend_account": spend,
            "receive_account": receive,
            "hold_id": hold_id,
        },
        plan=ticket.plan.evidence if ticket.plan else {},
    )
    if not inserted:
        raise errors.DuplicateClientOrderId
    queries.log_transition(tx, order_id=order_id, source=None, target=OrderStatus.ACCEPTED)
    outbox.publish(
        tx, events.OrderAccepted(order_id, owner, wish.symbol, wish.side, ticket.quantity), key=str(order_id)
    )
    _start(tx, order_id=order_id, wish=wish, ticket=ticket, shortages=shortages)


def _start(tx: Tx, *, order_id: UUID, wish: Wish, ticket: Ticket, shortages: list[funds.Shortage]) -> None:
    """Accepted → working with a first child, or → resting. A dry venue denies a market order; a limit order rests and waits."""
    order = queries.get(tx, order_id)
    assert order is not None
    sent = Sent((), ())
    if ticket.plan is not None:
        sent = send_plan(tx, order=order, plan=ticket.plan, replan=ticket.replan)
        shortages.extend(sent.shortages)
    if sent.venues:
        steps.move(tx, order, OrderStatus.WORKING)
    elif (
        wish.type == "market"
        or (ticket.plan is not None and wish.venue != "best")
        or (ticket.plan and wish.time_in_force == "ioc")
    ):
        raise VenueBalanceLow(venues=sorted({s.venue for s in sent.shortages}))
    elif wish.time_in_force == "ioc":
        _close_unfilled(tx, order, "not executable at the limit right now")
        return
    else:
        steps.move(tx, order, OrderStatus.RESTING)
        tx.after_commit(lambda: cache.publish(f"rm:market:{wish.symbol}"))
    for shortage in sent.shortages:
        funds.note_shortage(tx, shortage)


def _close_unfilled(tx: Tx, order: Order, reason: str) -> None:
    steps.move(tx, order, OrderStatus.CANCELLED, reason=reason)
    holds.void(tx, hold_id=order.hold_id)
    outbox.publish(
        tx,
        events.OrderClosed(order.id, order.owner_id, order.symbol, OrderStatus.CANCELLED.value, order.filled_quantity),
        key=str(order.id),
    )


def cancel_order(*, tenant: UUID, owner: UUID, order_id: UUID) -> OrderView:
    """Cancel at once what rests; ask for it where a child is out: fills win, the rest is cancelled with the child's outcome.

    Raises:
        NotFound: no such order of this customer.
        OrderNotOpen: it is finished.
    """

    def use_case() -> None:
        with db.transaction(tenant=tenant) as tx:
            if not _owned(tx, owner, order_id):
                raise NotFound
            order = queries.lock(tx, order_id)
            if OrderStatus(order.status) in ORDER.terminal:
                raise errors.OrderNotOpen(status_now=order.status)
            if order.status == OrderStatus.RESTING:
                _close_unfilled(tx, order, "cancelled by the customer")
                tx.after_commit(lambda: cache.publish(f"rm:market:{order.symbol}"))
                tx.after_commit(lambda: cache.publish(CHANNEL, str(order.id)))
            else:
                queries.request_cancel(tx, order.id)

    db.retrying(use_case)
    return read_order(tenant=tenant, owner=owner, order_id=order_id)


def _owned(tx: Tx, owner: UUID, order_id: UUID) -> bool:
    order = queries.get(tx, order_id)
    return order is not None and order.owner_id == owner


def read_order(*, tenant: UUID, owner: UUID, order_id: UUID) -> OrderView:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        order = queries.get(tx, order_id)
        if order is None or order.owner_id != owner:
            raise NotFound
        return OrderView(order=order, fills=queries.fills(tx, [order_id]), children=queries.children(tx, [order_id]))


def list_orders(
    *, tenant: UUID, owner: UUID, status: Sequence[str] | None, before: UUID | None, limit: int
) -> list[OrderView]:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        orders = queries.page(tx, owner=owner, status=status, before=before, limit=limit)
        ids = [order.id for order in orders]
        all_fills, all_children = queries.fills(tx, ids), queries.children(tx, ids)
    return [
        OrderView(
            order=order,
            fills=[f for f in all_fills if f.order_id == order.id],
            children=[c for c in all_children if c.order_id == order.id],
        )
        for order in orders
    ]


def new_order_id() -> UUID:
    return uuid7()

"""Use cases of customer orders: place, cancel, read.

Placing is one transaction: order, hold, reservation at the venue, child and the intent to send it. What the market looks like is read
before it opens (the owner's copy in Valkey, age checked); what is too late or too little is denied and leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from broker.algos import queries as slices
from broker.book import rules as triggers
from broker.controls import admission
from broker.execution import service as execution
from broker.execution.children import Sent, send_plan
from broker.execution.states import CHANNEL
from broker.fees import service as fees
from broker.limits import service as limits
from broker.orders import combinations, errors, events, queries, rules, steps, tickets
from broker.orders.queries import Order
from broker.orders.states import ORDER, OrderStatus, OwnerKind, TimeInForce
from broker.orders.tickets import Ticket
from broker.orders.wishes import DEFAULT_TOLERANCE, Trail, Twap, Wish
from broker.routing import rules as routing
from broker.routing.service import rooms
from identity.audit import service as audit
from identity.eligibility import service as eligibility
from identity.eligibility.states import Product
from kernel import cache, clock, commands, db, outbox, schedules
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

__all__ = ["DEFAULT_TOLERANCE", "OrderView", "Ticket", "Trail", "Twap", "Wish"]

Room = Mapping[str, routing.Room]

AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
CANCELLED_AT_ONCE = 100
BY_CUSTOMER = "cancelled by the customer"
_AT_WORK = frozenset({OrderStatus.WORKING, OrderStatus.TRIGGERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order with its fills and children, read in one snapshot."""

    order: Order
    fills: Sequence[Any]
    children: Sequence[queries.Child]
    twap: Twap | None = None


def place_order(
    *, tenant: UUID, owner: UUID, wish: Wish, order_id: UUID, key: str | None, fingerprint: bytes
) -> commands.Outcome:
    """Accept an order or deny it; the outcome names the order, a repeat of the key the first one.

    Raises:
        DomainError: every denial, see `errors`; nothing is held or reserved then.
    """
    shortages: list[funds.Shortage] = []
    ticket = ticket_or_denial(wish, tenant=tenant, owner=owner)

    def use_case(tx: Tx) -> tuple[str, UUID]:
        shortages.clear()
        if isinstance(ticket, DomainError):
            raise ticket
        accept(tx, owner=owner, wish=wish, ticket=ticket, order_id=order_id, shortages=shortages)
        return "order", order_id

    try:
        return commands.run(
            tenant=tenant, principal=owner, route="POST /v1/orders", key=key, fingerprint=fingerprint, fn=use_case
        )
    except VenueBalanceLow:
        for shortage in shortages:
            funds.report_shortage(tenant, shortage)
        raise


def note_batch(*, tenant: UUID, owner: UUID, key: str, fingerprint: bytes) -> None:
    """Tie a key to one batch; a repeat of that batch passes.

    Raises:
        IdempotencyConflict: the key was used for something else.
    """
    commands.run(
        tenant=tenant,
        principal=owner,
        route="POST /v1/orders:batch",
        key=key,
        fingerprint=fingerprint,
        fn=lambda _tx: ("order_batch", uuid7()),
    )


def ticket_or_denial(wish: Wish, *, tenant: UUID, owner: UUID) -> Ticket | DomainError:
    """Looked up before the transaction opens; a denial waits until the key is known to be new, for a repeat is answered, not denied."""
    try:
        rates = fees.rates_of(tenant, owner)
        return replace(_ticket(wish, tenant=tenant, owner=owner, fee_rate=rates.taker), maker_rate=rates.maker)
    except DomainError as denial:
        return denial


def _ticket(wish: Wish, *, tenant: UUID, owner: UUID, fee_rate: Decimal) -> Ticket:
    """Everything that needs no database row of the customer. Instruments are cached, quotes come from the owner's copy."""
    combinations.check(wish)
    instrument = instruments.get(wish.symbol)
    instruments.require_trading(instrument)
    admission.slow_down(tenant=tenant, owner=owner)
    rests = wish.time_in_force not in AT_ONCE
    view, priced = admission.admit(
        quotes.load(wish.symbol), instrument, tenant=tenant, owner=owner, side=wish.side, venue=wish.venue, rests=rests
    )
    if wish.is_stop:
        return tickets.stop(wish, instrument, view, fee_rate)
    if wish.twap is not None:
        return tickets.twap(wish, instrument, view, fee_rate)
    room = rooms.of(tenant, instrument.quote if wish.side == "buy" else instrument.base)
    if wish.type == "market":
        return _market_ticket(wish, priced, view, fee_rate, room)
    ticket = _limit_ticket(wish, priced, view, fee_rate, room)
    if ticket.plan is not None or priced is instrument:
        return ticket
    return replace(_limit_ticket(wish, instrument, view, fee_rate, room), plan=None)  # rests at the market's own spread


def _market_ticket(wish: Wish, instrument: Instrument, view: MarketView, fee_rate: Decimal, room: Room) -> Ticket:
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
        quantity, edge = _sized(wish, instrument, view, fee_rate, edge)
    else:
        assert wish.quantity is not None
        quantity = wish.quantity
    rules.check_size(quantity, price=edge, instrument=instrument)
    fok = wish.time_in_force == TimeInForce.FOK
    replan = partial(
        _plan,
        view,
        whole=fok,
        side=wish.side,
        quantity=quantity,
        worst_price=rules.venue_limit(edge, side=wish.side, markup=instrument.markup),
        venue=wish.venue,
        room=room,
    )
    plan = replan(frozenset())
    if not plan.legs:
        raise errors.NotFillable if fok else errors.NoLiquidity
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


def _sized(
    wish: Wish, instrument: Instrument, view: MarketView, fee_rate: Decimal, edge: Decimal
) -> tuple[Decimal, Decimal]:
    """The quantity that an amount of quote means, and the price that no fill may pass then."""
    assert wish.quote_quantity is not None
    if wish.side == "sell":
        sold = rules.size_to_receive(
            view, quote_quantity=wish.quote_quantity, instrument=instrument, fee_rate=fee_rate, venue=wish.venue, edge=edge
        )  # fmt: skip
        return sold, edge
    size = rules.size_by_quote(
        view, quote_quantity=wish.quote_quantity, instrument=instrument, fee_rate=fee_rate, venue=wish.venue, edge=edge
    )  # fmt: skip
    return size.quantity, size.limit_price


def _plan(view: MarketView, without: frozenset[str], **asked: Any) -> routing.Plan:
    return routing.plan(view, without=without, **asked)


def _best_price(view: MarketView, wish: Wish, instrument: Instrument) -> Decimal:
    price = rules.executable_price(view, side=wish.side, venue=wish.venue, markup=instrument.markup)
    if price is None:
        raise errors.VenueUnavailable
    return price


def _limit_ticket(wish: Wish, instrument: Instrument, view: MarketView, fee_rate: Decimal, room: Room) -> Ticket:
    assert wish.limit_price is not None
    assert wish.quantity is not None
    rules.check_limit_price(wish.limit_price, instrument=instrument)
    rules.check_size(wish.quantity, price=wish.limit_price, instrument=instrument)
    routing.require_venue(wish.venue)
    columns = tickets.terms(wish, instrument)
    asked: dict[str, Any] = {
        "side": wish.side,
        "quantity": min(wish.quantity, wish.display_quantity or wish.quantity),
        "venue": wish.venue,
        "room": room,
        "worst_price": rules.venue_limit(
            rules.inside_band(wish.limit_price, view=view, side=wish.side, tick=instrument.tick),
            side=wish.side,
            markup=instrument.markup,
        ),
    }
    fok = wish.time_in_force == TimeInForce.FOK
    replan: routing.Replan = partial(_plan, view, **asked, whole=fok)
    if instrument.trigger is Trigger.LAST and not fok:
        replan = partial(_plan, view, **asked, even_without_depth=True)
    now = triggers.triggers_now(view, side=wish.side, limit=wish.limit_price, venue=wish.venue, instrument=instrument)
    if now and wish.post_only:
        raise errors.WouldExecute
    plan = replan(frozenset()) if now or fok else None
    if fok and (plan is None or not plan.legs):
        raise errors.NotFillable
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
        columns=columns,
    )


def accept(
    tx: Tx,
    *,
    owner: UUID,
    wish: Wish,
    ticket: Ticket,
    order_id: UUID,
    shortages: list[funds.Shortage],
    hold_id: UUID | None = None,
    **columns: Any,
) -> UUID:
    """Write the order and start it; returns its hold, which a pair's second leg is given as `hold_id`."""
    instrument = ticket.instrument
    if wish.expires_at is not None and not tx.now < wish.expires_at <= tx.now + tickets.LONGEST:
        raise errors.InvalidExpiry
    may = eligibility.require(tx, owner, Product.TRADING)
    limits.count(
        tx, owner=owner, order_id=order_id, instrument=instrument, side=wish.side, quantity=ticket.quantity,
        price=ticket.protect_price, level_per_day=may.per_day,
    )  # fmt: skip
    spend_asset, receive_asset = (
        (instrument.quote, instrument.base) if wish.side == "buy" else (instrument.base, instrument.quote)
    )
    outbox.publish(
        tx, events.OrderAccepted(order_id, owner, wish.symbol, wish.side, ticket.quantity), key=str(order_id)
    )
    return write(
        tx, owner_kind=OwnerKind.CUSTOMER, owner=owner, wish=wish, ticket=ticket, order_id=order_id, shortages=shortages,
        spend_account=accounts.customer(tx, customer_id=owner, asset=spend_asset),
        receive_account=accounts.customer(tx, customer_id=owner, asset=receive_asset), hold_id=hold_id, **columns,
    )  # fmt: skip


def write(
    tx: Tx,
    *,
    owner_kind: OwnerKind,
    owner: UUID,
    wish: Wish,
    ticket: Ticket,
    order_id: UUID,
    shortages: list[funds.Shortage],
    spend_account: int,
    receive_account: int,
    hold_id: UUID | None = None,
    **columns: Any,
) -> UUID:
    """Step: the rows and the first venue orders of an order that was admitted, whoever owns it; returns its hold."""
    instrument = ticket.instrument
    hold_id = hold_id or holds.open_hold(
        tx,
        account_id=spend_account,
        amount=ticket.hold_amount,
        kind=HoldKind.ORDER,
        reference=str(order_id),
        order_id=order_id,
    )
    inserted = queries.insert_order(
        tx,
        {
            "id": order_id,
            "owner_kind": owner_kind.value,
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
            "maker_rate": ticket.maker_rate,
            # A market order has no limit of its own to be filled at: it always gets the venue's price.
            "fill_mode": instrument.fill if wish.limit_price is not None else FillMode.PASS_THROUGH,
            "status": OrderStatus.ACCEPTED.value,
            "base_asset": instrument.base,
            "quote_asset": instrument.quote,
            "spend_account": spend_account,
            "receive_account": receive_account,
            "hold_id": hold_id,
            **ticket.columns,
            **columns,
        },
        plan=ticket.plan.evidence if ticket.plan else {},
    )
    if not inserted:
        raise errors.DuplicateClientOrderId
    queries.log_transition(tx, order_id=order_id, source=None, target=OrderStatus.ACCEPTED)
    if ticket.slices:
        slices.insert(tx, order_id, ticket.slices)
    _start(tx, order_id=order_id, wish=wish, ticket=ticket, shortages=shortages)
    return hold_id


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
    elif ticket.plan is not None and (wish.type == "market" or wish.venue != "best" or wish.time_in_force in AT_ONCE):
        raise VenueBalanceLow(venues=sorted({s.venue for s in sent.shortages}))
    elif wish.time_in_force == TimeInForce.IOC:
        steps.close(tx, order, OrderStatus.CANCELLED, "not executable at the limit right now")
        return
    else:
        steps.move(tx, order, OrderStatus.RESTING)
        steps.wake_market(tx, wish.symbol)
        if ticket.slices:
            tx.after_commit(lambda: cache.publish(schedules.CHANNEL))
    for shortage in sent.shortages:
        funds.note_shortage(tx, shortage)


def cancel_order(*, tenant: UUID, owner: UUID, order_id: UUID, why: str = BY_CUSTOMER) -> OrderView:
    """Cancel at once what rests or was not sent yet; where a child is out, ask for it: fills win, the rest goes with its outcome.

    Raises:
        NotFound: no such order of this customer.
        OrderNotOpen: it is finished.
    """

    def use_case() -> None:
        with db.transaction(tenant=tenant) as tx:
            if not _owned(tx, owner, order_id):
                raise NotFound
            cancel(tx, queries.lock(tx, order_id), reason=why)

    db.retrying(use_case)
    return read_order(tenant=tenant, owner=owner, order_id=order_id)


def cancel(tx: Tx, order: Order, *, reason: str = BY_CUSTOMER) -> None:
    """Step: `order` is locked. The whole pair ends where one of its legs is cancelled.

    Raises:
        OrderNotOpen: it is finished.
    """
    if OrderStatus(order.status) in ORDER.terminal:
        raise errors.OrderNotOpen(status_now=order.status)
    if order.group_id is not None:
        working = [leg for leg in queries.lock_all(tx, queries.group(tx, order.group_id)) if leg.status in _AT_WORK]
        order = working[0] if working else order
    audit.record(
        tx, "order.cancelled", kind="order", resource=order.id, before={"status": order.status, "filled": order.filled_quantity},
        reason=reason,
    )  # fmt: skip
    if order.status != OrderStatus.RESTING:
        queries.request_cancel(tx, order.id, reason=reason)
        execution.withdraw_unsent(tx, order)
        return
    steps.close(tx, order, OrderStatus.CANCELLED, reason)
    steps.wake_market(tx, order.symbol)
    tx.after_commit(lambda: cache.publish(CHANNEL, str(order.id)))


def cancel_all(*, tenant: UUID, owner: UUID, symbol: str | None = None) -> list[UUID]:
    """Cancel everything that is open, oldest first, some hundred in a transaction; the orders that were asked to end."""
    done: list[UUID] = []
    after = 0
    while True:
        asked, last = db.retrying(partial(_cancel_some, tenant, owner, symbol, after))
        done += asked
        if last == after:
            return done
        after = last


def _cancel_some(tenant: UUID, owner: UUID, symbol: str | None, after: int) -> tuple[list[UUID], int]:
    with db.transaction(tenant=tenant) as tx:
        found = queries.open_of(tx, owner=owner, symbol=symbol, after=after, limit=CANCELLED_AT_ONCE)
        asked = []
        for locked in queries.lock_all(tx, [order_id for order_id, _ in found]):
            now = queries.get(tx, locked.id)  # its twin may have taken it out a moment ago
            if now is not None and OrderStatus(now.status) not in ORDER.terminal:
                cancel(tx, now)
                asked.append(now.id)
    return asked, max((seq for _, seq in found), default=after)


def _owned(tx: Tx, owner: UUID, order_id: UUID) -> bool:
    order = queries.get(tx, order_id)
    return order is not None and order.owner_id == owner


def read_order(*, tenant: UUID, owner: UUID, order_id: UUID) -> OrderView:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        order = queries.get(tx, order_id)
        if order is None or order.owner_id != owner:
            raise NotFound
        return OrderView(
            order=order,
            fills=queries.fills(tx, [order_id]),
            children=queries.children(tx, [order_id]),
            twap=slices.terms(tx, [order_id]).get(order_id),
        )


def list_orders(
    *, tenant: UUID, owner: UUID, status: Sequence[str] | None, before: UUID | None, limit: int
) -> list[OrderView]:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        orders = queries.page(tx, owner=owner, status=status, before=before, limit=limit)
        ids = [order.id for order in orders]
        all_fills, all_children, twaps = queries.fills(tx, ids), queries.children(tx, ids), slices.terms(tx, ids)
    return [
        OrderView(
            order=order,
            fills=[f for f in all_fills if f.order_id == order.id],
            children=[c for c in all_children if c.order_id == order.id],
            twap=twaps.get(order.id),
        )
        for order in orders
    ]


def new_order_id() -> UUID:
    return uuid7()

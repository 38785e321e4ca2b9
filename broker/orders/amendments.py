"""Changing a resting order, or putting another in its place.

Its hold is made anew for what it needs now, in the same transaction, and its place in time is kept only where nobody behind it loses
by that: a smaller quantity, another date, another part shown.

An order that is at a venue at this moment is not changed: what was sent is sent. A change of price restarts what an empty attempt
taught. Replacing is a cancel and a new order in one transaction: either both happen or neither.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.book import rules as triggers
from broker.controls import service as controls
from broker.fees.rules import extra_for, rate_for
from broker.limits import service as limits
from broker.orders import errors, events, queries, rules, service, steps, tickets
from broker.orders.queries import Order
from broker.orders.states import ORDER, OrderStatus, RestsIn
from broker.orders.wishes import Wish
from broker.stops import rules as stops
from identity.audit import service as audit
from identity.eligibility import service as eligibility
from identity.eligibility.states import Product
from kernel import commands, db, outbox
from kernel.db import Tx
from kernel.errors import DomainError, NotFound
from kernel.money import ceil_to_scale
from markets.instruments import service as instruments
from markets.instruments.service import Instrument
from markets.quotes import service as quotes
from markets.quotes.service import MarketView
from payments.assets import service as assets
from payments.holds import service as holds
from payments.holds.states import HoldKind
from wallet_bridge.funds import service as funds
from wallet_bridge.funds.errors import VenueBalanceLow


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The new terms; None leaves a term as it is."""

    quantity: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    display_quantity: Decimal | None = None
    expires_at: datetime | None = None

    @property
    def of_price(self) -> bool:
        return self.limit_price is not None or self.stop_price is not None


def amend(*, tenant: UUID, owner: UUID, order_id: UUID, change: Change) -> service.OrderView:
    """Give a resting order new terms. A repeat of the same change changes nothing more.

    Raises:
        NotFound: no such order of this customer.
        OrderNotOpen, OrderWorking, OrderNotAmendable: it is in no state, or of no kind, to be changed.
        InvalidQuantity, InvalidPrice, InvalidExpiry, InvalidCombination, WouldExecute, WouldTrigger: the terms are not possible.
        InsufficientFunds: the new terms need more than there is.
        TradingStopped, ReduceOnly, UnderMaintenance, OrderTooLarge, DayLimitExceeded, ValueUnknown: a larger order, or one at another
            price, is allowed where a new one would be.
        NotEligible: the same.
    """
    known = service.read_order(tenant=tenant, owner=owner, order_id=order_id).order
    instrument = instruments.get(known.symbol)
    view = quotes.load(known.symbol)

    def use_case() -> None:
        with db.transaction(tenant=tenant) as tx:
            if _asks_for_more(known, change):
                _require_allowed(tx, known, change, instrument)
            order = queries.lock(tx, order_id)
            _require_amendable(order, change)
            _apply(tx, order, change, instrument, view)

    db.retrying(use_case)
    return service.read_order(tenant=tenant, owner=owner, order_id=order_id)


def _asks_for_more(order: Order, change: Change) -> bool:
    """A smaller order, another date or another part shown puts nothing at risk and passes every control."""
    return change.of_price or (change.quantity is not None and change.quantity > order.quantity)


def _require_allowed(tx: Tx, order: Order, change: Change, instrument: Instrument) -> None:
    """Before the order's row is locked: orders of a customer with a limit wait for each other first."""
    controls.require_allowed(
        tenant=tx.tenant_id, owner=order.owner_id, symbol=order.symbol, venue=order.venue, side=order.side, rests=True
    )
    may = eligibility.require(tx, order.owner_id, Product.TRADING)
    limits.count(
        tx,
        owner=order.owner_id,
        order_id=order.id,
        instrument=instrument,
        side=order.side,
        quantity=change.quantity or order.quantity,
        price=_protect(order, change, instrument),
        level_per_day=may.per_day,
    )


def _protect(order: Order, change: Change, instrument: Instrument) -> Decimal:
    """The price that no fill may pass under the new terms."""
    if change.stop_price is not None and order.limit_price is None:
        return stops.worst_price(change.stop_price, side=order.side, tick=instrument.tick)
    return change.limit_price or order.limit_price or order.protect_price


def _require_amendable(order: Order, change: Change) -> None:
    if OrderStatus(order.status) in ORDER.terminal:
        raise errors.OrderNotOpen(status_now=order.status)
    if order.status != OrderStatus.RESTING:
        raise errors.OrderWorking
    if order.group_id is not None or order.rests_in == RestsIn.CLOCK:
        raise errors.OrderNotAmendable
    unknown = [
        name
        for name in ("limit_price", "stop_price", "display_quantity", "expires_at")
        if getattr(change, name) is not None and getattr(order, name) is None
    ]
    if unknown:
        raise errors.InvalidCombination(f"this order has no {unknown[0]}", field=unknown[0])
    if change.stop_price is not None and order.stopped_at is not None:
        raise errors.OrderNotAmendable("its stop was reached already")


def _apply(tx: Tx, order: Order, change: Change, instrument: Instrument, view: MarketView) -> None:
    quantity = order.quantity if change.quantity is None else change.quantity
    limit = order.limit_price if change.limit_price is None else change.limit_price
    stop = order.stop_price if change.stop_price is None else change.stop_price
    protect = _protect(order, change, instrument)
    _check(tx, order, change, quantity=quantity, protect=protect, instrument=instrument, view=view)
    if (quantity, protect) != (order.quantity, order.protect_price):
        hold_id = _hold_anew(tx, order, quantity=quantity, protect=protect)
    else:
        hold_id = order.hold_id
    larger = quantity > order.quantity
    moved = limit != order.limit_price or stop != order.stop_price
    changes: dict[str, Any] = {
        "quantity": quantity,
        "limit_price": limit,
        "stop_price": stop,
        "protect_price": protect,
        "hold_id": hold_id,
        "display_quantity": change.display_quantity or order.display_quantity,
        "expires_at": change.expires_at or order.expires_at,
    }
    if moved:
        changes |= {"failed_price": None, "failed_limit": None, "rearm_at": None}
    version = queries.amend(tx, order.id, loses_priority=larger or moved, **changes)
    terms = [term.name for term in fields(Change)]
    audit.record(
        tx, "order.amended", kind="order", resource=order.id, before={term: getattr(order, term) for term in terms},
        after={term: changes[term] for term in terms},
    )  # fmt: skip
    told = events.OrderChanged(
        order.id, order.owner_id, order.symbol, order.status, "amended", order.filled_quantity, version
    )
    outbox.publish(tx, told, key=str(order.id))
    steps.wake_market(tx, order.symbol)


def _check(
    tx: Tx,
    order: Order,
    change: Change,
    *,
    quantity: Decimal,
    protect: Decimal,
    instrument: Instrument,
    view: MarketView,
) -> None:
    if quantity <= order.filled_quantity:
        raise errors.InvalidQuantity("less than what is filled already: cancel the rest instead")
    rules.check_size(quantity, price=protect, instrument=instrument)
    for price in (change.limit_price, change.stop_price):
        if price is not None:
            rules.check_limit_price(price, instrument=instrument)
    shown = change.display_quantity or order.display_quantity
    if shown is not None:
        if shown > quantity:
            raise errors.InvalidCombination("display_quantity is a part of quantity", field="display_quantity")
        rules.check_part(shown, price=protect, instrument=instrument)
    if change.expires_at is not None and not tx.now < change.expires_at <= tx.now + tickets.LONGEST:
        raise errors.InvalidExpiry
    if change.stop_price is not None:
        rising = stops.waits_for_rise(side=order.side, kind=order.type)
        price = stops.watched_price(view, venue=order.venue, mode=instrument.trigger, rising=rising)
        if price is not None and stops.reached(price, change.stop_price, rising=rising):
            raise errors.WouldTrigger(price=format(price.normalize(), "f"))
    at_once = triggers.triggers_now(view, side=order.side, limit=protect, venue=order.venue, instrument=instrument)
    if order.post_only and change.limit_price is not None and at_once:
        raise errors.WouldExecute


def _hold_anew(tx: Tx, order: Order, *, quantity: Decimal, protect: Decimal) -> UUID:
    """Give back what the old terms hold and hold what the rest needs under the new ones."""
    holds.void(tx, hold_id=order.hold_id)
    rest = quantity - order.filled_quantity
    if order.side == "buy":
        scale = assets.scale(order.quote_asset)
        cost = order.filled_cost + rest * protect
        whole = ceil_to_scale(cost * (1 + rate_for(order)) + extra_for(order), scale)
        rest = whole - order.filled_cost - order.fee
    return holds.open_hold(
        tx, account_id=order.spend_account, amount=rest, kind=HoldKind.ORDER, reference=str(order.id), order_id=order.id
    )


def replace(
    *, tenant: UUID, owner: UUID, order_id: UUID, wish: Wish, new_id: UUID, key: str | None, fingerprint: bytes
) -> commands.Outcome:
    """Cancel a resting order and place another, both or neither.

    Raises:
        NotFound: no such order of this customer.
        OrderNotOpen, OrderWorking: it has ended, or is at a venue at this moment.
        DomainError: the new order is denied; the old one stays as it is.
    """
    shortages: list[funds.Shortage] = []
    ticket = service.ticket_or_denial(wish, tenant=tenant, owner=owner)

    def use_case(tx: Tx) -> tuple[str, UUID]:
        shortages.clear()
        known = queries.get(tx, order_id)
        if known is None or known.owner_id != owner:
            raise NotFound
        if isinstance(ticket, DomainError):
            raise ticket
        old = queries.lock(tx, order_id)
        if old.status in {OrderStatus.WORKING, OrderStatus.TRIGGERED, OrderStatus.ACCEPTED}:
            raise errors.OrderWorking
        service.cancel(tx, old, reason="replaced by the customer")
        if OrderStatus(queries.lock(tx, order_id).status) not in ORDER.terminal:
            raise errors.OrderWorking  # the other leg of its pair is at a venue and may still fill
        service.accept(
            tx, owner=owner, wish=wish, ticket=ticket, order_id=new_id, shortages=shortages, replaces=order_id
        )
        return "order", new_id

    try:
        return commands.run(
            tenant=tenant,
            principal=owner,
            route=f"POST /v1/orders/{order_id}/replace",
            key=key,
            fingerprint=fingerprint,
            fn=use_case,
        )
    except VenueBalanceLow:
        for shortage in shortages:
            funds.report_shortage(tenant, shortage)
        raise

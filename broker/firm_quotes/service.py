"""A price that stands for two seconds, and taking it: hedged first at that price or better, or nothing happens.

The price is the worst level that one venue needs for the whole quantity, our markup on it; so the hedge is one fill-or-kill at one venue
and the customer can be told a yes or a no. Between the look and the acceptance the house has promised nothing that it could lose on:
a market that moved away makes `quote_expired`, one that moved the other way gives the customer the better price (in a market that
passes prices through).
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.controls import admission
from broker.firm_quotes import queries
from broker.firm_quotes.errors import QuoteExpired
from broker.firm_quotes.queries import FirmQuote
from broker.orders import errors, rules, service, whole
from broker.orders.states import ORDER, OrderStatus, OrderType, TimeInForce
from broker.orders.wishes import Wish
from broker.routing.rules import within
from kernel import clock, commands, db
from kernel.db import Tx
from kernel.errors import DomainError, NotFound
from kernel.ids import uuid7
from kernel.money import ceil_to, floor_to
from markets.instruments import service as instruments
from markets.instruments.service import Instrument
from markets.quotes import service as quotes
from markets.quotes.service import MarketView
from wallet_bridge.funds.errors import VenueBalanceLow

LIVES = timedelta(seconds=2)
KEPT = timedelta(hours=1)
_FORGET = 1_000


def offer(
    *, tenant: UUID, owner: UUID, symbol: str, side: str, quantity: Decimal, venue: str, key: str | None, body: bytes
) -> FirmQuote:
    """A firm price for the whole quantity, good for two seconds.

    Raises:
        NotFillable: no single venue shows all of it inside the protection band.
        MarketHalted, VenueUnavailable, InvalidQuantity: as for a market order.
        TradingStopped, ReduceOnly, UnderMaintenance: a control forbids it.
    """
    quote_id = uuid7()
    made = _priced_or_denial(tenant=tenant, owner=owner, symbol=symbol, side=side, quantity=quantity, venue=venue)

    def use_case(tx: Tx) -> tuple[str, UUID]:
        if isinstance(made, DomainError):
            raise made
        now = clock.wall()
        row = {
            "id": quote_id, "owner_id": owner, "symbol": symbol, "side": side, "quantity": quantity, "price": made[0],
            "venue": made[1], "made_at": now, "expires_at": now + LIVES,
        }  # fmt: skip
        queries.insert(tx, row)
        return "firm_quote", quote_id

    outcome = commands.run(
        tenant=tenant, principal=owner, route="POST /v1/quotes", key=key, fingerprint=body, fn=use_case
    )
    return read(tenant=tenant, owner=owner, quote_id=outcome.id)


def _priced_or_denial(**asked: Any) -> tuple[Decimal, str] | DomainError:
    """Looked up before the transaction opens; a denial waits until the key is known to be new, for a repeat is answered, not denied."""
    try:
        return _priced(**asked)
    except DomainError as denial:
        return denial


def _priced(*, tenant: UUID, owner: UUID, symbol: str, side: str, quantity: Decimal, venue: str) -> tuple[Decimal, str]:
    """(price, venue) for all of it, by the market's copy and with the spread that its acceptance will be executed with."""
    instrument = instruments.get(symbol)
    instruments.require_trading(instrument)
    view, instrument = admission.admit(
        quotes.load(symbol), instrument, tenant=tenant, owner=owner, side=side, venue=venue, rests=False
    )
    rules.require_price(view, venue=venue, now=clock.wall())
    edge = rules.protection_edge(view, side=side, tick=instrument.tick)
    rules.check_size(quantity, price=edge, instrument=instrument)
    plan = whole.plan(
        view,
        side=side,
        quantity=quantity,
        worst_price=rules.venue_limit(edge, side=side, markup=instrument.markup),
        venue=venue,
    )
    if not plan.legs:
        raise errors.NotFillable
    price = _customer_price(view, instrument, side=side, quantity=quantity, venue=plan.legs[0].venue)
    if not within(price, edge, side):
        raise errors.NotFillable
    return price, plan.legs[0].venue


def _customer_price(view: MarketView, instrument: Instrument, *, side: str, quantity: Decimal, venue: str) -> Decimal:
    """The level at which this venue has shown all of it, our markup added, rounded so that the hedge fits in."""
    shown = view.venue(venue)
    assert shown is not None
    worst, depth = Decimal(0), Decimal(0)
    for price, size in shown.opposite(side):
        worst, depth = price, depth + size
        if depth >= quantity:
            break
    marked = rules.with_markup(worst, side=side, markup=instrument.markup)
    return ceil_to(marked, instrument.tick) if side == "buy" else floor_to(marked, instrument.tick)


def read(*, tenant: UUID, owner: UUID, quote_id: UUID) -> FirmQuote:
    with db.read_only(tenant=tenant) as tx:
        quote = queries.get(tx, quote_id)
    if quote is None or quote.owner_id != owner:
        raise NotFound
    return quote


def accept(
    *, tenant: UUID, owner: UUID, quote_id: UUID, order_id: UUID, key: str | None, fingerprint: bytes
) -> commands.Outcome:
    """Send the hedge for a quote; a second acceptance is the first one's order.

    Raises:
        NotFound: no such quote of this customer.
        QuoteExpired: its two seconds are over, or no venue gives its price any more; nothing was traded.
        InsufficientFunds: the customer cannot pay it.
    """
    quote = read(tenant=tenant, owner=owner, quote_id=quote_id)
    wish = _wish(quote)
    ticket = service.ticket_or_denial(wish, tenant=tenant, owner=owner) if quote.order_id is None else QuoteExpired()

    def use_case(tx: Tx) -> tuple[str, UUID]:
        taken = queries.get(tx, quote_id, lock=True)
        assert taken is not None
        if taken.order_id is not None:
            return "order", taken.order_id
        if clock.wall() > taken.expires_at or isinstance(ticket, _MOVED):
            raise QuoteExpired
        if isinstance(ticket, DomainError):
            raise ticket
        service.accept(tx, owner=owner, wish=wish, ticket=ticket, order_id=order_id, shortages=[])
        queries.accept(tx, quote_id, order_id)
        return "order", order_id

    try:
        return commands.run(
            tenant=tenant,
            principal=owner,
            route=f"POST /v1/quotes/{quote_id}/accept",
            key=key,
            fingerprint=fingerprint,
            fn=use_case,
        )
    except VenueBalanceLow as dry:
        raise QuoteExpired from dry


_MOVED = (errors.NotFillable, errors.VenueUnavailable, errors.NoLiquidity, errors.MarketHalted, QuoteExpired)


def require_filled(view: service.OrderView) -> None:
    """After the hedge has come back.

    Raises:
        QuoteExpired: the venue killed it; nothing was traded.
    """
    if OrderStatus(view.order.status) in ORDER.terminal and view.order.filled_quantity == 0:
        raise QuoteExpired


def _wish(quote: FirmQuote) -> Wish:
    return Wish(
        symbol=quote.symbol,
        side=quote.side,
        type=OrderType.LIMIT.value,
        quantity=quote.quantity,
        quote_quantity=None,
        limit_price=quote.price,
        venue=quote.venue,
        time_in_force=TimeInForce.FOK.value,
        expected_price=None,
        tolerance=service.DEFAULT_TOLERANCE,
        client_order_id=f"quote:{quote.id}",
    )


def forget_old() -> None:
    """Delete quotes that nobody took, after an hour."""
    deleted = _FORGET
    while deleted == _FORGET:
        with db.transaction() as tx:
            deleted = queries.forget(tx, before=clock.wall() - KEPT, limit=_FORGET)

"""When a resting limit order starts: by a price that can be had at the limit, or by the venue's last price.

`executable`: the best opposite price, our markup added, is no worse than the limit; a print alone starts nothing. `last`: the limit is
strictly better than the venue's last price, which needs no depth at all. In both the price must come from a quote that may be traded
on and lie inside the composite's band: a wick on one venue starts nothing. Limits are prices before the customer's fee.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from broker.orders.rules import with_markup
from markets.instruments.service import Instrument
from markets.instruments.states import MarketStatus, Trigger
from markets.quotes.service import MarketView, VenueQuote


def starting_price(view: MarketView, quote: VenueQuote, *, side: str, mode: Trigger, markup: Decimal) -> Decimal | None:
    """The price that limits are compared with; None when this venue starts nothing now."""
    if mode is Trigger.LAST:
        price = quote.last
    else:
        levels = quote.opposite(side)
        price = levels[0][0] if levels else None
    if price is None or not quote.tradable or not view.composite.inside_band(price):
        return None
    return price if mode is Trigger.LAST else with_markup(price, side=side, markup=markup)


def triggers(limit: Decimal, price: Decimal, *, side: str, mode: Trigger) -> bool:
    """Whether a starting price starts an order with this limit."""
    if mode is Trigger.LAST:
        return limit > price if side == "buy" else limit < price
    return limit >= price if side == "buy" else limit <= price


def better(price: Decimal, than: Decimal, *, side: str) -> bool:
    """Strictly better for somebody of this side."""
    return price < than if side == "buy" else price > than


def most_starting(prices: Iterable[Decimal], *, side: str) -> Decimal | None:
    """Of several venues' starting prices the one that starts most orders."""
    return min(prices, default=None) if side == "buy" else max(prices, default=None)


def executable_depth(quotes: Sequence[VenueQuote], limit: Decimal, *, side: str, markup: Decimal) -> Decimal:
    """What all these venues show at the limit or better, markup counted in: an order goes to several at once."""
    return sum((_depth(quote, limit, side, markup) for quote in quotes), Decimal(0))


def _depth(quote: VenueQuote, limit: Decimal, side: str, markup: Decimal) -> Decimal:
    depth = Decimal(0)
    for price, quantity in quote.opposite(side):
        if not triggers(limit, with_markup(price, side=side, markup=markup), side=side, mode=Trigger.EXECUTABLE):
            break
        depth += quantity
    return depth


def triggers_now(view: MarketView, *, side: str, limit: Decimal, venue: str, instrument: Instrument) -> bool:
    """Whether a new limit order would start at once instead of resting."""
    if instrument.status is not MarketStatus.TRADING:
        return False
    mode, markup = instrument.trigger, instrument.markup
    prices = (starting_price(view, quote, side=side, mode=mode, markup=markup) for quote in view.tradable(venue))
    return any(price is not None and triggers(limit, price, side=side, mode=mode) for price in prices)

"""Views of a market, made by hand."""

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from kernel import clock
from markets.composite.rules import Constituent
from markets.composite.states import CompositeState
from markets.instruments.service import Instrument
from markets.instruments.states import FillMode, MarketStatus, Trigger
from markets.quotes.service import CompositeView, MarketView, VenueQuote
from venues.books import BookState

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
AS_LONG_AS_IT_TAKES = timedelta(hours=1)


def make_instrument(**changes):
    fields = {
        "symbol": "BTC-USDT",
        "base": "BTC",
        "quote": "USDT",
        "tick": Decimal("0.01"),
        "lot": Decimal("0.00001"),
        "min_notional": Decimal(5),
        "trigger": Trigger.EXECUTABLE,
        "fill": FillMode.PASS_THROUGH,
        "markup": Decimal(0),
        "status": MarketStatus.TRADING,
    }
    return Instrument(**(fields | changes))


def make_quote(venue, *, asks=(), bids=(), last=None, tradable=True, state=BookState.SYNCED):
    def levels(pairs):
        return tuple((Decimal(str(p)), Decimal(str(q))) for p, q in pairs)

    return VenueQuote(
        venue=venue,
        state=state,
        asks=levels(asks),
        bids=levels(bids),
        last=None if last is None else Decimal(str(last)),
        as_of=NOON,
        tradable=tradable,
        sequence=7,
    )


def make_view(*quotes, price=100, state=CompositeState.NORMAL, symbol="BTC-USDT", **composite):
    fields = {
        "price": None if price is None else Decimal(str(price)),
        "state": state,
        "confidence": Decimal(1),
        "as_of": NOON,
        "band": Decimal("0.02"),
    }
    parts = tuple(Constituent(venue=q.venue, used=q.tradable) for q in quotes)
    return MarketView(
        symbol=symbol,
        sequence=1,
        as_of=NOON,
        venues=tuple(quotes),
        composite=CompositeView(constituents=parts, **(fields | composite)),
    )


def fresh(view, age=None):
    """The view as of now; or of `age` ago.

    A copy lives for three seconds and a price is believed for five, a machine of tests may stand still for longer: what is to be believed
    is stamped ahead of the clock, which every reader takes for an age of nothing.
    """
    at = clock.wall() - age if age else clock.wall() + AS_LONG_AS_IT_TAKES
    venues = tuple(dataclasses.replace(quote, as_of=at) for quote in view.venues)
    return dataclasses.replace(view, as_of=at, venues=venues, composite=dataclasses.replace(view.composite, as_of=at))

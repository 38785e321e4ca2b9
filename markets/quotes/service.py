"""Reading a market's copy in Valkey. Its age is judged by wall time when it is read: an owner that died leaves an old copy behind."""

from __future__ import annotations

from collections.abc import Mapping

from kernel import cache, clock
from markets.books.rules import OfferedLevel, consolidate
from markets.quotes.codec import decode, encode
from markets.quotes.errors import QuotesUnavailable, UnknownVenue
from markets.quotes.view import CompositeView, MarketView, VenuePrice, VenueQuote
from venues.books import BookState, Level

__all__ = [
    "CHANGED",
    "CONSOLIDATED",
    "CompositeView",
    "MarketView",
    "VenuePrice",
    "VenueQuote",
    "book",
    "decode",
    "encode",
    "key",
    "load",
]

CONSOLIDATED = "consolidated"
CHANGED = "rm:quotes"
"""Where owners announce the symbol of a new copy; a hint."""


def key(symbol: str) -> str:
    return f"rm:quotes:{symbol}"


def load(symbol: str) -> MarketView:
    """The market as it may be believed now; a copy older than three seconds is halted and its venues are stale.

    Raises:
        QuotesUnavailable: there is no copy.
    """
    copy = cache.get(key(symbol))
    if copy is None:
        raise QuotesUnavailable(symbol=symbol)
    return decode(copy).at(clock.wall())


def book(view: MarketView, venue: str) -> tuple[list[OfferedLevel], list[OfferedLevel], BookState]:
    """(bids, asks, state) of one venue as it stands, or of all synced ones merged and ordered by price.

    Raises:
        UnknownVenue: this market has no such venue.
    """
    if venue == CONSOLIDATED:
        synced = [v for v in view.venues if v.state is BookState.SYNCED]
        state = BookState.SYNCED if synced else BookState.STALE
        return _side(synced, "sell"), _side(synced, "buy"), state
    quote = view.venue(venue)
    if quote is None:
        raise UnknownVenue(venue=venue)
    return _side([quote], "sell"), _side([quote], "buy"), quote.state


def _side(quotes: list[VenueQuote], side: str) -> list[OfferedLevel]:
    levels: Mapping[str, tuple[Level, ...]] = {q.venue: q.opposite(side) for q in quotes}
    return consolidate(levels, side=side)

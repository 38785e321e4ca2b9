"""Prices over HTTP: read from the owner's copy, aged at the moment of the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel import clock
from markets.instruments import service as instruments
from markets.quotes import service
from markets.quotes.schemas import (
    BestOut,
    BookOut,
    CompositeOut,
    ConstituentOut,
    LevelOut,
    QuotesOut,
    VenuePriceOut,
    VenueQuoteOut,
)
from markets.quotes.service import CONSOLIDATED, MarketView, VenuePrice

router = APIRouter(prefix="/v1/markets", tags=["markets"])
Reader = Annotated[Principal, requires(Permission.MARKETS_READ)]
SymbolPath = Annotated[str, Path(max_length=32)]


@router.get("/{symbol}/quotes")
def quotes(symbol: SymbolPath, _principal: Reader) -> QuotesOut:
    instruments.get(symbol)
    return quotes_out(service.load(symbol), clock.wall())


@router.get("/{symbol}/book")
def book(symbol: SymbolPath, _principal: Reader, venue: Annotated[str, Query(max_length=32)] = CONSOLIDATED) -> BookOut:
    """The book of one venue, or all of them merged (`consolidated`)."""
    instruments.get(symbol)
    return book_out(service.load(symbol), venue, clock.wall())


def quotes_out(view: MarketView, now: datetime) -> QuotesOut:
    c = view.composite
    return QuotesOut(
        symbol=view.symbol,
        composite=CompositeOut(
            price=c.price,
            state=c.state,
            confidence=c.confidence,
            as_of=c.as_of,
            band=c.band,
            market_orders_paused_until=c.paused_until if c.paused_until and c.paused_until > now else None,
            constituents=[ConstituentOut.model_validate(part) for part in c.constituents],
        ),
        venues=[
            VenueQuoteOut(venue=v.venue, bid=v.bid, ask=v.ask, last=v.last, age_ms=v.age_ms(now), state=v.state)
            for v in view.venues
        ],
        best=BestOut(buy=_price_out(view.best("buy")), sell=_price_out(view.best("sell"))),
    )


def book_out(view: MarketView, venue: str, now: datetime) -> BookOut:
    bids, asks, state = service.book(view, venue)
    shown = [v for v in view.venues if v.venue == venue or (venue == CONSOLIDATED and v.state == state)]
    ages = [age for v in shown if (age := v.age_ms(now)) is not None]
    return BookOut(
        symbol=view.symbol,
        venue=venue,
        state=state,
        age_ms=max(ages, default=None),
        bids=[LevelOut.model_validate(level) for level in bids],
        asks=[LevelOut.model_validate(level) for level in asks],
    )


def _price_out(price: VenuePrice | None) -> VenuePriceOut | None:
    return None if price is None else VenuePriceOut.model_validate(price)

"""Shapes of prices on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString
from markets.composite.states import CompositeState, Reason
from venues.books import BookState


class ConstituentOut(BaseModel):
    """A venue's part in the composite; `reason` says why it is left out, or that its price was clamped."""

    model_config = ConfigDict(from_attributes=True)

    venue: str
    mid: DecimalString | None
    weight: DecimalString
    used: bool
    reason: Reason | None
    deviation: DecimalString | None


class CompositeOut(BaseModel):
    """In HALT the price is the last known one. `market_orders_paused_until` is set for a while after a jump."""

    price: DecimalString | None
    state: CompositeState
    confidence: DecimalString | None
    as_of: datetime | None
    band: DecimalString
    market_orders_paused_until: datetime | None
    constituents: list[ConstituentOut]


class VenueQuoteOut(BaseModel):
    """`age_ms` is counted when the answer is written; null before the venue's first quote."""

    venue: str
    bid: DecimalString | None
    ask: DecimalString | None
    last: DecimalString | None
    age_ms: int | None
    state: BookState


class VenuePriceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    venue: str
    price: DecimalString


class BestOut(BaseModel):
    """The cheapest venue with its fee counted in, and the price it shows; null where nothing may be traded on."""

    buy: VenuePriceOut | None
    sell: VenuePriceOut | None


class QuotesOut(BaseModel):
    """The composite beside every venue's own price."""

    symbol: str
    composite: CompositeOut
    venues: list[VenueQuoteOut]
    best: BestOut


class LevelOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    price: DecimalString
    quantity: DecimalString
    venue: str


class BookOut(BaseModel):
    """Best levels first. A consolidated book shows synced venues only and names each level's venue."""

    symbol: str
    venue: str
    state: BookState
    age_ms: int | None
    bids: list[LevelOut]
    asks: list[LevelOut]

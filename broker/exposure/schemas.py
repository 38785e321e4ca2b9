"""Shapes of exposure on the wire: quantities per asset, worths in the reporting currency."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class AssetExposureOut(BaseModel):
    """One asset. custody + outside = customers + capital + trading + earned - spent + other.

    `trading` is zero in pass-through markets. `position` is what trading left with us (fees earned and paid, late fills), at its average
    cost as a whole; `unrealised` is what it gained since, None while nobody knows a price.
    """

    model_config = ConfigDict(from_attributes=True)

    asset: str
    custody: DecimalString
    outside: DecimalString
    customers: DecimalString
    capital: DecimalString
    trading: DecimalString
    earned: DecimalString
    spent: DecimalString
    other: DecimalString
    price: DecimalString | None
    position: DecimalString
    cost: DecimalString
    realised: DecimalString
    unrealised: DecimalString | None


class GapOut(BaseModel):
    """A time in which the house bore a price: `quantity` is the last one seen, `worst` the largest."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    asset: str
    quantity: DecimalString
    worst: DecimalString
    opened_at: datetime
    closed_at: datetime | None


class UnknownOut(BaseModel):
    """Orders at venues whose fate is being asked for: what they may have bought or sold beyond what is booked."""

    model_config = ConfigDict(from_attributes=True)

    symbol: str
    side: str
    orders: int
    quantity: DecimalString


class ExposureOut(BaseModel):
    """The house now. `waiting`: fills of the last moment that positions do not know yet."""

    as_of: datetime
    reporting_currency: str
    flat: bool
    realised: DecimalString
    unrealised: DecimalString
    waiting: int
    assets: list[AssetExposureOut]
    unknown_orders: list[UnknownOut]
    hedge_gaps: list[GapOut]


class DayReportOut(BaseModel):
    """One day: what trading earned in it, and the house at its end. `realised` and `unrealised` count from the beginning."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    made_at: datetime
    fills: int
    volume: DecimalString
    trade_fees: DecimalString
    spread: DecimalString
    venue_fees: DecimalString
    net: DecimalString
    realised: DecimalString
    unrealised: DecimalString
    hedge_gaps: int
    assets: list[AssetExposureOut]

"""Shapes of revenue on the wire: worths in the reporting currency, and the amounts per asset that the ledger must confirm."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from kernel.money import DecimalString

By = Literal["order", "venue", "day", "symbol"]


class SumsOut(BaseModel):
    """`net` is what customers paid (fees and spread) less what venues took. `without_worth`: venue fees that have no price yet."""

    fills: int
    volume: DecimalString
    trade_fees: DecimalString
    spread: DecimalString
    venue_fees: DecimalString
    net: DecimalString
    without_worth: int


class RevenueRowOut(SumsOut):
    """`key` is an order's id, a venue, a market or a day."""

    key: str


class AssetRevenueOut(BaseModel):
    """What the fills say and what the ledger's accounts have for their journals; `agrees` when all three are equal."""

    asset: str
    trade_fee: DecimalString
    spread: DecimalString
    venue_fee: DecimalString
    ledger_trade_fee: DecimalString
    ledger_spread: DecimalString
    ledger_venue_fee: DecimalString
    agrees: bool


class UnbookedFeeOut(BaseModel):
    """Fees that a venue took in an asset which the books do not keep."""

    venue: str
    asset: str
    amount: DecimalString
    trades: int


class RevenueOut(BaseModel):
    """`waiting`: fills of the last moment that are not in it yet."""

    by: By
    start: datetime
    end: datetime
    reporting_currency: str
    as_of: datetime
    waiting: int
    items: list[RevenueRowOut]
    next_cursor: str | None
    totals: SumsOut
    assets: list[AssetRevenueOut]
    unbooked_fees: list[UnbookedFeeOut]

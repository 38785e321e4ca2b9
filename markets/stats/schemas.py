"""Shape of the day's statistics on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class StatsOut(BaseModel):
    """`open` is the first price of the last 24 hours; `change` = last − open, `change_fraction` = change / open."""

    model_config = ConfigDict(from_attributes=True)

    symbol: str
    open: DecimalString
    high: DecimalString
    low: DecimalString
    last: DecimalString
    change: DecimalString
    change_fraction: DecimalString
    volume: DecimalString
    quote_volume: DecimalString
    trades: int
    best_bid: DecimalString | None
    best_ask: DecimalString | None
    as_of: datetime

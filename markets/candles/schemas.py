"""Shapes of candles on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString
from markets.candles.states import Interval


class CandleOut(BaseModel):
    """In an interval without trades all prices are the close before. A closed candle may still be amended by late trades."""

    model_config = ConfigDict(from_attributes=True)

    open_time: datetime
    open: DecimalString
    high: DecimalString
    low: DecimalString
    close: DecimalString
    volume: DecimalString
    quote_volume: DecimalString
    trades: int
    closed: bool


class CandlesOut(BaseModel):
    """Oldest first, one for each interval."""

    symbol: str
    interval: Interval
    items: list[CandleOut]

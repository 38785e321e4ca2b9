"""Trades by anybody at a venue, as exact values: what the client library reports, read without trusting its floats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTrade:
    """One trade. `trade_id` is the venue's and unique there per symbol; `side` is the taker's; `at` is the venue's time."""

    venue: str
    symbol: str
    trade_id: str
    price: Decimal
    quantity: Decimal
    side: Literal["buy", "sell"]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueCandle:
    """A candle as the venue itself shows it; some leave out intervals without trades."""

    venue: str
    open_time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


def moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def exact_trade(venue: str, symbol: str, raw: Mapping[str, Any]) -> PublicTrade | None:
    """A trade as the client library gives it; None for one that lacks an id, a time or a positive size."""
    trade_id, stamp, side = raw.get("id"), raw.get("timestamp"), raw.get("side")
    price, quantity = _positive(raw.get("price")), _positive(raw.get("amount"))
    if not trade_id or stamp is None or price is None or quantity is None or side not in {"buy", "sell"}:
        return None
    return PublicTrade(
        venue=venue, symbol=symbol, trade_id=str(trade_id), price=price, quantity=quantity, side=side,
        at=moment(int(stamp)),
    )  # fmt: skip


def exact_candle(venue: str, raw: Any) -> VenueCandle | None:
    """[milliseconds, open, high, low, close, volume]; None where a part is missing or contradicts another."""
    prices = [_positive(value) for value in raw[1:5]]
    opened, high, low, closed = prices
    volume = Decimal(str(raw[5])) if raw[5] is not None else Decimal(0)
    if opened is None or high is None or low is None or closed is None or volume < 0:
        return None
    if not low <= min(opened, closed) <= max(opened, closed) <= high:
        return None
    return VenueCandle(
        venue=venue, open_time=moment(int(raw[0])), open=opened, high=high, low=low, close=closed, volume=volume
    )


def _positive(value: object) -> Decimal | None:
    """The shortest text of a float is the number that the venue sent."""
    if value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None

"""Candles on the channel `rm:candles:<symbol>`: `{"symbol", "candles": [{"interval", "open_time", …, "closed"}]}`, decimals as strings.

A lossy copy for those who show prices: whoever needs every candle reads the table. A closed candle may come again, amended.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.money import canonical
from markets.candles.rules import Candle
from markets.candles.states import Interval


def encode(symbol: str, candles: Sequence[tuple[Interval, Candle]]) -> str:
    body = {"symbol": symbol, "candles": [{"interval": i.value} | _candle(c) for i, c in candles]}
    return json.dumps(body, separators=(",", ":"))


def decode(message: str | bytes) -> tuple[str, list[tuple[Interval, Candle]]]:
    body = json.loads(message)
    return body["symbol"], [(Interval(c["interval"]), _read(c)) for c in body["candles"]]


def _candle(c: Candle) -> dict[str, Any]:
    return {
        "open_time": c.open_time.isoformat(),
        "open": canonical(c.open),
        "high": canonical(c.high),
        "low": canonical(c.low),
        "close": canonical(c.close),
        "volume": canonical(c.volume),
        "quote_volume": canonical(c.quote_volume),
        "trades": c.trades,
        "closed": c.closed,
    }


def _read(c: dict[str, Any]) -> Candle:
    return Candle(
        open_time=datetime.fromisoformat(c["open_time"]),
        open=Decimal(c["open"]),
        high=Decimal(c["high"]),
        low=Decimal(c["low"]),
        close=Decimal(c["close"]),
        volume=Decimal(c["volume"]),
        quote_volume=Decimal(c["quote_volume"]),
        trades=c["trades"],
        closed=c["closed"],
    )

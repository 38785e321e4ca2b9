"""The day's figures in one statement over the minutes."""

from __future__ import annotations

from datetime import datetime

from kernel.db import AnyRow, Tx

_DAY = """
SELECT (array_agg(open ORDER BY open_time))[1] AS open, max(high) AS high, min(low) AS low,
       (array_agg(close ORDER BY open_time DESC))[1] AS last, coalesce(sum(volume), 0) AS volume,
       coalesce(sum(quote_volume), 0) AS quote_volume, coalesce(sum(trades), 0) AS trades
  FROM markets.candles WHERE symbol = :symbol AND step_s = 60 AND open_time >= :start
"""


def day(tx: Tx, *, symbol: str, start: datetime) -> AnyRow:
    return tx.one(_DAY, symbol=symbol, start=start)


def last_close(tx: Tx, *, symbol: str) -> AnyRow | None:
    return tx.first(
        "SELECT close FROM markets.candles WHERE symbol = :symbol AND step_s = 60 ORDER BY open_time DESC LIMIT 1",
        symbol=symbol,
    )

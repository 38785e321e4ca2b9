"""One function, one statement on markets.candles.

Stored candles are a projection: those of a second are made of the trades, every other level of the level below. A candle is replaced
by one that saw at least as much volume and never by a poorer one, so neither a late trade nor a partial read can take anything away.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from kernel.db import AnyRow, Tx
from markets.candles.rules import Bar

_UPSERT = """
ON CONFLICT (symbol, step_s, open_time) DO UPDATE
   SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume,
       quote_volume = excluded.quote_volume, trades = excluded.trades, source = excluded.source
 WHERE excluded.volume {than} candles.volume
RETURNING open_time, open, high, low, close, volume, quote_volume, trades
"""

# One look into the index for each interval: a planner that joins the intervals as a set compares each of them with every trade.
_SECONDS = f"""
INSERT INTO markets.candles AS candles
       (symbol, step_s, open_time, open, high, low, close, volume, quote_volume, trades, source)
SELECT :symbol, 1, b.opens, c.*, 'trades'
  FROM unnest(CAST(:opens AS timestamptz[])) AS b (opens)
 CROSS JOIN LATERAL (
    SELECT (array_agg(t.price ORDER BY t.at, t.venue, length(t.trade_id), t.trade_id))[1], max(t.price), min(t.price),
           (array_agg(t.price ORDER BY t.at DESC, t.venue DESC, length(t.trade_id) DESC, t.trade_id DESC))[1],
           sum(t.quantity), sum(t.price * t.quantity), count(*)
      FROM markets.trades t
     WHERE t.symbol = :symbol AND t.counted AND t.at >= b.opens AND t.at < b.opens + interval '1 second'
    HAVING count(*) > 0) AS c
 ORDER BY b.opens
{_UPSERT.format(than=">=")}"""

_ROLL_UP = f"""
INSERT INTO markets.candles AS candles
       (symbol, step_s, open_time, open, high, low, close, volume, quote_volume, trades, source)
SELECT :symbol, :step_s, b.opens, c.*
  FROM unnest(CAST(:opens AS timestamptz[])) AS b (opens)
 CROSS JOIN LATERAL (
    SELECT (array_agg(p.open ORDER BY p.open_time))[1], max(p.high), min(p.low),
           (array_agg(p.close ORDER BY p.open_time DESC))[1], sum(p.volume), sum(p.quote_volume), sum(p.trades),
           CASE WHEN bool_and(p.source = 'trades') THEN 'trades' ELSE 'venues' END
      FROM markets.candles p
     WHERE p.symbol = :symbol AND p.step_s = :part_s
       AND p.open_time >= b.opens AND p.open_time < b.opens + make_interval(secs => :step_s)
    HAVING count(*) > 0) AS c
 ORDER BY b.opens
{_UPSERT.format(than=">=")}"""

_FROM_VENUES = f"""
INSERT INTO markets.candles AS candles
       (symbol, step_s, open_time, open, high, low, close, volume, quote_volume, trades, source)
SELECT :symbol, :step_s, b.*, 0, 'venues'
  FROM unnest(CAST(:opens AS timestamptz[]), CAST(:open AS numeric[]), CAST(:high AS numeric[]), CAST(:low AS numeric[]),
              CAST(:close AS numeric[]), CAST(:volume AS numeric[]), CAST(:quote_volume AS numeric[])) AS b
 ORDER BY 3
{_UPSERT.format(than=">")}"""

_MERGED = """
SELECT date_bin(make_interval(secs => :seconds), open_time, CAST('2001-01-01 00:00:00+00' AS timestamptz)) AS opens,
       (array_agg(open ORDER BY open_time))[1] AS open, max(high) AS high, min(low) AS low,
       (array_agg(close ORDER BY open_time DESC))[1] AS close, sum(volume) AS volume, sum(quote_volume) AS quote_volume,
       sum(trades) AS trades
  FROM markets.candles
 WHERE symbol = :symbol AND step_s = :level AND open_time >= :start AND open_time < :end
 GROUP BY 1 ORDER BY 1
"""


def lock_market(tx: Tx, *, symbol: str) -> None:
    """Two owners for a moment, at a hand-over, must not both add up what the other has not committed yet."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtext('markets.candles'), hashtext(:symbol))", symbol=symbol)


def seconds_of_trades(tx: Tx, *, symbol: str, opens: Sequence[datetime]) -> list[Bar]:
    return _bars(tx.all(_SECONDS, symbol=symbol, opens=list(opens)), time="open_time")


def roll_up(tx: Tx, *, symbol: str, part_s: int, step_s: int, opens: Sequence[datetime]) -> list[Bar]:
    return _bars(tx.all(_ROLL_UP, symbol=symbol, part_s=part_s, step_s=step_s, opens=list(opens)), time="open_time")


def insert_of_venues(tx: Tx, *, symbol: str, step_s: int, bars: Sequence[Bar]) -> list[Bar]:
    rows = tx.all(
        _FROM_VENUES,
        symbol=symbol,
        step_s=step_s,
        opens=[bar.open_time for bar in bars],
        open=[bar.open for bar in bars],
        high=[bar.high for bar in bars],
        low=[bar.low for bar in bars],
        close=[bar.close for bar in bars],
        volume=[bar.volume for bar in bars],
        quote_volume=[bar.quote_volume for bar in bars],
    )
    return _bars(rows, time="open_time")


def merged(tx: Tx, *, symbol: str, level: int, seconds: int, start: datetime, end: datetime) -> list[Bar]:
    """Bars of so many seconds from the stored level below."""
    return _bars(tx.all(_MERGED, symbol=symbol, level=level, seconds=seconds, start=start, end=end), time="opens")


def stored(tx: Tx, *, symbol: str, level: int, start: datetime) -> list[Bar]:
    rows = tx.all(
        """SELECT open_time, open, high, low, close, volume, quote_volume, trades FROM markets.candles
            WHERE symbol = :symbol AND step_s = :level AND open_time >= :start ORDER BY open_time""",
        symbol=symbol,
        level=level,
        start=start,
    )
    return _bars(rows, time="open_time")


def close_before(tx: Tx, *, symbol: str, level: int, moment: datetime) -> Decimal | None:
    return tx.scalar(  # type: ignore[no-any-return]
        """SELECT close FROM markets.candles WHERE symbol = :symbol AND step_s = :level AND open_time < :moment
            ORDER BY open_time DESC LIMIT 1""",
        symbol=symbol,
        level=level,
        moment=moment,
    )


def first_open(tx: Tx, *, symbol: str, level: int) -> datetime | None:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT min(open_time) FROM markets.candles WHERE symbol = :symbol AND step_s = :level",
        symbol=symbol,
        level=level,
    )


def last_before(tx: Tx, *, symbol: str, level: int, moment: datetime) -> datetime | None:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT max(open_time) FROM markets.candles WHERE symbol = :symbol AND step_s = :level AND open_time < :moment",
        symbol=symbol,
        level=level,
        moment=moment,
    )


def delete_old(tx: Tx, *, level: int, before: datetime, limit: int) -> int:
    return int(
        tx.execute(
            """DELETE FROM markets.candles WHERE ctid = ANY(ARRAY(
                   SELECT ctid FROM markets.candles WHERE symbol = ANY(ARRAY(SELECT symbol FROM markets.instruments))
                      AND step_s = :level AND open_time < :before LIMIT :limit))""",
            level=level,
            before=before,
            limit=limit,
        ).rowcount
    )


def complete_until(tx: Tx, *, symbol: str) -> datetime | None:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT complete_until FROM markets.backfills WHERE symbol = :symbol", symbol=symbol
    )


def set_complete_until(tx: Tx, *, symbol: str, moment: datetime) -> None:
    tx.execute(
        """INSERT INTO markets.backfills (symbol, complete_until) VALUES (:symbol, :moment)
           ON CONFLICT (symbol) DO UPDATE SET complete_until = greatest(backfills.complete_until, excluded.complete_until)""",
        symbol=symbol,
        moment=moment,
    )


def _bars(rows: Sequence[AnyRow], *, time: str) -> list[Bar]:
    bars = [
        Bar(
            open_time=getattr(row, time),
            open=row.open,
            high=row.high,
            low=row.low,
            close=row.close,
            volume=row.volume,
            quote_volume=row.quote_volume,
            trades=int(row.trades),
        )
        for row in rows
    ]
    return sorted(bars, key=lambda bar: bar.open_time)

"""Reading candles without gaps, and keeping them true to the trades.

Only intervals with trades are stored, at four levels. A reader gets every interval: one without trades carries the close before it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from kernel import clock, db
from kernel.db import Tx
from markets.candles import queries
from markets.candles.errors import UnknownInterval
from markets.candles.rules import Bar, Candle, without_gaps
from markets.candles.states import BEGINNING, LEVELS, Interval, start_of
from markets.instruments import service as instruments

__all__ = [
    "Bar",
    "Candle",
    "Interval",
    "absorb",
    "channel",
    "interval_of",
    "put_in",
    "read",
    "seed",
    "start_of",
    "tidy_up",
]

MAX_LIMIT = 1000
KEEP = {1: timedelta(days=3), 60: timedelta(days=400)}
_DELETE_AT_ONCE = 10_000


def channel(symbol: str) -> str:
    """Where the owner of a market publishes candles that changed: a lossy copy."""
    return f"rm:candles:{symbol}"


def interval_of(text: str) -> Interval:
    """The interval of this name.

    Raises:
        UnknownInterval: there is none.
    """
    try:
        return Interval(text)
    except ValueError:
        raise UnknownInterval(allowed=[interval.value for interval in Interval]) from None


def read(
    symbol: str, *, interval: str, start: datetime | None = None, end: datetime | None = None, limit: int = 500
) -> list[Candle]:
    """Candles that open in [start, end), oldest first and without gaps; the last one may still be open.

    With a start, the first `limit` from there; without one, the last `limit` before `end`. Nothing before the market's first trade,
    and nothing later than now.

    Raises:
        UnknownSymbol: there is no such market.
        UnknownInterval: there is no such interval.
    """
    instruments.get(symbol)
    kind = interval_of(interval)
    limit = max(1, min(limit, MAX_LIMIT))
    now = clock.wall()
    if (start is not None and start > now) or (end is not None and end < BEGINNING):
        return []
    with db.read_only() as tx:
        first = queries.first_open(tx, symbol=symbol, level=kind.level)
        if first is None:
            return []
        window = _window(kind, start=start, end=end, limit=limit, now=now, first=first)
        if window is None:
            return []
        opens, until = window
        bars = queries.merged(tx, symbol=symbol, level=kind.level, seconds=kind.seconds, start=opens, end=until)
        carried = None
        if not bars or bars[0].open_time > opens:
            carried = queries.close_before(tx, symbol=symbol, level=kind.level, moment=opens)
            if carried is None and kind.level < LEVELS[1]:  # seconds are forgotten soon, minutes are not
                carried = queries.close_before(tx, symbol=symbol, level=LEVELS[1], moment=start_of(opens, LEVELS[1]))
    return without_gaps(bars, start=opens, end=until, step=kind.step, carried=carried, now=now)


def _window(
    kind: Interval, *, start: datetime | None, end: datetime | None, limit: int, now: datetime, first: datetime
) -> tuple[datetime, datetime] | None:
    """The opening times asked for, as [first, last + 1 step); None when there can be none."""
    last = kind.start(now)
    if end is not None and end <= now:
        last = kind.start(end)
        if last == end:  # [start, end): the candle that opens at `end` is not asked for
            last -= kind.step
    earliest = kind.start(first)
    if start is None:
        opens = max(last - (limit - 1) * kind.step, earliest) if last >= earliest else last
    else:
        opens = max(kind.start(max(start, BEGINNING)), earliest)
        if start > opens:  # a candle that opened before `start` is not asked for
            opens += kind.step
        last = min(last, opens + (limit - 1) * kind.step)
    return None if last < opens or last < earliest else (opens, last + kind.step)


def absorb(tx: Tx, symbol: str, moments: Collection[datetime]) -> dict[int, list[Bar]]:
    """Step: trades of these moments were stored; make every level anew where they fall. Returns what changed, by level in seconds."""
    changed: dict[int, list[Bar]] = {}
    opens = _opens(moments, LEVELS[0])
    changed[LEVELS[0]] = queries.seconds_of_trades(tx, symbol=symbol, opens=opens) if opens else []
    return changed | _roll_up(tx, symbol, above=LEVELS[0], moments=opens)


def put_in(tx: Tx, symbol: str, step_s: int, bars: Sequence[Bar]) -> int:
    """Step: candles of the venues, where they know of more than we saw; returns how many were better than ours."""
    if not bars:
        return 0
    better = queries.insert_of_venues(tx, symbol=symbol, step_s=step_s, bars=bars)
    _roll_up(tx, symbol, above=step_s, moments=[bar.open_time for bar in better])
    return len(better)


def _roll_up(tx: Tx, symbol: str, *, above: int, moments: Collection[datetime]) -> dict[int, list[Bar]]:
    changed: dict[int, list[Bar]] = {}
    for part_s, step_s in pairwise(LEVELS):
        if part_s < above or not moments:
            continue
        changed[step_s] = queries.roll_up(
            tx, symbol=symbol, part_s=part_s, step_s=step_s, opens=_opens(moments, step_s)
        )
    return changed


def _opens(moments: Collection[datetime], step_s: int) -> list[datetime]:
    return sorted({start_of(moment, step_s) for moment in moments})


def seed(tx: Tx, symbol: str, *, level: int, since: datetime) -> list[Bar]:
    """Step: the stored bars of a level from a moment on, for the owner's memory."""
    return queries.stored(tx, symbol=symbol, level=level, start=since)


def tidy_up() -> int:
    """Forget fine candles of long ago; coarser ones stay. Returns how many rows went."""
    now, gone = clock.wall(), 0
    for level, kept in KEEP.items():
        while True:
            with db.transaction() as tx:
                deleted = queries.delete_old(tx, level=level, before=now - kept, limit=_DELETE_AT_ONCE)
            gone += deleted
            if deleted < _DELETE_AT_ONCE:
                break
    return gone

"""The candles of one market that are still moving, in the memory of its owner, so that they can be told as they change.

It is fed with the stored bars that a write changed and makes every interval of them, as a reader of the table would. No I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from markets.candles.rules import Bar, Candle, empty, merge, whole
from markets.candles.states import LEVELS, Interval, start_of

Changed = list[tuple[Interval, Candle]]
_WIDEST = {level: max(i.seconds for i in Interval if i.level == level) for level in LEVELS}


class LiveCandles:
    """The stored bars of the present and the last candle of every interval."""

    def __init__(self) -> None:
        self._bars: dict[int, dict[datetime, Bar]] = {level: {} for level in LEVELS}
        self._open: dict[Interval, datetime] = {}
        self._close: Decimal | None = None

    def since(self, now: datetime) -> dict[int, datetime]:
        """From when on the bars of each level are wanted: the present candle of the widest interval made of it, and the one before."""
        return {level: start_of(now, widest) - timedelta(seconds=widest) for level, widest in _WIDEST.items()}

    def seed(self, bars: Mapping[int, Iterable[Bar]], *, close: Decimal | None) -> None:
        """Start anew from what is stored; nothing of it is told."""
        self._bars = {level: {bar.open_time: bar for bar in bars.get(level, ())} for level in LEVELS}
        self._open, self._close = {}, close

    def take(self, changed: Mapping[int, Iterable[Bar]], now: datetime) -> Changed:
        """Bars changed: every candle made of them, as it is now. Those of long ago are left to readers of the table."""
        since = self.since(now)
        touched: dict[tuple[Interval, datetime], None] = {}
        for level, bars in changed.items():
            for bar in bars:
                if bar.open_time < since[level]:
                    continue
                self._bars[level][bar.open_time] = bar
                for interval in Interval:
                    if interval.level == level:
                        touched[interval, interval.start(bar.open_time)] = None
        seconds = self._bars[LEVELS[0]]
        if changed.get(LEVELS[0]) and seconds:
            self._close = seconds[max(seconds)].close
        made = [(interval, candle) for interval, opens in touched if (candle := self._candle(interval, opens, now))]
        return sorted(made, key=lambda pair: (pair[0].seconds, pair[1].open_time))

    def turn(self, now: datetime) -> Changed:
        """Time passed: each interval whose candle ended, closed, and the new one, which is empty until something is traded."""
        made: Changed = []
        for interval in Interval:
            opens = interval.start(now)
            before = self._open.get(interval)
            if before == opens:
                continue
            self._open[interval] = opens
            for start in (before, opens):
                candle = self._candle(interval, start, now) if start is not None else None
                if candle is not None:
                    made.append((interval, candle))
        if made:
            self._forget(now)
        return made

    def _candle(self, interval: Interval, opens: datetime, now: datetime) -> Candle | None:
        closed = opens + interval.step <= now
        stored = self._bars[interval.level]
        parts = [bar for at in _steps(opens, interval) if (bar := stored.get(at)) is not None]
        if parts:
            return whole(merge(parts, open_time=opens), closed=closed)
        carried = self._close_before(interval, opens)
        return None if carried is None else empty(opens, carried=carried, closed=closed)

    def _close_before(self, interval: Interval, opens: datetime) -> Decimal | None:
        earlier = [at for at in self._bars[interval.level] if at < opens]
        return self._bars[interval.level][max(earlier)].close if earlier else self._close

    def _forget(self, now: datetime) -> None:
        for level, since in self.since(now).items():
            kept = {at: bar for at, bar in self._bars[level].items() if at >= since}
            if not kept and self._bars[level]:  # the last close is still carried
                last = max(self._bars[level])
                kept = {last: self._bars[level][last]}
            self._bars[level] = kept


def _steps(opens: datetime, interval: Interval) -> Iterable[datetime]:
    return (opens + timedelta(seconds=at) for at in range(0, interval.seconds, interval.level))

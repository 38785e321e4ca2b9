"""What we did not see: at the start and after a standstill the venues' own candles fill in, and a while later once more.

A candle of the venues replaces ours only where it saw more volume, so this may run at any time and any number of times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kernel import db, log
from markets.candles import queries, service
from markets.candles.venue_rules import of_venues
from venues.public_trades import VenueCandle

PAST = {60: timedelta(hours=12), 3_600: timedelta(days=30), 86_400: timedelta(days=700)}
NAMES = {60: "1m", 3_600: "1h", 86_400: "1d"}
LONGEST = {60: 1_000, 3_600: 1_000, 86_400: 1_000}
LOOK_BACK = timedelta(minutes=30)
SETTLED_AFTER = timedelta(seconds=15)
ROWS_AT_ONCE = 500
_log = log.get("markets")


@dataclass(frozen=True, slots=True)
class Ask:
    """Candles of one level from a moment on."""

    step_s: int
    since: datetime

    @property
    def interval(self) -> str:
        return NAMES[self.step_s]

    @property
    def step(self) -> timedelta:
        return timedelta(seconds=self.step_s)

    def candles(self, now: datetime) -> int:
        """How many there can be."""
        return int((now - self.since) / self.step) + 1


def wanted(symbol: str, *, now: datetime) -> list[Ask]:
    """What to ask the venues for, the coarse levels first; a market never filled in before gets a past."""
    with db.read_only() as tx:
        complete = queries.complete_until(tx, symbol=symbol)
    asks = []
    for step_s, past in sorted(PAST.items(), reverse=True):
        step = timedelta(seconds=step_s)
        since = now - past if complete is None else max(complete - LOOK_BACK, now - LONGEST[step_s] * step)
        asks.append(Ask(step_s, service.start_of(since, step_s)))
    return asks


def fill_in(symbol: str, ask: Ask, shown: Sequence[VenueCandle], *, now: datetime) -> int:
    """Take in what venues answered; returns how many candles were better than ours."""
    bars, better = of_venues(shown, step_s=ask.step_s, until=now - SETTLED_AFTER), 0
    for at in range(0, len(bars), ROWS_AT_ONCE):
        with db.transaction() as tx:
            queries.lock_market(tx, symbol=symbol)
            better += service.put_in(tx, symbol, ask.step_s, bars[at : at + ROWS_AT_ONCE])
    return better


def finished(symbol: str, *, until: datetime, better: int) -> None:
    """Everything until this moment has been asked for."""
    with db.transaction() as tx:
        queries.set_complete_until(tx, symbol=symbol, moment=until)
    if better:
        _log.info("candles_filled_in", symbol=symbol, candles=better)

"""The intervals that candles come in. All are cut in UTC; a week starts on Monday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum

BEGINNING = datetime(2001, 1, 1, tzinfo=UTC)
LEVELS = (1, 60, 3_600, 86_400)


class Interval(StrEnum):
    """How long a candle lasts."""

    S1 = "1s"
    S5 = "5s"
    S15 = "15s"
    S30 = "30s"
    M1 = "1m"
    M3 = "3m"
    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    H6 = "6h"
    H8 = "8h"
    H12 = "12h"
    D1 = "1d"
    W1 = "1w"

    @property
    def seconds(self) -> int:
        return int(self.value[:-1]) * {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}[self.value[-1]]

    @property
    def step(self) -> timedelta:
        return timedelta(seconds=self.seconds)

    @property
    def level(self) -> int:
        """The stored level, in seconds, that this interval is made of."""
        return max(level for level in LEVELS if level <= self.seconds)

    def start(self, moment: datetime) -> datetime:
        """When the candle that holds this moment opened."""
        return start_of(moment, self.seconds)


def start_of(moment: datetime, seconds: int) -> datetime:
    step = timedelta(seconds=seconds)
    return moment - (moment - BEGINNING) % step

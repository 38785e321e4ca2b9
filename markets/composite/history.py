"""What the composite remembers: who was off for too long (penalty box), and whether the price jumped.

A polled venue that still shows the old price after a step is late, not wrong. So a venue is boxed only after three seconds of unbroken
deviation, and those seconds count only as far as the *oldest* quote in the comparison: as long as somebody has not spoken since the
deviation began, nobody knows who is wrong. The clock is passed in; `clear` forgets everything (a sandbox that re-bases a price).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from kernel.money import half_even_to
from markets.composite.rules import DEFAULT_RULES
from markets.composite.states import Reason

BACK_BELOW = Decimal("0.01")
BOX_AFTER_S = 3.0
BOX_FOR_S = 60.0
STRIKES = 4
STRIKES_WITHIN_S = 1800.0
VOLATILITY_OVER_S = 60.0
RETURN_EVERY_S = 1.0
VOLATILITY_GRAIN = Decimal("0.000001")
AGREEING = 2  # fewer agreeing venues cannot say that another one is wrong

JUMP_BEYOND = Decimal("0.05")
JUMP_WITHIN_S = 60.0
PAUSE_S = 10.0
SAMPLE_EVERY_S = 0.25


@dataclass(slots=True)
class _Record:
    deviates_since: float | None = None
    boxed_at: float | None = None
    strikes: deque[float] = field(default_factory=deque)
    manual: bool = False


class PenaltyBox:
    """Per instrument. A boxed venue is back after 60 s once it is within 1 %; the fourth time within 30 minutes a person decides."""

    def __init__(self, *, deviates_beyond: Decimal = DEFAULT_RULES.exclude_beyond) -> None:
        self._deviates_beyond = deviates_beyond
        self._records: dict[str, _Record] = {}

    def reason(self, venue: str) -> Reason | None:
        record = self._records.get(venue)
        if record is None or record.boxed_at is None:
            return None
        return Reason.MANUAL if record.manual else Reason.BOXED

    def update(
        self, now: float, deviations: Mapping[str, Decimal | None], *, agreeing: int, oldest_quote: float
    ) -> None:
        """Take in one composite: each venue's deviation (None: no sound quote), how many agreed, the oldest quote compared."""
        for venue, deviation in deviations.items():
            record = self._records.setdefault(venue, _Record())
            if record.boxed_at is not None:
                self._maybe_release(record, now, deviation)
            elif deviation is None or deviation <= self._deviates_beyond or agreeing < AGREEING:
                record.deviates_since = None
            elif record.deviates_since is None:
                record.deviates_since = now
            elif oldest_quote - record.deviates_since >= BOX_AFTER_S:
                self._box(record, now)

    def release(self, venue: str) -> None:
        """A person lets the venue back in."""
        self._records.pop(venue, None)

    def clear(self) -> None:
        self._records.clear()

    @staticmethod
    def _box(record: _Record, now: float) -> None:
        record.boxed_at, record.deviates_since = now, None
        record.strikes.append(now)
        while record.strikes[0] < now - STRIKES_WITHIN_S:
            record.strikes.popleft()
        record.manual = len(record.strikes) >= STRIKES

    @staticmethod
    def _maybe_release(record: _Record, now: float, deviation: Decimal | None) -> None:
        if record.manual or record.boxed_at is None or now - record.boxed_at < BOX_FOR_S:
            return
        if deviation is not None and deviation < BACK_BELOW:
            record.boxed_at = None


class JumpDetector:
    """|P / P60s − 1| > 5 %: new market orders pause for 10 s and bands are wider for a minute. Then the new price is the reference."""

    def __init__(self) -> None:
        self._prices: deque[tuple[float, Decimal]] = deque()
        self._paused_until = float("-inf")
        self._wide_until = float("-inf")

    def update(self, now: float, price: Decimal | None) -> None:
        if price is None:
            return
        while len(self._prices) > 1 and self._prices[1][0] <= now - JUMP_WITHIN_S:
            self._prices.popleft()
        if self._prices and abs(price / self._prices[0][1] - 1) > JUMP_BEYOND:
            self._paused_until, self._wide_until = now + PAUSE_S, now + JUMP_WITHIN_S
            self._prices.clear()
        if not self._prices or now - self._prices[-1][0] >= SAMPLE_EVERY_S:
            self._prices.append((now, price))

    def pause_left_s(self, now: float) -> float:
        return max(self._paused_until - now, 0.0)

    def wide(self, now: float) -> bool:
        return now < self._wide_until

    def clear(self) -> None:
        self._prices.clear()
        self._paused_until = self._wide_until = float("-inf")


class Volatility:
    """Realised volatility: the root of the summed squares of one-second returns over the last minute."""

    def __init__(self) -> None:
        self._squares: deque[tuple[float, Decimal]] = deque()
        self._last: tuple[float, Decimal] | None = None
        self._now: Decimal | None = None

    def update(self, now: float, price: Decimal | None) -> Decimal | None:
        """Take in a price and return the volatility; None before the first return."""
        if price is None or (self._last is not None and now - self._last[0] < RETURN_EVERY_S):
            return self._now
        if self._last is not None:
            self._squares.append((now, (price / self._last[1] - 1) ** 2))
            while self._squares[0][0] <= now - VOLATILITY_OVER_S:
                self._squares.popleft()
            total = sum((square for _, square in self._squares), Decimal(0))
            self._now = half_even_to(total.sqrt(), VOLATILITY_GRAIN)
        self._last = (now, price)
        return self._now

    def clear(self) -> None:
        self._squares.clear()
        self._last = self._now = None

"""When an alert is raised, gets worse, eases and is over: pure, and the same for all kinds.

A level counts against a balance at once. For it, only what holds with a margin and for a while: whatever swings around a line is one
alert that counts its swings, and never a flood.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto

from wallet_bridge.alerts.states import Grade
from wallet_bridge.lines import rules as lines
from wallet_bridge.lines.rules import Standing
from wallet_bridge.lines.states import BalanceLevel

MARGIN = Decimal("1.05")
"""How far above its line a balance must be before that counts."""
CALM = timedelta(minutes=2)
"""For how long, before an alert eases by one level."""
ANSWER_WITHIN = timedelta(minutes=15)
"""A critical alert that nobody has acknowledged is told again after this time, to more people."""
MOST_CALLS = 8
"""How often; after that only the daily report has it."""
SHORT_FOR = timedelta(hours=1)
"""A shortage that no order has met again for this long is history."""

_RANK = {BalanceLevel.OK: 0, BalanceLevel.WARNING: 1, BalanceLevel.CRITICAL: 2}
_GRADE = {BalanceLevel.WARNING: Grade.WARNING, BalanceLevel.CRITICAL: Grade.CRITICAL}


class Move(Enum):
    NOTHING = auto()
    RAISE = auto()
    WORSEN = auto()
    EASE = auto()
    CLEAR = auto()
    CALM_BEGINS = auto()
    CALM_ENDS = auto()
    AGAIN = auto()  # the calm ends because it is as bad as before


@dataclass(frozen=True, slots=True)
class Sight:
    """How something stands now: `level` as it is, `settled` as it is with the margin."""

    level: BalanceLevel
    settled: BalanceLevel


@dataclass(frozen=True, slots=True)
class Open:
    """An open alert, as far as the next move depends on it."""

    grade: Grade
    calm_since: datetime | None
    told_at: datetime
    calls: int
    acknowledged: bool


def sight(usable: Decimal, line: Standing | None) -> Sight:
    with_margin = None if line is None else Standing(line.warning * MARGIN, line.critical * MARGIN, None)
    return Sight(lines.level(usable, line), lines.level(usable, with_margin))


def grade(level: BalanceLevel) -> Grade:
    return _GRADE[level]


def judge(seen: Sight, alert: Open | None, now: datetime) -> Move:
    """The one move that follows. An alert eases one level at a time, each after a calm of its own."""
    if seen.level is BalanceLevel.UNKNOWN:
        return Move.CALM_ENDS if alert and alert.calm_since else Move.NOTHING
    if alert is None:
        return Move.NOTHING if seen.level is BalanceLevel.OK else Move.RAISE
    bad = _RANK[BalanceLevel(alert.grade)]
    if _RANK[seen.level] > bad:
        return Move.WORSEN
    if _RANK[seen.settled] >= bad:
        if alert.calm_since is None:
            return Move.NOTHING
        return Move.AGAIN if _RANK[seen.level] == bad else Move.CALM_ENDS
    if alert.calm_since is None:
        return Move.CALM_BEGINS
    if now - alert.calm_since < CALM:
        return Move.NOTHING
    return Move.EASE if alert.grade is Grade.CRITICAL else Move.CLEAR


def calls(alert: Open, now: datetime) -> bool:
    """Whether it is told again, because nobody has answered."""
    waits = alert.grade is Grade.CRITICAL and not alert.acknowledged and alert.calls < MOST_CALLS
    return waits and now - alert.told_at >= ANSWER_WITHIN

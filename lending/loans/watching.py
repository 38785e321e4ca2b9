"""One look at a loan after another: the level that is decided, the wick guard before a sale, and the level that is stored and told.

The decision knows no hysteresis: a line is hit or not. Hysteresis keeps the stored level from flickering, and so the messages: a level
improves only once the price is some margin above its line. It never delays a worse level and never touches the guard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from lending.loans.rules import Position, worst_line
from lending.loans.states import LEVEL_AT, Level
from lending.products.states import Line
from lending.products.terms import FEWEST_VENUES, Guard
from markets.composite.states import CompositeState

_TRUSTED = frozenset({CompositeState.NORMAL, CompositeState.DEGRADED})


@dataclass(frozen=True, slots=True)
class SeenPrice:
    """A composite price with what it is worth as evidence; its age is measured by the clock on the wall."""

    price: Decimal
    age: timedelta
    venues: int
    state: CompositeState


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered between two looks. `below` counts those at or below the actual line in a row, `since` is the first of them."""

    level: Level = Level.HEALTHY
    below: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """The outcome: `decided` is None while prices cannot be trusted, and `line` is the worst line hit. `watch` is to be stored."""

    watch: Watch
    decided: Level | None
    line: Line | None

    @property
    def frozen(self) -> bool:
        return self.decided is None


def is_trusted(seen: SeenPrice, guard: Guard) -> bool:
    return (
        seen.age <= guard.max_age
        and seen.venues >= max(guard.min_venues, FEWEST_VENUES)
        and seen.state in _TRUSTED
        and seen.price > 0
    )


def look(watch: Watch, position: Position, prices: Mapping[str, SeenPrice], *, at: datetime, guard: Guard) -> Look:
    """Mark the loan at these prices. `at` is business time.

    Without a trusted price for every asset nothing is decided: the level stays, the counter neither grows nor starts again. A decided
    liquidation stays decided until the sale has ended.
    """
    if watch.level is Level.LIQUIDATING:
        return Look(watch, Level.LIQUIDATING, None)
    needed = [pledge.asset for pledge in position.pledges if pledge.quantity > 0]
    if position.debt > 0 and not all(asset in prices and is_trusted(prices[asset], guard) for asset in needed):
        return Look(watch, None, None)
    known = replace(position, pledges=tuple(pledge for pledge in position.pledges if pledge.quantity > 0))
    marked = known.at({asset: prices[asset].price for asset in needed}) if position.debt > 0 else known
    line = worst_line(marked)
    if line is Line.HARD:
        return Look(Watch(Level.LIQUIDATING, watch.below + 1, watch.since or at), Level.LIQUIDATING, line)
    if line is Line.ACTUAL:
        return _confirm(watch, at, guard)
    decided = LEVEL_AT[line]
    return Look(Watch(_kept(watch.level, decided, marked, guard.hysteresis)), decided, line)


def after_payment(watch: Watch, position: Position, *, guard: Guard) -> Watch:
    """The same once money moved: a repayment or a top-up may end the wait. It is no observation, so it never counts towards a sale."""
    if watch.level is Level.LIQUIDATING:
        return watch
    line = worst_line(position)
    if line in {Line.ACTUAL, Line.HARD}:
        return watch
    return Watch(_kept(watch.level, LEVEL_AT[line], position, guard.hysteresis))


def _confirm(watch: Watch, at: datetime, guard: Guard) -> Look:
    """Both are needed: many observations in a burst are not enough, nor is a long time with few."""
    below, since = watch.below + 1, watch.since or at
    enough = below >= guard.confirm_n and at - since >= guard.confirm_for
    level = Level.LIQUIDATING if enough else Level.PENDING_LIQUIDATION
    return Look(Watch(level, below, since), level, Line.ACTUAL)


def _kept(stored: Level, decided: Level, position: Position, hysteresis: Decimal) -> Level:
    """The decided level, or a worse one whose line is still within the margin; waiting for a sale always ends when its line is left."""
    worst = min(stored, Level.MARGIN_CALL, key=lambda level: level.rank)
    if decided.rank >= worst.rank:
        return decided
    inflated = replace(position, debt=Fraction(position.debt) * (1 + Fraction(hysteresis)))
    line = worst_line(inflated)
    return min(LEVEL_AT[line], worst, key=lambda level: level.rank)

"""What must happen to each loan over a series of prices, by brute force: whole numbers, one loan after the other, nothing of the product.

It knows the rules as they are written down: a line is hit when quantity × price × loan-to-value, summed, is at most the debt. A look
without a price to believe is none. The actual line must be hit by so many new prices in a row and for so many seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from math import lcm

LEVELS = ("HEALTHY", "WARNING", "MARGIN_CALL", "PENDING_LIQUIDATION", "LIQUIDATING")
CENTS = 100  # prices have two digits


@dataclass(frozen=True, slots=True)
class Tick:
    """Prices in cents by asset, with the moment each was made; those not to be believed are missing. `anew`: the watcher begins anew."""

    at: datetime
    cents: Mapping[str, int]
    made: Mapping[str, int]
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    confirm_n: int
    confirm_s: int
    hysteresis: Fraction
    rate: Fraction
    moves: str  # LIVE_DEBT, ON_EVENT, FROZEN


@dataclass(frozen=True, slots=True)
class Loan:
    """`lines`: per asset the loan-to-values of warning, displayed, actual, hard."""

    name: str
    quantities: Mapping[str, Fraction]
    lines: Mapping[str, Sequence[Fraction]]
    principal: Fraction
    since: date
    terms: Terms


@dataclass(slots=True)
class _State:
    level: int = 0
    below: int = 0
    first: datetime | None = None
    counted: Mapping[str, int] | None = None
    day: date | None = None
    scales: list[tuple[dict[str, int], int]] = field(default_factory=list)
    eased: list[tuple[dict[str, int], int]] = field(default_factory=list)


def changes(loan: Loan, ticks: Sequence[Tick]) -> Iterator[tuple[int, str, str]]:
    """(number of the tick, from, to) for every change of the stored level; a sale is the last one."""
    now = _State()
    for number, tick in enumerate(ticks):
        if tick.anew:
            now.counted = None
        if any(asset not in tick.cents for asset in loan.quantities):
            continue
        if now.day != tick.at.date():
            _weigh(loan, now, tick.at.date())
        before = now.level
        _look(loan, now, tick)
        if now.level != before:
            yield number, LEVELS[before], LEVELS[now.level]
        if now.level == 4:
            return


def _weigh(loan: Loan, now: _State, day: date) -> None:
    """Both sides of every line in whole numbers for this day's debt; once more with the debt that the hysteresis makes of it."""
    debt = loan.principal
    if loan.terms.moves == "LIVE_DEBT":
        debt += loan.principal * loan.terms.rate * Fraction((day - loan.since).days, 365)
    now.day = day
    now.scales = [_whole(loan, line, debt) for line in range(4)]
    now.eased = [_whole(loan, line, debt * (1 + loan.terms.hysteresis)) for line in range(4)]


def _whole(loan: Loan, line: int, debt: Fraction) -> tuple[dict[str, int], int]:
    parts = {asset: quantity * loan.lines[asset][line] / CENTS for asset, quantity in loan.quantities.items()}
    common = lcm(debt.denominator, *(part.denominator for part in parts.values()))
    return {asset: int(part * common) for asset, part in parts.items()}, int(debt * common)


def _hit(scale: tuple[dict[str, int], int], cents: Mapping[str, int]) -> bool:
    weights, debt = scale
    return sum(weight * cents[asset] for asset, weight in weights.items()) <= debt


def _lines_hit(scales: Sequence[tuple[dict[str, int], int]], cents: Mapping[str, int]) -> int:
    hit = 0
    while hit < 4 and _hit(scales[hit], cents):
        hit += 1
    return hit


def _look(loan: Loan, now: _State, tick: Tick) -> None:
    hit = _lines_hit(now.scales, tick.cents)
    if hit == 4:
        now.level = 4
    elif hit == 3:
        _wait(loan, now, tick)
    else:
        stored = min(now.level, 2)
        eased = _lines_hit(now.eased, tick.cents) if hit < stored else hit
        now.level = hit if hit >= stored else min(eased, stored)
        now.below, now.first, now.counted = 0, None, None


def _wait(loan: Loan, now: _State, tick: Tick) -> None:
    made = {asset: tick.made[asset] for asset in loan.quantities}
    if now.level == 3:
        if now.counted is None:  # whoever took over does not know which price was counted last
            now.counted = made
            return
        if any(now.counted[asset] == moment for asset, moment in made.items()):
            return
    now.counted = made
    now.below += 1
    now.first = now.first or tick.at
    enough = now.below >= loan.terms.confirm_n and (tick.at - now.first).total_seconds() >= loan.terms.confirm_s
    now.level = 4 if enough else 3

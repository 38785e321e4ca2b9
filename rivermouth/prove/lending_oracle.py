"""What must happen to each loan over a series of prices, by brute force: whole numbers, one loan after the other, nothing of the product.

It knows the rules as they are written down: a line is hit when quantity × price × loan-to-value, summed, is at most the debt. A look
without a price to believe is none. The actual line must be hit by so many new prices in a row and for so many seconds; the hard line and
the end of the grace after a loan's term wait for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import lcm
from typing import NamedTuple

LEVELS = ("HEALTHY", "WARNING", "MARGIN_CALL", "PENDING_LIQUIDATION", "LIQUIDATING")
CENTS = 100  # prices have two digits
ACTUAL, HARD, MATURITY = "actual", "hard", "maturity"


@dataclass(frozen=True, slots=True)
class Tick:
    """Prices in cents by asset, with the moment each was made; those not to be believed are missing.

    `anew`: the watcher begins anew. `day`: before it looks, the day's work is done, for the first time on this day.
    """

    at: datetime
    cents: Mapping[str, int]
    made: Mapping[str, int]
    anew: bool = False
    day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`days` is the term with its grace; `fee` and `penalty` are fractions, `cap` is in the smallest units of what is lent."""

    confirm_n: int
    confirm_s: int
    hysteresis: Fraction
    rate: Fraction
    moves: str  # LIVE_DEBT, ON_EVENT, FROZEN
    tenor: int = 180
    grace: int = 3
    penalty: Fraction = Fraction(0)
    fee: Fraction = Fraction(0)
    cap: int | None = None
    budget: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Loan:
    """`lines`: per asset the loan-to-values of warning, displayed, actual, hard. `origination` is the fee taken off the payout."""

    name: str
    quantities: Mapping[str, Fraction]
    lines: Mapping[str, Sequence[Fraction]]
    principal: Fraction
    since: date
    terms: Terms
    origination: Fraction = Fraction(0)

    @property
    def ends(self) -> date:
        return self.since + timedelta(days=self.terms.tenor)

    def interest(self, day: date) -> Fraction:
        return self.principal * self.terms.rate * Fraction((day - self.since).days, 365)


class Change(NamedTuple):
    """`number` is the tick's. `cause` only of a sale."""

    number: int
    before: str
    after: str
    cause: str = ""


class Wick(NamedTuple):
    """Ticks between which the actual line was hit, for less than the guard asks."""

    first: int
    last: int


@dataclass(slots=True)
class _State:
    level: int = 0
    below: int = 0
    first: datetime | None = None
    counted: Mapping[str, int] | None = None
    cause: str = ""
    day: date | None = None
    scales: list[tuple[dict[str, int], int]] = field(default_factory=list)
    eased: list[tuple[dict[str, int], int]] = field(default_factory=list)


def changes(loan: Loan, ticks: Sequence[Tick]) -> Iterator[Change]:
    """Every change of the stored level; a sale is the last one."""
    now = _State()
    for number, tick in enumerate(ticks):
        if tick.anew:
            now.counted = None
        if any(asset not in tick.cents for asset in loan.quantities):
            continue
        if now.day != tick.at.date():
            _weigh(loan, now, tick.at.date())
        before = now.level
        if tick.day and tick.at.date() > loan.ends + timedelta(days=loan.terms.grace):
            now.level, now.cause = 4, MATURITY
        else:
            _look(loan, now, tick)
        if now.level != before:
            yield Change(number, LEVELS[before], LEVELS[now.level], now.cause)
        if now.level == 4:
            return


def _weigh(loan: Loan, now: _State, day: date) -> None:
    """Both sides of every line in whole numbers for this day's debt; once more with the debt that the hysteresis makes of it."""
    debt = _tested(loan, day)
    now.day = day
    now.scales = [_whole(loan, line, debt) for line in range(4)]
    now.eased = [_whole(loan, line, debt * (1 + loan.terms.hysteresis)) for line in range(4)]


def _tested(loan: Loan, day: date) -> Fraction:
    """The debt that the lines go by."""
    return loan.principal + (loan.interest(day) if loan.terms.moves == "LIVE_DEBT" else 0)


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
        now.level, now.cause = 4, HARD
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
    now.level, now.cause = (4, ACTUAL) if enough else (3, "")


# ------------------------------------------------------------------------------------------------------------------- the wick guard


def wicks(loan: Loan, ticks: Sequence[Tick], until: int) -> Iterator[Wick]:
    """Every stay at or below the actual line before the tick `until` that was too short to be sold for; those of the hard line are none.

    It remembers nothing of levels and takes the longest view: every price that differs from the one before counts.
    """
    run: list[int] = []
    day, lines = None, [({"": 0}, 0)] * 2
    for number, tick in enumerate(ticks[: until + 1]):
        if any(asset not in tick.cents for asset in loan.quantities):
            continue
        if day != tick.at.date():
            day = tick.at.date()
            lines = [_whole(loan, line, _tested(loan, day)) for line in (2, 3)]
        if _hit(lines[0], tick.cents) and not _hit(lines[1], tick.cents):
            run.append(number)
            continue
        if run and not _hit(lines[1], tick.cents) and _is_short(loan, ticks, run):
            yield Wick(run[0], run[-1])
        run = []
    if run and run[-1] == until and _is_short(loan, ticks, run):
        yield Wick(run[0], run[-1])


def _is_short(loan: Loan, ticks: Sequence[Tick], run: Sequence[int]) -> bool:
    lasted = (ticks[run[-1]].at - ticks[run[0]].at).total_seconds()
    prices = min(len({ticks[number].made[asset] for number in run}) for asset in loan.quantities)
    return lasted < loan.terms.confirm_s or prices < loan.terms.confirm_n

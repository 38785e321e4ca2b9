"""The lines of a product: typed in one of three conventions, kept as exact loan-to-values, shown in all three and in money.

A line is hit when the debt has become a certain part of the collateral's value. That part is the line's loan-to-value; it is kept as
two integers, for 0.80 / 0.85 has no end as a decimal and a rounded line is hit too early or too late.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from kernel.day_count import DayCount, longest_fraction
from kernel.money import canonical, half_even_fraction
from lending.products.errors import HardLineTooLate, LinesCrossedByInterest, LinesDoNotFit
from lending.products.states import Basis, Line, Rebase

_SHOWN_PLACES = 6
_MOST_DIGITS = 12  # of a typed line


class Ratio(NamedTuple):
    """An exact loan-to-value, in lowest terms, as two columns hold it."""

    numerator: int
    denominator: int

    @classmethod
    def of(cls, value: Fraction) -> Ratio:
        return cls(value.numerator, value.denominator)

    @property
    def exact(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one collateral as they were typed. `pledge` is the largest loan-to-value of a draw, whatever the basis."""

    basis: Basis
    pledge: Decimal
    warning: Decimal
    displayed: Decimal
    actual: Decimal
    hard: Decimal

    def typed(self, line: Line) -> Decimal:
        return {
            Line.WARNING: self.warning,
            Line.DISPLAYED: self.displayed,
            Line.ACTUAL: self.actual,
            Line.HARD: self.hard,
        }[line]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The same lines as loan-to-values: all that deciding needs."""

    pledge: Ratio
    warning: Ratio
    displayed: Ratio
    actual: Ratio
    hard: Ratio

    def of(self, line: Line) -> Fraction:
        ratio = {
            Line.WARNING: self.warning,
            Line.DISPLAYED: self.displayed,
            Line.ACTUAL: self.actual,
            Line.HARD: self.hard,
        }[line]
        return ratio.exact


@dataclass(frozen=True, slots=True)
class Shown:
    """One line for the editor: in the three conventions, rounded to read, and as a price of the collateral."""

    line: Line
    price_fraction: Decimal
    ltv: Decimal
    coverage: Decimal
    price: Decimal


def thresholds(lines: Lines) -> Thresholds:
    """The lines as exact loan-to-values.

    Raises:
        LinesDoNotFit: see `check_order`.
    """
    check_order(lines)
    pledge = Fraction(lines.pledge)
    found = {line: Ratio.of(_ltv(lines.basis, pledge, Fraction(lines.typed(line)))) for line in Line}
    return Thresholds(
        pledge=Ratio.of(pledge),
        warning=found[Line.WARNING],
        displayed=found[Line.DISPLAYED],
        actual=found[Line.ACTUAL],
        hard=found[Line.HARD],
    )


def check_order(lines: Lines) -> None:
    """No set of numbers passes under two bases, so lines typed under the wrong one cannot be kept.

    Raises:
        LinesDoNotFit: the order of the basis does not hold; the detail says where, `line` which one to look at.
    """
    numbers = {"pledge": lines.pledge, **{line.value: lines.typed(line) for line in Line}}
    for field, typed in numbers.items():
        if not (typed.is_finite() and typed >= 0 and _digits(typed) <= _MOST_DIGITS):
            detail = f"{field} is a positive number of at most {_MOST_DIGITS} digits after the point"
            raise LinesDoNotFit(detail, line=field)
    if not 0 < lines.pledge < 1:
        raise LinesDoNotFit(f"the pledge rate {canonical(lines.pledge)} must lie between 0 and 1", line="pledge")
    chain = _chain(lines)
    for (name, number, relation), (other, following, _) in pairwise(chain):
        if not _holds(number, relation, following):
            raise LinesDoNotFit(
                f"with basis {lines.basis}: {name} {_shown(number)} {relation} {other} {_shown(following)} does not hold",
                line=other if other in numbers else name,
            )


def check_hard(lines: Lines, expected_cost: Decimal) -> None:
    """At the hard line a sale must still pay the debt after fees and slippage, `expected_cost` as a fraction of the value sold.

    Raises:
        HardLineTooLate: it would not; the detail names the latest line that would.
    """
    if not 0 <= expected_cost < 1:
        raise HardLineTooLate("the expected cost of a sale is a fraction from 0 to below 1")
    latest = 1 - Fraction(expected_cost)
    found = thresholds(lines)
    if found.of(Line.HARD) > latest:
        bound = _typed(lines.basis, found.pledge.exact, latest)
        raise HardLineTooLate(
            f"with a sale that costs {canonical(expected_cost)} of the value, hard must be {_relation(lines.basis)} {_shown(bound)}"
        )


def check_rebase(
    lines: Lines,
    rebase: Rebase,
    *,
    highest_rate: Decimal,
    days: int,
    day_count: DayCount,
    interest_up_front: bool = False,
) -> None:
    """Lines that stand still while the debt grows must not be overtaken by it.

    `days` is how long interest may run before the lines move: the tenor when they are frozen, the longest time between two certain
    events when they move on events. `highest_rate` is the highest yearly rate the product can charge.

    Raises:
        LinesCrossedByInterest: interest could carry a loan that was drawn to the full from the hard line to a loss.
    """
    if rebase is Rebase.LIVE_DEBT or interest_up_front:
        return
    room = 1 / thresholds(lines).of(Line.HARD) - 1
    accrual = Fraction(highest_rate) * longest_fraction(days, day_count)
    if accrual > room:
        raise LinesCrossedByInterest(
            f"interest of {days} days at {canonical(highest_rate)} adds {_percent(accrual)} to the debt, "
            f"above the hard line there is room for {_percent(room)}"
        )


def shown(lines: Lines, price: Decimal, *, tick: Decimal) -> list[Shown]:
    """The lines as the editor shows them, for a loan drawn to the full at `price`; a line's price is the highest that hits it."""
    found = thresholds(lines)
    rows = []
    for line in Line:
        ltv = found.of(line)
        fraction = found.pledge.exact / ltv
        rows.append(
            Shown(
                line=line,
                price_fraction=_readable(fraction),
                ltv=_readable(ltv),
                coverage=_readable(1 / ltv),
                price=price_on_grid(fraction * Fraction(price), tick),
            )
        )
    return rows


def price_on_grid(exact: Fraction, tick: Decimal) -> Decimal:
    """The highest price of the grid that is not above `exact`: the first one that hits a line there."""
    steps = exact / Fraction(tick)
    return (steps.numerator // steps.denominator) * tick


def _ltv(basis: Basis, pledge: Fraction, typed: Fraction) -> Fraction:
    if basis is Basis.PRICE_FRACTION:
        return pledge / typed
    return typed if basis is Basis.LTV else 1 / typed


def _typed(basis: Basis, pledge: Fraction, ltv: Fraction) -> Fraction:
    """The number that means this loan-to-value: each convention is its own inverse."""
    return _ltv(basis, pledge, ltv)


def _relation(basis: Basis) -> str:
    return "at most" if basis is Basis.LTV else "at least"


def _chain(lines: Lines) -> list[tuple[str, Fraction, str]]:
    """Names and numbers in the order of the basis, each with its relation to the next."""
    pledge, one = Fraction(lines.pledge), Fraction(1)
    warning, displayed, actual, hard = (Fraction(lines.typed(line)) for line in Line)
    if lines.basis is Basis.LTV:
        return [
            ("pledge", pledge, "<"),
            ("warning", warning, "<"),
            ("displayed", displayed, "<="),
            ("actual", actual, "<"),
            ("hard", hard, "<"),
            ("1", one, ""),
        ]
    above, below = ("1", one), ("pledge", pledge)
    if lines.basis is Basis.COVERAGE:
        above, below = ("1/pledge", 1 / pledge), ("1", one)
    return [
        (*above, ">"),
        ("warning", warning, ">"),
        ("displayed", displayed, ">="),
        ("actual", actual, ">"),
        ("hard", hard, ">"),
        (*below, ""),
    ]


def _holds(left: Fraction, relation: str, right: Fraction) -> bool:
    if relation == "<":
        return left < right
    if relation == ">":
        return left > right
    return left <= right if relation == "<=" else left >= right


def _digits(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else _MOST_DIGITS + 1


def _readable(value: Fraction) -> Decimal:
    return half_even_fraction(value, _SHOWN_PLACES)


def _shown(value: Fraction) -> str:
    return canonical(_readable(value))


def _percent(value: Fraction) -> str:
    return f"{canonical(half_even_fraction(value * 100, 4))} %"

"""Repayment schedules in whole units of the asset; the last row pays what is left, so every schedule ends at exactly zero.

A period's interest is the balance times the exact part of the year, rounded half to even once. Each row pays its interest in full: what
rounding leaves changes the last payment, never anybody's interest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from kernel.day_count import DayCount, Period, due_dates, year_fraction
from kernel.money import LIMIT, MAX_SCALE, fits_scale, half_even_fraction, half_even_to, unit
from lending.schedules.errors import ScheduleImpossible
from lending.schedules.states import Method

MOST_INSTALMENTS = 1_200
HIGHEST_RATE = Decimal(10)  # a thousand per cent a year is a slip of the hand
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`first_due` makes the first period shorter or longer; `multiple_of` rounds instalments (or equal principals) to something handy."""

    principal: Decimal
    scale: int
    annual_rate: Decimal
    method: Method
    instalments: int
    start: date
    every: Period
    day_count: DayCount
    first_due: date | None = None
    multiple_of: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Instalment:
    """`payment` = `interest` + `principal`; `balance` is what is owed after it."""

    n: int
    due_date: date
    payment: Decimal
    interest: Decimal
    principal: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Schedule:
    rows: tuple[Instalment, ...]

    @property
    def total_interest(self) -> Decimal:
        return sum((row.interest for row in self.rows), _ZERO)


def schedule(terms: Terms) -> Schedule:
    """The rows of a loan, by its method.

    Raises:
        ScheduleImpossible: see `check`.
        InvalidRequest: a date beyond the calendar, or a first due date that is not after the start.
    """
    check(terms)
    ends = due_dates(terms.start, terms.every, terms.instalments, first_due=terms.first_due)
    return along(terms, ends[-1:] if terms.method is Method.BULLET else ends)


def along(terms: Terms, ends: Sequence[date]) -> Schedule:
    """The rows over due dates that are given: what is left of a plan keeps its dates, whatever was paid ahead of them.

    Raises:
        ScheduleImpossible: the amounts are too large.
    """
    factors = [
        Fraction(terms.annual_rate) * year_fraction(begin, end, terms.day_count)
        for begin, end in pairwise((terms.start, *ends))
    ]
    made = (_level if terms.method is Method.EQUAL_INSTALMENTS else _by_principal)(terms, factors)
    balance, rows = terms.principal, []
    for n, (due, (interest, principal)) in enumerate(zip(ends, made, strict=True), start=1):
        balance -= principal
        rows.append(Instalment(n, due, interest + principal, interest, principal, balance))
    made_schedule = Schedule(tuple(rows))
    if terms.principal + made_schedule.total_interest >= LIMIT:
        raise ScheduleImpossible("the amounts are too large")
    return made_schedule


def check(terms: Terms) -> None:
    """Refuse what no schedule can be made from.

    Raises:
        ScheduleImpossible: the detail names the field.
    """
    if not 0 <= terms.scale <= MAX_SCALE:
        raise ScheduleImpossible(f"scale: from 0 to {MAX_SCALE}")
    if not (terms.principal.is_finite() and 0 < terms.principal < LIMIT and fits_scale(terms.principal, terms.scale)):
        raise ScheduleImpossible("principal: more than zero, with no more decimals than the asset has")
    if not (terms.annual_rate.is_finite() and 0 <= terms.annual_rate <= HIGHEST_RATE):
        raise ScheduleImpossible(f"annual_rate: a fraction from 0 to {HIGHEST_RATE}, such as 0.12")
    if not 1 <= terms.instalments <= MOST_INSTALMENTS:
        raise ScheduleImpossible(f"instalments: from 1 to {MOST_INSTALMENTS}")
    multiple = terms.multiple_of
    if multiple is not None and not (
        multiple.is_finite() and 0 < multiple < LIMIT and fits_scale(multiple, terms.scale)
    ):
        raise ScheduleImpossible("multiple_of: more than zero, with no more decimals than the asset has")


def _interest(balance: Decimal, factor: Fraction, scale: int) -> Decimal:
    return half_even_fraction(Fraction(balance) * factor, scale)


def _by_principal(terms: Terms, factors: Sequence[Fraction]) -> list[tuple[Decimal, Decimal]]:
    """Interest and principal per row where the principal is known beforehand: none until the last row, or the same in each."""
    part = _ZERO
    if terms.method is Method.EQUAL_PRINCIPAL:
        part = half_even_to(terms.principal / len(factors), terms.multiple_of or unit(terms.scale))
    balance, made = terms.principal, []
    for place, factor in enumerate(factors, start=1):
        principal = balance if place == len(factors) else min(part, balance)
        made.append((_interest(balance, factor, terms.scale), principal))
        balance -= principal
    return made


def _level(terms: Terms, factors: Sequence[Fraction]) -> list[tuple[Decimal, Decimal]]:
    """Equal payments; if rounding leaves the last one far off, a slightly different payment is taken when it ends nearer."""
    annuities = _annuities(factors)
    extra, made = _ZERO, _walk(terms, factors, annuities, extra=_ZERO)
    if terms.multiple_of is not None or len(factors) < 2:
        return made
    step, count = unit(terms.scale), len(factors)
    while abs(off := _last_off(made)) > count // 2 * step:
        extra += half_even_to(off / count, step)
        nearer = _walk(terms, factors, annuities, extra=extra)
        if abs(_last_off(nearer)) >= abs(off):
            break
        made = nearer
    return made


def _last_off(made: Sequence[tuple[Decimal, Decimal]]) -> Decimal:
    return sum(made[-1], _ZERO) - sum(made[-2], _ZERO)


def _annuities(factors: Sequence[Fraction]) -> list[Decimal]:
    """Per row what one unit paid in it and in each later row is worth at its beginning; periods need not be equal."""
    worth, found = _ZERO, []
    for factor in reversed(factors):
        worth = (1 + worth) / (1 + Decimal(factor.numerator) / factor.denominator)
        found.append(worth)
    return found[::-1]


def _walk(
    terms: Terms, factors: Sequence[Fraction], annuities: Sequence[Decimal], *, extra: Decimal
) -> list[tuple[Decimal, Decimal]]:
    """Pay the same in each row.

    A long first period may cost more interest than that: such a row pays its interest and no principal, and the payment is found again
    for the rows after it.
    """
    step = terms.multiple_of or unit(terms.scale)
    balance, made, payment = terms.principal, [], half_even_to(terms.principal / annuities[0], step) + extra
    for place, factor in enumerate(factors):
        interest = _interest(balance, factor, terms.scale)
        if place == len(factors) - 1:
            principal = balance
        else:
            principal = min(max(payment - interest, _ZERO), balance)
            if payment < interest:
                payment = half_even_to(balance / annuities[place + 1], step) + extra
        made.append((interest, principal))
        balance -= principal
    return made

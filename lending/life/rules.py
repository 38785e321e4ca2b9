"""What a product's loans have earned until a day, and what their money cost. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from kernel.day_count import DayCount, year_fraction
from kernel.money import floor_fraction, half_even_fraction
from lending.loans.record import RateStep, factor_at
from lending.loans.rules import interest_between
from lending.products.states import RateMode

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Loans of one product whose interest runs alike, taken together; `rate_mode` and `day_count` are those of their version."""

    rate_mode: RateMode
    day_count: DayCount
    rate: Decimal
    interest_from: date
    principal: Decimal


@dataclass(frozen=True, slots=True)
class DayEarned:
    """A day that is over: what it books, which is nothing on some days, and what the money of the loans cost on it."""

    day: date
    amount: Decimal
    cost: Decimal


def running_interest(running: Sequence[Running], steps: Sequence[RateStep], on: date) -> Fraction:
    """Exact interest that runs on all of them up to a day, beyond what was charged."""
    return sum((_interest(part, steps, on) for part in running if part.interest_from < on), _NOTHING)


def _interest(part: Running, steps: Sequence[RateStep], on: date) -> Fraction:
    if part.rate_mode is RateMode.FIXED:
        return interest_between(part.principal, part.rate, part.interest_from, on, day_count=part.day_count)
    grown = factor_at(steps, on, part.day_count) - factor_at(steps, part.interest_from, part.day_count)
    return Fraction(part.principal) * grown


def days_earned(
    running: Sequence[Running],
    steps: Sequence[RateStep],
    *,
    charged: Decimal,
    booked: Decimal,
    start: date,
    end: date,
    scale: int,
    line_rate: Decimal,
    line_day_count: DayCount,
) -> list[DayEarned]:
    """The days from `start` until before `end`, so that all that was ever booked is what was charged and runs, rounded down once.

    Interest that was charged since the last day that was booked falls on the first day: only the sum of such days is exact.
    """
    found, day = [], start
    while day < end:
        following = day + timedelta(days=1)
        total = floor_fraction(Fraction(charged) + running_interest(running, steps, following), scale)
        lent = sum((Fraction(part.principal) for part in running if part.interest_from <= day), _NOTHING)
        cost = lent * Fraction(line_rate) * year_fraction(day, following, line_day_count)
        found.append(DayEarned(day, total - booked, half_even_fraction(cost, scale)))
        day, booked = following, total
    return found


def cost_of_moves(moves: Sequence[tuple[date, Decimal]], on: date, *, rate: Decimal, day_count: DayCount) -> Fraction:
    """What drawn money (given back is negative) cost until a day: each amount from its own day on."""
    return sum(
        (Fraction(amount) * Fraction(rate) * year_fraction(day, on, day_count) for day, amount in moves), _NOTHING
    )

"""What drawn money costs: exact from day to day, booked in whole units without ever booking more than has accrued."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from kernel.day_count import DayCount, year_fraction
from kernel.money import floor_to_scale, half_even_fraction, half_even_to_scale

_DAILY_PLACES = 8
EXACT_PLACES, READ_PLACES = 27, 22
"""How finely an accrued cost is kept between two days, and read: a year of thirds must make a whole. The finest asset has 18 places."""


@dataclass(frozen=True, slots=True)
class DayCost:
    """One day of a line: `booked` in whole units, and what has accrued and is not paid once the day is over."""

    day: date
    booked: Decimal
    accrued: Decimal


def daily_costs(
    *, drawn: Decimal, rate: Decimal, day_count: DayCount, accrued: Decimal, start: date, end: date, scale: int
) -> Iterator[DayCost]:
    """The days from `start` until before `end`, the same money drawn on all of them.

    A day books the whole units that have become full with it: all days together book what has accrued, rounded down once.
    """
    day = start
    while day < end:
        following = day + timedelta(days=1)
        cost = Fraction(drawn) * Fraction(rate) * year_fraction(day, following, day_count)
        grown = half_even_fraction(Fraction(accrued) + cost, EXACT_PLACES)
        yield DayCost(day, payable(grown, scale) - payable(accrued, scale), grown)
        day, accrued = following, grown


def payable(accrued: Decimal, scale: int) -> Decimal:
    """The whole units of it: what is booked, and what can be paid."""
    return floor_to_scale(half_even_to_scale(accrued, READ_PLACES), scale)


def daily_rate(yearly: Decimal) -> Decimal:
    """What a venue that counts by the day is offered at most, rounded down: never more than the line's rate."""
    return floor_to_scale(yearly / 365, _DAILY_PLACES)

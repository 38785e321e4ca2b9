"""What part of a year lies between two dates, by convention and exactly; and the dates that follow each other from an anchor.

Periods are half-open: the first day counts, the last does not. A date of a series is always counted from the anchor, never from the
date before it, so the 31st becomes the last day of a shorter month and the 31st again afterwards.
"""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Final

from kernel.errors import InvalidRequest

_PERIOD = re.compile(r"([1-9]\d{0,3})([DWMY])", re.ASCII)
_DAY_S: Final = 86_400
_MICROSECONDS_A_DAY: Final = _DAY_S * 1_000_000


class DayCount(StrEnum):
    """How days become a part of a year."""

    ACTUAL_365 = "actual/365"  # 365 in leap years too
    ACTUAL_360 = "actual/360"
    ACTUAL_ACTUAL = "actual/actual"  # ISDA: days of a leap year over 366, split at 1 January
    THIRTY_360 = "30/360"  # bond basis: a 31st at the end counts as the 30th only after a start on the 30th or 31st
    THIRTY_E_360 = "30e/360"  # Eurobond basis: every 31st counts as the 30th


class PeriodUnit(StrEnum):
    DAY = "D"
    WEEK = "W"
    MONTH = "M"
    YEAR = "Y"


@dataclass(frozen=True, slots=True)
class Period:
    """A length on the calendar, such as `1M` or `2W`."""

    count: int
    unit: PeriodUnit

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read `1M`, `2W`, `30D`, `1Y`.

        Raises:
            InvalidRequest: anything else, and a count of 0 or of five digits.
        """
        found = _PERIOD.fullmatch(text)
        if found is None:
            raise InvalidRequest("write a period as a number and D, W, M or Y, such as 1M or 2W")
        return cls(int(found[1]), PeriodUnit(found[2]))

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def add_months(anchor: date, months: int) -> date:
    """The same day `months` later, or the last one of a month that has no such day.

    Raises:
        InvalidRequest: beyond the year 9999.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    if not 1 <= year <= date.max.year:
        raise InvalidRequest("the date is out of the calendar")
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def nth_date(anchor: date, period: Period, number: int) -> date:
    """The date `number` periods after the anchor; 0 is the anchor itself.

    Raises:
        InvalidRequest: beyond the year 9999.
    """
    if period.unit is PeriodUnit.MONTH:
        return add_months(anchor, period.count * number)
    if period.unit is PeriodUnit.YEAR:
        return add_months(anchor, 12 * period.count * number)
    days = period.count * number * (7 if period.unit is PeriodUnit.WEEK else 1)
    try:
        return anchor + timedelta(days=days)
    except OverflowError:
        raise InvalidRequest("the date is out of the calendar") from None


def due_dates(start: date, period: Period, count: int, *, first_due: date | None = None) -> tuple[date, ...]:
    """The ends of `count` periods from `start`. `first_due` makes the first one shorter or longer and is the anchor of the later ones.

    Naming the date that would have come anyway changes nothing: from 31 January, 28 February is followed by 31 March either way.

    Raises:
        InvalidRequest: `first_due` is not after `start`, or a date lies beyond the year 9999.
    """
    if first_due is None or first_due == nth_date(start, period, 1):
        return tuple(nth_date(start, period, number) for number in range(1, count + 1))
    if first_due <= start:
        raise InvalidRequest("the first due date must lie after the start")
    return tuple(nth_date(first_due, period, number) for number in range(count))


def ends_until(start: date, period: Period | None, end: date) -> tuple[date, ...]:
    """The ends of the periods from `start`, the last of them `end`: only the last period may be a short one. None is one period."""
    ends: list[date] = []
    while period is not None and (following := nth_date(start, period, len(ends) + 1)) < end:
        ends.append(following)
    return (*ends, end)


def month_days(year: int, month: int) -> tuple[date, ...]:
    return tuple(date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1))


def days_between(start: date, end: date, day_count: DayCount) -> int:
    """Days from `start` to `end` as the convention counts them."""
    if day_count not in {DayCount.THIRTY_360, DayCount.THIRTY_E_360}:
        return (end - start).days
    first = min(start.day, 30)
    last = 30 if end.day == 31 and (first == 30 or day_count is DayCount.THIRTY_E_360) else end.day
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def year_fraction(start: date, end: date, day_count: DayCount) -> Fraction:
    """The part of a year from `start` until the day before `end`."""
    assert start <= end, f"{start} is after {end}"
    if day_count is DayCount.ACTUAL_ACTUAL:
        if start.year == end.year:
            return Fraction((end - start).days, _days_of(start.year))
        first = Fraction((date(start.year + 1, 1, 1) - start).days, _days_of(start.year))
        last = Fraction((end - date(end.year, 1, 1)).days, _days_of(end.year))
        return first + (end.year - start.year - 1) + last
    return Fraction(days_between(start, end, day_count), 365 if day_count is DayCount.ACTUAL_365 else 360)


def year_fraction_at(start: datetime, end: datetime, day_count: DayCount) -> Fraction:
    """The same between two instants, by days of UTC; a begun day counts by the part of it that has passed."""
    assert start <= end, f"{start} is after {end}"
    origin = start.astimezone(UTC).date()
    return _since(origin, end.astimezone(UTC), day_count) - _since(origin, start.astimezone(UTC), day_count)


def longest_fraction(days: int, day_count: DayCount) -> Fraction:
    """No `days` in a row are a greater part of a year than this, whenever they begin."""
    if day_count in {DayCount.ACTUAL_365, DayCount.ACTUAL_ACTUAL}:
        return Fraction(days, 365)
    if day_count is DayCount.ACTUAL_360:
        return Fraction(days, 360)
    return Fraction(days + 2, 360)  # a February of 28 days counts as 30


def _since(origin: date, instant: datetime, day_count: DayCount) -> Fraction:
    day = instant.date()
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    passed = Fraction((instant - midnight) // timedelta(microseconds=1), _MICROSECONDS_A_DAY)
    until = year_fraction(origin, day, day_count)
    return until + passed * (year_fraction(origin, day + timedelta(days=1), day_count) - until) if passed else until


def _days_of(year: int) -> int:
    return 366 if isleap(year) else 365

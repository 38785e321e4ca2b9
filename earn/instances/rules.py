"""The instances of a template: which days lack one, when each is sold in the template's own time zone, and where it stands.

A window is wall-clock time of the template's zone, turned into instants once. On the days when clocks change, a time means the first
instant at which the clock shows it or a later time: a time that is skipped is the moment of the change, one that comes twice its first
coming.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from earn.instances.states import InstanceStatus
from kernel.day_count import Period, PeriodUnit, add_months, month_days, nth_date
from kernel.errors import InvalidRequest

_LAST_ZONE = timedelta(hours=12)  # behind UTC: a day is over nowhere later than there


@dataclass(frozen=True, slots=True)
class Window:
    """Half-open: sold from `opens_at` on, no longer at `closes_at`. Empty where the clock skips all of it."""

    opens_at: datetime
    closes_at: datetime

    def holds(self, now: datetime) -> bool:
        return self.opens_at <= now < self.closes_at


@dataclass(frozen=True, slots=True)
class Dates:
    """Interest runs from the value date until the day before the maturity."""

    sale_date: date
    value_date: date
    maturity: date


def days_of(year: int, month: int, *, holidays: Collection[date] = ()) -> tuple[date, ...]:
    """The days of a month on which something is sold."""
    return tuple(day for day in month_days(year, month) if day not in holidays)


def missing_days(today: date, *, existing: Collection[date], holidays: Collection[date] = ()) -> tuple[date, ...]:
    """What the generator makes on any day: this month and the next, less what is there. So a month that was missed repairs itself."""
    following = add_months(today.replace(day=1), 1)
    wanted = days_of(today.year, today.month, holidays=holidays) + days_of(
        following.year, following.month, holidays=holidays
    )
    return tuple(day for day in wanted if day not in existing)


def wanted_days(now: datetime) -> tuple[date, ...]:
    """What the generator makes: this month and the next, and the last one for as long as its last day has not ended everywhere."""
    today, ending = now.astimezone(UTC).date(), (now - _LAST_ZONE).astimezone(UTC).date()
    there = days_of(ending.year, ending.month)
    return (*there, *missing_days(today, existing=there))


def missed_days(newest: date | None, now: datetime) -> tuple[date, ...]:
    """The days until this month since the newest one that was made before it, a year of them at most.

    While nothing ran none was made, and what matured in them goes on in them.
    """
    first = now.astimezone(UTC).date().replace(day=1)
    if newest is None:
        return ()
    start = max(newest + timedelta(days=1), add_months(first, -12))
    return tuple(start + timedelta(days=n) for n in range((first - start).days))


def month_text(day: date) -> str:
    """The month of a day as `2026-12`; `%Y` has no leading zeros."""
    return day.isoformat()[:7]


def dates(sale_date: date, *, lag_days: int, tenor: Period) -> Dates:
    """Counted from the day of sale.

    Raises:
        InvalidRequest: beyond the calendar.
    """
    value_date = nth_date(sale_date, Period(lag_days, PeriodUnit.DAY), 1)
    return Dates(sale_date, value_date, nth_date(value_date, tenor, 1))


def window(sale_date: date, opens: time, closes: time, zone: ZoneInfo) -> Window:
    """The instants of a day's sale. A closing time that is not later than the opening one is of the next day: 00:00 is midnight.

    Raises:
        InvalidRequest: beyond the calendar.
    """
    try:
        last = sale_date if closes > opens else sale_date + timedelta(days=1)
        return Window(instant(sale_date, opens, zone), instant(last, closes, zone))
    except OverflowError:
        raise InvalidRequest("the date is out of the calendar") from None


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock of `zone` shows this time of this day, or a later one."""
    wall = datetime.combine(day, clock.replace(tzinfo=None, fold=0))
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == wall:
        return first
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first  # skipped: the change lies between the two
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            after = middle
    return after


def business_date(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()


def status_at(
    now: datetime, sale: Window, on: Dates, zone: ZoneInfo, *, sold_out: bool, withdrawn: bool = False
) -> InstanceStatus:
    """Where an instance stands. One that was withdrawn before its end of sale is so until its term begins."""
    today = business_date(now, zone)
    if now >= sale.closes_at or withdrawn:
        if today >= on.maturity:
            return InstanceStatus.MATURED
        if today >= on.value_date and now >= sale.closes_at:
            return InstanceStatus.RUNNING
        return InstanceStatus.WITHDRAWN if withdrawn else InstanceStatus.CLOSED
    if now < sale.opens_at:
        return InstanceStatus.PLANNED
    return InstanceStatus.SOLD_OUT if sold_out else InstanceStatus.ON_SALE

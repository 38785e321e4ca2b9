"""Days of sale and due days in every time zone on the days when its clocks change: days of 23 and 25 hours, of 23½ and 24½, and days that never were."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from earn.instances.rules import Window, business_date, dates, instant, status_at, window
from earn.instances.states import InstanceStatus
from earn.plans.rules import Terms, Tier, plan
from earn.plans.states import PayoutPeriod
from earn.templates.schemas import _ZONES
from kernel.day_count import DayCount, Period

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MIDNIGHT = time(0)


def zone(name):
    return ZoneInfo(name)


def midnight(day, name):
    return instant(day, MIDNIGHT, zone(name))


@cache
def changes(name, first, last):
    """The instants, to the minute, at which a zone's clock is moved, and by how much."""
    found, here = [], zone(name)
    now, step = datetime(first, 1, 1, tzinfo=UTC), timedelta(days=1)
    while now.year <= last:
        before, after = now.astimezone(here).utcoffset(), (now + step).astimezone(here).utcoffset()
        if before != after:
            low, high = now, now + step
            while high - low > MINUTE:
                middle = low + timedelta(minutes=(high - low) // MINUTE // 2)
                low, high = (middle, high) if middle.astimezone(here).utcoffset() == before else (low, middle)
            found.append((high, after - before))
        now += step
    return found


def first_instant(day, clock, name):
    """The first minute whose wall clock shows this time of this day or a later one: by looking at each of them."""
    wall, here = datetime.combine(day, clock), zone(name)
    now = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    while now.astimezone(here).replace(tzinfo=None) < wall:
        now += MINUTE
    return now


SHIFTS = {  # zone, day of the change, its hours
    "spring": ("Europe/Berlin", date(2026, 3, 29), 23), "autumn": ("Europe/Berlin", date(2026, 10, 25), 25),
    "half an hour on": ("Australia/Lord_Howe", date(2026, 10, 4), 23.5), "half an hour back": ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    "midnight skipped": ("Africa/Cairo", date(2026, 4, 24), 23), "midnight comes again": ("America/Havana", date(2026, 11, 1), 25),
    "back at midnight": ("America/Santiago", date(2026, 4, 4), 25), "on at midnight": ("America/Santiago", date(2026, 9, 6), 23),
    "at the end of a day": ("Africa/Cairo", date(2026, 10, 29), 25), "two hours": ("Antarctica/Troll", date(2026, 3, 29), 22),
    "no such day": ("Pacific/Apia", date(2011, 12, 30), 0), "no such day in 1994": ("Pacific/Kiritimati", date(1994, 12, 31), 0),
    "no such day in 1993": ("Pacific/Kwajalein", date(1993, 8, 21), 0),
}  # fmt: skip


@pytest.mark.parametrize("what", SHIFTS)
def test_a_days_sale_is_as_long_as_its_day(what):
    name, day, hours = SHIFTS[what]
    sale = window(day, MIDNIGHT, MIDNIGHT, zone(name))
    assert sale.closes_at - sale.opens_at == timedelta(hours=hours)
    assert sale.opens_at == window(day - DAY, MIDNIGHT, MIDNIGHT, zone(name)).closes_at
    assert sale.closes_at == window(day + DAY, MIDNIGHT, MIDNIGHT, zone(name)).opens_at


@pytest.mark.parametrize("what", SHIFTS)
@pytest.mark.parametrize("clock", [MIDNIGHT, time(0, 30), time(1), time(2, 15), time(2, 45), time(3), time(23, 30)])
def test_a_time_is_the_first_minute_that_shows_it(what, clock):
    name, day, _ = SHIFTS[what]
    for near in (day - DAY, day, day + DAY):
        assert instant(near, clock, zone(name)) == first_instant(near, clock, name)


def test_a_day_that_never_was():
    """Samoa went from 29 to 31 December 2011: nothing is sold on the 30th, and what falls due on it is due when the 31st begins."""
    apia, skipped = zone("Pacific/Apia"), date(2011, 12, 30)
    sale, on = window(skipped, time(9), time(17), apia), dates(skipped, lag_days=1, tenor=Period.parse("1M"))
    assert sale.opens_at == sale.closes_at == datetime(2011, 12, 30, 10, tzinfo=UTC)
    for now in (sale.opens_at - MINUTE, sale.opens_at, sale.opens_at + DAY):
        assert not sale.holds(now)
    assert status_at(sale.opens_at - MINUTE, sale, on, apia, sold_out=False) is InstanceStatus.PLANNED
    assert status_at(sale.opens_at, sale, on, apia, sold_out=False) is InstanceStatus.RUNNING
    assert business_date(sale.opens_at - MINUTE, apia) == date(2011, 12, 29)
    assert business_date(sale.opens_at, apia) == date(2011, 12, 31)
    assert midnight(skipped, "Pacific/Apia") == midnight(date(2011, 12, 31), "Pacific/Apia")
    daily = Terms(
        tiers=(Tier(0, 0),), tenor=Period.parse("5D"), payout=PayoutPeriod.DAILY, day_count=DayCount.ACTUAL_365, scale=2
    )
    due = [midnight(row.due_date, "Pacific/Apia") for row in plan(100, daily, value_date=date(2011, 12, 28))]
    assert due == sorted(due)
    assert len(set(due)) == 4, "the 30th and the 31st begin together; the plan counts the calendar's days"


CHANGING = sorted(name for name in available_timezones() & _ZONES if changes(name, 2026, 2028))


def test_there_are_zones_that_change():
    assert len(CHANGING) > 100


@pytest.mark.parametrize("name", CHANGING)
def test_what_is_due_is_of_a_day_that_has_begun(name):
    """An early end takes the rows by date, the payout by instant: both must mean the same rows at every moment around a change."""
    here = zone(name)
    for moment, by in changes(name, 2026, 2028):
        around = business_date(moment, here)
        days = [around + timedelta(days=n) for n in (-1, 0, 1, 2)]
        begins = [midnight(day, name) for day in days]
        assert begins == sorted(begins), (moment, by)
        for day, begin in zip(days, begins, strict=True):
            assert business_date(begin, here) == day, (moment, by)
            assert business_date(begin - timedelta(microseconds=1), here) == day - DAY, (moment, by)
        for minutes in range(-180, 181, 15):
            now = moment + timedelta(minutes=minutes)
            today = business_date(now, here)
            assert [begin <= now for begin in begins] == [day <= today for day in days], (now, by)


@pytest.mark.parametrize("name", CHANGING)
def test_sales_of_following_days_leave_no_gap_and_never_overlap(name):
    """From any clock time to the same one of the next day, on the days around every change."""
    here = zone(name)
    for moment, _ in changes(name, 2026, 2028):
        first = business_date(moment, here) - 2 * DAY
        for clock in (MIDNIGHT, time(0, 30), time(2, 30), time(12)):
            sales: list[Window] = [window(first + n * DAY, clock, clock, here) for n in range(5)]
            assert [one.closes_at for one in sales[:-1]] == [one.opens_at for one in sales[1:]]
            assert all(one.opens_at < one.closes_at for one in sales)

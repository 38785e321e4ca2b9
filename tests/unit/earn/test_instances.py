"""Days, dates and windows of sale, on the days when clocks change too."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from earn.instances.rules import (
    business_date,
    dates,
    days_of,
    instant,
    missing_days,
    month_text,
    status_at,
    wanted_days,
    window,
)
from earn.instances.states import InstanceStatus
from kernel.day_count import Period
from kernel.errors import InvalidRequest

BERLIN, SHANGHAI, CAIRO, HOBART = (
    ZoneInfo(name) for name in ("Europe/Berlin", "Asia/Shanghai", "Africa/Cairo", "Australia/Lord_Howe")
)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_generator_repairs_this_month_and_makes_the_next():
    existing = {date(2026, 1, day) for day in range(1, 29)}
    made = missing_days(date(2026, 1, 20), existing=existing)
    assert made == (date(2026, 1, 29), date(2026, 1, 30), date(2026, 1, 31), *days_of(2026, 2))
    assert missing_days(date(2026, 1, 31), existing={*existing, *made}) == ()
    assert missing_days(date(2026, 12, 1), existing=())[-1] == date(2027, 1, 31)


def test_any_day_of_the_month_makes_the_same():
    made = {missing_days(day, existing=()) for day in days_of(2028, 2)}
    assert [len(days) for days in made] == [29 + 31]


@pytest.mark.parametrize(
    ("now", "first", "last"),
    [
        ("2026-02-28T23:59", date(2026, 2, 1), date(2026, 3, 31)),
        ("2026-03-01T00:00", date(2026, 2, 1), date(2026, 4, 30)),  # 28 February goes on in the west
        ("2026-03-01T11:59", date(2026, 2, 1), date(2026, 4, 30)),
        ("2026-03-01T12:00", date(2026, 3, 1), date(2026, 4, 30)),
    ],
)
def test_a_month_is_made_until_its_last_day_has_ended_everywhere(now, first, last):
    made = wanted_days(utc(now))
    assert (made[0], made[-1]) == (first, last)
    assert [day.toordinal() for day in made] == list(range(first.toordinal(), last.toordinal() + 1))


def test_a_month_is_written_with_four_digits_of_its_year():
    assert (month_text(date(2026, 12, 31)), month_text(date(1, 1, 1))) == ("2026-12", "0001-01")


@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN])
def test_what_lies_beyond_the_calendar_is_refused(zone):
    with pytest.raises(InvalidRequest):
        dates(date.max, lag_days=1, tenor=Period.parse("1D"))
    with pytest.raises(InvalidRequest):
        dates(date.max, lag_days=0, tenor=Period.parse("1D"))
    for day in (date.min, date.max):
        with pytest.raises(InvalidRequest):
            window(day, time(0), time(0), zone)


def test_nothing_is_sold_on_holidays():
    assert date(2026, 10, 1) not in days_of(2026, 10, holidays={date(2026, 10, 1)})
    assert len(missing_days(date(2026, 10, 5), existing=(), holidays={date(2026, 10, 1), date(2026, 11, 1)})) == 59


def test_dates_count_from_the_value_date():
    found = dates(date(2026, 1, 30), lag_days=1, tenor=Period.parse("1M"))
    assert (found.value_date, found.maturity) == (date(2026, 1, 31), date(2026, 2, 28))
    assert dates(date(2026, 1, 1), lag_days=0, tenor=Period.parse("90D")).maturity == date(2026, 4, 1)


def test_a_window_is_the_zones_wall_clock():
    found = window(date(2026, 6, 1), time(10), time(18, 30), SHANGHAI)
    assert (found.opens_at, found.closes_at) == (utc("2026-06-01T02:00"), utc("2026-06-01T10:30"))
    assert found.holds(utc("2026-06-01T02:00")) and not found.holds(utc("2026-06-01T10:30"))


def test_closing_at_midnight_or_later_is_the_next_day():
    assert window(date(2026, 6, 1), time(0), time(0), UTC_ZONE).closes_at == utc("2026-06-02T00:00")
    assert window(date(2026, 6, 1), time(22), time(2), UTC_ZONE).closes_at == utc("2026-06-02T02:00")


UTC_ZONE = ZoneInfo("UTC")


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 6, 1), 24)])
def test_a_whole_day_is_as_long_as_the_clock_makes_it(day, hours):
    found = window(day, time(0), time(0), BERLIN)
    assert found.closes_at - found.opens_at == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        (SPRING, time(1, 59), BERLIN, "2026-03-29T00:59"),
        (SPRING, time(2), BERLIN, "2026-03-29T01:00"),
        (SPRING, time(2, 30), BERLIN, "2026-03-29T01:00"),  # skipped: the moment of the change
        (SPRING, time(3), BERLIN, "2026-03-29T01:00"),
        (SPRING, time(3, 1), BERLIN, "2026-03-29T01:01"),
        (AUTUMN, time(2, 30), BERLIN, "2026-10-25T00:30"),  # comes twice: the first coming
        (AUTUMN, time(3), BERLIN, "2026-10-25T02:00"),
        (date(2026, 4, 24), time(0), CAIRO, "2026-04-23T22:00"),  # midnight itself is skipped
        (date(2026, 10, 4), time(2, 15), HOBART, "2026-10-03T15:30"),  # half an hour is skipped
    ],
)
def test_times_that_are_skipped_or_come_twice(day, clock, zone, expected):
    assert instant(day, clock, zone) == utc(expected)


@pytest.mark.parametrize("zone", [BERLIN, CAIRO, HOBART, SHANGHAI])
def test_a_later_time_is_never_an_earlier_instant(zone):
    for day in days_of(2026, 3) + days_of(2026, 4) + days_of(2026, 10):
        seen = [instant(day, time(minute // 60, minute % 60), zone) for minute in range(0, 1440, 45)]
        assert seen == sorted(seen)


def test_a_window_that_the_clock_skips_is_empty():
    found = window(SPRING, time(2, 10), time(2, 50), BERLIN)
    assert found.opens_at == found.closes_at
    assert not found.holds(found.opens_at)


SALE = window(date(2026, 6, 1), time(10), time(18), SHANGHAI)
ON = dates(date(2026, 6, 1), lag_days=1, tenor=Period.parse("30D"))


@pytest.mark.parametrize(
    ("now", "sold_out", "withdrawn", "expected"),
    [
        ("2026-06-01T01:59", False, False, InstanceStatus.PLANNED),
        ("2026-06-01T02:00", False, False, InstanceStatus.ON_SALE),
        ("2026-06-01T02:00", True, False, InstanceStatus.SOLD_OUT),
        ("2026-06-01T09:59", False, True, InstanceStatus.WITHDRAWN),
        ("2026-06-01T10:00", True, False, InstanceStatus.CLOSED),
        ("2026-06-01T10:00", False, True, InstanceStatus.WITHDRAWN),
        ("2026-06-01T15:59", False, False, InstanceStatus.CLOSED),
        ("2026-06-01T16:00", False, False, InstanceStatus.RUNNING),  # 2 June in Shanghai
        ("2026-06-01T16:00", False, True, InstanceStatus.RUNNING),
        ("2026-07-01T15:59", False, False, InstanceStatus.RUNNING),
        ("2026-07-01T16:00", False, True, InstanceStatus.MATURED),
    ],
)
def test_where_an_instance_stands(now, sold_out, withdrawn, expected):
    assert status_at(utc(now), SALE, ON, SHANGHAI, sold_out=sold_out, withdrawn=withdrawn) is expected


def test_the_business_date_is_the_zones():
    assert business_date(utc("2026-06-01T16:00"), SHANGHAI) == date(2026, 6, 2)
    assert business_date(utc("2026-06-01T16:00"), BERLIN) == date(2026, 6, 1)

"""Year fractions against the vectors of QuantLib's test-suite (daycounters.cpp), and dates that keep their anchor."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from kernel.day_count import (
    DayCount,
    Period,
    add_months,
    days_between,
    due_dates,
    ends_until,
    longest_fraction,
    month_days,
    nth_date,
    year_fraction,
    year_fraction_at,
)
from kernel.errors import InvalidRequest
from kernel.money import ceil_fraction, floor_fraction, half_even_fraction

ISO = date.fromisoformat

ISDA = [
    ("2003-11-01", "2004-05-01", "0.497724380567"),
    ("1999-02-01", "1999-07-01", "0.410958904110"),
    ("1999-07-01", "2000-07-01", "1.001377348600"),
    ("2002-08-15", "2003-07-15", "0.915068493151"),
    ("2003-07-15", "2004-01-15", "0.504004790778"),
    ("1999-07-30", "2000-01-30", "0.503892506924"),
    ("2000-01-30", "2000-06-30", "0.415300546448"),
]
THIRTY = [
    ("2006-08-20", "2007-02-20", 180, 180),
    ("2006-08-31", "2007-02-28", 178, 178),
    ("2007-02-28", "2007-08-31", 183, 182),
    ("2007-08-31", "2008-02-29", 179, 179),
    ("2008-02-29", "2008-08-31", 182, 181),
    ("2006-01-31", "2006-02-28", 28, 28),
    ("2006-02-28", "2006-03-03", 5, 5),
    ("2006-09-30", "2006-10-31", 30, 30),
    ("2008-02-28", "2008-03-31", 33, 32),
    ("2007-02-26", "2008-02-29", 363, 363),
    ("2008-02-29", "2009-02-28", 359, 359),
]


@pytest.mark.parametrize(("start", "end", "expected"), ISDA)
def test_actual_actual_is_split_at_new_year(start, end, expected):
    found = year_fraction(ISO(start), ISO(end), DayCount.ACTUAL_ACTUAL)
    assert half_even_fraction(found, 10) == half_even_fraction(Fraction(expected), 10)


@pytest.mark.parametrize(("start", "end", "bond", "eurobond"), THIRTY)
def test_thirty_days_a_month(start, end, bond, eurobond):
    assert days_between(ISO(start), ISO(end), DayCount.THIRTY_360) == bond
    assert days_between(ISO(start), ISO(end), DayCount.THIRTY_E_360) == eurobond
    assert year_fraction(ISO(start), ISO(end), DayCount.THIRTY_360) == Fraction(bond, 360)


def test_actual_days_over_365_or_360():
    start, end = date(2024, 1, 1), date(2025, 1, 1)
    assert year_fraction(start, end, DayCount.ACTUAL_365) == Fraction(366, 365)
    assert year_fraction(start, end, DayCount.ACTUAL_360) == Fraction(366, 360)
    assert year_fraction(start, end, DayCount.ACTUAL_ACTUAL) == 1
    assert year_fraction(date(2023, 12, 31), date(2026, 1, 2), DayCount.ACTUAL_ACTUAL) == 2 + Fraction(2, 365)


@pytest.mark.parametrize("day_count", DayCount)
def test_nothing_has_passed_on_the_first_day(day_count):
    assert year_fraction(date(2024, 2, 29), date(2024, 2, 29), day_count) == 0


@pytest.mark.parametrize("day_count", DayCount)
def test_instants_agree_with_dates_at_midnight_and_grow_in_between(day_count):
    start, end = datetime(2024, 2, 27, tzinfo=UTC), datetime(2024, 3, 31, tzinfo=UTC)
    assert year_fraction_at(start, end, day_count) == year_fraction(start.date(), end.date(), day_count)
    seen = [year_fraction_at(start, start + timedelta(hours=hours), day_count) for hours in range(0, 900, 7)]
    assert seen == sorted(seen)
    noon = datetime(2024, 3, 5, 12, tzinfo=UTC)
    assert year_fraction_at(noon, noon + timedelta(hours=12), DayCount.ACTUAL_365) == Fraction(1, 730)
    assert year_fraction_at(noon, noon + timedelta(microseconds=1), DayCount.ACTUAL_360) == Fraction(
        1, 86_400_000_000 * 360
    )


@pytest.mark.parametrize("day_count", DayCount)
def test_no_run_of_days_is_longer_than_its_bound(day_count):
    for first in range(0, 1462, 3):
        for days in (1, 2, 28, 30, 59, 90, 365, 730):
            start = date(2023, 1, 1) + timedelta(days=first)
            assert year_fraction(start, start + timedelta(days=days), day_count) <= longest_fraction(days, day_count)


def test_the_31st_comes_back_after_a_short_month():
    monthly = Period.parse("1M")
    assert due_dates(date(2026, 1, 31), monthly, 4) == (
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
    )
    assert due_dates(date(2028, 1, 31), monthly, 2) == (date(2028, 2, 29), date(2028, 3, 31))
    assert due_dates(date(2026, 1, 30), monthly, 2) == (date(2026, 2, 28), date(2026, 3, 30))
    assert due_dates(date(2024, 2, 29), Period.parse("1Y"), 4)[-1] == date(2028, 2, 29)


def test_weeks_and_days_count_days():
    assert due_dates(date(2026, 1, 31), Period.parse("2W"), 2) == (date(2026, 2, 14), date(2026, 2, 28))
    assert due_dates(date(2026, 2, 27), Period.parse("30D"), 1) == (date(2026, 3, 29),)
    assert nth_date(date(2026, 2, 27), Period.parse("30D"), 0) == date(2026, 2, 27)


def test_a_first_due_date_is_the_anchor_of_the_later_ones():
    monthly = Period.parse("1M")
    stub = due_dates(date(2026, 1, 10), monthly, 3, first_due=date(2026, 3, 31))
    assert stub == (date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31))


def test_naming_the_date_that_comes_anyway_changes_nothing():
    monthly, start = Period.parse("1M"), date(2026, 1, 31)
    assert due_dates(start, monthly, 3, first_due=date(2026, 2, 28)) == due_dates(start, monthly, 3)


@pytest.mark.parametrize("first_due", [date(2026, 1, 10), date(2026, 1, 9)])
def test_a_first_due_date_lies_after_the_start(first_due):
    with pytest.raises(InvalidRequest):
        due_dates(date(2026, 1, 10), Period.parse("1M"), 3, first_due=first_due)


@pytest.mark.parametrize("text", ["", "M", "0M", "1m", "1", "-1M", "1.5M", "1 M", "1M ", "10000D", "1Q", "١M"])
def test_nonsense_is_no_period(text):
    with pytest.raises(InvalidRequest):
        Period.parse(text)


@pytest.mark.parametrize("text", ["1M", "2W", "30D", "9999Y"])
def test_a_period_is_written_as_it_is_read(text):
    assert str(Period.parse(text)) == text


@pytest.mark.parametrize("text", ["9999Y", "9999M", "9999W", "9999D"])
def test_beyond_the_calendar_is_refused(text):
    with pytest.raises(InvalidRequest):
        nth_date(date(9990, 6, 1), Period.parse(text), 9999)


def test_months_back_too():
    assert add_months(date(2026, 3, 31), -1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)


def test_only_the_last_period_is_short():
    ends = ends_until(date(2026, 1, 31), Period.parse("1M"), date(2026, 4, 10))
    assert ends == (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 10))
    assert ends_until(date(2026, 1, 1), Period.parse("1W"), date(2026, 1, 15)) == (date(2026, 1, 8), date(2026, 1, 15))
    assert ends_until(date(2026, 1, 1), None, date(2027, 1, 1)) == (date(2027, 1, 1),)


def test_the_days_of_a_month():
    assert len(month_days(2028, 2)) == 29
    assert month_days(2026, 12)[-1] == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("value", "floor", "even", "ceil"),
    [
        (Fraction(1, 3), "0.33", "0.33", "0.34"),
        (Fraction(1, 200), "0.00", "0.00", "0.01"),
        (Fraction(3, 200), "0.01", "0.02", "0.02"),
        (Fraction(-1, 200), "-0.01", "0.00", "0.00"),
        (Fraction(-3, 200), "-0.02", "-0.02", "-0.01"),
        (Fraction(5, 4), "1.25", "1.25", "1.25"),
    ],
)
def test_exact_ratios_are_rounded_by_a_named_policy(value, floor, even, ceil):
    assert floor_fraction(value, 2) == Decimal(floor)
    assert half_even_fraction(value, 2) == Decimal(even)
    assert ceil_fraction(value, 2) == Decimal(ceil)


def test_no_digit_is_lost_on_the_way_to_the_scale():
    long = Fraction(10**75 + 1, 10**18)
    assert floor_fraction(long, 18) == Decimal("1" + "0" * 57 + "." + "0" * 17 + "1")

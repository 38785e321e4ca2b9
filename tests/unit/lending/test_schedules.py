"""Schedules against tables that other systems publish, the four methods, stubs and month ends; each ends at exactly zero.

Tables of equal instalments: Apache Fineract, EMICalculation.feature (C3154, C3155, C3157, C3159, C3164, C3165) and
ProgressiveEMICalculatorTest (15.678 %); payment of 100,000 over 30 years: MathWorks, example of `amortize`.
"""

from datetime import date
from decimal import Decimal as D
from itertools import pairwise

import pytest

from kernel.day_count import DayCount, Period
from kernel.errors import InvalidRequest
from lending.schedules.errors import ScheduleImpossible
from lending.schedules.rules import Terms, schedule
from lending.schedules.states import Method


def terms(method=Method.EQUAL_INSTALMENTS, **changes):
    made = {
        "principal": D(100),
        "scale": 2,
        "annual_rate": D("0.12"),
        "method": method,
        "instalments": 6,
        "start": date(2024, 1, 1),
        "every": Period.parse("1M"),
        "day_count": DayCount.THIRTY_360,
    }
    return Terms(**(made | changes))


def closes(made, principal):
    assert made.rows[-1].balance == 0
    assert sum(row.principal for row in made.rows) == principal
    assert all(row.payment == row.interest + row.principal for row in made.rows)
    assert all(row.principal >= 0 and row.interest >= 0 for row in made.rows)
    for before, after in pairwise(made.rows):
        assert before.balance - after.principal == after.balance
        assert before.due_date < after.due_date
    assert made.total_interest == sum(row.interest for row in made.rows)


FINERACT = {
    "C3154": (terms(), "17.25", "17.28", "1.00 0.84 0.67 0.51 0.34 0.17", "83.75 67.34 50.76 34.02 17.11 0"),
    "C3155": (
        terms(annual_rate=D("0.094822")),
        "17.13",
        "17.13",
        "0.79 0.66 0.53 0.40 0.27 0.13",
        "83.66 67.19 50.59 33.86 17.00 0",
    ),
    "C3165": (
        terms(principal=D(75), annual_rate=D("0.123"), instalments=5),
        "15.47",
        "15.45",
        "0.77 0.62 0.47 0.31 0.16",
        "60.30 45.45 30.45 15.29 0",
    ),
    "C3157": (
        terms(instalments=3, every=Period.parse("2M")),
        "34.68",
        "34.67",
        "2.00 1.35 0.68",
        "67.32 33.99 0",
    ),
    "C3159": (
        terms(day_count=DayCount.ACTUAL_365),
        "17.25",
        "17.28",
        "1.02 0.80 0.69 0.50 0.35 0.17",
        "83.77 67.32 50.76 34.01 17.11 0",
    ),
    "15.678 %": (
        terms(annual_rate=D("0.15678"), day_count=DayCount.ACTUAL_365),
        "17.43",
        "17.47",
        "1.33 1.05 0.90 0.66 0.46 0.22",
        "83.90 67.52 50.99 34.22 17.25 0",
    ),
    "C3164": (
        terms(
            principal=D("331.77"),
            annual_rate=D("0.1065"),
            instalments=5,
            start=date(2023, 12, 12),
            day_count=DayCount.ACTUAL_ACTUAL,
        ),
        "68.14",
        "68.12",
        "3.00 2.41 1.70 1.21 0.59",
        "266.63 200.90 134.46 67.53 0",
    ),
}


@pytest.mark.parametrize("name", FINERACT)
def test_equal_instalments_as_fineract_publishes_them(name):
    asked, payment, last, interest, balance = FINERACT[name]
    made = schedule(asked)
    assert [row.payment for row in made.rows] == [D(payment)] * (len(made.rows) - 1) + [D(last)]
    assert [row.interest for row in made.rows] == [D(text) for text in interest.split()]
    assert [row.balance for row in made.rows] == [D(text) for text in balance.split()]
    closes(made, asked.principal)


def test_thirty_years_as_mathworks_publishes_them():
    made = schedule(terms(principal=D(100_000), instalments=360))
    assert {row.payment for row in made.rows[:-1]} == {D("1028.61")}
    assert made.total_interest > 270_000
    closes(made, 100_000)


def test_across_new_year_the_split_is_on_the_first_of_january():
    made = schedule(terms(principal=D(10_000), start=date(2023, 12, 12), day_count=DayCount.ACTUAL_ACTUAL))
    assert made.rows[0].interest == D("101.82")  # Fineract splits a day earlier: 101.81
    closes(made, 10_000)


def test_equal_principal():
    made = schedule(terms(Method.EQUAL_PRINCIPAL, principal=D(120_000), instalments=12))
    assert [row.principal for row in made.rows] == [D(10_000)] * 12
    assert [row.interest for row in made.rows] == [D(1200 - 100 * n) for n in range(12)]
    assert made.total_interest == 7800  # P · r · (n + 1) / 2
    odd = schedule(terms(Method.EQUAL_PRINCIPAL, principal=D(100), instalments=7))
    assert [row.principal for row in odd.rows] == [D("14.29")] * 6 + [D("14.26")]
    closes(odd, 100)


def test_interest_only():
    made = schedule(terms(Method.INTEREST_ONLY, principal=D(1000), day_count=DayCount.ACTUAL_360))
    days = (31, 29, 31, 30, 31, 30)
    assert [row.interest for row in made.rows] == [
        D(text) for text in ("10.33", "9.67", "10.33", "10.00", "10.33", "10.00")
    ]
    assert [(b.due_date - a.due_date).days for a, b in pairwise(made.rows)] == list(days[1:])
    assert [row.principal for row in made.rows] == [0, 0, 0, 0, 0, 1000]
    closes(made, 1000)


def test_bullet_is_one_payment_at_the_end():
    made = schedule(terms(Method.BULLET, principal=D(24_000), day_count=DayCount.ACTUAL_365))
    (row,) = made.rows
    assert (row.n, row.due_date, row.interest) == (1, date(2024, 7, 1), D("1436.05"))  # 24,000 · 0.12 · 182/365
    closes(made, 24_000)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("day_count", DayCount)
@pytest.mark.parametrize(
    ("principal", "scale", "rate", "instalments", "every"),
    [
        ("24000", 2, "0.12", 12, "1M"),
        ("0.00000001", 8, "0.5", 3, "1M"),
        ("0.01", 2, "0.12", 24, "1W"),
        ("1", 18, "0.0437", 26, "2W"),
        ("123456789", 0, "0.3", 7, "1Y"),
        ("1000", 6, "0", 9, "10D"),
        ("99999999999999999999.99", 2, "0.12", 120, "1M"),
    ],
)
def test_every_schedule_ends_at_zero(method, day_count, principal, scale, rate, instalments, every):
    asked = terms(
        method,
        principal=D(principal),
        scale=scale,
        annual_rate=D(rate),
        instalments=instalments,
        every=Period.parse(every),
        start=date(2023, 10, 31),
        day_count=day_count,
    )
    made = schedule(asked)
    closes(made, asked.principal)
    assert len(made.rows) == (1 if method is Method.BULLET else instalments)
    if rate == "0":
        assert made.total_interest == 0


def test_due_dates_keep_the_31st():
    made = schedule(terms(start=date(2026, 1, 31), instalments=3))
    assert [row.due_date for row in made.rows] == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def test_a_long_first_period_costs_its_days():
    made = schedule(
        terms(
            Method.INTEREST_ONLY,
            instalments=2,
            first_due=date(2024, 3, 1),
            day_count=DayCount.ACTUAL_360,
            principal=D(3600),
        )
    )
    assert [row.interest for row in made.rows] == [D(72), D("37.20")]  # 60 days, 31 days
    level = schedule(terms(first_due=date(2024, 2, 15)))
    assert len({row.payment for row in level.rows[:-1]}) == 1
    assert level.rows[0].interest == D("1.47")  # 44 days of 360
    closes(level, 100)


def test_a_first_period_dearer_than_the_payment_is_interest_only():
    made = schedule(terms(principal=D(1000), instalments=120, first_due=date(2027, 1, 1)))
    first, second = made.rows[:2]
    assert (first.principal, first.balance) == (0, 1000)
    assert first.payment == first.interest == D(360)
    assert second.principal > 0
    assert len({row.payment for row in made.rows[1:-1]}) == 1
    closes(made, 1000)


def test_handy_multiples():
    made = schedule(terms(principal=D(10_000), multiple_of=D(50)))
    assert [row.payment for row in made.rows[:-1]] == [D(1750)] * 5
    assert made.rows[-1].payment < 1750
    closes(made, 10_000)
    equal = schedule(terms(Method.EQUAL_PRINCIPAL, principal=D(1000), multiple_of=D(100)))
    assert [row.principal for row in equal.rows] == [200, 200, 200, 200, 200, 0]
    closes(equal, 1000)


@pytest.mark.parametrize(
    "changes",
    [
        {"principal": D(0)},
        {"principal": D(-1)},
        {"principal": D("0.001")},
        {"principal": D("NaN")},
        {"principal": D("1e38")},
        {"scale": -1},
        {"scale": 19},
        {"annual_rate": D("-0.01")},
        {"annual_rate": D("10.01")},
        {"annual_rate": D("Infinity")},
        {"instalments": 0},
        {"instalments": 1201},
        {"multiple_of": D(0)},
        {"multiple_of": D("0.001")},
        {"principal": D("9e37"), "scale": 0, "annual_rate": D(10), "method": Method.BULLET, "instalments": 24},
    ],
)
def test_impossible_terms_are_refused(changes):
    with pytest.raises(ScheduleImpossible):
        schedule(terms(**changes))


@pytest.mark.parametrize("changes", [{"first_due": date(2024, 1, 1)}, {"start": date(9999, 12, 1)}])
def test_dates_out_of_order_or_calendar_are_refused(changes):
    with pytest.raises(InvalidRequest):
        schedule(terms(**changes))

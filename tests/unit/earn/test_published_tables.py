"""Day counts, plans and yields against the tables of other systems: `published_tables.json` names the source of each."""

import json
from datetime import date
from decimal import Decimal as D
from fractions import Fraction
from pathlib import Path

import pytest

from earn.plans.rules import Terms, Tier, apy, earned, plan, yearly_interest
from earn.plans.states import PayoutPeriod
from kernel.day_count import DayCount, Period, ends_until, year_fraction
from kernel.money import half_even_fraction, half_even_to_scale

TABLES = json.loads(Path(__file__).with_name("published_tables.json").read_text())
ISO = date.fromisoformat
DAY_COUNTS = [
    (day_count, *row) for table in TABLES["day_counts"] for day_count, rows in table["rows"].items() for row in rows
]


def terms(apr, day_count="actual/365", *, payout="at_maturity", tenor="1Y", scale=8):
    return Terms(
        tiers=(Tier(D(0), D(apr)),), tenor=Period.parse(tenor), payout=PayoutPeriod(payout), day_count=DayCount(day_count), scale=scale,
    )  # fmt: skip


@pytest.mark.parametrize(("day_count", "start", "end", "expected"), DAY_COUNTS)
def test_parts_of_a_year(day_count, start, end, expected):
    """And the interest of a plan is that part of a year's, to the last of 18 decimals."""
    part = sum(Fraction(term) for term in expected.split(" + "))
    assert year_fraction(ISO(start), ISO(end), DayCount(day_count)) == part
    asked = terms("0.0733", day_count, scale=18)
    found = earned(yearly_interest(D("12345.678901"), asked.tiers), asked, value_date=ISO(start), until=ISO(end))
    exact = Fraction("12345.678901") * Fraction("0.0733") * part
    assert 0 <= exact - Fraction(found) < Fraction(1, 10**18)


def test_every_day_count_has_its_table():
    assert {row[0] for row in DAY_COUNTS} == set(DayCount)
    assert len(DAY_COUNTS) > 100


@pytest.mark.parametrize("table", TABLES["plans"], ids=lambda table: table["source"])
def test_plans(table):
    asked = terms(table["apr"], table["day_count"], payout=table["payout"], tenor=table["tenor"], scale=2)
    rows = plan(D(table["principal"]), asked, value_date=ISO(table["value_date"]))
    assert [row.due_date.isoformat() for row in rows] == table["due"]
    assert [row.interest for row in rows] == [D(amount) for amount in table["interest"]]
    assert sum(row.interest for row in rows) == D(table["total"])
    assert [row.principal for row in rows] == [0] * (len(rows) - 1) + [D(table["principal"])]


@pytest.mark.parametrize("table", TABLES["periods"], ids=lambda table: table["source"])
def test_months_that_end_on_their_last_day(table):
    """They pay principal back, so each row is a period of its own; they round where we cut."""
    start, ends = ISO(table["value_date"]), [ISO(day) for day in table["due"]]
    assert list(ends_until(start, Period.parse("1M"), ends[-1])) == ends
    for begin, end, principal, interest in zip(
        [start, *ends], ends, table["principal"], table["interest"], strict=False
    ):
        exact = Fraction(principal) * Fraction(table["apr"]) * year_fraction(begin, end, DayCount(table["day_count"]))
        assert half_even_fraction(exact, 2) == D(interest)
        asked = terms(table["apr"], table["day_count"], scale=2)
        cut = earned(yearly_interest(D(principal), asked.tiers), asked, value_date=begin, until=end)
        assert D(interest) - D("0.01") <= cut <= D(interest)


@pytest.mark.parametrize(("apr", "times", "principal", "interest", "shown"), TABLES["yields"][0]["rows"])
def test_yields_with_daily_payouts(apr, times, principal, interest, shown):
    found = apy(D(apr), D(times))
    assert half_even_to_scale(found, 4) == D(shown)
    assert abs(found * D(principal) - D(interest)) < D("0.011"), "its yields carry six decimals"


@pytest.mark.parametrize(("apr", "times", "principal", "interest", "_shown"), TABLES["yields"][1]["rows"])
def test_yields_with_quarterly_payouts(apr, times, principal, interest, _shown):
    assert half_even_to_scale(apy(D(apr), D(times)) * D(principal), 0) == D(interest)


def test_interest_that_is_put_back_each_year():
    """What a renewal of principal and interest earns, year after year."""
    (table,) = TABLES["compounding"]
    value, asked = D(table["principal"]), terms(table["apr"], "30/360")
    for year, interest in enumerate(table["interest"]):
        (row,) = plan(value, asked, value_date=date(2022 + year, 7, 1))
        assert half_even_to_scale(row.interest, 2) == D(interest)
        value += row.interest
    assert half_even_to_scale(value, 0) == D(table["maturity_value"])

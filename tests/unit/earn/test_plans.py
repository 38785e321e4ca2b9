"""Plans: exact sums, month ends, tiers, and the four ways to leave early with the reference's numbers."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from fractions import Fraction

import pytest

from earn.plans.errors import AlreadyMatured, TermsImpossible
from earn.plans.rules import (
    MOST_ROWS,
    Terms,
    Tier,
    applied_apr,
    apr_for,
    apy,
    check,
    earned,
    payouts_a_year,
    plan,
    redeem,
    rows_ending,
    yearly_interest,
)
from earn.plans.states import EarlyPolicy, PayoutPeriod, RowStatus
from kernel.day_count import DayCount, Period, PeriodUnit
from kernel.errors import InvalidRequest
from kernel.money import floor_fraction

START = date(2026, 1, 31)


def terms(apr="0.05", tenor="90D", payout=PayoutPeriod.MONTHLY, **changes):
    made = Terms(
        tiers=(Tier(D(0), D(apr)),),
        tenor=Period.parse(tenor),
        payout=payout,
        day_count=DayCount.ACTUAL_365,
        scale=8,
    )
    return replace(made, **changes)


def test_three_months_from_the_31st():
    rows = plan(D(1000), terms(tenor="3M"), value_date=START)
    assert [(row.period_start, row.period_end) for row in rows] == [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2026, 2, 28), date(2026, 3, 31)),
        (date(2026, 3, 31), date(2026, 4, 30)),
    ]
    assert [row.due_date for row in rows] == [row.period_end for row in rows]
    assert [row.interest for row in rows] == [D("3.83561643"), D("4.24657535"), D("4.10958904")]
    assert [row.principal for row in rows] == [0, 0, 1000]
    assert [row.seq for row in rows] == [1, 2, 3]


def test_in_a_leap_year():
    rows = plan(D(1000), terms(tenor="2M"), value_date=date(2028, 1, 31))
    assert [row.due_date for row in rows] == [date(2028, 2, 29), date(2028, 3, 31)]


@pytest.mark.parametrize(
    ("principal", "apr", "payout", "tenor", "rows", "total"),
    [
        ("0.01", "0.0199", PayoutPeriod.DAILY, "30D", 30, "0.00001635"),
        ("100", "0.0433", PayoutPeriod.WEEKLY, "91D", 13, "1.07953424"),
    ],
)
def test_the_sum_is_the_truncated_total(principal, apr, payout, tenor, rows, total):
    made = plan(D(principal), terms(apr, tenor, payout), value_date=START)
    assert len(made) == rows
    assert sum(row.interest for row in made) == D(total)
    # what rounding each row would have paid
    one = Fraction(D(principal)) * Fraction(D(apr)) * Fraction(made[0].period_end.toordinal() - START.toordinal(), 365)
    assert floor_fraction(one + Fraction(1, 2 * 10**8), 8) * rows > D(total)


def test_only_the_last_period_is_short():
    rows = plan(D(1000), terms(tenor="10D", payout=PayoutPeriod.WEEKLY), value_date=START)
    assert [(row.period_end - row.period_start).days for row in rows] == [7, 3]
    (single,) = plan(D(1000), terms(tenor="3D", payout=PayoutPeriod.MONTHLY), value_date=START)
    assert (single.period_end, single.principal) == (START + timedelta(days=3), 1000)


def test_at_maturity_everything_at_once():
    (row,) = plan(D(1000), terms(payout=PayoutPeriod.AT_MATURITY), value_date=START)
    assert (row.interest, row.principal, row.due_date) == (D("12.32876712"), 1000, START + timedelta(days=90))


@pytest.mark.parametrize("day_count", DayCount)
@pytest.mark.parametrize("payout", PayoutPeriod)
@pytest.mark.parametrize("tenor", ["1D", "7D", "30D", "1M", "12M", "13M"])
def test_every_plan_adds_up(day_count, payout, tenor):
    asked = terms("0.0733", tenor, payout, day_count=day_count, scale=6)
    for start in (date(2027, 10, 31), date(2028, 2, 29), date(2026, 12, 30)):
        rows = plan(D("12345.678901"), asked, value_date=start)
        yearly = yearly_interest(D("12345.678901"), asked.tiers)
        assert sum(row.interest for row in rows) == earned(yearly, asked, value_date=start, until=rows[-1].period_end)
        assert sum(row.principal for row in rows) == D("12345.678901")
        assert all(row.interest >= 0 for row in rows)
        assert [row.period_start for row in rows[1:]] == [row.period_end for row in rows[:-1]]
        assert rows[0].period_start == start


def test_too_many_rows_are_refused():
    with pytest.raises(TermsImpossible):
        plan(D(1), terms(tenor="9999D", payout=PayoutPeriod.DAILY), value_date=START)
    assert len(plan(D(1), terms(tenor=f"{MOST_ROWS}D", payout=PayoutPeriod.DAILY), value_date=START)) == MOST_ROWS
    with pytest.raises(InvalidRequest):
        plan(D(1), terms(tenor="9999Y", payout=PayoutPeriod.DAILY), value_date=START)


TIERS = (Tier(D(0), D("0.08")), Tier(D(1000), D("0.05")), Tier(D(10_000), D("0.02")))


@pytest.mark.parametrize(
    ("principal", "yearly", "apr"),
    [
        ("500", "40", "0.08"),
        ("1000", "80", "0.08"),
        ("3000", "180", "0.06"),
        ("10000", "530", "0.053"),
        ("30000", "930", "0.031"),
        ("7000", "380", "0.054285714285"),
    ],
)
def test_each_part_of_the_principal_earns_its_own_rate(principal, yearly, apr):
    assert yearly_interest(D(principal), TIERS) == D(yearly)
    assert applied_apr(D(principal), TIERS) == D(apr)


# ----------------------------------------------------------------------------------------------------------------- early redemption

VALUE = date(2026, 3, 1)
ENDS = [VALUE + timedelta(days=days) for days in (30, 60, 90)]


def after(day, policy, *, penal="0"):
    """1,000 at 5 % for 90 days, paid every 30, redeemed on a day after the payouts before it have run."""
    asked = terms(early=policy, penal_rate=D(penal))
    rows = rows_ending(ENDS, D(1000), asked, value_date=VALUE)
    assert [row.interest for row in rows] == [D("4.10958904")] * 3
    on = VALUE + timedelta(days=day)
    rows = [replace(row, status=RowStatus.PAID) if row.due_date < on else row for row in rows]
    return redeem(rows, asked, principal=D(1000), value_date=VALUE, on=on)


@pytest.mark.parametrize(
    ("policy", "penal", "cash"),
    [
        (EarlyPolicy.FORFEIT_CURRENT, "0", "1000.00000000"),
        (EarlyPolicy.CLAWBACK_PAID, "0", "995.89041096"),
        (EarlyPolicy.PENAL_RATE, "0.005", "996.50684931"),
        (EarlyPolicy.PAY_ACCRUED, "0", "1002.05479452"),
    ],
)
def test_on_day_45_after_one_coupon(policy, penal, cash):
    found = after(45, policy, penal=penal)
    assert found.cash == D(cash)
    assert (found.due_first, found.void) == ((), (2, 3))


def test_on_a_due_day_the_payout_comes_first():
    found = after(30, EarlyPolicy.FORFEIT_CURRENT)
    assert (found.due_first, found.void, found.cash) == ((1,), (2, 3), 1000)
    found = after(29, EarlyPolicy.FORFEIT_CURRENT)
    assert (found.due_first, found.void, found.cash) == ((), (1, 2, 3), 1000)


def test_what_is_paid_first_is_clawed_back_as_well():
    assert after(30, EarlyPolicy.CLAWBACK_PAID).clawed_back == D("4.10958904")
    assert after(30, EarlyPolicy.PAY_ACCRUED).accrued == 0
    assert after(29, EarlyPolicy.PAY_ACCRUED).cash == D("1003.97260273")


def test_missed_payouts_are_caught_up_in_order():
    asked = terms()
    rows = rows_ending(ENDS, D(1000), asked, value_date=VALUE)
    found = redeem(rows, asked, principal=D(1000), value_date=VALUE, on=VALUE + timedelta(days=75))
    assert (found.due_first, found.void) == ((1, 2), (3,))


def test_before_the_value_date_nothing_was_earned():
    for policy in EarlyPolicy:
        assert after(-3, policy, penal="0.005" if policy is EarlyPolicy.PENAL_RATE else "0").cash == 1000


@pytest.mark.parametrize("day", [90, 91])
def test_at_maturity_nothing_is_early(day):
    with pytest.raises(AlreadyMatured):
        after(day, EarlyPolicy.FORFEIT_CURRENT)


def test_nobody_pays_to_leave():
    asked = terms("1", "9999D", PayoutPeriod.DAILY, early=EarlyPolicy.CLAWBACK_PAID)
    ends = [VALUE + timedelta(days=days) for days in (500, 1000)]
    rows = rows_ending(ends, D(10), asked, value_date=VALUE)
    found = redeem(rows, asked, principal=D(10), value_date=VALUE, on=ends[0])
    assert (found.clawed_back, found.cash) == (10, 0)


# ------------------------------------------------------------------------------------------------------------------- rates and terms


@pytest.mark.parametrize(
    ("apr", "times", "expected"),
    [
        ("0.05", 12, "0.051162"),
        ("0.05", 52, "0.051246"),
        ("0.05", 365, "0.051267"),
        ("0.12", 12, "0.126825"),
        ("0", 12, "0"),
    ],
)
def test_apr_and_apy(apr, times, expected):
    assert apy(D(apr), D(times)) == D(expected)
    assert abs(apr_for(D(expected), D(times)) - D(apr)) <= D("0.000001")


def test_a_product_paid_at_maturity_compounds_once_a_term():
    asked = terms(payout=PayoutPeriod.AT_MATURITY, tenor="73D")
    assert payouts_a_year(asked, value_date=START) == 5
    assert payouts_a_year(terms(), value_date=START) == 12
    assert apy(D("0.05"), D(5)) == D("0.051010")
    uneven = payouts_a_year(terms(payout=PayoutPeriod.AT_MATURITY), value_date=START)
    assert D("0.0509") < apy(D("0.05"), uneven) < D("0.0511")


@pytest.mark.parametrize(
    "changes",
    [
        {"tiers": ()},
        {"tiers": (Tier(D(1), D("0.05")),)},
        {"tiers": (Tier(D(0), D("0.05")), Tier(D(0), D("0.04")))},
        {"tiers": (Tier(D(0), D("1.01")),)},
        {"tiers": (Tier(D(0), D("-0.01")),)},
        {"tiers": (Tier(D(0), D("NaN")),)},
        {"tiers": (Tier(D(0), D("0.0500000000001")),)},
        {"tiers": (Tier(D(0), D("0.05")), Tier(D("NaN"), D("0.04")))},
        {"early": EarlyPolicy.PENAL_RATE, "penal_rate": D("0.051")},
        {"early": EarlyPolicy.PENAL_RATE, "penal_rate": D("-0.001")},
        {"penal_rate": D("0.005")},
    ],
)
def test_impossible_terms_are_refused(changes):
    with pytest.raises(TermsImpossible):
        check(terms(**changes))


@pytest.mark.parametrize("count", [0, -90])
def test_a_tenor_is_at_least_a_day(count):
    with pytest.raises(TermsImpossible):
        check(replace(terms(), tenor=Period(count, PeriodUnit.DAY)))


def test_terms_that_are_fine():
    check(terms())
    check(terms(tiers=TIERS))
    check(terms(early=EarlyPolicy.PENAL_RATE, penal_rate=D("0.005")))
    with pytest.raises(TermsImpossible, match=r"0\.04"):
        check(terms(), highest_apr=D("0.04"))

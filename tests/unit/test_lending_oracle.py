"""What the replay of loans is measured by, itself measured by hand: the brief's loan, its wicks, and where its money goes."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from rivermouth.prove import lending_oracle as oracle
from rivermouth.prove import lending_value as value
from rivermouth.prove.lending_book import BRIEF

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def make_terms(**changes):
    known = {
        "confirm_n": 3, "confirm_s": 10, "hysteresis": Fraction(0), "rate": Fraction(12, 100), "moves": "LIVE_DEBT",
        "fee": Fraction(5, 1_000), "budget": Fraction(1, 100), "penalty": Fraction(18, 100), "tenor": 30, "grace": 3,
    }  # fmt: skip
    return oracle.Terms(**(known | changes))


def make_loan(**changes):
    """One bitcoin for 24,000."""
    lines = {"BTC": BRIEF.loan_to_values()[1:]}
    return oracle.Loan("a loan", {"BTC": Fraction(1)}, lines, Fraction(24_000), DAY, make_terms(**changes))


def ticks(*seen, first=AT, day=False):
    """(second, price) each; every price is a new one."""
    return [
        oracle.Tick(first + timedelta(seconds=second), {"BTC": price * 100}, {"BTC": place}, day=day)
        for place, (second, price) in enumerate(seen)
    ]


def sold(*fills, cause=oracle.ACTUAL, day=DAY, price=24_600, settled=None):
    made = [value.Fill("okx", "BTC", coins, cents, Fraction(0)) for coins, cents in fills]
    return value.Sold(make_loan(), cause, day, {"BTC": price * 100}, made, settled)


@pytest.mark.parametrize(
    ("seen", "levels", "cause"),
    [
        (((2, 24_590), (4, 24_910)), ["PENDING_LIQUIDATION", "WARNING"], ""),
        (((2, 24_300),), ["LIQUIDATING"], oracle.HARD),
        (((5, 24_600), (10, 24_590), (16, 24_580)), ["PENDING_LIQUIDATION", "LIQUIDATING"], oracle.ACTUAL),
        (((0, 25_500), (1, 25_501), (2, 24_900)), ["WARNING", "HEALTHY", "MARGIN_CALL"], ""),
    ],
)
def test_the_reference_s_examples(seen, levels, cause):
    found = list(oracle.changes(make_loan(), ticks(*seen)))
    assert [change.after for change in found] == levels
    assert found[-1].cause == cause


@pytest.mark.parametrize(
    ("after", "sells"), [(timedelta(days=33), False), (timedelta(days=34), True), (timedelta(days=35), True)]
)
def test_a_loan_is_sold_on_the_day_after_its_grace(after, sells):
    found = list(oracle.changes(make_loan(), ticks((0, 60_000), first=AT + after, day=True)))
    assert [change.cause for change in found] == [oracle.MATURITY] * sells


def test_stays_at_the_line_that_are_too_short_are_wicks():
    seen = ticks(
        (0, 24_600), (5, 24_590), (9, 24_500), (12, 25_000), (15, 24_600), (20, 24_600), (25, 24_600), (30, 25_000)
    )
    assert list(oracle.wicks(make_loan(), seen, len(seen) - 1)) == [oracle.Wick(0, 2)]
    assert list(oracle.wicks(make_loan(), seen, 5)) == [oracle.Wick(0, 2), oracle.Wick(4, 5)]


def test_a_stay_that_ends_at_the_hard_line_is_none():
    seen = ticks((0, 24_600), (5, 24_300))
    assert list(oracle.wicks(make_loan(), seen, 1)) == []


def test_a_sale_that_pays_everything_returns_the_rest():
    done = value.settle(sold((99_040_000, 24_600_00)), pool=0)
    assert done.owed.total == 24_000 * value.MONEY
    assert (done.fee, done.surplus) == (120_000_000, 243_840_000)
    assert done.returned == {"BTC": 960_000}
    assert (done.insured, done.lost, done.bought) == (0, 0, {})


def test_a_loss_falls_on_the_pool_and_then_on_the_house_and_dust_counts_towards_the_debt():
    """0.99999 at 23,000 and 0.00001 of dust at 22,000; interest of a day is 7.890411."""
    sale = sold((99_999_000, 23_000_00), day=DAY + timedelta(days=1), settled={"BTC": 22_000_00})
    done = value.settle(sale, pool=500 * value.MONEY)
    assert done.owed.interest == 7_890_411
    assert done.bought == {"BTC": (1_000, 220_000)}
    assert (done.fee, done.surplus, done.returned) == (0, 0, {})
    assert done.insured == 500 * value.MONEY
    assert done.lost == 24_007_890_411 - 22_999_770_000 - 220_000 - 500 * value.MONEY
    assert value.conserves(sale, done)


def test_dust_without_a_price_is_worth_the_lowest_that_was_asked():
    done = value.settle(sold((99_999_000, 23_000_00), price=23_000, settled={}), pool=0)
    assert done.bought == {"BTC": (1_000, 227_700)}


def test_who_is_late_owes_a_penalty_and_what_is_not_paid_of_it_is_nobody_s_loss():
    """34 days: interest 268.273973, and for each of four days of being late 18 % a year on what was owed that day."""
    sale = sold((100_000_000, 24_290_00), cause=oracle.MATURITY, day=DAY + timedelta(days=34))
    done = value.settle(sale, pool=10**12)
    assert (done.owed.interest, done.owed.penalty) == (268_273_973, 11_952_351 + 11_956_242 + 11_960_133 + 11_964_024)
    assert done.paid.penalty == 24_290 * value.MONEY - 24_268_273_973
    assert (done.insured, done.lost, done.fee) == (0, 0, 0)
    assert value.conserves(sale, done)


@pytest.mark.parametrize(
    ("fills", "fault"),
    [
        ([(100_000_001, 24_600_00)], "more BTC"),
        ([(90_000_000, 24_600_00)], "was left"),
        ([(100_000_000, 24_353_99)], "below the budget"),
        ([(99_999_999, 24_354_00)], None),
    ],
)
def test_what_fills_alone_can_break(fills, fault):
    sale = sold(*fills)
    found = list(value.faults(sale, value.settle(sale, pool=0)))
    assert len(found) == (fault is not None)
    assert all(fault in text for text in found)


def test_an_entry_too_many_is_a_difference():
    ours = {"a": {"customer:USDT": 1}, "b": {}}
    assert value.differences(ours, {"a": {"customer:USDT": 1}}) == []
    assert value.differences(ours, {"a": {"customer:USDT": 1}, "b": {"venue.okx:BTC": 2}}) == [
        "loan b: venue.okx:BTC 2 instead of 0"
    ]

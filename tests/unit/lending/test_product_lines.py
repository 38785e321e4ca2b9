"""Lines typed in three conventions: what each means exactly, which sets are refused and why, and what the editor shows."""

import itertools
from decimal import Decimal as D
from fractions import Fraction

import pytest

from kernel.day_count import DayCount
from lending.products.errors import HardLineTooLate, LinesCrossedByInterest, LinesDoNotFit
from lending.products.rules import Lines, Ratio, check_hard, check_order, check_rebase, price_on_grid, shown, thresholds
from lending.products.states import Basis, Line, Rebase


def lines(basis=Basis.PRICE_FRACTION, pledge="0.80", warning="0.85", displayed="0.83", actual="0.82", hard="0.81"):
    return Lines(basis, D(pledge), D(warning), D(displayed), D(actual), D(hard))


LTV = lines(Basis.LTV, "0.50", "0.70", "0.78", "0.80", "0.90")
COVERAGE = lines(Basis.COVERAGE, "0.80", "1.0625", "1.0375", "1.025", "1.0125")


def test_the_briefs_lines_as_exact_loan_to_values():
    found = thresholds(lines())
    assert (found.pledge, found.warning, found.displayed, found.actual, found.hard) == (
        Ratio(4, 5),
        Ratio(16, 17),
        Ratio(80, 83),
        Ratio(40, 41),
        Ratio(80, 81),
    )


def test_the_three_conventions_meet():
    assert thresholds(COVERAGE) == thresholds(lines())
    assert thresholds(LTV).of(Line.DISPLAYED) == Fraction(39, 50)


def test_what_the_editor_shows_for_the_brief():
    rows = shown(lines(), D(30000), tick=D("0.01"))
    assert [row.price for row in rows] == [D(25500), D(24900), D(24600), D(24300)]
    assert [row.ltv for row in rows] == [D("0.941176"), D("0.963855"), D("0.97561"), D("0.987654")]
    assert [row.coverage for row in rows] == [D("1.0625"), D("1.0375"), D("1.025"), D("1.0125")]
    assert [row.price_fraction for row in rows] == [D("0.85"), D("0.83"), D("0.82"), D("0.81")]


@pytest.mark.parametrize("made", [lines(), LTV, COVERAGE])
def test_a_shown_price_is_the_highest_of_the_grid_that_hits(made):
    found = thresholds(made)
    for row in shown(made, D(30000), tick=D("0.05")):
        ltv, debt = found.of(row.line), found.pledge.exact * 30000
        assert Fraction(row.price) * ltv <= debt < Fraction(row.price + D("0.05")) * ltv


def test_a_price_between_two_ticks_is_the_lower_one():
    assert price_on_grid(Fraction(80000, 3), D("0.01")) == D("26666.66")
    assert price_on_grid(Fraction(25500), D("0.01")) == D(25500)


BAD = {
    "warning above the reference price": lines(warning="1.00"),
    "displayed above warning": lines(displayed="0.86"),
    "displayed on warning": lines(displayed="0.85"),
    "actual above displayed": lines(actual="0.835"),
    "hard on actual": lines(hard="0.82"),
    "hard on pledge": lines(hard="0.80"),
    "pledge of nothing": lines(pledge="0"),
    "pledge of all": lines(pledge="1"),
    "negative": lines(hard="-0.81"),
    "not a number": lines(hard="NaN"),
    "endless": lines(hard="0.8100000000001"),
    "ltv: warning on pledge": lines(Basis.LTV, "0.70", "0.70", "0.78", "0.80", "0.90"),
    "ltv: actual before displayed": lines(Basis.LTV, "0.50", "0.70", "0.81", "0.80", "0.90"),
    "ltv: hard on actual": lines(Basis.LTV, "0.50", "0.70", "0.78", "0.80", "0.80"),
    "ltv: hard at 1": lines(Basis.LTV, "0.50", "0.70", "0.78", "0.80", "1"),
    "coverage: warning above 1/pledge": lines(Basis.COVERAGE, "0.80", "1.25", "1.0375", "1.025", "1.0125"),
    "coverage: hard at 1": lines(Basis.COVERAGE, "0.80", "1.0625", "1.0375", "1.025", "1"),
}


@pytest.mark.parametrize("name", BAD)
def test_lines_out_of_order_are_refused(name):
    with pytest.raises(LinesDoNotFit):
        check_order(BAD[name])


def test_displayed_and_actual_may_be_one_line():
    check_order(lines(actual="0.83"))
    check_order(lines(Basis.LTV, "0.50", "0.70", "0.80", "0.80", "0.90"))


def test_the_reason_names_basis_and_lines():
    with pytest.raises(LinesDoNotFit, match=r"LTV: warning 0.85 < displayed 0.83 does not hold"):
        check_order(lines(Basis.LTV))


@pytest.mark.parametrize("typed", [lines(), LTV, COVERAGE])
def test_no_numbers_pass_under_two_bases(typed):
    passed = []
    for basis in Basis:
        try:
            check_order(Lines(basis, typed.pledge, typed.warning, typed.displayed, typed.actual, typed.hard))
            passed.append(basis)
        except LinesDoNotFit:
            continue
    assert passed == [typed.basis]


# from lines of the reference: a sale that costs s must happen at p / (1 - s) or above
@pytest.mark.parametrize(
    ("cost", "least"), [("0.005", "0.8041"), ("0.01", "0.8081"), ("0.015", "0.8122"), ("0.02", "0.8164")]
)
def test_the_hard_line_pays_for_the_sale(cost, least):
    made = lines(hard=least, actual="0.82")
    check_hard(made, D(cost))
    with pytest.raises(HardLineTooLate):
        check_hard(lines(hard=str(D(least) - D("0.0001"))), D(cost))


def test_a_hard_line_just_on_the_cost_is_accepted():
    exact = lines(Basis.LTV, "0.50", "0.70", "0.78", "0.80", "0.98")
    check_hard(exact, D("0.02"))
    with pytest.raises(HardLineTooLate, match=r"at most 0.979999"):
        check_hard(exact, D("0.020001"))


@pytest.mark.parametrize("cost", ["-0.01", "1", "1.5"])
def test_a_cost_is_a_fraction(cost):
    with pytest.raises(HardLineTooLate):
        check_hard(lines(), D(cost))


def admit(rebase, *, rate="0.12", days=30, day_count=DayCount.ACTUAL_365, up_front=False):
    check_rebase(lines(), rebase, highest_rate=D(rate), days=days, day_count=day_count, interest_up_front=up_front)


def test_frozen_lines_need_a_short_term():
    admit(Rebase.FROZEN)  # 30 days at 12 % are 0.986 %, the hard line leaves 1.25 %
    admit(Rebase.FROZEN, days=38)
    with pytest.raises(LinesCrossedByInterest, match=r"1.2822 %.*1.25 %"):
        admit(Rebase.FROZEN, days=39)


@pytest.mark.parametrize("rebase", [Rebase.FROZEN, Rebase.ON_EVENT])
def test_lines_that_stand_still_are_not_crossed_by_interest(rebase):
    with pytest.raises(LinesCrossedByInterest):
        admit(rebase, days=365)
    admit(rebase, days=365, up_front=True)
    admit(rebase, days=365, rate="0")


def test_lines_that_follow_the_debt_need_no_bound():
    admit(Rebase.LIVE_DEBT, days=3650, rate="1")


def test_the_bound_knows_the_day_count():
    admit(Rebase.FROZEN, days=365, rate="0.0125")  # just the room there is
    with pytest.raises(LinesCrossedByInterest):
        admit(Rebase.FROZEN, days=365, rate="0.0125", day_count=DayCount.ACTUAL_360)


def test_every_order_of_four_numbers_passes_under_at_most_one_basis():
    numbers = [D("0.81"), D("0.82"), D("0.83"), D("0.85"), D("1.0125"), D("1.025"), D("1.0375"), D("1.0625")]
    seen = dict.fromkeys(Basis, 0)
    for four in itertools.permutations(numbers, 4):
        passed = []
        for basis in Basis:
            try:
                check_order(Lines(basis, D("0.80"), *four))
                passed.append(basis)
            except LinesDoNotFit:
                continue
        assert len(passed) <= 1
        for basis in passed:
            seen[basis] += 1
    assert all(seen.values())

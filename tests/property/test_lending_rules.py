"""What must hold for every loan: monotone, indifferent to scale, exact on the line, and no unit lost in any schedule or settlement."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D
from fractions import Fraction

from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from kernel.day_count import DayCount, Period, PeriodUnit, due_dates, year_fraction
from kernel.money import fits_scale, half_even_fraction
from lending.liquidation.rules import cover, settle, settle_partial
from lending.loans.rules import (
    Owed,
    Pledge,
    Position,
    allocate,
    health,
    is_drawable,
    largest_debt,
    largest_withdrawal,
    lendable,
    price_reaching,
    repayment_needed,
    top_up_needed,
    weighed,
    worst_line,
)
from lending.loans.states import LEVEL_AT, Level
from lending.loans.watching import SeenPrice, Watch, look
from lending.products.errors import LinesDoNotFit
from lending.products.rules import Lines, check_order, thresholds
from lending.products.states import Basis, Line
from lending.products.terms import Fee, Guard
from lending.schedules.rules import Terms, schedule
from lending.schedules.states import Method
from markets.composite.states import CompositeState


def given(*strategies):
    """A busy machine is slow, not wrong; and fewer examples of many properties."""
    return lambda test: settings(max_examples=60, deadline=None)(hypothesis_given(*strategies)(test))


UNITS = st.integers(1, 10**13)
QUANTITIES = UNITS.map(lambda units: D(units) / 10**8)
PRICES = st.integers(1, 10**9).map(lambda ticks: D(ticks) / 100)
MONEY = st.integers(0, 10**10).map(lambda cents: D(cents) / 100)
HUNDREDTHS = st.integers(1, 9_999).map(lambda n: D(n) / 10_000)


@st.composite
def lines(draw):
    pledge, hard, actual, displayed, warning = sorted(draw(st.lists(HUNDREDTHS, min_size=5, max_size=5, unique=True)))
    return Lines(Basis.PRICE_FRACTION, pledge, warning, displayed, actual, hard)


@st.composite
def positions(draw, *, most=4):
    pledges = tuple(
        Pledge(f"A{n}", draw(QUANTITIES), draw(PRICES), thresholds(draw(lines())))
        for n in range(draw(st.integers(1, most)))
    )
    position = Position(pledges, D(1))
    part = draw(st.integers(1, 1200))
    return replace(position, debt=position.value * part / 1000)


def rank(position):
    return LEVEL_AT[worst_line(position)].rank


@given(positions(), st.integers(1, 2000))
def test_a_lower_price_is_never_a_better_level(position, thousandths):
    fallen = position.at({p.asset: p.price * min(thousandths, 1000) / 1000 for p in position.pledges})
    assert rank(fallen) >= rank(position)


@given(positions(), st.integers(0, 999), QUANTITIES)
def test_a_repayment_or_a_top_up_never_worsens_the_level(position, left, more):
    repaid = replace(position, debt=Fraction(position.debt) * left / 1000)
    first, *others = position.pledges
    topped = replace(position, pledges=(replace(first, quantity=first.quantity + more), *others))
    assert rank(repaid) <= rank(position)
    assert rank(topped) <= rank(position)


@given(positions(), st.integers(1, 10**6))
def test_scaling_collateral_and_debt_together_changes_nothing(position, factor):
    scaled = Position(
        tuple(replace(p, quantity=p.quantity * factor) for p in position.pledges), Fraction(position.debt) * factor
    )
    assert worst_line(scaled) is worst_line(position)
    assert health(scaled) == health(position)


@given(positions())
def test_lines_are_hit_in_their_order(position):
    hit = [weighed(position, line) <= Fraction(position.debt) for line in Line]
    assert hit == sorted(hit, reverse=True)


@given(lines(), PRICES, QUANTITIES)
def test_at_the_largest_draw_a_loan_is_healthy_and_a_line_is_its_fraction_of_the_price(made, price, quantity):
    position = Position((Pledge("A", quantity, price, thresholds(made)),), D(1))
    drawn = replace(position, debt=lendable(position))
    assert worst_line(drawn) is None
    for line in Line:
        reached = Fraction(made.typed(line)) * Fraction(price)
        assert price_reaching(drawn, line, "A") == reached
        assert worst_line(drawn.at({"A": reached})) is line
        assert worst_line(drawn.at({"A": reached + Fraction(1, 10**30)})) is not line


@given(lines())
def test_lines_of_one_basis_are_refused_under_the_others_and_mean_the_same_when_converted(made):
    found = thresholds(made)
    for basis in (Basis.LTV, Basis.COVERAGE):
        try:
            check_order(replace(made, basis=basis))
        except LinesDoNotFit:
            continue
        raise AssertionError(basis)
    ratios = [found.of(line) for line in Line]
    assert all(found.pledge.exact < ratio < 1 for ratio in ratios)
    assert ratios == sorted(ratios)


@given(positions(), st.integers(0, 8))
def test_a_withdrawal_leaves_enough_and_one_unit_more_does_not(position, scale):
    first, *others = position.pledges
    most = largest_withdrawal(position, first.asset, scale=scale)
    assert 0 <= most <= first.quantity
    left = replace(position, pledges=(replace(first, quantity=first.quantity - most), *others))
    if most > 0:
        assert is_drawable(left)
        assert worst_line(left) is None
    unit = D(1).scaleb(-scale)
    if is_drawable(position) and most + unit <= first.quantity:
        assert not is_drawable(replace(left, pledges=(replace(first, quantity=first.quantity - most - unit), *others)))


@given(positions(), st.integers(0, 8))
def test_what_is_needed_is_enough_and_one_unit_less_is_not(position, scale):
    unit = D(1).scaleb(-scale)
    repay, first = repayment_needed(position, scale=scale), position.pledges[0]
    add = top_up_needed(position, first.asset, scale=scale)
    assert is_drawable(replace(position, debt=Fraction(position.debt) - Fraction(repay)))
    topped = replace(position, pledges=(replace(first, quantity=first.quantity + add), *position.pledges[1:]))
    assert is_drawable(topped)
    if repay > 0:
        assert not is_drawable(replace(position, debt=Fraction(position.debt) - Fraction(repay - unit)))
        less = replace(first, quantity=first.quantity + add - unit)
        assert not is_drawable(replace(position, pledges=(less, *position.pledges[1:])))
    assert is_drawable(replace(position, debt=largest_debt(position, scale=2)))


OWED = st.builds(Owed, penalty=MONEY, fee=MONEY, interest=MONEY, principal=MONEY)


@given(MONEY, OWED)
def test_a_payment_is_spent_or_left(amount, owed):
    found = allocate(amount, owed)
    assert found.paid.total + found.left == amount
    assert found.left == 0 or found.paid == owed
    rest = owed.less(found.paid)
    assert min(rest.penalty, rest.fee, rest.interest, rest.principal) >= 0


@given(MONEY, OWED, HUNDREDTHS, st.one_of(st.none(), MONEY), MONEY)
def test_no_unit_of_the_proceeds_is_lost(proceeds, owed, rate, cap, insurance):
    for settled in (
        settle(proceeds, owed, Fee(rate, cap), scale=2),
        settle_partial(proceeds, owed, Fee(rate, cap), scale=2),
    ):
        assert proceeds == settled.paid.total + settled.fee + settled.surplus
        assert settled.paid.total + settled.unpaid.total == owed.total
        assert min(settled.fee, settled.surplus, settled.shortfall) >= 0
        assert settled.surplus == 0 or settled.shortfall == 0
        if cap is not None:
            assert settled.fee <= cap
        borne = cover(settled.shortfall, insurance)
        assert borne.insurance + borne.bad_debt == settled.shortfall
    assert settle(proceeds, owed, Fee(rate, cap), scale=2).shortfall == max(owed.total - proceeds, 0)


MONTH_ENDS = st.dates(date(2000, 1, 1), date(2060, 1, 1)).map(lambda day: day.replace(day=1) - timedelta(days=1))
TERMS = st.builds(
    lambda units, scale, stub, start, **rest: Terms(
        principal=D(units).scaleb(-scale),
        scale=scale,
        start=start,
        first_due=None if stub is None else start + timedelta(days=stub),
        **rest,
    ),
    units=st.integers(1, 10**19),
    scale=st.integers(0, 18),
    annual_rate=st.integers(0, 50_000).map(lambda n: D(n) / 10_000),
    method=st.sampled_from(Method),
    instalments=st.one_of(st.integers(1, 360), st.sampled_from([1, 2, 12, 360])),
    start=st.one_of(st.dates(date(2000, 1, 1), date(2060, 1, 1)), MONTH_ENDS),
    every=st.builds(Period, st.integers(1, 14), st.sampled_from([PeriodUnit.DAY, PeriodUnit.WEEK, PeriodUnit.MONTH])),
    day_count=st.sampled_from(DayCount),
    stub=st.one_of(st.none(), st.integers(1, 900)),
)


@given(TERMS)
def test_every_schedule_ends_at_exactly_zero(terms):
    """Any method, day count and scale, up to thirty years of months; no row loses a unit or asks for interest that is not owed."""
    made, days = (
        schedule(terms),
        (terms.start, *due_dates(terms.start, terms.every, terms.instalments, first_due=terms.first_due)),
    )
    if terms.method is Method.BULLET:
        days = (days[0], days[-1])
    balance = terms.principal
    for row, begin, end in zip(made.rows, days[:-1], days[1:], strict=True):
        year = year_fraction(begin, end, terms.day_count)
        assert row.due_date == end
        assert row.interest == half_even_fraction(Fraction(balance) * Fraction(terms.annual_rate) * year, terms.scale)
        assert row.payment == row.interest + row.principal
        assert row.principal >= 0
        assert fits_scale(row.payment, terms.scale)
        balance -= row.principal
        assert row.balance == balance >= 0
    assert balance == 0
    assert [row.n for row in made.rows] == list(range(1, len(made.rows) + 1))


@given(TERMS)
def test_the_method_says_which_rows_are_alike(terms):
    """All but the last: the principal of equal principals, none of interest alone, and the payment of equal instalments."""
    *rows, last = schedule(terms).rows
    if terms.method in {Method.BULLET, Method.INTEREST_ONLY}:
        assert not any(row.principal for row in rows)
        assert last.principal == terms.principal
    if terms.method is Method.EQUAL_PRINCIPAL:
        assert len({row.principal for row in rows if row.balance}) <= 1
    if terms.method is Method.EQUAL_INSTALMENTS and all(
        row.principal for row in rows
    ):  # none was eaten up by its interest
        assert len({row.payment for row in rows if row.balance}) <= 1


START = datetime(2026, 1, 1, tzinfo=UTC)
GUARD = Guard(confirm_n=3, confirm_for=timedelta(seconds=10), max_age=timedelta(seconds=5))
PATHS = st.lists(
    st.tuples(
        st.integers(0, 8), st.sampled_from([26000, 25500, 24900, 24601, 24600, 24400, 24301, 24300]), st.booleans()
    ),
    max_size=30,
)
LOAN = Position(
    (
        Pledge(
            "A",
            D(1),
            D(30000),
            thresholds(Lines(Basis.PRICE_FRACTION, D("0.8"), D("0.85"), D("0.83"), D("0.82"), D("0.81"))),
        ),
    ),
    D(24000),
)


@given(PATHS)
def test_a_sale_needs_the_hard_line_or_three_looks_over_ten_seconds(path):
    """The guard against a plain reading of the rule over the whole path so far."""
    watch, second, valid = Watch(), 0, []
    for step, price, trusted in path:
        second += step
        seen = {"A": SeenPrice(D(price), timedelta(0), 2 if trusted else 1, CompositeState.NORMAL)}
        found = look(watch, LOAN, seen, at=START + timedelta(seconds=second), guard=GUARD)
        watch = found.watch
        if trusted:
            valid.append((second, price))
        run = []
        for each in reversed(valid):
            if each[1] > 24600:
                break
            run.append(each)
        confirmed = len(run) >= 3 and run[0][0] - run[-1][0] >= 10
        expected = trusted and bool(run) and (valid[-1][1] <= 24300 or confirmed)
        assert (watch.level is Level.LIQUIDATING) == expected
        assert found.frozen == (not trusted)
        if expected:
            return

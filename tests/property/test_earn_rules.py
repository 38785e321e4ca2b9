"""What must hold for every plan: exact sums whatever the periods, and redemptions that pay what their policy says and no more.

An oracle counts every plan again, from days and whole units alone.
"""

import itertools
from calendar import isleap
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from fractions import Fraction

from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from earn.plans.errors import AlreadyMatured
from earn.plans.rules import Boost, Terms, Tier, boosted, earned, plan, redeem, yearly_interest
from earn.plans.states import EarlyPolicy, PayoutPeriod, RowStatus
from kernel.day_count import DayCount, Period, PeriodUnit, year_fraction


def given(*strategies):
    """A busy machine is slow, not wrong; and fewer examples of many properties."""
    return lambda test: settings(max_examples=60, deadline=None)(hypothesis_given(*strategies)(test))


DATES = st.dates(date(2000, 1, 1), date(2060, 1, 1))
RATES = st.integers(0, 10**6).map(lambda n: D(n) / 10**6)
PRINCIPALS = st.integers(1, 10**16).map(lambda units: D(units) / 10**8)


@st.composite
def terms(draw):
    steps = sorted(draw(st.sets(st.integers(1, 10**8), max_size=3)))
    tiers = tuple(Tier(D(above), draw(RATES)) for above in (0, *steps))
    early = draw(st.sampled_from(EarlyPolicy))
    least = min(tier.apr for tier in tiers)
    return Terms(
        tiers=tiers,
        tenor=Period(draw(st.integers(1, 24)), draw(st.sampled_from([PeriodUnit.DAY, PeriodUnit.MONTH]))),
        payout=draw(st.sampled_from(PayoutPeriod)),
        day_count=draw(st.sampled_from(DayCount)),
        scale=draw(st.integers(0, 8)),
        early=early,
        penal_rate=least / 4 if early is EarlyPolicy.PENAL_RATE else D(0),
    )


@given(PRINCIPALS, terms(), DATES)
def test_rows_add_up_to_the_truncated_total(principal, asked, start):
    rows = plan(principal, asked, value_date=start)
    exact = yearly_interest(principal, asked.tiers) * year_fraction(start, rows[-1].period_end, asked.day_count)
    total = sum(row.interest for row in rows)
    assert total <= exact < total + D(1).scaleb(-asked.scale)
    assert all(row.interest >= 0 for row in rows)
    assert [row.principal for row in rows] == [*([0] * (len(rows) - 1)), principal]
    assert all(before.period_end == after.period_start for before, after in itertools.pairwise(rows))


@given(PRINCIPALS, terms(), DATES, st.integers(-3, 800), st.integers(0, 30))
def test_a_redemption_pays_by_its_policy_and_leaves_nothing_pending(principal, asked, start, day, missed):
    on, rows = start + timedelta(days=day), plan(principal, asked, value_date=start)
    rows = [replace(row, status=RowStatus.PAID) if row.due_date < on - timedelta(days=missed) else row for row in rows]
    try:
        found = redeem(rows, asked, principal=principal, value_date=start, on=on)
    except AlreadyMatured:
        assert on >= rows[-1].due_date
        return
    by_seq = {row.seq: row for row in rows}
    paid = [row for row in rows if row.status is RowStatus.PAID]
    assert sorted([*(row.seq for row in paid), *found.due_first, *found.void]) == sorted(by_seq)
    assert all(by_seq[seq].due_date <= on for seq in found.due_first)
    received = sum(row.interest for row in paid) + sum(by_seq[seq].interest for seq in found.due_first)
    total, yearly = received + found.cash, yearly_interest(principal, asked.tiers)
    until_now = earned(yearly, asked, value_date=start, until=on)
    assert principal <= total or found.cash == 0
    assert total <= principal + until_now
    if asked.early is EarlyPolicy.FORFEIT_CURRENT:
        assert found.cash == principal
    if asked.early is EarlyPolicy.PAY_ACCRUED:
        assert total == principal + until_now
    if asked.early is EarlyPolicy.CLAWBACK_PAID and found.cash > 0:
        assert total == principal


BOOSTS = st.builds(
    Boost,
    st.integers(1, 10**6).map(lambda n: D(n) / 10**6),
    PRINCIPALS,
    st.one_of(st.none(), st.integers(1, 800)),
)


@given(PRINCIPALS, terms(), DATES, BOOSTS)
def test_a_bonus_adds_up_to_the_truncated_bonus_of_the_boosted_days(principal, asked, start, boost):
    plain = plan(principal, asked, value_date=start)
    rows = boosted(plain, boost, principal, asked, value_date=start)
    assert [replace(row, bonus=D(0)) for row in rows] == list(plain), "nothing else changes"
    stop = date.max if boost.days is None else start + timedelta(days=boost.days)
    until = min(stop, rows[-1].period_end)
    yearly = Fraction(min(principal, boost.max_principal)) * Fraction(boost.apr)
    exact = yearly * year_fraction(start, until, asked.day_count)
    total = sum(row.bonus for row in rows)
    assert total <= exact < total + D(1).scaleb(-asked.scale)
    assert all(row.bonus >= 0 for row in rows)
    assert not any(row.bonus for row in rows if row.period_start >= stop)


@given(PRINCIPALS, terms(), DATES, BOOSTS, st.integers(-3, 800), st.integers(0, 30))
def test_a_redemption_loses_no_bonus_and_takes_no_more_than_was_paid(principal, asked, start, boost, day, missed):
    on, plain = start + timedelta(days=day), plan(principal, asked, value_date=start)
    rows = boosted(plain, boost, principal, asked, value_date=start)
    rows = [replace(row, status=RowStatus.PAID) if row.due_date < on - timedelta(days=missed) else row for row in rows]
    try:
        found = redeem(rows, asked, principal=principal, value_date=start, on=on)
    except AlreadyMatured:
        return
    received = sum(row.bonus for row in rows if row.status is RowStatus.PAID or row.seq in found.due_first)
    assert received + found.bonus_forfeited == sum(row.bonus for row in rows)
    assert 0 <= found.bonus_clawed_back <= received
    assert found.cash >= 0
    if asked.early is EarlyPolicy.CLAWBACK_PAID and found.cash > 0:
        assert found.bonus_clawed_back == received
    if asked.early is not EarlyPolicy.CLAWBACK_PAID:
        assert found.bonus_clawed_back == 0


def ends_counted(start, months, step, last):
    """Ends of periods of so many months, or of so many days, found by trying days of the calendar."""
    ends, number = [], 0
    while not ends or ends[-1] < last:
        number += 1
        if months is None:
            following = date.fromordinal(start.toordinal() + number * step)
        else:
            year, month = divmod(start.year * 12 + start.month - 1 + number * months, 12)
            days = [day for day in range(start.day, 27, -1) if _exists(year, month + 1, day)]
            following = date(year, month + 1, days[0] if days else start.day)
        ends.append(min(following, last))
    return ends


def _exists(year, month, day):
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def counted(start, end, day_count):
    """The part of a year, day by day; months of thirty days by their place in a year of 360."""
    if day_count in {DayCount.THIRTY_360, DayCount.THIRTY_E_360}:
        from_day, to_day = min(start.day, 30), end.day
        if to_day == 31 and (day_count is DayCount.THIRTY_E_360 or start.day in {30, 31}):
            to_day = 30
        places = [(day.year * 12 + day.month) * 30 + number for day, number in ((start, from_day), (end, to_day))]
        return Fraction(places[1] - places[0], 360)
    basis = {DayCount.ACTUAL_365: 365, DayCount.ACTUAL_360: 360}.get(day_count)
    years = [date.fromordinal(number).year for number in range(start.toordinal(), end.toordinal())]
    return sum((Fraction(1, basis or 365 + isleap(year)) for year in years), Fraction(0))


@given(PRINCIPALS, terms(), DATES)
def test_each_row_is_what_an_oracle_counts(principal, asked, start):
    in_months = asked.tenor.unit is PeriodUnit.MONTH
    (maturity, *_) = ends_counted(
        start, asked.tenor.count if in_months else None, asked.tenor.count, start + timedelta(days=800)
    )
    every = {
        PayoutPeriod.DAILY: (None, 1), PayoutPeriod.WEEKLY: (None, 7), PayoutPeriod.MONTHLY: (1, 0),
        PayoutPeriod.AT_MATURITY: (None, (maturity - start).days),
    }[asked.payout]  # fmt: skip
    bounds = [*(tier.above for tier in asked.tiers[1:]), principal]
    parts = [max(min(bound, principal) - tier.above, D(0)) for tier, bound in zip(asked.tiers, bounds, strict=True)]
    yearly = sum(
        (Fraction(part) * Fraction(tier.apr) for part, tier in zip(parts, asked.tiers, strict=True)), Fraction(0)
    )
    expected, before = [], 0
    for end in ends_counted(start, *every, maturity):
        units = int(yearly * counted(start, end, asked.day_count) * 10**asked.scale)
        expected.append((end, D(units - before).scaleb(-asked.scale)))
        before = units
    assert [(row.due_date, row.interest) for row in plan(principal, asked, value_date=start)] == expected

"""What a subscription earns, row by row: interest first, the principal with the last; and what is paid when somebody leaves early.

Interest is cumulative: a row is what has been earned until its end, cut to the asset's scale, less what the rows before it paid. So
the rows add up to the truncated total exactly, whatever the number of rows, and none is negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from earn.plans.errors import AlreadyMatured, TermsImpossible
from earn.plans.states import EarlyPolicy, PayoutPeriod, RowStatus
from kernel.day_count import DayCount, Period, ends_until, nth_date, year_fraction
from kernel.money import canonical, floor_fraction, half_even_to_scale

HIGHEST_APR = Decimal(1)
MOST_ROWS = 4_000  # ten years of daily payouts
ZERO = Decimal(0)
_RATE_PLACES = 12
_SHOWN_PLACES = 6


@dataclass(frozen=True, slots=True)
class Tier:
    """The yearly rate on the part of the principal from `above` up to the next tier."""

    above: Decimal
    apr: Decimal


@dataclass(frozen=True, slots=True)
class Boost:
    """What a coupon adds: so much a year on the principal up to a limit, for the first days of the term, or for all of it."""

    apr: Decimal
    max_principal: Decimal
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an instance promises. A single rate is one tier from 0; `penal_rate` belongs to the policy of that name."""

    tiers: tuple[Tier, ...]
    tenor: Period
    payout: PayoutPeriod
    day_count: DayCount
    scale: int
    early: EarlyPolicy = EarlyPolicy.FORFEIT_CURRENT
    penal_rate: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Row:
    """From `period_start` until the day before `period_end`; due on `due_date`, in the order of `seq`. `bonus` is a coupon's."""

    seq: int
    period_start: date
    period_end: date
    due_date: date
    interest: Decimal
    principal: Decimal
    status: RowStatus = RowStatus.PENDING
    ended_at: datetime | None = None
    bonus: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Redemption:
    """`due_first` rows are paid as planned before anything else, `void` ones never; `cash` comes on top of the former.

    `cash` = `principal` + `accrued` - `clawed_back` - `bonus_clawed_back`, and what is clawed back never exceeds the rest.
    """

    due_first: tuple[int, ...]
    void: tuple[int, ...]
    principal: Decimal
    accrued: Decimal
    clawed_back: Decimal
    bonus_forfeited: Decimal = ZERO
    bonus_clawed_back: Decimal = ZERO

    @property
    def cash(self) -> Decimal:
        return self.principal + self.accrued - self.clawed_back - self.bonus_clawed_back


def check(terms: Terms, *, highest_apr: Decimal = HIGHEST_APR) -> None:
    """Refuse terms that nobody can have meant.

    Raises:
        TermsImpossible: the detail names the field.
    """
    if not terms.tiers or terms.tiers[0].above != 0:
        raise TermsImpossible("tiers: the first one begins at 0")
    for lower, higher in pairwise(terms.tiers):
        if not (higher.above.is_finite() and higher.above > lower.above):
            raise TermsImpossible(f"tiers: {higher.above} must lie above {canonical(lower.above)}")
    for tier in terms.tiers:
        if not is_rate(tier.apr, highest_apr):
            raise TermsImpossible(f"apr: a fraction from 0 to {canonical(highest_apr)}, not {tier.apr}")
    if terms.tenor.count < 1:
        raise TermsImpossible("tenor: at least one day")
    if not is_rate(terms.penal_rate, min(tier.apr for tier in terms.tiers)):
        raise TermsImpossible("penal_rate: not negative, and not above the product's own rate")
    if terms.early is not EarlyPolicy.PENAL_RATE and terms.penal_rate != 0:
        raise TermsImpossible(f"penal_rate: the policy {terms.early} has none")


def is_rate(rate: Decimal, highest: Decimal) -> bool:
    """A yearly fraction with no more places than rates are kept with."""
    return rate.is_finite() and 0 <= rate <= highest and rate == half_even_to_scale(rate, _RATE_PLACES)


def maturity_of(value_date: date, tenor: Period) -> date:
    return nth_date(value_date, tenor, 1)


def yearly_interest(principal: Decimal, tiers: Sequence[Tier]) -> Fraction:
    """Exact interest of a whole year, each tier's rate on its own part of the principal."""
    total = Fraction(0)
    ends = [*(tier.above for tier in tiers[1:]), principal]
    for tier, end in zip(tiers, ends, strict=True):
        part = min(end, principal) - tier.above
        if part > 0:
            total += Fraction(part) * Fraction(tier.apr)
    return total


def applied_apr(principal: Decimal, tiers: Sequence[Tier]) -> Decimal:
    """The one rate that earns the same on this principal, rounded down: what is shown is never more than what is paid."""
    return floor_fraction(yearly_interest(principal, tiers) / Fraction(principal), _RATE_PLACES)


def earned(yearly: Fraction, terms: Terms, *, value_date: date, until: date) -> Decimal:
    """Interest from the value date until the day before `until`, cut to the asset's scale."""
    if until <= value_date:
        return ZERO
    return floor_fraction(yearly * year_fraction(value_date, until, terms.day_count), terms.scale)


def plan(principal: Decimal, terms: Terms, *, value_date: date) -> tuple[Row, ...]:
    """The rows of one subscription. Periods are counted from the value date; only the last may be shorter.

    Raises:
        TermsImpossible: more rows than any product needs.
        InvalidRequest: the maturity lies beyond the calendar.
    """
    maturity = maturity_of(value_date, terms.tenor)
    if terms.payout is PayoutPeriod.DAILY and (maturity - value_date).days > MOST_ROWS:
        raise TermsImpossible(f"payout: {terms.payout} makes more than {MOST_ROWS} rows")
    return rows_ending(ends_until(value_date, terms.payout.length, maturity), principal, terms, value_date=value_date)


def rows_ending(ends: Sequence[date], principal: Decimal, terms: Terms, *, value_date: date) -> tuple[Row, ...]:
    """A row per period that ends on these dates, the principal with the last."""
    yearly = yearly_interest(principal, terms.tiers)
    rows, before, start = [], ZERO, value_date
    for seq, end in enumerate(ends, start=1):
        total = earned(yearly, terms, value_date=value_date, until=end)
        rows.append(Row(seq, start, end, end, total - before, principal if seq == len(ends) else ZERO))
        before, start = total, end
    return tuple(rows)


def boosted(
    rows: Sequence[Row], boost: Boost, principal: Decimal, terms: Terms, *, value_date: date
) -> tuple[Row, ...]:
    """The same plan with what a coupon adds to each row: cumulative like the interest, and nothing after the boosted days."""
    yearly = Fraction(min(principal, boost.max_principal)) * Fraction(boost.apr)
    stop = date.max if boost.days is None else value_date + timedelta(days=boost.days)
    made, before = [], ZERO
    for row in rows:
        total = earned(yearly, terms, value_date=value_date, until=min(row.period_end, stop))
        made.append(replace(row, bonus=total - before))
        before = total
    return tuple(made)


def redeem(rows: Sequence[Row], terms: Terms, *, principal: Decimal, value_date: date, on: date) -> Redemption:
    """End a subscription on a business date. What is due by then is paid first, as planned; all later rows become void.

    Raises:
        AlreadyMatured: the principal itself is due by then, or nothing is pending any more.
    """
    open_rows = [row for row in rows if row.status is RowStatus.PENDING]
    due = [row for row in open_rows if row.due_date <= on]
    void = [row for row in open_rows if row.due_date > on]
    if not void:
        raise AlreadyMatured
    received = sum((row.interest for row in rows if row.status is RowStatus.PAID), ZERO)
    received += sum((row.interest for row in due), ZERO)
    accrued, clawed_back = ZERO, ZERO
    if terms.early is EarlyPolicy.PAY_ACCRUED:
        yearly = yearly_interest(principal, terms.tiers)
        accrued = max(earned(yearly, terms, value_date=value_date, until=on) - received, ZERO)
    elif terms.early is EarlyPolicy.CLAWBACK_PAID:
        clawed_back = received
    elif terms.early is EarlyPolicy.PENAL_RATE:
        yearly = Fraction(principal) * Fraction(terms.penal_rate)
        owed = earned(yearly, terms, value_date=value_date, until=on)
        accrued, clawed_back = max(owed - received, ZERO), max(received - owed, ZERO)
    clawed_back = min(clawed_back, principal + accrued)
    return Redemption(
        due_first=tuple(row.seq for row in due),
        void=tuple(row.seq for row in void),
        principal=principal,
        accrued=accrued,
        clawed_back=clawed_back,
        bonus_forfeited=sum((row.bonus for row in void), ZERO),
        bonus_clawed_back=min(_bonus_to_return(rows, due, terms.early), principal + accrued - clawed_back),
    )


def _bonus_to_return(rows: Sequence[Row], due: Sequence[Row], early: EarlyPolicy) -> Decimal:
    """Of the bonus that was paid, or is paid on this occasion: all of it where all of the interest goes back, else none."""
    if early is not EarlyPolicy.CLAWBACK_PAID:
        return ZERO
    paid = [row for row in rows if row.status is RowStatus.PAID]
    return sum((row.bonus for row in (*paid, *due)), ZERO)


def apy(apr: Decimal, times_a_year: Decimal) -> Decimal:
    """What a year brings if every payout earns the same rate again; to show."""
    return half_even_to_scale((1 + apr / times_a_year) ** times_a_year - 1, _SHOWN_PLACES)


def apr_for(apy_wanted: Decimal, times_a_year: Decimal) -> Decimal:
    """The rate whose payouts add up to this yield; to show."""
    return half_even_to_scale(times_a_year * ((1 + apy_wanted) ** (1 / times_a_year) - 1), _SHOWN_PLACES)


def payouts_a_year(terms: Terms, *, value_date: date) -> Decimal:
    """How often a year this product pays: 365, 52, 12, or as often as its term fits into a year."""
    fixed = {PayoutPeriod.DAILY: 365, PayoutPeriod.WEEKLY: 52, PayoutPeriod.MONTHLY: 12}
    if (times := fixed.get(terms.payout)) is not None:
        return Decimal(times)
    return Decimal(365) / (maturity_of(value_date, terms.tenor) - value_date).days

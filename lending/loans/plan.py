"""The instalments of one loan: their dates, what each one asks for, and which of them a payment pays. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from kernel.day_count import Period, nth_date
from lending.loans.rules import Owed
from lending.products.terms import Terms
from lending.schedules import rules as schedules
from lending.schedules.rules import MOST_INSTALMENTS
from lending.schedules.states import Method

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """A row of a loan's plan. What is paid of it pays its interest first."""

    plan: int
    n: int
    due_on: date
    interest: Decimal
    principal: Decimal
    paid: Decimal = ZERO
    status: str = "pending"

    @property
    def payment(self) -> Decimal:
        return self.interest + self.principal

    @property
    def interest_left(self) -> Decimal:
        return max(self.interest - self.paid, ZERO)

    @property
    def principal_left(self) -> Decimal:
        return self.payment - max(self.paid, self.interest)

    @property
    def left(self) -> Decimal:
        return self.payment - self.paid


def due_dates(start: date, every: Period | None, tenor_days: int) -> tuple[date, ...]:
    """When a loan's instalments are due; the last one is its maturity.

    Without a period that is the day the tenor ends. With one, the tenor is met by the nearest number of whole periods (90 days by the month
    are three months), so that no instalment is a stump of a day or two.
    """
    end = start + timedelta(days=tenor_days)
    if every is None:
        return (end,)
    dates = [nth_date(start, every, 1)]
    while len(dates) < MOST_INSTALMENTS:
        following = nth_date(start, every, len(dates) + 1)
        if abs((following - end).days) >= abs((dates[-1] - end).days):
            break
        dates.append(following)
    return tuple(dates)


def instalments(
    terms: Terms,
    *,
    principal: Decimal,
    rate: Decimal,
    start: date,
    dates: Sequence[date],
    scale: int,
    plan: int = 1,
    first: int = 1,
) -> list[Instalment]:
    """The rows of a plan over these dates; a bullet loan has none, it is owed as a whole on its last day.

    Raises:
        ScheduleImpossible: the amounts are too large.
    """
    if terms.method is Method.BULLET or terms.every is None or not dates or principal == 0:
        return []
    made = schedules.along(
        schedules.Terms(
            principal=principal,
            scale=scale,
            annual_rate=rate,
            method=terms.method,
            instalments=len(dates),
            start=start,
            every=terms.every,
            day_count=terms.day_count,
            multiple_of=terms.multiple_of,
        ),
        dates,
    )
    return [
        Instalment(plan=plan, n=first + row.n - 1, due_on=row.due_date, interest=row.interest, principal=row.principal)
        for row in made.rows
    ]


def reschedule(rows: Sequence[Instalment]) -> list[Instalment]:
    """The due rows as they end when what they still ask of the principal is planned anew: each asks for what it got."""
    return [
        replace(row, principal=row.principal - row.principal_left, status="paid") for row in rows if row.status == "due"
    ]


def due_part(rows: Sequence[Instalment], owed: Owed) -> Owed:
    """What of a debt is asked for by rows that are due, never more than is owed."""
    due = [row for row in rows if row.status == "due"]
    return Owed(
        penalty=owed.penalty,
        fee=owed.fee,
        interest=min(sum((row.interest_left for row in due), ZERO), owed.interest),
        principal=min(sum((row.principal_left for row in due), ZERO), owed.principal),
    )


def spread(rows: Sequence[Instalment], paid: Owed) -> list[Instalment]:
    """The due rows that a payment changed, the oldest paid first."""
    interest, principal, changed = paid.interest, paid.principal, []
    for row in sorted((row for row in rows if row.status == "due"), key=lambda row: (row.due_on, row.plan)):
        of_interest, of_principal = min(interest, row.interest_left), min(principal, row.principal_left)
        interest, principal = interest - of_interest, principal - of_principal
        if of_interest or of_principal:
            after = replace(row, paid=row.paid + of_interest + of_principal)
            changed.append(replace(after, status="paid" if after.left == 0 else "due"))
    return changed

"""What being late costs, day by day: each day on what was late on that day, however many of them are booked together.

An instalment is late from the day after it was due, the whole rest of a loan from the day after its last one, with its running interest.
Who pays within the grace pays nothing; once it is over the penalty counts from the day it was due. Every part is rounded down on every
day, so days that nobody booked cost to the unit what they would have cost one by one. Steps under the loan's lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from kernel.day_count import year_fraction
from kernel.db import Tx
from kernel.money import floor_fraction, half_even_fraction
from lending.loans import queries, steps
from lending.loans.events import PenaltyCharged
from lending.loans.plan import Instalment
from lending.loans.record import Loan, RateStep, running_interest
from lending.products.terms import ProductVersion
from payments.assets import service as assets

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Late:
    """Something that was due and is not paid; `growing` is the loan whose interest still runs on it."""

    due_on: date
    amount: Decimal
    growing: Loan | None = None

    def on(self, day: date, product: ProductVersion, rates: Sequence[RateStep]) -> Fraction:
        runs = running_interest(self.growing, product, day, rates) if self.growing is not None else Fraction(0)
        return Fraction(self.amount) + runs


def charge(tx: Tx, loan: Loan, product: ProductVersion, on: date) -> Loan:
    """The penalty of every day before `on` that is not charged yet. Before a payment is taken: it changes what is late.

    No day of a loan is charged twice for the same.
    """
    loan = steps.fall_due(tx, loan, product, on)
    if not product.terms.penalty_rate:
        return loan
    grace, until = timedelta(days=product.terms.grace_days), queries.penalty_until(tx, loan.id)
    costly = [late for late in late_parts(loan, queries.instalments(tx, loan.id), on) if late.due_on + grace < on]
    if not costly:
        return loan
    rates, scale = steps.rate_steps(tx, loan, product, on), assets.scale(loan.asset)
    # What was beyond its grace at the last time was charged until then; what was not is charged from its first day.
    begins = [until if until is not None and late.due_on + grace < until else late.due_on for late in costly]
    amount = sum(
        (_cost(late, product, rates, begin, on, scale=scale) for late, begin in zip(costly, begins, strict=True)), ZERO
    )
    if not amount:
        return loan
    begin = min(begins)
    base = sum((late.on(on - timedelta(days=1), product, rates) for late in costly), Fraction(0))
    charged = steps.write(tx, loan, penalty_owed=loan.penalty_owed + amount)
    fact = PenaltyCharged(loan.id, loan.customer_id, loan.asset, amount, begin, on)
    payload = {"amount": amount, "asset": loan.asset, "on": half_even_fraction(base, scale)}
    payload |= {"from": begin.isoformat(), "to": on.isoformat()}
    steps.note(tx, charged, "penalty", payload, fact=fact)
    return charged


def late_parts(loan: Loan, rows: Sequence[Instalment], on: date) -> list[Late]:
    """What is late on a day, the oldest first; nothing stands in two of them."""
    due = [row for row in rows if row.status == "due" and row.due_on < on]
    found = [Late(row.due_on, row.left) for row in due]
    if loan.matures_on < on:
        rest = loan.principal + loan.interest_owed - sum((row.left for row in due), ZERO)
        found.append(Late(loan.matures_on, rest, growing=loan))
    return found


def _cost(
    late: Late, product: ProductVersion, rates: Sequence[RateStep], begin: date, end: date, *, scale: int
) -> Decimal:
    """Of the days from `begin` until before `end`."""
    cost, day, yearly = ZERO, begin, Fraction(product.terms.penalty_rate)
    while day < end:
        following = day + timedelta(days=1)
        part = year_fraction(day, following, product.terms.day_count)
        cost += floor_fraction(late.on(day, product, rates) * yearly * part, scale)
        day = following
    return cost

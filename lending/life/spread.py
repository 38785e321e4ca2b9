"""What the house earns: interest of customers less what the money costs, per product and day as it was booked, and per loan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from decimal import Decimal
from uuid import UUID

from kernel import db
from kernel.db import AnyRow
from kernel.money import half_even_fraction
from lending.errors import LoanNotFound
from lending.funding import service as funding
from lending.life import queries, rules
from lending.loans import queries as loans
from lending.loans import service as loan_service
from lending.loans.record import owed
from lending.loans.states import RUNNING
from payments.assets import service as assets


@dataclass(frozen=True, slots=True)
class LoanSpread:
    """In whole units, until today."""

    loan_id: UUID
    asset: str
    interest: Decimal
    cost: Decimal


def by_day(tenant: UUID, *, product: UUID | None, days: int) -> Sequence[AnyRow]:
    with db.read_only(tenant=tenant) as tx:
        since = tx.now.astimezone(UTC).date() - timedelta(days=days)
        return queries.spread_by_day(tx, product=product, since=since)


def of_loan(tenant: UUID, loan_id: UUID) -> LoanSpread:
    """The cost counts the money that was drawn for this loan, for as long as it was, at what its line costs now.

    Raises:
        LoanNotFound: as it says.
    """
    with db.read_only(tenant=tenant) as tx:
        loan = loans.get(tx, loan_id, customer=None)
        if loan is None:
            raise LoanNotFound
        on, scale, product = tx.now.astimezone(UTC).date(), assets.scale(loan.asset), loan_service.product_of(tx, loan)
        interest = loan.interest_charged
        if loan.status in RUNNING:
            steps = loan_service.steps_of(tx, loan, on)
            interest += owed(loan, product, on, scale=scale, steps=steps).interest - loan.interest_owed
        line = funding.find(tx, product.funding_line_id)
        moved = [(row.day, row.amount) for row in queries.funded(tx, loan_id)]
        cost = rules.cost_of_moves(moved, on, rate=line.rate, day_count=line.day_count)
        return LoanSpread(loan_id, loan.asset, interest, half_even_fraction(cost, scale))

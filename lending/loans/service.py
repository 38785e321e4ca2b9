"""A loan with what it stands on: the version it was made under and the rates it ran at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from kernel.db import Tx
from lending.loans import queries
from lending.loans.record import Loan, RateStep
from lending.products import queries as products
from lending.products.states import RateMode
from lending.products.terms import ProductVersion


def product_of(tx: Tx, loan: Loan) -> ProductVersion:
    """The version that the loan was made under, whatever became of it since."""
    found = products.version(tx, loan.product_id, loan.version)
    assert found is not None, "a loan keeps the version it was made under"
    return found


def steps_of(tx: Tx, loan: Loan, on: date) -> Sequence[RateStep]:
    """The rates of a floating product until a day; none for a fixed one, whose rate stands in the loan."""
    if product_of(tx, loan).terms.rate_mode is RateMode.FIXED:
        return ()
    return queries.rate_steps(tx, loan.product_id, until=on)


def margin_called(tx: Tx, customer: UUID) -> bool:
    """Whether a loan of this customer is about to cost its collateral, or is sold for it now: nothing of theirs leaves then. Step."""
    return queries.margin_called(tx, customer)


def runs(tx: Tx, customer: UUID) -> bool:
    """Whether anything of a customer is borrowed, or about to be. Step."""
    return queries.runs(tx, customer)

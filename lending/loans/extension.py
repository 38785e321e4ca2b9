"""Another term: the last day moves on, for a fee, and all that is owed beside the principal is paid. Steps under the loan's lock."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from kernel.db import Tx
from kernel.money import ceil_fraction
from lending.loans import postings, steps
from lending.loans.events import Extended
from lending.loans.record import Loan
from lending.loans.rules import Owed
from lending.loans.states import LoanStatus
from lending.products.terms import ProductVersion
from lending.schedules.states import Method
from payments.assets import service as assets

ZERO = Decimal(0)


def is_offered(loan: Loan, product: ProductVersion, tenor_days: int, on: date) -> bool:
    """For loans without instalments, once no more of the running term is left than is asked for anew."""
    return product.terms.method is Method.BULLET and (loan.matures_on - on).days <= tenor_days


def fee_of(loan: Loan, product: ProductVersion) -> Decimal:
    """Rounded up to the unit."""
    exact = Fraction(product.terms.extension_fee_rate) * Fraction(loan.principal)
    return ceil_fraction(exact, assets.scale(loan.asset))


def extend(tx: Tx, loan: Loan, product: ProductVersion, tenor_days: int, *, from_account: int, on: date) -> Loan:
    """Count the new term from the last day, or from today where that has passed. An overdue loan is active again.

    Raises:
        LoanBusy: the loan is not running.
        InsufficientFunds: the account does not hold interest, fees and penalty.
    """
    steps.require_running(loan)
    loan = steps.charge_interest(tx, loan, product, on)
    fee = fee_of(loan, product)
    paid = Owed(penalty=loan.penalty_owed, fee=loan.fee_owed + fee, interest=loan.interest_owed)
    journal_id = postings.paid(tx, loan, paid, from_account=from_account, source="extension") if paid.total else None
    matures_on = max(loan.matures_on, on) + timedelta(days=tenor_days)
    after = steps.write(
        tx,
        loan,
        to=LoanStatus.ACTIVE if loan.status is LoanStatus.MATURED_OVERDUE else None,
        matures_on=matures_on,
        interest_owed=ZERO,
        fee_owed=ZERO,
        penalty_owed=ZERO,
        debt_at_event=loan.principal,
    )
    fact = Extended(loan.id, loan.customer_id, loan.asset, fee, paid.interest, matures_on)
    payload = {
        "matures_on": matures_on.isoformat(), "asset": loan.asset, "extension_fee": fee, "interest": paid.interest,
        "penalty": paid.penalty, "fee": loan.fee_owed, "principal": ZERO, "amount": paid.total,
    }  # fmt: skip
    steps.note(tx, after, "extended", payload, journal_id=journal_id, fact=fact)
    return after

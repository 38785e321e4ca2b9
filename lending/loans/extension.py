"""Another term: the last day moves on, for a fee, and all that is owed beside the principal is paid. Steps under the loan's lock.

The new term counts from the last day of the running one, or from today where that has passed. A loan with instalments spreads what is left
of its principal over all days that are still to come, those of the new term among them; an instalment that is late is spread with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from kernel.db import Tx
from kernel.money import ceil_fraction
from lending.loans import lateness, opening, plan, postings, queries, steps
from lending.loans.events import Extended
from lending.loans.plan import Instalment
from lending.loans.record import Loan
from lending.loans.rules import Owed
from lending.loans.states import LoanStatus
from lending.products.terms import ProductVersion
from payments.assets import service as assets

ZERO = Decimal(0)


def is_offered(loan: Loan, tenor_days: int, on: date) -> bool:
    """Once no more of the running term is left than is asked for anew, and only a term that has begun: one extension a term."""
    return loan.term_began < on and (loan.matures_on - on).days <= tenor_days


def fee_of(loan: Loan, product: ProductVersion) -> Decimal:
    """Rounded up to the unit."""
    exact = Fraction(product.terms.extension_fee_rate) * Fraction(loan.principal)
    return ceil_fraction(exact, assets.scale(loan.asset))


def extend(tx: Tx, loan: Loan, product: ProductVersion, tenor_days: int, *, from_account: int, on: date) -> Loan:
    """The loan with its new last day. An overdue loan is active again.

    Raises:
        LoanBusy: the loan is not running.
        InsufficientFunds: the account does not hold interest, fees and penalty.
    """
    steps.require_running(loan)
    loan = steps.charge_interest(tx, lateness.charge(tx, loan, product, on), product, on)
    fee = fee_of(loan, product)
    paid = Owed(penalty=loan.penalty_owed, fee=loan.fee_owed + fee, interest=loan.interest_owed)
    journal_id = postings.paid(tx, loan, paid, from_account=from_account, source="extension") if paid.total else None
    began = max(loan.matures_on, on)
    more = opening.dates_of(product, began, tenor_days)
    after = steps.write(
        tx,
        loan,
        to=LoanStatus.ACTIVE if loan.status is LoanStatus.MATURED_OVERDUE else None,
        matures_on=more[-1],
        term_from=began,
        interest_owed=ZERO,
        fee_owed=ZERO,
        penalty_owed=ZERO,
        debt_at_event=loan.principal,
    )
    _plan(tx, after, product, more, on=on)
    fact = Extended(loan.id, loan.customer_id, loan.asset, fee, paid.interest, after.matures_on)
    payload = {
        "matures_on": after.matures_on.isoformat(), "asset": loan.asset, "extension_fee": fee, "interest": paid.interest,
        "penalty": paid.penalty, "fee": loan.fee_owed, "principal": ZERO, "amount": paid.total,
    }  # fmt: skip
    steps.note(tx, after, "extended", payload, journal_id=journal_id, fact=fact)
    return after


def _plan(tx: Tx, loan: Loan, product: ProductVersion, more: Sequence[date], *, on: date) -> None:
    """A bullet loan has no rows and gets none."""
    rows = queries.instalments(tx, loan.id)
    if not rows:
        return
    waiting = [row for row in rows if row.status == "pending"]
    queries.set_instalments(tx, loan.id, plan.reschedule(_interest_paid(rows)))
    queries.void_pending(tx, loan.id)
    made = plan.instalments(
        product.terms,
        principal=loan.principal,
        rate=loan.rate,
        start=on,
        dates=[*(row.due_on for row in waiting), *more],
        scale=assets.scale(loan.asset),
        plan=max(row.plan for row in rows) + 1,
        first=waiting[0].n if waiting else max(row.n for row in rows) + 1,
    )
    queries.add_instalments(tx, loan.id, made)


def _interest_paid(rows: Sequence[Instalment]) -> list[Instalment]:
    return [replace(row, paid=row.paid + row.interest_left) for row in rows]

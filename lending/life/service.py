"""What a day does to single loans: instalments fall due, what is due is paid by itself where the customer wants that, late ones cost.

    pending ──due day──▶ due ──paid──▶ paid          active ──day after its end──▶ overdue ──grace is over──▶ penalty, sold out

Each loan is a transaction of its own under its lock, and each step looks at what is there: a day that is worked off twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from kernel import db, failpoints
from kernel.db import Tx
from lending import accounts
from lending.life import queries
from lending.life.apart import attempt
from lending.life.events import DueSoon, Overdue
from lending.loans import lateness, steps
from lending.loans import queries as loans
from lending.loans import service as loan_service
from lending.loans.record import Loan, owed
from lending.loans.states import RUNNING, LoanStatus
from lending.products.terms import ProductVersion
from payments.assets import service as assets
from payments.balances import service as balances

REMIND_DAYS = (7, 3, 1)
"""How many days before something is due the customer hears of it."""
_PAGE = 500
_ZERO = Decimal(0)
failpoints.declare("lending.day.before_commit", "lending.day.after_commit")


def work_off() -> int:
    """Everything today does to loans, of all tenants; returns how many were looked at. For the engine."""
    with db.read_only() as tx:
        today = tx.now.astimezone(UTC).date()
    return _each(lambda tx, after: queries.loans_to_work_off(tx, today=today, after=after, limit=_PAGE), _work_off_one)


def _each(find: Callable[[Tx, UUID | None], Sequence[tuple[UUID, UUID]]], work: Callable[[UUID, UUID], None]) -> int:
    done, after = 0, None
    while True:
        with db.read_only() as tx:
            page = find(tx, after)
        for tenant, loan_id in page:
            attempt("loan_not_worked_off", partial(work, tenant, loan_id), loan=loan_id)
            failpoints.hit("lending.day.after_commit")
        done += len(page)
        if len(page) < _PAGE:
            return done
        after = page[-1][1]


def _work_off_one(tenant: UUID, loan_id: UUID) -> None:
    with db.transaction(tenant=tenant) as tx:
        loan = loans.lock(tx, loan_id)
        if loan is None or loan.status not in RUNNING:
            return
        product, on = loan_service.product_of(tx, loan), steps.today(tx)
        loan = lateness.charge(tx, loan, product, on)
        if loan.auto_repay:
            loan = _repay_itself(tx, loan, product, on)
        if loan.status in RUNNING:
            _be_late(tx, loan, product, on)
        failpoints.hit("lending.day.before_commit")


def _repay_itself(tx: Tx, loan: Loan, product: ProductVersion, on: date) -> Loan:
    """What is due, or what of it the customer has; never what is not due yet."""
    if loan.matures_on <= on:
        scale = assets.scale(loan.asset)
        wanted = owed(loan, product, on, scale=scale, steps=loan_service.steps_of(tx, loan, on)).total
    else:
        due = [row for row in loans.instalments(tx, loan.id) if row.status == "due"]
        wanted = sum((row.left for row in due), _ZERO) + (loan.fee_owed + loan.penalty_owed if due else _ZERO)
    account = accounts.available(tx, loan.customer_id, loan.asset)
    # What stands behind an order is not free: asking for it would fail, and with it everything else today does to the loan.
    free = {row.asset: row.available for row in balances.of_owner(tx, owner=loan.customer_id)}
    amount = min(wanted, free.get(loan.asset, _ZERO))
    if amount <= 0:
        return loan
    steps.pay(tx, loan, product, amount, from_account=account, source="auto", on=on)
    again = loans.lock(tx, loan.id)
    assert again is not None, "its lock is held"
    return again


def _be_late(tx: Tx, loan: Loan, product: ProductVersion, on: date) -> None:
    """Told once for each day that something was due; what it costs is charged before (`lateness.charge`)."""
    grace = timedelta(days=product.terms.grace_days)
    if loan.matures_on < on:
        if loan.status is LoanStatus.ACTIVE:
            loan = steps.write(tx, loan, to=LoanStatus.MATURED_OVERDUE)
            due = owed(loan, product, on, scale=assets.scale(loan.asset), steps=loan_service.steps_of(tx, loan, on))
            if not queries.was_told(tx, loan.id, "overdue", loan.matures_on):  # it may go on after a sale
                _tell_late(tx, loan, due.total, loan.matures_on, grace, final=True)
        return
    for row in loans.instalments(tx, loan.id):
        late = row.status == "due" and row.due_on < on
        if late and not queries.was_told(tx, loan.id, "overdue", row.due_on):
            _tell_late(tx, loan, row.left, row.due_on, grace, final=False)


def _tell_late(tx: Tx, loan: Loan, amount: Decimal, due_on: date, grace: timedelta, *, final: bool) -> None:
    fact = Overdue(loan.id, loan.customer_id, loan.asset, amount, due_on, due_on + grace, final)
    payload = {"amount": amount, "asset": loan.asset, "due_on": due_on.isoformat()}
    payload["grace_until"] = (due_on + grace).isoformat()
    steps.note(tx, loan, "overdue", payload, fact=fact)


# ------------------------------------------------------------------------------------------------------------------------- reminders


def remind() -> int:
    """Tell customers what is due soon, once for each of `REMIND_DAYS`; returns how many loans were looked at. For the engine."""
    done, after = 0, None
    while True:
        with db.read_only() as tx:
            today = tx.now.astimezone(UTC).date()
            page = queries.to_remind(tx, today=today, days=REMIND_DAYS, after=after, limit=_PAGE)
        for tenant, loan_id, due_on in page:
            attempt("reminder_not_told", partial(_remind_one, tenant, loan_id, due_on), loan=loan_id)
        done += len(page)
        if len(page) < _PAGE:
            return done
        after = page[-1][1]


def _remind_one(tenant: UUID, loan_id: UUID, due_on: date) -> None:
    with db.transaction(tenant=tenant) as tx:
        _tell_soon(tx, loan_id, due_on)


def _tell_soon(tx: Tx, loan_id: UUID, due_on: date) -> None:
    loan = loans.lock(tx, loan_id)
    if loan is None or loan.status is not LoanStatus.ACTIVE:
        return
    product, final = loan_service.product_of(tx, loan), due_on == loan.matures_on
    row = next((row for row in loans.instalments(tx, loan.id) if row.due_on == due_on), None)
    if row is not None:
        amount = row.left
    else:
        steps_until = loan_service.steps_of(tx, loan, due_on)
        amount = owed(loan, product, due_on, scale=assets.scale(loan.asset), steps=steps_until).total
    days = (due_on - steps.today(tx)).days
    fact = DueSoon(loan.id, loan.customer_id, loan.asset, amount, due_on, days, final)
    payload = {"amount": amount, "asset": loan.asset, "due_on": due_on.isoformat(), "days": days}
    steps.note(tx, loan, "due_soon", payload, fact=fact)

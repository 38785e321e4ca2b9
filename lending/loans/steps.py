"""What happens to a loan: interest becomes whole units, a payment is taken, collateral comes and goes. Steps under the loan's lock.

Whoever calls holds the lock (`queries.lock`) and goes on with the loan that a step hands back; `pay` hands back what it paid, so read the
loan again after it. Prices are read before the transaction and judged here, by the product's guard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date
from decimal import Decimal
from typing import Any
from uuid import UUID

from kernel import outbox
from kernel.db import Tx
from kernel.money import canonical, half_even_fraction
from lending.errors import LoanBusy
from lending.funding import service as funding
from lending.loans import plan, postings, queries
from lending.loans.errors import CollateralNotAccepted, NothingOwed
from lending.loans.events import CollateralChanged, Repaid
from lending.loans.plan import Instalment
from lending.loans.record import Loan, RateStep, debt, owed, running_interest, tested
from lending.loans.rules import Allocation, Owed, allocate, interest_due
from lending.loans.states import RUNNING, Level, LoanStatus
from lending.loans.watching import after_payment, is_trusted
from lending.prices import Observed, amounts
from lending.products.states import RateMode
from lending.products.terms import ProductVersion
from payments.assets import service as assets

ZERO = Decimal(0)


def today(tx: Tx) -> date:
    """The day that interest counts by: UTC, in business time."""
    return tx.now.astimezone(UTC).date()


def require_running(loan: Loan) -> None:
    """Only then may the customer act.

    Raises:
        LoanBusy: it is being sold, has ended, or has not begun.
    """
    if loan.status not in RUNNING:
        raise LoanBusy(status=loan.status.value)


def rate_steps(tx: Tx, loan: Loan, product: ProductVersion, on: date) -> Sequence[RateStep]:
    """The rates of a floating product until a day; none for a fixed one, whose rate stands in the loan."""
    assert loan.product_id == product.id, "a loan is counted by its own product"
    return rate_steps_of(tx, product, on)


def rate_steps_of(tx: Tx, product: ProductVersion, on: date) -> Sequence[RateStep]:
    """The same before there is a loan."""
    if product.terms.rate_mode is RateMode.FIXED:
        return ()
    return queries.rate_steps(tx, product.id, until=on)


def note(
    tx: Tx,
    loan: Loan,
    kind: str,
    payload: Mapping[str, Any],
    *,
    shown: bool = True,
    journal_id: UUID | None = None,
    fact: object | None = None,
) -> None:
    """An entry of the timeline, amounts as strings; `fact` is what others are told of it. The customer reads what is `shown`."""
    plain = {name: canonical(value) if isinstance(value, Decimal) else value for name, value in payload.items()}
    queries.add_event(tx, loan.id, kind, plain, shown=shown, journal_id=journal_id)
    if fact is not None:
        outbox.publish(tx, fact, key=str(loan.id))


# --------------------------------------------------------------------------------------------------------------------------- interest


def charge_interest(tx: Tx, loan: Loan, product: ProductVersion, on: date) -> Loan:
    """Make whole units of the interest up to a day: instalments that fell due ask for theirs, what runs beyond them is rounded up.

    Nothing is posted: the daily journal of the product books the interest of all loans, this one's units among it.
    """
    charged = fall_due(tx, loan, product, on)
    steps = rate_steps(tx, charged, product, on)
    whole = interest_due(running_interest(charged, product, on, steps), scale=assets.scale(loan.asset))
    if on <= charged.interest_from:
        return charged
    return write(
        tx,
        charged,
        interest_from=on,
        interest_owed=charged.interest_owed + whole,
        interest_charged=charged.interest_charged + whole,
    )


def fall_due(tx: Tx, loan: Loan, product: ProductVersion, on: date) -> Loan:
    """Instalments whose day has come are owed from now on, each with the interest since the one before it, rounded half to even.

    That interest counts on what was owed indeed: for a customer who paid on time it is the plan's to the unit.
    """
    rows = queries.instalments(tx, loan.id)
    waiting = [row for row in rows if row.status == "pending" and row.due_on <= on]
    if not waiting:
        return loan
    steps, scale = rate_steps(tx, loan, product, on), assets.scale(loan.asset)
    due = [row for row in rows if row.status == "due"]
    made: list[Instalment] = []
    in_all, charged, since = loan.interest_owed, loan.interest_charged, loan
    for row in waiting:
        whole = half_even_fraction(running_interest(since, product, row.due_on, steps), scale)
        in_all, charged = in_all + whole, charged + whole
        asked = replace(
            row,
            interest=in_all - sum((other.interest_left for other in (*due, *made)), ZERO),
            principal=min(row.principal, loan.principal - sum((other.principal_left for other in (*due, *made)), ZERO)),
        )
        made.append(replace(asked, status="due" if asked.payment else "paid"))
        since = replace(since, interest_from=max(row.due_on, since.interest_from))
    queries.set_instalments(tx, loan.id, made)
    for row in made:
        note(
            tx,
            loan,
            "instalment_due",
            {"due_on": row.due_on.isoformat(), "interest": row.interest, "principal": row.principal},
        )
    return write(tx, loan, interest_from=since.interest_from, interest_owed=in_all, interest_charged=charged)


# ------------------------------------------------------------------------------------------------------------------------- repayment


def pay(
    tx: Tx, loan: Loan, product: ProductVersion, amount: Decimal, *, from_account: int, source: str, on: date
) -> Allocation:
    """Take at most `amount` from an account for what is owed on a day; what is due goes first, in the product's order.

    The funding line gets its principal back in the same transaction. With nothing left the loan is repaid and the collateral returned.

    Args:
        source: who pays: `customer`, `collateral` or `auto`.

    Raises:
        LoanBusy: the loan is not running.
        NothingOwed: neither was it before.
        InsufficientFunds: the account does not hold it.
    """
    require_running(loan)
    loan = charge_interest(tx, loan, product, on)
    rows = queries.instalments(tx, loan.id)
    whole = _owed(loan)
    if whole.total == 0 or amount <= 0:
        raise NothingOwed
    done = _allocated(amount, whole, plan.due_part(rows, whole), product)
    left = whole.less(done.paid)
    if done.paid.principal:
        funding.repay(tx, line_id=product.funding_line_id, loan_id=loan.id, amount=done.paid.principal)
    journal_id = postings.paid(tx, loan, done.paid, from_account=from_account, source=source)
    after = write(
        tx,
        loan,
        principal=left.principal,
        interest_owed=left.interest,
        fee_owed=left.fee,
        penalty_owed=left.penalty,
        debt_at_event=left.total,
    )
    queries.set_instalments(tx, loan.id, plan.spread(rows, done.paid))
    _note_paid(tx, loan, done.paid, left, source=source, journal_id=journal_id)
    if left.total == 0:
        close(tx, after)
    else:
        plan_again(tx, after, product, on)
    return done


def close(tx: Tx, loan: Loan) -> Loan:
    """Nothing is owed any more: the loan is repaid and its collateral free."""
    assert loan.fixed_part == 0, "a loan with a debt is not closed"
    queries.void_pending(tx, loan.id)
    give_back(tx, loan)
    return write(tx, loan, to=LoanStatus.REPAID, level=Level.HEALTHY.value, below=0, below_since=None)


def _allocated(amount: Decimal, whole: Owed, due: Owed, product: ProductVersion) -> Allocation:
    """What is due first, then the rest, each in the product's order."""
    first = allocate(amount, due, product.terms.repayment_order)
    rest = allocate(first.left, whole.less(due), product.terms.repayment_order)
    together = Owed(
        penalty=first.paid.penalty + rest.paid.penalty,
        fee=first.paid.fee + rest.paid.fee,
        interest=first.paid.interest + rest.paid.interest,
        principal=first.paid.principal + rest.paid.principal,
    )
    return Allocation(together, rest.left)


def _note_paid(tx: Tx, loan: Loan, paid: Owed, left: Owed, *, source: str, journal_id: UUID) -> None:
    parts = {"penalty": paid.penalty, "fee": paid.fee, "interest": paid.interest, "principal": paid.principal}
    fact = Repaid(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        asset=loan.asset,
        left=left.total,
        closed=left.total == 0,
        source=source,
        **parts,
    )
    payload = {"amount": paid.total, "asset": loan.asset, **parts, "left": left.total, "source": source}
    note(tx, loan, "repaid" if left.total == 0 else "repayment", payload, journal_id=journal_id, fact=fact)


def plan_again(tx: Tx, loan: Loan, product: ProductVersion, on: date) -> None:
    """After a payment off the plan: the same dates for what is left, a row's interest counted from today on.

    A payment of exactly what was due, on its day, leaves the plan as it is.
    """
    rows = queries.instalments(tx, loan.id)
    waiting = [row for row in rows if row.status == "pending"]
    due = [row for row in rows if row.status == "due"]
    open_principal = loan.principal - sum((row.principal_left for row in due), ZERO)
    loose = loan.interest_owed - sum((row.interest_left for row in due), ZERO)
    planned = sum((row.principal for row in waiting), ZERO)
    on_a_due_day = any(row.due_on == on for row in rows if row.status != "pending")
    started_today = loan.opened_on == on
    if not waiting or (planned == open_principal and loose == 0 and (on_a_due_day or started_today)):
        return
    queries.void_pending(tx, loan.id)
    made = plan.instalments(
        product.terms,
        principal=open_principal,
        rate=loan.rate,
        start=on,
        dates=[row.due_on for row in waiting],
        scale=assets.scale(loan.asset),
        plan=max(row.plan for row in rows) + 1,
        first=waiting[0].n,
    )
    queries.add_instalments(tx, loan.id, _with_loose_interest(made, loose))


def _with_loose_interest(rows: Sequence[Instalment], loose: Decimal) -> list[Instalment]:
    """Interest that became owed between two due days is asked for with the next of them."""
    return [replace(row, interest=row.interest + loose) if place == 0 else row for place, row in enumerate(rows)]


# ------------------------------------------------------------------------------------------------------------------------ collateral


def top_up(
    tx: Tx, loan: Loan, product: ProductVersion, asset: str, quantity: Decimal, *, source: str, on: date
) -> Loan:
    """More collateral from the customer's own account.

    Raises:
        LoanBusy: the loan is not running.
        CollateralNotAccepted: its product does not take this asset.
        InsufficientFunds: the customer does not have it.
    """
    require_running(loan)
    if asset not in product.collaterals:
        raise CollateralNotAccepted(asset=asset)
    journal_id = postings.topped_up(tx, loan, asset, quantity, source=source)
    moved = _collateral_moved(tx, loan, {asset: quantity}, source=source, journal_id=journal_id)
    return touched(tx, moved, product, on)


def withdraw(tx: Tx, loan: Loan, product: ProductVersion, asset: str, quantity: Decimal, *, on: date) -> Loan:
    """Collateral that the loan does not need; who calls has seen that what stays carries the debt at the pledge rates."""
    require_running(loan)
    journal_id = postings.returned(tx, loan, {asset: quantity})
    moved = _collateral_moved(tx, loan, {asset: -quantity}, source="customer", journal_id=journal_id)
    return touched(tx, moved, product, on)


def touched(tx: Tx, loan: Loan, product: ProductVersion, on: date, **columns: Any) -> Loan:
    """Something happened: lines that stand still between two events go by the debt of today. Interest runs on, unrounded."""
    owed_now = owed(loan, product, on, scale=assets.scale(loan.asset), steps=rate_steps(tx, loan, product, on))
    return write(tx, loan, debt_at_event=owed_now.total, **columns)


def give_back(tx: Tx, loan: Loan) -> None:
    """All collateral that is still pledged, to the customer's own accounts."""
    pledged = {asset: quantity for asset, quantity in loan.collateral.items() if quantity}
    if not pledged:
        return
    journal_id = postings.returned(tx, loan, pledged)
    for asset in sorted(pledged):
        queries.set_collateral(tx, loan.id, asset, ZERO)
    shown = {asset: canonical(quantity) for asset, quantity in sorted(pledged.items())}
    note(tx, loan, "collateral_returned", {"collateral": shown}, journal_id=journal_id)


def _collateral_moved(tx: Tx, loan: Loan, changes: Mapping[str, Decimal], *, source: str, journal_id: UUID) -> Loan:
    collateral = dict(loan.collateral)
    for asset, change in changes.items():
        collateral[asset] = collateral.get(asset, ZERO) + change
        queries.set_collateral(tx, loan.id, asset, collateral[asset])
        fact = CollateralChanged(loan.id, loan.customer_id, asset, change, collateral[asset], source)
        kind = "collateral_added" if change > 0 else "collateral_withdrawn"
        payload = {"asset": asset, "quantity": abs(change), "pledged": collateral[asset], "source": source}
        note(tx, loan, kind, payload, journal_id=journal_id, fact=fact)
    return replace(loan, collateral=collateral)


# ----------------------------------------------------------------------------------------------------------------------------- level


def mark_again(tx: Tx, loan: Loan, product: ProductVersion, prices: Mapping[str, Observed], on: date) -> Loan:
    """Money moved: a better level stands at once and the wait for a sale ends. Without prices to believe it stays for the next look."""
    pledged = [asset for asset, quantity in loan.collateral.items() if quantity]
    if loan.status not in RUNNING or not all(
        asset in prices and is_trusted(prices[asset].seen, product.terms.guard) for asset in pledged
    ):
        return loan
    exact = debt(loan, product, on, rate_steps(tx, loan, product, on))
    position = tested(loan, product, amounts(prices), exact)
    watch = after_payment(loan.watch, position, guard=product.terms.guard)
    if watch == loan.watch:
        return loan
    if watch.level.told_to_customers() is not loan.level.told_to_customers():
        payload = {"from": loan.level.told_to_customers().value, "to": watch.level.told_to_customers().value}
        note(tx, loan, "level_changed", payload)
    return write(
        tx,
        loan,
        level=watch.level.value,
        below=watch.below,
        below_since=watch.since,
    )


def _owed(loan: Loan) -> Owed:
    return Owed(penalty=loan.penalty_owed, fee=loan.fee_owed, interest=loan.interest_owed, principal=loan.principal)


def write(tx: Tx, loan: Loan, *, to: LoanStatus | None = None, **columns: Any) -> Loan:
    """The loan with these columns.

    Raises:
        LoanBusy: somebody changed it without its lock.
    """
    if not queries.change(tx, loan, to=to, **columns):
        raise LoanBusy(status=loan.status.value)
    known = {**columns, "level": Level(columns["level"])} if "level" in columns else columns
    return replace(loan, **known, status=to or loan.status, row_version=loan.row_version + 1)

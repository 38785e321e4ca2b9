"""How a loan begins: at once where its money is here, else the collateral is held until the funding line has answered. Steps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import canonical
from lending import accounts
from lending.funding import service as funding
from lending.loans import plan, postings, queries, steps
from lending.loans.events import LoanCancelled, LoanOpened
from lending.loans.record import Loan
from lending.loans.states import LoanStatus
from lending.products import queries as products
from lending.products.states import FeeMode
from lending.products.terms import ProductVersion
from lending.schedules.states import Method
from payments.assets import service as assets
from payments.holds import service as holds
from payments.holds.states import HoldKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a quote promised and the customer accepted. `amount` is asked for; the fee comes off it, or on top, as the product says."""

    quote_id: UUID
    customer_id: UUID
    amount: Decimal
    fee: Decimal
    rate: Decimal
    tenor_days: int
    collateral: Mapping[str, Decimal]


def principal_of(amount: Decimal, fee: Decimal, mode: FeeMode) -> Decimal:
    """What the customer owes at the beginning."""
    return amount + fee if mode is FeeMode.CAPITALISED else amount


def dates_of(product: ProductVersion, start: date, tenor_days: int) -> tuple[date, ...]:
    """When its instalments are due, the last of them the maturity."""
    every = None if product.terms.method is Method.BULLET else product.terms.every
    return plan.due_dates(start, every, tenor_days)


def begin(tx: Tx, product: ProductVersion, wanted: Wanted, *, loan_id: UUID | None = None) -> UUID:
    """Make the loan: collateral pledged and money paid out in one journal, the funding line drawn.

    Where the line must ask outside, the loan is `applied` with its collateral held, until `funded` or `refused`.

    Raises:
        InsufficientFunds: the customer does not have the collateral.
    """
    loan_id = loan_id or uuid7()
    principal = principal_of(wanted.amount, wanted.fee, product.terms.fee_mode)
    here = funding.draw(tx, line_id=product.funding_line_id, loan_id=loan_id, amount=wanted.amount)
    status = LoanStatus.ACTIVE if here else LoanStatus.APPLIED
    start = steps.today(tx)
    origination = {
        "debt": canonical(principal),
        "fee": canonical(wanted.fee),
        "tenor_days": wanted.tenor_days,
        "collateral": {asset: canonical(quantity) for asset, quantity in sorted(wanted.collateral.items())},
    }
    held = {} if here else _hold(tx, loan_id, wanted)
    if held:
        origination["holds"] = {asset: str(hold) for asset, hold in held.items()}
    queries.insert(
        tx, id=loan_id, customer_id=wanted.customer_id, product_id=product.id, version=product.version, quote_id=wanted.quote_id,
        asset=product.asset, status=status.value, drawn=principal, principal=principal, rate=wanted.rate, interest_from=start,
        debt_at_event=principal, origination=json.dumps(origination), opened_on=start,
        matures_on=dates_of(product, start, wanted.tenor_days)[-1],
    )  # fmt: skip
    loan = queries.lock(tx, loan_id)
    assert loan is not None
    if here:
        _pay_out(tx, loan, product, {})
    else:
        shown = {"principal": principal, "asset": product.asset, "collateral": origination["collateral"]}
        steps.note(tx, loan, "applied", shown)
    return loan_id


def funded(tx: Tx, loan_id: UUID) -> None:
    """The money of the funding line has come: the loan begins today. A repeat finds it begun."""
    loan = queries.lock(tx, loan_id)
    if loan is None or loan.status is not LoanStatus.APPLIED:
        return
    product = products.version(tx, loan.product_id, loan.version)
    assert product is not None, "a loan keeps the version it was made under"
    start = steps.today(tx)
    tenor = int(loan.origination["tenor_days"])
    begun = steps.write(
        tx,
        loan,
        to=LoanStatus.ACTIVE,
        opened_on=start,
        interest_from=start,
        matures_on=dates_of(product, start, tenor)[-1],
    )
    _pay_out(tx, begun, product, _holds_of(loan))


def refused(tx: Tx, loan_id: UUID) -> None:
    """The funding line gave nothing: the collateral is free again and the loan never was."""
    loan = queries.lock(tx, loan_id)
    if loan is None or loan.status is not LoanStatus.APPLIED:
        return
    holds.void_all(tx, list(_holds_of(loan).values()))
    ended = steps.write(tx, loan, to=LoanStatus.CANCELLED, principal=Decimal(0), debt_at_event=Decimal(0))
    fact = LoanCancelled(loan.id, loan.customer_id, loan.asset, loan.principal)
    steps.note(tx, ended, "cancelled", {"principal": loan.principal, "asset": loan.asset}, fact=fact)


def _hold(tx: Tx, loan_id: UUID, wanted: Wanted) -> dict[str, UUID]:
    return {
        asset: holds.open_hold(
            tx,
            account_id=accounts.available(tx, wanted.customer_id, asset),
            amount=quantity,
            kind=HoldKind.COLLATERAL,
            reference=f"loan:{loan_id}",
        )
        for asset, quantity in sorted(wanted.collateral.items())
    }


def _holds_of(loan: Loan) -> dict[str, UUID]:
    return {asset: UUID(hold) for asset, hold in loan.origination.get("holds", {}).items()}


def _pay_out(tx: Tx, loan: Loan, product: ProductVersion, held: Mapping[str, UUID]) -> None:
    """Pledge, payout and fee in one journal, the plan of instalments beside it."""
    fee = Decimal(loan.origination["fee"])
    collateral = {asset: Decimal(quantity) for asset, quantity in loan.origination["collateral"].items()}
    for asset, quantity in collateral.items():
        queries.set_collateral(tx, loan.id, asset, quantity)
    tenor = int(loan.origination["tenor_days"])
    rows = plan.instalments(
        product.terms,
        principal=loan.principal,
        rate=loan.rate,
        start=loan.opened_on,
        dates=dates_of(product, loan.opened_on, tenor),
        scale=assets.scale(loan.asset),
    )
    queries.add_instalments(tx, loan.id, rows)
    paid_out = loan.principal - fee
    journal_id = postings.opened(tx, loan, collateral=collateral, paid_out=paid_out, fee=fee, held=held)
    fact = LoanOpened(
        loan.id, loan.customer_id, loan.product_id, loan.asset, loan.principal, paid_out, fee, loan.matures_on
    )
    payload = {
        "principal": loan.principal, "paid_out": paid_out, "fee": fee, "asset": loan.asset,
        "collateral": dict(loan.origination["collateral"]), "matures_on": loan.matures_on.isoformat(),
    }  # fmt: skip
    steps.note(tx, loan, "opened", payload, journal_id=journal_id, fact=fact)

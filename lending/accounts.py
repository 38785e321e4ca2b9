"""The accounts that lending works with, by their paths; opened on first use.

A loan's collateral and a liquidation's two accounts belong to the customer and are guarded: they can never be spent below zero. The
rest are the house's: per product what customers owe, per funding line what we owe, and the insurance pool, guarded as well.
"""

from __future__ import annotations

from uuid import UUID

from kernel.db import Tx
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind


def available(tx: Tx, customer: UUID, asset: str) -> int:
    return accounts.customer(tx, customer_id=customer, asset=asset)


def pledged(tx: Tx, loan: UUID, customer: UUID, asset: str) -> int:
    """The collateral of one loan."""
    return accounts.ensure(
        tx, path=f"loan:{loan}:{asset}", asset=asset, kind=AccountKind.PLEDGED, guarded=True, owner=customer
    )


def clearing(tx: Tx, liquidation: UUID, customer: UUID, asset: str) -> int:
    """Collateral that is being sold; the orders of the liquidation spend from here."""
    path = f"liquidation:{liquidation}:clearing:{asset}"
    return accounts.ensure(tx, path=path, asset=asset, kind=AccountKind.LIQUIDATION, guarded=True, owner=customer)


def proceeds(tx: Tx, liquidation: UUID, customer: UUID, asset: str) -> int:
    """What the sales brought, until it is settled."""
    path = f"liquidation:{liquidation}:proceeds:{asset}"
    return accounts.ensure(tx, path=path, asset=asset, kind=AccountKind.LIQUIDATION, guarded=True, owner=customer)


def principal(tx: Tx, product: UUID, asset: str) -> int:
    """What customers of a product owe us, without interest."""
    return accounts.house(
        tx, path=f"lending.principal.{product}", asset=asset, kind=AccountKind.RECEIVABLE, normal_side="debit"
    )


def interest_receivable(tx: Tx, product: UUID, asset: str) -> int:
    """Interest earned and not yet paid to us: the control account beside the sum over the loans."""
    return accounts.house(
        tx, path=f"lending.interest.{product}", asset=asset, kind=AccountKind.RECEIVABLE, normal_side="debit"
    )


def revenue(tx: Tx, what: str, asset: str) -> int:
    """`loan_interest`, `loan_fee`, `loan_penalty` or `liquidation_fee`."""
    return accounts.house(tx, path=f"revenue.{what}", asset=asset, kind=AccountKind.REVENUE, normal_side="credit")


def funding_payable(tx: Tx, line: UUID, asset: str) -> int:
    """What we owe the source of a funding line."""
    return accounts.house(tx, path=f"funding.payable.{line}", asset=asset, kind=AccountKind.HOUSE, normal_side="credit")


def funding_interest(tx: Tx, line: UUID, asset: str) -> int:
    """What its money has cost so far and is not yet paid."""
    return accounts.house(
        tx, path=f"funding.interest.{line}", asset=asset, kind=AccountKind.HOUSE, normal_side="credit"
    )


def funding_expense(tx: Tx, asset: str) -> int:
    return accounts.house(tx, path="expense.funding", asset=asset, kind=AccountKind.EXPENSE, normal_side="debit")


def cash(tx: Tx, asset: str, *, venue: str | None = None) -> int:
    """Where a funding line's money lies: at a venue, or in the house's own hands."""
    path = "house.cash" if venue is None else f"venue.{venue}"
    return accounts.house(tx, path=path, asset=asset, kind=AccountKind.CUSTODY, normal_side="debit")


def insurance(tx: Tx, asset: str) -> int:
    """The insurance pool: a shortfall is paid from what stands here, and not a unit more."""
    return accounts.ensure(
        tx, path=f"insurance.lending:{asset}", asset=asset, kind=AccountKind.POOL, guarded=True, normal_side="credit"
    )


def taken_over(tx: Tx, asset: str) -> int:
    """What the house took over of collateral that no market takes, and what it paid for it."""
    return accounts.house(tx, path="house.collateral", asset=asset, kind=AccountKind.HOUSE, normal_side="credit")


def bad_debt(tx: Tx, asset: str) -> int:
    return accounts.house(tx, path="expense.bad_debt", asset=asset, kind=AccountKind.EXPENSE, normal_side="debit")

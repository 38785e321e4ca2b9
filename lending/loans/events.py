"""Facts about loans that leave the package: what customers and staff are told, and what other rooms act on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("lending.loan_opened.v1")
@dataclass(frozen=True, slots=True)
class LoanOpened:
    """The collateral is pledged and `paid_out` is on the customer's account."""

    loan_id: UUID
    customer_id: UUID
    product_id: UUID
    asset: str
    principal: Decimal
    paid_out: Decimal
    fee: Decimal
    matures_on: date


@event("lending.loan_cancelled.v1")
@dataclass(frozen=True, slots=True)
class LoanCancelled:
    """The funding line gave no money: the collateral is free again and nothing was charged."""

    loan_id: UUID
    customer_id: UUID
    asset: str
    principal: Decimal


@event("lending.repaid.v1")
@dataclass(frozen=True, slots=True)
class Repaid:
    """A payment by its parts; `left` is still owed, and with nothing left (`closed`) the collateral went back.

    `source` is who paid: the customer, the collateral, or an order the customer gave beforehand (`auto_repay`).
    """

    loan_id: UUID
    customer_id: UUID
    asset: str
    penalty: Decimal
    fee: Decimal
    interest: Decimal
    principal: Decimal
    left: Decimal
    closed: bool
    source: str


@event("lending.collateral_changed.v1")
@dataclass(frozen=True, slots=True)
class CollateralChanged:
    """`change` came (or, negative, went back); `quantity` of the asset is pledged now."""

    loan_id: UUID
    customer_id: UUID
    asset: str
    change: Decimal
    quantity: Decimal
    source: str


@event("lending.extended.v1")
@dataclass(frozen=True, slots=True)
class Extended:
    loan_id: UUID
    customer_id: UUID
    asset: str
    fee: Decimal
    interest: Decimal
    matures_on: date


@event("lending.penalty_charged.v1")
@dataclass(frozen=True, slots=True)
class PenaltyCharged:
    """The days from `from_day` until before `to_day` on what was late."""

    loan_id: UUID
    customer_id: UUID
    asset: str
    amount: Decimal
    from_day: date
    to_day: date

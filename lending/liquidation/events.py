"""Facts about liquidations that leave the package. Amounts are in the lent asset unless the field says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("lending.liquidation_started.v1")
@dataclass(frozen=True, slots=True)
class LiquidationStarted:
    """The collateral stands in clearing and will be sold; `owed` is everything owed at that moment, and interest has stopped."""

    liquidation_id: UUID
    loan_id: UUID
    customer_id: UUID
    cause: str
    asset: str
    owed: Decimal


@event("lending.liquidation_paused.v1")
@dataclass(frozen=True, slots=True)
class LiquidationPaused:
    """Nothing can be sold right now; `reason` is a stable word. A person may have to act."""

    liquidation_id: UUID
    loan_id: UUID
    reason: str


@event("lending.liquidation_settled.v1")
@dataclass(frozen=True, slots=True)
class LiquidationSettled:
    """proceeds = paid + fee + surplus; what was not sold went back to the customer, or to the house where the debt was not paid."""

    liquidation_id: UUID
    loan_id: UUID
    customer_id: UUID
    cause: str
    asset: str
    proceeds: Decimal
    paid: Decimal
    fee: Decimal
    surplus: Decimal
    shortfall: Decimal


@event("lending.bad_debt.v1")
@dataclass(frozen=True, slots=True)
class BadDebtBooked:
    """The sale did not pay everything: the insurance pool bore `insured`, the house `lost`."""

    liquidation_id: UUID
    loan_id: UUID
    customer_id: UUID
    asset: str
    insured: Decimal
    lost: Decimal

"""Facts about withdrawals that leave the package. Amounts are in the asset; what arrives is `amount`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("wallet.withdrawal_requested.v1")
@dataclass(frozen=True, slots=True)
class WithdrawalRequested:
    """`amount` and `fee` are held; `in_review` when a person looks first."""

    withdrawal_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    fee: Decimal
    address: str
    label: str
    in_review: bool
    asked_at: datetime


@event("wallet.withdrawal_sent.v1")
@dataclass(frozen=True, slots=True)
class WithdrawalSent:
    """It is on its way on the chain."""

    withdrawal_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    address: str
    txid: str | None


@event("wallet.withdrawal_completed.v1")
@dataclass(frozen=True, slots=True)
class WithdrawalCompleted:
    """It arrived for good; `txid` is None where it stayed within the house."""

    withdrawal_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    fee: Decimal
    address: str
    txid: str | None


@event("wallet.withdrawal_ended.v1")
@dataclass(frozen=True, slots=True)
class WithdrawalEnded:
    """Nothing left: rejected, cancelled or failed (`state`); what was held is free again."""

    withdrawal_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    address: str
    state: str
    reason: str | None

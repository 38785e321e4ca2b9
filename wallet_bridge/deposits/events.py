"""Facts about deposits that leave the room: what customers and programs are told, and what staff is alerted of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("wallet.deposit_seen.v1")
@dataclass(frozen=True, slots=True)
class DepositSeen:
    """In a block; again where that block left the chain and another one has it."""

    deposit_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    txid: str
    confirmations_to_credit: int


@event("wallet.deposit_credited.v1")
@dataclass(frozen=True, slots=True)
class DepositCredited:
    """`amount` is on the customer's account; while it is not `final` it may be traded, and not be withdrawn."""

    deposit_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    txid: str
    final: bool


@event("wallet.deposit_reversed.v1")
@dataclass(frozen=True, slots=True)
class DepositReversed:
    """Its block left the chain after it was credited. `missing` had been spent; the customer's accounts are shut then."""

    deposit_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    txid: str
    missing: Decimal


@event("wallet.deposit_held.v1")
@dataclass(frozen=True, slots=True)
class DepositHeld:
    """It arrived, and two people have to let it go: `reason` says why."""

    deposit_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    txid: str
    reason: str


@event("wallet.deposit_spent.v1")
@dataclass(frozen=True, slots=True)
class DepositSpent:
    """For staff: it was reversed when its customer had spent `missing` of it, which is owed now; the customer's accounts are frozen."""

    deposit_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    txid: str
    missing: Decimal


@event("wallet.deposit_unclaimed.v1")
@dataclass(frozen=True, slots=True)
class DepositUnclaimed:
    """For staff: it arrived and nobody knows whose it is, or the books do not know its asset (`reason`)."""

    deposit_id: UUID
    asset: str
    network: str
    amount: Decimal
    txid: str
    reason: str


@event("wallet.deposit_refunded.v1")
@dataclass(frozen=True, slots=True)
class DepositRefunded:
    """It was never credited, and went back: `amount` arrived at `address` by `txid`; `fee` was deducted from what had come."""

    deposit_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    txid: str
    fee: Decimal
    address: str


@event("wallet.deposit_refund_halted.v1")
@dataclass(frozen=True, slots=True)
class DepositRefundHalted:
    """For staff. `not_paid`: it is held again (`reason`); `manual`: nobody knows what was paid; `taken_back`: paid, the house's loss."""

    deposit_id: UUID
    customer_id: UUID
    asset: str
    network: str
    amount: Decimal
    why: str
    reason: str

"""Facts that leave this room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("wallet.treasury_transfer_closed.v1")
@dataclass(frozen=True, slots=True)
class TreasuryTransferClosed:
    """What left one place is at the other."""

    transfer_id: UUID
    source: str
    destination: str
    asset: str
    amount: Decimal
    fee: Decimal


@event("wallet.treasury_transfer_late.v1")
@dataclass(frozen=True, slots=True)
class TreasuryTransferLate:
    """It takes three times as long as it should."""

    transfer_id: UUID
    source: str
    destination: str
    asset: str
    amount: Decimal
    state: str
    since: datetime


@event("wallet.treasury_transfer_differs.v1")
@dataclass(frozen=True, slots=True)
class TreasuryTransferDiffers:
    """What came is not what left; the difference stays in transit until people have found out."""

    transfer_id: UUID
    source: str
    destination: str
    asset: str
    left: Decimal
    arrived: Decimal


@event("wallet.treasury_transfer_ended.v1")
@dataclass(frozen=True, slots=True)
class TreasuryTransferEnded:
    """It will not arrive: rejected, cancelled, failed or not placed."""

    transfer_id: UUID
    source: str
    destination: str
    asset: str
    amount: Decimal
    state: str
    reason: str | None
    agreed: bool = False
    """Two people had agreed to it: nobody takes for granted that it ends."""


@event("wallet.treasury_transfer_settled.v1")
@dataclass(frozen=True, slots=True)
class TreasuryTransferSettled:
    """Two people ended it: so much is at the destination, and what is `missing` is booked as lost (below nothing: more came)."""

    transfer_id: UUID
    source: str
    destination: str
    asset: str
    received: Decimal
    missing: Decimal

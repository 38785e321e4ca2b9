"""Facts that leave this room."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from kernel.events import event


@event("wallet.cold_spend_drafted.v1")
@dataclass(frozen=True, slots=True)
class ColdSpendDrafted:
    """Its holders may sign: `digest` is what their devices show."""

    spend_id: UUID
    network: str
    asset: str
    amount: Decimal
    digest: str
    needed: int


@event("wallet.cold_spend_ended.v1")
@dataclass(frozen=True, slots=True)
class ColdSpendEnded:
    """Final, failed, refused or cancelled."""

    spend_id: UUID
    network: str
    asset: str
    amount: Decimal
    state: str
    txid: str | None
    reason: str | None

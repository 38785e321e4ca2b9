"""A payment back to a sender as it stands in its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from wallet_bridge.withdrawals.states import WithdrawalState


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """`amount` arrives; with `fee`, which stays with the house, it is what had come. Its states are a withdrawal's from `reserved` on.

    `reason` is the words of who asked, `ended_because` why nothing was paid.
    """

    id: UUID
    deposit_id: UUID
    asset: str
    network: str
    address: str
    memo: str | None
    amount: Decimal
    fee: Decimal
    fee_cap: Decimal
    reason: str
    state: WithdrawalState
    asked_by: UUID
    approved_by: UUID
    created_at: datetime
    txid: str | None = None
    reported_at: datetime | None = None
    cancel_asked_at: datetime | None = None
    ended_at: datetime | None = None

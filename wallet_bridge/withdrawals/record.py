"""A withdrawal as it stands in its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from wallet_bridge.withdrawals.states import DecisionState, WithdrawalState, WithdrawalVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """`amount` arrives, `fee` stays with the house, both are held. `receiver_id`: whose deposit address it is, where it is one of ours.

    `value`: in USDT when it was asked for, None where nobody knew. `review`: why a person had to look.
    """

    id: UUID
    customer_id: UUID
    address_id: UUID
    asset: str
    network: str
    address: str
    plain: str
    memo: str | None
    label: str
    amount: Decimal
    fee: Decimal
    fee_cap: Decimal
    value: Decimal | None
    receiver_id: UUID | None
    state: WithdrawalState
    review: Sequence[str]
    hold_id: UUID
    created_at: datetime
    updated_at: datetime
    released_by: UUID | None = None
    approved_by: UUID | None = None
    cancel_asked_at: datetime | None = None
    cancel_refused: bool = False
    txid: str | None = None
    confirmations: int = 0
    reported_at: datetime | None = None
    contradiction: str | None = None
    reason: str | None = None
    ended_at: datetime | None = None

    @property
    def total(self) -> Decimal:
        return self.amount + self.fee

    @property
    def internal(self) -> bool:
        """Whether it stays in the books of the house."""
        return self.receiver_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What people said of one that is manual. `told`: what the custodian answered when it was asked by it."""

    verdict: WithdrawalVerdict
    txid: str | None
    evidence: str
    state: DecisionState
    told: str | None
    proposed_by: UUID
    confirmed_by: UUID | None
    proposed_at: datetime
    asked_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class View:
    """With what its reader sees beside it: when it was first in each state, since when its address stands in the book.

    `approval_id`: the newest request for what a person asked for here; `decision`: the newest one of people.
    """

    withdrawal: Withdrawal
    steps: Mapping[WithdrawalState, datetime]
    explorer: str | None
    address_since: datetime
    approval_id: UUID | None = None
    decision: Decision | None = None

    @property
    def explorer_url(self) -> str | None:
        txid = self.withdrawal.txid
        return self.explorer.replace("{txid}", txid) if self.explorer and txid else None

"""A deposit as it stands in its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from wallet_bridge.deposits.states import DepositStatus, Place

SPENT, LET_GO = "spent", "let_go"
"""Reasons of a deposit that was reversed when its customer had spent of it. They stay until what is owed has been paid back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """`booked` is what of `amount` the books have, in their whole units, and `place` whose it is there.

    `to_credit` and `to_final` are confirmations. `seq` is the number of the newest event that was applied. `shortage`: what was missing
    when it was reversed. `fine`: its whole amount, where it is less than the books' smallest unit and is carried with the wallet.
    `refund_id` is the payment back to the sender that is under way or was made, `refund_txid` where it was made, `refund_refused` why the
    last one was not.
    """

    id: UUID
    customer_id: UUID | None
    network: str
    txid: str
    output: int
    asset: str
    amount: Decimal
    address: str
    memo: str | None
    status: DepositStatus
    reason: str | None
    height: int
    block: str
    confirmations: int
    to_credit: int
    to_final: int
    seq: int
    place: Place | None
    booked: Decimal
    fine: Decimal
    journal_id: UUID | None
    bookings: int
    shortage: Decimal
    seen_at: datetime
    credited_at: datetime | None
    final_at: datetime | None
    refund_id: UUID | None = None
    refund_txid: str | None = None
    refund_refused: str | None = None

    @property
    def owes(self) -> bool:
        """Whether what was missing of it keeps its customer's accounts shut: not once it is paid back, or two people let them go."""
        return self.shortage > 0 and self.reason != LET_GO

    @property
    def deep(self) -> bool:
        """Whether the chain will not take it back any more."""
        return self.confirmations >= self.to_final

"""A deposit as it stands in its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from wallet_bridge.deposits.states import DepositStatus, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """`booked` is what of `amount` the books have, in their whole units, and `place` whose it is there.

    `to_credit` and `to_final` are confirmations. `seq` is the number of the newest event that was applied. `shortage`: what was missing
    when it was reversed.
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
    journal_id: UUID | None
    bookings: int
    shortage: Decimal
    seen_at: datetime
    credited_at: datetime | None
    final_at: datetime | None

    @property
    def deep(self) -> bool:
        """Whether the chain will not take it back any more."""
        return self.confirmations >= self.to_final

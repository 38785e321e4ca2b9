"""A row of a plan that is due, with all that paying it needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """`account_id` is paid into; the last row carries the principal and ends the subscription."""

    subscription_id: UUID
    seq: int
    due_at: datetime
    customer_id: UUID
    template_id: UUID
    asset: str
    account_id: int
    interest: Decimal
    principal: Decimal
    last: bool
    bonus: Decimal = Decimal(0)

    @property
    def key(self) -> str:
        return f"s/earn.payout:{self.subscription_id}:{self.seq}"

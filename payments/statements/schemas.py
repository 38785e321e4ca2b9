"""A line of a statement: what happened, what it did to the balance, and the words that explain it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class StatementLineOut(BaseModel):
    """`meta` of a trade holds symbol, side, venue, quantity, price, cost and fee."""

    model_config = ConfigDict(from_attributes=True)

    journal_id: UUID
    kind: str
    booked_at: datetime
    asset: str
    amount: DecimalString
    balance_after: DecimalString
    order_id: UUID | None
    meta: dict[str, Any]

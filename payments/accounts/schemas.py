"""Accounts on the wire: what they are, what is on them, and each line that made it so."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class AccountOut(BaseModel):
    """`available` = posted − held, and may go down to `floor`. A screen shows debit accounts with the other sign."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    path: str
    asset: str
    kind: str
    realm: str
    status: str
    owner: UUID | None
    normal_side: str
    floor: DecimalString
    opened_at: datetime
    posted: DecimalString
    held: DecimalString
    available: DecimalString
    held_by_purpose: dict[str, DecimalString]


class AccountBalanceOut(BaseModel):
    """What was booked on the account by `at`, or by now."""

    id: str
    asset: str
    at: datetime
    balance: DecimalString


class EntryOut(BaseModel):
    """One line; `balance_after` is the account's sum after it. `hold_id`: it was paid out of this hold."""

    model_config = ConfigDict(from_attributes=True)

    journal_id: UUID
    line: int
    kind: str
    booked_at: datetime
    effective_at: datetime | None
    amount: DecimalString
    balance_after: DecimalString
    hold_id: UUID | None
    order_id: UUID | None
    meta: dict[str, Any]

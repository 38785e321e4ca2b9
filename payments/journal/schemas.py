"""A journal on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class JournalLineOut(BaseModel):
    """Plus increases what the account may spend. `held_delta`: what a hold gave up with this line."""

    model_config = ConfigDict(from_attributes=True)

    line: int
    account_id: str
    path: str
    asset: str
    amount: DecimalString
    held_delta: DecimalString
    hold_id: UUID | None


class JournalOut(BaseModel):
    """Per asset its lines sum to zero."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    realm: str
    kind: str
    key: str | None
    booked_at: datetime
    effective_at: datetime | None
    actor: str | None
    order_id: UUID | None
    reverses: UUID | None
    reversed_by: UUID | None
    meta: dict[str, Any]
    lines: list[JournalLineOut]

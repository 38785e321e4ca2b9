"""Shapes of treasury's first two screens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class VenueBalanceOut(BaseModel):
    """`free` and `total` are the venue's words, `ledger` is ours; `usable` is what the next order may take."""

    model_config = ConfigDict(from_attributes=True)

    venue: str
    asset: str
    free: DecimalString
    total: DecimalString
    ledger: DecimalString
    reserved: DecimalString
    usable: DecimalString
    warning_line: DecimalString
    below_line: bool
    reported_at: datetime | None


class AlertOut(BaseModel):
    """`times` counts repeats while the alert is open."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    venue: str
    asset: str
    kind: str
    needed: DecimalString | None
    usable: DecimalString
    state: str
    times: int
    first_at: datetime
    last_at: datetime

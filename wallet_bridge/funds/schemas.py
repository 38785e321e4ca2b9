"""Shapes of treasury's balances at venues."""

from __future__ import annotations

from datetime import datetime

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

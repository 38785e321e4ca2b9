"""Shapes of public trades on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class TradeOut(BaseModel):
    """`side` is the taker's; `id` is ours and rises in the order in which trades became known here."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    venue: str
    price: DecimalString
    quantity: DecimalString
    side: Literal["buy", "sell"]
    at: datetime

"""Shapes of firm quotes on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from broker.orders.schemas import PositiveDecimal, Symbol
from kernel.money import DecimalString


class QuoteIn(BaseModel):
    """What a price is wanted for."""

    model_config = ConfigDict(extra="forbid")

    symbol: Symbol
    side: Literal["buy", "sell"]
    quantity: PositiveDecimal
    venue: Annotated[str, Field(pattern=r"^[a-z0-9]{2,20}$")] = "best"


class QuoteOut(BaseModel):
    """A firm price before fees, until `expires_at`; `order_id` once it was taken."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    symbol: str
    side: str
    quantity: DecimalString
    price: DecimalString
    venue: str
    expires_at: datetime
    order_id: UUID | None

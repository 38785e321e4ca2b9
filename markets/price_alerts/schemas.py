"""Shapes of price alerts on the wire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kernel.money import DecimalString
from markets.price_alerts.states import AlertStatus, Direction

MONTH_S = 31 * 24 * 3600


class PriceAlertIn(BaseModel):
    """`hysteresis`: how far the price must come back before the next crossing counts, a fraction of it.

    `cooldown_s` is the least time between two events. Without `repeat` the alert fires once.
    """

    model_config = ConfigDict(extra="forbid")

    symbol: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}-[A-Z0-9]{2,10}$", examples=["BTC-USDT"])]
    direction: Direction
    price: DecimalString
    hysteresis: DecimalString = Decimal("0.001")
    cooldown_s: Annotated[int, Field(ge=0, le=MONTH_S)] = 0
    repeat: bool = False
    note: Annotated[str | None, Field(max_length=200)] = None

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.price <= 0:
            raise ValueError("price must be positive")
        if not 0 <= self.hysteresis <= Decimal("0.5"):
            raise ValueError("hysteresis is a fraction between 0 and 0.5")
        return self


class PriceAlertOut(BaseModel):
    """`fired` counts its crossings so far. A `new` alert has met no price yet, a `waiting` one waits for the price to come back."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    symbol: str
    direction: Direction
    price: DecimalString
    hysteresis: DecimalString
    cooldown_s: int
    repeat: bool
    note: str | None
    status: AlertStatus
    fired: int
    last_fired_at: datetime | None
    last_fired_price: DecimalString | None
    created_at: datetime

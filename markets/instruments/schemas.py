"""Shapes of markets on the wire."""

from __future__ import annotations

from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from kernel.money import DecimalString
from markets.instruments.states import FillMode, MarketStatus, Trigger

MOST_MARKUP = Decimal("0.05")


class MarketOut(BaseModel):
    """Prices are multiples of `tick`, quantities of `lot`; `min_notional` is in quote, `markup` a fraction."""

    model_config = ConfigDict(from_attributes=True)

    symbol: str
    base: str
    quote: str
    tick: DecimalString
    lot: DecimalString
    min_notional: DecimalString
    trigger: Trigger
    fill: FillMode
    markup: DecimalString
    status: MarketStatus


class MarketPatch(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    trigger: Trigger | None = None
    fill: FillMode | None = None
    status: MarketStatus | None = None
    markup: DecimalString | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.trigger is None and self.fill is None and self.status is None and self.markup is None:
            raise ValueError("give at least one of trigger, fill, status, markup")
        if self.markup is not None and not 0 <= self.markup <= MOST_MARKUP:
            raise ValueError(f"markup is a fraction between 0 and {MOST_MARKUP}")
        return self

"""Shapes of orders on the wire: amounts and prices are decimal strings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kernel.money import DecimalString

Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}-[A-Z0-9]{2,10}$", examples=["BTC-USDT"])]


class OrderIn(BaseModel):
    """`quantity` is in base; a market buy may give `quote_quantity` instead: the most that is spent, our fee included."""

    model_config = ConfigDict(extra="forbid")

    symbol: Symbol
    side: Literal["buy", "sell"]
    type: Literal["market", "limit"]
    quantity: DecimalString | None = None
    quote_quantity: DecimalString | None = None
    limit_price: DecimalString | None = None
    venue: Annotated[str, Field(pattern=r"^[a-z0-9]{2,20}$")] = "best"
    time_in_force: Literal["gtc", "ioc"] | None = None
    expected_price: DecimalString | None = None
    tolerance: DecimalString | None = None
    client_order_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.quantity is None) == (self.quote_quantity is None):
            raise ValueError("give either quantity or quote_quantity")
        if self.quote_quantity is not None and (self.type != "market" or self.side != "buy"):
            raise ValueError("quote_quantity is for market buys only")
        if (self.type == "limit") != (self.limit_price is not None):
            raise ValueError("a limit order needs limit_price, a market order has none")
        if self.type == "market" and self.time_in_force == "gtc":
            raise ValueError("a market order cannot rest: leave time_in_force out or say ioc")
        if self.tolerance is not None and not 0 <= self.tolerance <= 1:
            raise ValueError("tolerance is a fraction between 0 and 1")
        for name in ("quantity", "quote_quantity", "limit_price", "expected_price"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} must be positive")
        return self


class FillOut(BaseModel):
    """What the customer got: `price` and `cost` are the customer's, before the fee."""

    venue: str
    trade_id: str
    price: DecimalString
    quantity: DecimalString
    cost: DecimalString
    fee: DecimalString
    fee_asset: str
    executed_at: datetime


class VenueOrderOut(BaseModel):
    """One hedge at a venue, findable there by `client_order_id`."""

    venue: str
    client_order_id: str
    venue_order_id: str | None
    status: str
    quantity: DecimalString
    filled_quantity: DecimalString
    average_price: DecimalString | None
    limit_price: DecimalString


class OrderOut(BaseModel):
    """An order as it is now."""

    id: UUID
    client_order_id: str
    status: str
    symbol: str
    side: str
    type: str
    time_in_force: str
    quantity: DecimalString
    quote_quantity: DecimalString | None
    filled_quantity: DecimalString
    average_price: DecimalString | None
    limit_price: DecimalString | None
    fee: DecimalString
    fee_asset: str
    venue: str
    reason: str | None
    cancel_requested: bool
    created_at: datetime
    updated_at: datetime
    fills: list[FillOut]
    venue_orders: list[VenueOrderOut]

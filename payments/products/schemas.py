"""Shapes of products on the wire. Prices and rates are decimal strings, units whole numbers."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from kernel.money import DecimalString
from payments.accounts.numbers import AccountNumber

MOST_UNITS = 10**12
LONGEST_RATE = 12
SKU_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
Sku = Annotated[str, Field(pattern=SKU_PATTERN, examples=["ticket-2026"])]


def _whole(value: Any) -> int:
    """A JSON integer or its digits in a string: no true, no 1.0."""
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) < 20:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("write units as a whole number")


Units = Annotated[int, BeforeValidator(_whole), WithJsonSchema({"type": "integer", "examples": [1]})]


class PayeeIn(BaseModel):
    """A merchant's account and its weight in the split of what fee and commission leave."""

    model_config = ConfigDict(extra="forbid")

    account_id: AccountNumber
    weight: DecimalString = Decimal(1)


class ProductIn(BaseModel):
    """Rates are fractions of the amount.

    `fee_rate` goes to the house, `commission_rate` to `commission_account` (default: the house), the rest to the payees (default: the
    house as merchant).
    """

    model_config = ConfigDict(extra="forbid")

    sku: Sku
    name: Annotated[str, Field(min_length=1, max_length=200)]
    price: DecimalString
    asset: Annotated[str, Field(min_length=1, max_length=32)]
    stock: Annotated[Units, Field(ge=0, le=MOST_UNITS)]
    fee_rate: DecimalString = Decimal(0)
    commission_rate: DecimalString = Decimal(0)
    commission_account: AccountNumber | None = None
    payees: Annotated[list[PayeeIn], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.price <= 0:
            raise ValueError("price must be positive")
        for rate in (self.fee_rate, self.commission_rate):
            if not 0 <= rate < 1 or rate != rate.quantize(Decimal(1).scaleb(-LONGEST_RATE)):
                raise ValueError(f"a rate is a fraction below 1 with at most {LONGEST_RATE} decimals")
        for payee in self.payees:
            if not 0 < payee.weight <= MOST_UNITS or payee.weight != payee.weight.quantize(Decimal("1e-6")):
                raise ValueError("a weight is positive, with at most 6 decimals")
        if len({payee.account_id for payee in self.payees}) < len(self.payees):
            raise ValueError("an account stands twice among the payees")
        return self


class ProductChange(BaseModel):
    """`stock_delta` adds units, or removes those that nobody reserved."""

    model_config = ConfigDict(extra="forbid")

    price: DecimalString | None = None
    stock_delta: Annotated[Units, Field(ge=-MOST_UNITS, le=MOST_UNITS)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.price is None and self.stock_delta is None:
            raise ValueError("give price or stock_delta")
        if self.price is not None and self.price <= 0:
            raise ValueError("price must be positive")
        return self


class ProductOut(BaseModel):
    """`stock` is what may be ordered now: `on_hand` less `reserved`."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    sku: str
    name: str
    price: DecimalString
    asset: str
    price_version: int
    stock: int
    on_hand: int
    reserved: int
    fee_rate: DecimalString
    commission_rate: DecimalString
    created_at: datetime
    updated_at: datetime


class PriceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    price_version: int
    price: DecimalString
    valid_from: datetime

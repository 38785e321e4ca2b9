"""Shapes of payment orders on the wire. Amounts are decimal strings, units whole numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kernel.money import DecimalString
from payments.accounts.numbers import AccountNumber
from payments.products.schemas import MOST_UNITS, Sku, Units


class PaymentOrderIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sku: Sku
    quantity: Annotated[Units, Field(ge=1, le=MOST_UNITS)]


class PrepayIn(BaseModel):
    """`amount_seen` is what the payer's screen says the order costs."""

    model_config = ConfigDict(extra="forbid")

    amount_seen: DecimalString


class RefundIn(BaseModel):
    """Nothing: all that is left. `quantity`: units that came back, at their price unless `amount` says otherwise."""

    model_config = ConfigDict(extra="forbid")

    amount: DecimalString | None = None
    quantity: Annotated[Units, Field(ge=0, le=MOST_UNITS)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.amount is not None and self.amount <= 0:
            raise ValueError("amount must be positive")
        if self.amount is None and self.quantity == 0:
            raise ValueError("no units and no amount: nothing to refund")
        return self


class LegOut(BaseModel):
    """Who received which part of the payment, and what of it went back."""

    model_config = ConfigDict(from_attributes=True)

    role: str
    account_id: AccountNumber
    amount: DecimalString
    refunded: DecimalString


class PaymentOrderOut(BaseModel):
    """A payment order as it is now. `amount` is what will be or was charged, whatever the product costs today; `legs` are for staff."""

    id: UUID
    status: str
    sku: str
    quantity: int
    price: DecimalString
    amount: DecimalString
    asset: str
    price_version: int
    refunded: DecimalString
    returned: int
    user_id: UUID
    expires_at: datetime
    created_at: datetime
    updated_at: datetime
    paid_at: datetime | None
    legs: list[LegOut] | None = None

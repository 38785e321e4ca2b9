"""Shapes of decisions on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from broker.decisions.states import DecisionStatus, Verdict
from kernel.money import DecimalString


class DecidedFill(BaseModel):
    """One execution as the venue's own records show it."""

    model_config = ConfigDict(extra="forbid")

    trade_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]
    price: DecimalString
    quantity: DecimalString
    fee: DecimalString
    fee_asset: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}$")]
    executed_at: AwareDatetime

    @model_validator(mode="after")
    def _positive(self) -> Self:
        if self.price <= 0 or self.quantity <= 0:
            raise ValueError("price and quantity must be positive")
        return self


class DecisionIn(BaseModel):
    """`not_placed`: the venue never had it. `ended`: it had it and it is over, with these fills (none: nothing was filled)."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    fills: Annotated[list[DecidedFill], Field(max_length=200)] = []
    evidence: Annotated[str, Field(min_length=10, max_length=2000)]


class DecisionOut(BaseModel):
    """A decision as it stands."""

    id: UUID
    venue_order_id: UUID
    verdict: Verdict
    fills: list[DecidedFill]
    evidence: str
    status: DecisionStatus
    proposed_by: UUID
    confirmed_by: UUID | None
    created_at: datetime
    updated_at: datetime


class WaitingOut(BaseModel):
    """A venue order of which nobody knows what became of it; `decision_id` names the open proposal."""

    id: UUID
    order_id: UUID
    venue: str
    symbol: str
    side: str
    quantity: DecimalString
    filled_quantity: DecimalString
    limit_price: DecimalString
    client_order_id: str
    status: str
    sent_at: datetime | None
    asked: int
    negatives: int
    decision_id: UUID | None

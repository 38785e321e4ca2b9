"""Shapes of fees on the wire: rates are fractions, volumes are in the reporting currency."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from broker.fees.rules import Rates, Tier
from kernel.clock import Moment
from kernel.money import DecimalString

Reason = Annotated[str, Field(min_length=1, max_length=500)]


class TierOut(BaseModel):
    """From `min_volume` in 30 days on these rates hold."""

    tier: int
    min_volume: DecimalString
    maker: DecimalString
    taker: DecimalString

    @classmethod
    def of(cls, tier: Tier) -> TierOut:
        return cls(tier=tier.tier, min_volume=tier.min_volume, maker=tier.rates.maker, taker=tier.rates.taker)


class NextTierOut(TierOut):
    """The tier above, and how much volume is missing for it today."""

    missing: DecimalString


class FeesOut(BaseModel):
    """Your rates. An order pays `taker`, and `maker` for what it fills after it has rested as a limit order."""

    maker: DecimalString
    taker: DecimalString
    source: Literal["tier", "agreement"]
    agreed_until: datetime | None
    tier: int
    volume: DecimalString
    volume_days: int
    reporting_currency: str
    next_tier: NextTierOut | None
    tiers: list[TierOut]
    as_of: datetime


class TierIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    min_volume: DecimalString
    maker: DecimalString
    taker: DecimalString


class ScheduleIn(BaseModel):
    """Tiers in rising order; the first begins at 0. Without `valid_from` they hold at once."""

    model_config = ConfigDict(extra="forbid")

    tiers: Annotated[list[TierIn], Field(min_length=1, max_length=50)]
    valid_from: Moment | None = None
    reason: Reason

    def table(self) -> list[Tier]:
        return [Tier(n, tier.min_volume, Rates(tier.maker, tier.taker)) for n, tier in enumerate(self.tiers)]


class ScheduleOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    valid_from: datetime
    reason: str
    created_by: UUID
    created_at: datetime
    tiers: list[TierOut]


class OverrideIn(BaseModel):
    """Both rates, or none to end what was agreed before."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID
    maker: DecimalString | None = None
    taker: DecimalString | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    reason: Reason

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if (self.maker is None) != (self.taker is None):
            raise ValueError("give maker and taker, or neither")
        return self

    def rates(self) -> Rates | None:
        return None if self.maker is None or self.taker is None else Rates(self.maker, self.taker)


class OverrideOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    customer_id: UUID
    maker: DecimalString | None
    taker: DecimalString | None
    valid_from: datetime
    valid_until: datetime | None
    reason: str
    created_by: UUID
    created_at: datetime

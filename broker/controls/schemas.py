"""Shapes of controls on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from broker.controls.states import Mode, Scope
from broker.toxicity.states import ToxicityClass
from kernel.clock import Moment
from kernel.money import DecimalString

Reason = Annotated[str, Field(min_length=3, max_length=500, pattern=r"^[^\x00]*\S[^\x00]*$")]
Target = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9-]*$")]


class ControlIn(BaseModel):
    """A kill switch. `target`: a venue, a market's symbol or a customer's id; a global one has none. `until` is business time."""

    model_config = ConfigDict(extra="forbid")

    scope: Scope
    target: Target = ""
    mode: Mode
    reason: Reason
    until: Moment | None = None


class LiftIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason


class ControlOut(BaseModel):
    """A kill switch; `cancelled` counts what a `cancel_all` has asked to end, `swept_at` is when it first found nothing more."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    scope: Scope
    target: str
    mode: Mode
    reason: str
    actor: UUID
    until: datetime | None
    created_at: datetime
    lifted_at: datetime | None
    lifted_by: UUID | None
    lift_reason: str | None
    cancelled: int
    swept_at: datetime | None


class WindowIn(BaseModel):
    """A maintenance in business time; without `starts_at` it begins now."""

    model_config = ConfigDict(extra="forbid")

    scope: Literal["venue", "market"]
    target: Target
    starts_at: Moment | None = None
    ends_at: Moment
    reason: Reason


class WindowOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    scope: Scope
    target: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    ended_at: datetime | None = None


class LimitsIn(BaseModel):
    """In the reporting currency. What is left out is not limited; nothing at all removes the row."""

    model_config = ConfigDict(extra="forbid")

    scope: Literal["customer", "venue"]
    target: Target = ""
    per_order: DecimalString | None = None
    per_day: DecimalString | None = None
    outstanding: DecimalString | None = None


class LimitsOut(BaseModel):
    """Target '' is every customer without limits of his own."""

    model_config = ConfigDict(from_attributes=True)

    scope: Literal["customer", "venue"]
    target: str
    per_order: DecimalString | None
    per_day: DecimalString | None
    outstanding: DecimalString | None
    updated_at: datetime


class GuardsIn(BaseModel):
    """Fractions of the price; what is left out stays. `max_quote_age_ms` null: as old as a quote may be at all."""

    model_config = ConfigDict(extra="forbid")

    band: DecimalString | None = None
    wide_band: DecimalString | None = None
    max_quote_age_ms: Annotated[int, Field(ge=1, le=60_000)] | None = None
    calm: DecimalString | None = None
    widening: DecimalString | None = None
    widest: DecimalString | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("give at least one guard")
        missing = [n for n in self.model_fields_set if getattr(self, n) is None and n != "max_quote_age_ms"]
        if missing:
            raise ValueError(f"{', '.join(sorted(missing))} cannot be null")
        return self

    def given(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


class GuardsOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    symbol: str
    band: DecimalString
    wide_band: DecimalString
    max_quote_age_ms: int | None
    calm: DecimalString
    widening: DecimalString
    widest: DecimalString
    volatility: DecimalString | None
    extra_spread: DecimalString


class VenueOut(BaseModel):
    """Whether anything is sent to a venue now; `paused_until`: the venue itself told us to stay away."""

    venue: str
    open: bool
    paused_until: datetime | None


class ControlsOut(BaseModel):
    """What holds now. `windows` also lists what is announced."""

    switches: list[ControlOut]
    windows: list[WindowOut]
    limits: list[LimitsOut]
    markets: list[GuardsOut]
    venues: list[VenueOut]


class ToxicityIn(BaseModel):
    """A person's decision about a customer; class null: follow what is measured again."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    chosen: ToxicityClass | None = Field(alias="class")
    reason: Reason


class ToxicityOut(BaseModel):
    """Scores by horizon in seconds: mean markout, and the careful lower end by which the class is decided."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    customer_id: UUID
    class_: ToxicityClass = Field(serialization_alias="class")
    measured_class: ToxicityClass
    scores: dict[str, dict[str, Any]]
    fills: int
    override_reason: str | None
    override_by: UUID | None
    updated_at: datetime

"""Freezes and entered prices on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel.money import DecimalString
from lending.watch.states import EntryState

Asset = Annotated[str, Field(min_length=1, max_length=16, pattern=r"^[A-Z0-9]+$", examples=["BTC"])]


class WitnessIn(BaseModel):
    """What one venue shows."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    venue: Annotated[str, Field(min_length=1, max_length=32, pattern=r"\S")]
    price: DecimalString


class EntryIn(BaseModel):
    """A price to stand in for the market's, or, without one, the wish that its freeze may last."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    asset: Asset
    quote: Asset
    price: DecimalString | None = None
    venues: Annotated[list[WitnessIn], Field(max_length=20)] = []
    minutes: Annotated[int, Field(ge=1, le=60, description="How long it counts, from the second person's yes.")]
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class PriceEntryOut(BaseModel):
    """`proposed`: it waits for a second person. What stands counts until `until`, in business time; `in_force` while it does."""

    id: UUID
    asset: str
    quote: str
    price: DecimalString | None
    venues: list[dict[str, str]]
    reason: str
    status: EntryState
    in_force: bool
    until: datetime
    proposed_by: UUID
    at: datetime


class FreezeOut(BaseModel):
    """A collateral of a product version without a price that its guard believes; `late`: longer than its terms allow.

    `loans` run on it and are not decided on; `seen` is what the market showed when it began.
    """

    product_id: UUID
    version: int
    product: str
    asset: str
    quote: str
    since: datetime
    late: bool
    loans: int
    alarmed_at: datetime | None
    seen: dict[str, Any] | None

"""Screenings on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from identity.screening.states import Finding, ScreeningState


class ListOut(BaseModel):
    name: str
    version: str


class HitOut(BaseModel):
    """Somebody on a list with a name like the customer's; `score` of 100 is the same name."""

    list: str
    ref: str
    name: str
    score: int
    note: str


class ScreeningOut(BaseModel):
    id: UUID
    customer_id: UUID
    state: ScreeningState
    lists: list[ListOut]
    hits: list[HitOut]
    screened_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str | None


class FindingIn(BaseModel):
    """`clear`: it is not them. `confirm`: it is; they can do nothing any more."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    finding: Finding
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]

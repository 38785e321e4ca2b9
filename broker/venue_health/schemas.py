"""Shapes of the venues' health on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from venues.books import BookState


class FeedOut(BaseModel):
    """The prices of one market at the venue; `age_ms` is null before its first quote."""

    model_config = ConfigDict(from_attributes=True)

    symbol: str
    state: BookState
    age_ms: int | None


class CallsOut(BaseModel):
    """Orders and cancellations of the last five minutes, and what waits now.

    `unanswered` had to be asked about; latencies are between sending and the venue's own answer, null where nothing was answered.
    """

    model_config = ConfigDict(from_attributes=True)

    calls: int
    unanswered: int
    refused: int
    p50_ms: int | None
    p99_ms: int | None
    outstanding: int
    unknown: int
    manual: int


class BreakerOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    operation: str
    state: Literal["closed", "open", "half_open"]


class VenueHealthOut(BaseModel):
    """`open` says whether an order could be sent now; null (with `breakers` empty) while no engine owns the venue's lane."""

    model_config = ConfigDict(from_attributes=True)

    venue: str
    open: bool | None
    paused_s: int | None
    breakers: list[BreakerOut]
    told_at: datetime | None
    feeds: list[FeedOut]
    lane: CallsOut


class VenueHealthPage(BaseModel):
    items: list[VenueHealthOut]
    window_s: int
    as_of: datetime

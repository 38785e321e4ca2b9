"""Shapes of venue fees on the wire: rates are fractions, volumes and worths are in the reporting currency."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from kernel.money import DecimalString


class VenueTierOut(BaseModel):
    """A row of the venue's published table."""

    model_config = ConfigDict(from_attributes=True)

    tier: int
    min_volume: DecimalString
    maker: DecimalString
    taker: DecimalString


class ReportedOut(BaseModel):
    """What the venue says it charges our account in one market; `volume` is what it counts, where it tells."""

    model_config = ConfigDict(from_attributes=True)

    symbol: str
    maker: DecimalString
    taker: DecimalString
    volume: DecimalString | None
    changed_at: datetime
    reported_at: datetime


class VenueFeesOut(BaseModel):
    """One venue. `planned_with` is the rate that routing uses now, `charged_rate` what fills of 30 days really cost.

    `share` is how much of the next tier's volume is reached; `would_have_saved` what its taker's rate would have saved in these 30 days;
    `as_published` whether the venue charges what its table says for our volume.
    """

    model_config = ConfigDict(from_attributes=True)

    venue: str
    volume: DecimalString
    paid: DecimalString
    charged_rate: DecimalString | None
    planned_with: DecimalString
    tier: VenueTierOut | None
    next_tier: VenueTierOut | None
    missing: DecimalString | None
    share: DecimalString | None
    would_have_saved: DecimalString | None
    as_published: bool | None
    reported: list[ReportedOut] = []


class VenueFeesPage(BaseModel):
    items: list[VenueFeesOut]
    volume_days: int
    reporting_currency: str
    as_of: datetime

"""Shapes of treasury's balances and their history over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from kernel.money import DecimalString
from wallet_bridge.levels.service import Balance, Sample
from wallet_bridge.lines.states import BalanceLevel


class TreasuryBalanceOut(BaseModel):
    """What a place says beside what our books say. Lines are in the asset; `warning_hours` is set where the line is one in hours.

    `level` is `unknown` when the report is too old or never came. `hours_left`: usable by what left in an hour of the last day.
    """

    location: str
    kind: Literal["venue", "wallet"]
    asset: str
    reported: DecimalString | None
    free: DecimalString | None
    ledger: DecimalString
    difference: DecimalString | None
    reserved: DecimalString
    usable: DecimalString
    in_transit: DecimalString
    warning: DecimalString | None
    critical: DecimalString | None
    warning_hours: DecimalString | None
    level: BalanceLevel
    hours_left: DecimalString | None
    reported_at: datetime | None


class TreasuryBalancesOut(BaseModel):
    """All of one moment."""

    at: datetime
    items: list[TreasuryBalanceOut]


class SampleOut(BaseModel):
    at: datetime
    reported: DecimalString | None
    ledger: DecimalString
    usable: DecimalString
    level: BalanceLevel


class HistoryOut(BaseModel):
    """At most 500 points, each the last sample of its stretch."""

    location: str
    asset: str
    items: list[SampleOut]


def shown(one: Balance) -> TreasuryBalanceOut:
    line = one.line
    return TreasuryBalanceOut(
        location=one.location,
        kind="venue" if one.kind == "venue" else "wallet",
        asset=one.asset,
        reported=one.reported,
        free=one.free,
        ledger=one.ledger,
        difference=one.difference,
        reserved=one.reserved,
        usable=one.usable,
        in_transit=one.in_transit,
        warning=line.warning if line else None,
        critical=line.critical if line else None,
        warning_hours=line.warning_hours if line else None,
        level=one.level,
        hours_left=one.hours_left,
        reported_at=one.reported_at,
    )


def point(sample: Sample) -> SampleOut:
    return SampleOut(
        at=sample.at, reported=sample.reported, ledger=sample.ledger, usable=sample.usable, level=sample.level
    )

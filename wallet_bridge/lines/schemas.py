"""Shapes of lines over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel.money import DecimalString
from wallet_bridge.lines.service import LineRow
from wallet_bridge.lines.states import Unit


class TreasuryLineIn(BaseModel):
    """Two lines of nothing end the line. In `hours` they are hours of what leaves the place in an hour."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    location: Annotated[str, Field(max_length=80, pattern=r"^(venue|wallet):[^\s:]+$", examples=["venue:okx"])]
    asset: Annotated[str, Field(min_length=1, max_length=32, examples=["USDT"])]
    warning: DecimalString
    critical: DecimalString
    unit: Unit = Unit.AMOUNT


class TreasuryLineOut(BaseModel):
    """`set_by` is null for a default of the house; `version` counts how often this line was set."""

    id: UUID
    location: str
    asset: str
    version: int
    unit: Unit
    warning: DecimalString
    critical: DecimalString
    set_by: UUID | None
    set_at: datetime


def shown(row: LineRow) -> TreasuryLineOut:
    line = row.line
    return TreasuryLineOut(
        id=row.id, location=row.location, asset=row.asset, version=row.version, unit=line.unit, warning=line.warning,
        critical=line.critical, set_by=row.set_by, set_at=row.set_at,
    )  # fmt: skip

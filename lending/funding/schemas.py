"""Funding lines on the wire: amounts and rates as texts, a rate as a yearly fraction."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from kernel.day_count import DayCount
from kernel.money import DecimalString
from lending.funding.states import Adapter, MoveKind, MoveStatus

_HIGHEST_RATE = 10


def _not_negative(value: DecimalString) -> DecimalString:
    if value < 0:
        raise ValueError("not below zero")
    return value


def _is_a_rate(value: DecimalString) -> DecimalString:
    if not 0 <= value <= _HIGHEST_RATE:
        raise ValueError("a yearly rate is a fraction such as 0.05")
    return value


Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
Limit = Annotated[DecimalString, AfterValidator(_not_negative)]
Rate = Annotated[DecimalString, AfterValidator(_is_a_rate), Field(examples=["0.05"])]


class FundingLineIn(BaseModel):
    """`source` is the partner's name; for `bitfinex` the name of the venue."""

    model_config = ConfigDict(extra="forbid")

    name: Word
    adapter: Adapter
    source: Word
    asset: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,32}$", examples=["USDT"])]
    limit: Limit
    rate: Rate
    day_count: DayCount = DayCount.ACTUAL_365


class FundingLineChange(BaseModel):
    """What changes counts from today on."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit | None = None
    rate: Rate | None = None


class FundingApprovalOut(BaseModel):
    """Somebody else agrees to it in the approvals; it is done then."""

    approval_id: UUID


class FundingLineOut(BaseModel):
    """`asked` is on its way, `free` can still be drawn; `cost_owed` is booked up to `accrued_through` and not yet paid."""

    id: UUID
    name: str
    adapter: Adapter
    source: str
    asset: str
    limit: DecimalString
    rate: DecimalString
    day_count: DayCount
    drawn: DecimalString
    asked: DecimalString
    free: DecimalString
    cost_owed: DecimalString
    accrued_through: date
    created_at: datetime


class FundingMoveOut(BaseModel):
    id: UUID
    loan_id: UUID | None
    kind: MoveKind
    amount: DecimalString
    status: MoveStatus
    journal_id: UUID | None
    at: datetime


class FundingDayOut(BaseModel):
    """What a day cost; `total` since the line began."""

    day: date
    amount: DecimalString
    total: DecimalString


class FundingLineStory(FundingLineOut):
    """The newest moves, and the days of the last three months."""

    moves: list[FundingMoveOut]
    days: list[FundingDayOut]

"""What treasury and finance see of earn. Amounts in the asset beside them, all of them texts."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from pydantic import BaseModel, Field

from earn.reports.rules import Rungs
from earn.reports.service import Costs, Coverage, Ladder
from kernel.money import DecimalString


class EarnDueDayOut(BaseModel):
    """What falls due on a date, by each template's own time zone."""

    date: dt.date
    principal: DecimalString
    interest: DecimalString


class EarnBucketOut(BaseModel):
    """`from` and `to` are included. The first bucket is overdue and has no `from`, the last has no `to`."""

    first: dt.date | None = Field(serialization_alias="from")
    last: dt.date | None = Field(serialization_alias="to")
    principal: DecimalString
    interest: DecimalString


class EarnRungsOut(BaseModel):
    """`principal` is what the ledger owes; `interest` is all that the plans still promise, earned already or not."""

    asset: str
    principal: DecimalString
    interest: DecimalString
    total: DecimalString
    buckets: list[EarnBucketOut]
    days: list[EarnDueDayOut]


class EarnLadderOut(BaseModel):
    at: dt.datetime
    assets: list[EarnRungsOut]


class EarnCoverOut(BaseModel):
    """`ratio` = `assets` / `liabilities`, cut to six decimals; null where nothing is owed."""

    asset: str
    principal: DecimalString
    interest: DecimalString
    liabilities: DecimalString
    venues: DecimalString
    wallets: DecimalString
    loans: DecimalString
    assets: DecimalString
    ratio: DecimalString | None


class EarnCoverageOut(BaseModel):
    at: dt.datetime
    assets: list[EarnCoverOut]


class EarnCostOut(BaseModel):
    """What the house booked for a template on a day; below zero where plans became void."""

    day: dt.date
    template: UUID
    name: str
    asset: str
    interest: DecimalString
    coupons: DecimalString


class EarnMarginOut(BaseModel):
    """`margin` = `lending_interest` - `funding_interest` - `interest` - `coupons`."""

    asset: str
    interest: DecimalString
    coupons: DecimalString
    lending_interest: DecimalString
    funding_interest: DecimalString
    margin: DecimalString


class EarnCostsOut(BaseModel):
    items: list[EarnCostOut]
    totals: list[EarnMarginOut]


def ladder_out(found: Ladder) -> EarnLadderOut:
    return EarnLadderOut(at=found.at, assets=[_rungs(one, found.today) for one in found.assets])


def _rungs(one: Rungs, today: dt.date) -> EarnRungsOut:
    return EarnRungsOut(
        asset=one.asset, principal=one.principal, interest=one.interest, total=one.principal + one.interest,
        buckets=[EarnBucketOut.model_validate(each, from_attributes=True) for each in one.buckets(today)],
        days=[EarnDueDayOut.model_validate(each, from_attributes=True) for each in one.days],
    )  # fmt: skip


def coverage_out(found: Coverage) -> EarnCoverageOut:
    return EarnCoverageOut(
        at=found.at, assets=[EarnCoverOut.model_validate(one, from_attributes=True) for one in found.assets]
    )


def costs_out(found: Costs) -> EarnCostsOut:
    return EarnCostsOut(
        items=[EarnCostOut.model_validate(one, from_attributes=True) for one in found.items],
        totals=[EarnMarginOut.model_validate(one, from_attributes=True) for one in found.totals],
    )

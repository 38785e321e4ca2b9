"""Days of sale on the wire. Rates are fractions, amounts in the template's asset, all of them texts."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from earn.instances.service import InstanceView, Planned
from earn.instances.states import InstanceStatus
from earn.plans import rules as plans
from earn.plans.states import EarlyPolicy, PayoutPeriod
from earn.templates.schemas import EarnTier
from earn.templates.states import Renewal
from kernel.day_count import DayCount
from kernel.money import DecimalString

MONTH = re.compile(r"^[0-9]{4}-(0[1-9]|1[0-2])$", re.ASCII)
Month = Annotated[str, Field(pattern=MONTH.pattern, examples=["2026-12"])]


class EarnInstanceOut(BaseModel):
    """One day's sale. `apr` is the rate of the first tier, `apy` what a year brings if every payout earns it again.

    `quota_left` of the `quota` can still be bought, in all and first come first served. Interest runs from `value_date` until the day
    before `maturity`. `at` is the house's time of this answer: what is left until `closes_at` is counted from there.
    """

    id: UUID
    template: UUID
    version: int
    name: str
    asset: str
    status: InstanceStatus
    apr: DecimalString
    apy: DecimalString
    tiers: list[EarnTier]
    minimum: DecimalString
    step: DecimalString
    quota: DecimalString
    quota_left: DecimalString
    customer_cap: DecimalString | None
    customer_day_cap: DecimalString | None
    sale_date: date
    opens_at: datetime
    closes_at: datetime
    value_date: date
    maturity: date
    tenor: str
    payout_period: PayoutPeriod
    day_count: DayCount
    early: EarlyPolicy
    penal_rate: DecimalString
    renewals: list[Renewal]
    at: datetime


class EarnCalendarDayOut(EarnInstanceOut):
    """As staff see it: with what is paid or being paid for."""

    sold: DecimalString
    withdrawn_at: datetime | None


class EarnCalendarOut(BaseModel):
    month: str
    items: list[EarnCalendarDayOut]


class GenerateIn(BaseModel):
    """The month whose days are made."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    month: Month


class GeneratedOut(BaseModel):
    """How many days were made, follow another version than before, or were left as they are."""

    month: str
    made: int
    changed: int
    kept: int


def offered(view: InstanceView) -> EarnInstanceOut:
    return EarnInstanceOut(**_fields(view))


def planned(view: InstanceView) -> EarnCalendarDayOut:
    return EarnCalendarDayOut(**_fields(view), sold=view.sold, withdrawn_at=view.instance.withdrawn_at)


def generated(month: str, done: Planned) -> GeneratedOut:
    return GeneratedOut(month=month, made=done.made, changed=done.changed, kept=done.kept)


def _fields(view: InstanceView) -> dict[str, Any]:
    one, terms = view.instance, view.instance.terms
    times = plans.payouts_a_year(terms.plan(0), value_date=one.dates.value_date)
    copied = (
        "minimum", "step", "customer_cap", "customer_day_cap", "day_count", "early", "penal_rate",
    )  # fmt: skip
    return {name: getattr(terms, name) for name in copied} | {
        "id": one.id, "template": one.template_id, "version": one.version, "name": one.name, "asset": one.asset,
        "status": view.status, "apr": terms.tiers[0].apr, "apy": plans.apy(terms.tiers[0].apr, times),
        "tiers": [EarnTier(above=tier.above, apr=tier.apr) for tier in terms.tiers], "quota": one.quota, "quota_left": view.left,
        "sale_date": one.dates.sale_date, "opens_at": one.window.opens_at, "closes_at": one.window.closes_at,
        "value_date": one.dates.value_date, "maturity": one.dates.maturity, "tenor": str(terms.tenor),
        "payout_period": terms.payout, "renewals": list(terms.renewals), "at": view.at,
    }  # fmt: skip

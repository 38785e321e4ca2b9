"""Templates on the wire. Rates are fractions and amounts in the template's asset, all of them texts; times are wall-clock times."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from earn.plans.rules import Row, Tier
from earn.plans.states import EarlyPolicy, PayoutPeriod, RowStatus
from earn.templates.checks import Wish
from earn.templates.service import Preview, TemplateView
from earn.templates.states import Renewal, TemplateStatus
from earn.templates.terms import Terms
from kernel.day_count import DayCount, Period
from kernel.errors import InvalidRequest
from kernel.money import DecimalString

_ZONES = frozenset(available_timezones()) - {
    "localtime",
    "Factory",
}  # neither names a place: the one is this machine's, the other nobody's
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Clock = Annotated[str, Field(pattern=_CLOCK, examples=["09:00"])]


class _In(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class EarnTier(_In):
    """The yearly rate on the part of the principal from `above` up to the next tier."""

    above: DecimalString
    apr: DecimalString


class EarnTermsIn(_In):
    """What a template promises: `apr`, or `tiers` whose first begins at 0. One that closes at or before its opening closes the next day."""

    apr: DecimalString | None = None
    tiers: Annotated[list[EarnTier] | None, Field(min_length=1, max_length=20)] = None
    payout: PayoutPeriod
    tenor: Annotated[str, Field(max_length=8, examples=["30D", "3M"])]
    zone: Annotated[str, Field(max_length=64, examples=["Asia/Shanghai"])] = "UTC"
    opens: Clock = "00:00"
    closes: Clock = "00:00"
    lag_days: Annotated[int, Field(strict=True, ge=0, le=30)] = 1
    daily_quota: DecimalString
    minimum: DecimalString
    step: DecimalString
    customer_cap: DecimalString | None = None
    customer_day_cap: DecimalString | None = None
    day_count: DayCount = DayCount.ACTUAL_365
    early: EarlyPolicy = EarlyPolicy.FORFEIT_CURRENT
    penal_rate: DecimalString = Decimal(0)
    renewals: Annotated[list[Renewal], Field(min_length=1, max_length=4)] = [Renewal.PAY_OUT]
    move_to: UUID | None = None
    holidays: Annotated[list[date], Field(max_length=400)] = []

    @field_validator("tenor")
    @classmethod
    def _is_a_period(cls, text: str) -> str:
        try:
            Period.parse(text)
        except InvalidRequest as error:
            raise ValueError(error.detail) from None
        return text

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        if name not in _ZONES:
            raise ValueError("write the name of a time zone, such as Asia/Shanghai")
        return name

    @model_validator(mode="after")
    def _has_one_rate(self) -> EarnTermsIn:
        if (self.apr is None) == (self.tiers is None):
            raise ValueError("write `apr` or `tiers`, one of them")
        return self

    def terms(self) -> Terms:
        tiers = self.tiers or [EarnTier(above=Decimal(0), apr=self.apr or Decimal(0))]
        typed = {name: getattr(self, name) for name in type(self).model_fields if name not in {"apr", "tiers"}}
        return Terms(
            **typed
            | {
                "tiers": tuple(Tier(tier.above, tier.apr) for tier in tiers),
                "tenor": Period.parse(self.tenor),
                "zone": ZoneInfo(self.zone),
                "opens": time.fromisoformat(self.opens),
                "closes": time.fromisoformat(self.closes),
                "renewals": tuple(self.renewals),
                "holidays": tuple(sorted(self.holidays)),
            }
        )


class EarnTemplateIn(_In):
    """A whole template. `effective_from` is the first day of sale it governs; without one the day on which it is published."""

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
    asset: Annotated[str, Field(min_length=1, max_length=32, examples=["USDT"])]
    terms: EarnTermsIn
    effective_from: date | None = None

    def wish(self) -> Wish:
        return Wish(name=self.name, asset=self.asset, terms=self.terms.terms(), effective_from=self.effective_from)


class NewEarnTemplateIn(EarnTemplateIn):
    """With `template_id` the next version of that template."""

    template_id: UUID | None = None


class RetireTemplateIn(_In):
    version: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class PreviewIn(_In):
    """A subscription of this principal on a day of sale."""

    principal: DecimalString
    date: date


class EarnTermsOut(BaseModel):
    """As typed; a single rate is one tier from 0."""

    tiers: list[EarnTier]
    payout: PayoutPeriod
    tenor: str
    zone: str
    opens: str
    closes: str
    lag_days: int
    daily_quota: DecimalString
    minimum: DecimalString
    step: DecimalString
    customer_cap: DecimalString | None
    customer_day_cap: DecimalString | None
    day_count: DayCount
    early: EarlyPolicy
    penal_rate: DecimalString
    renewals: list[Renewal]
    move_to: UUID | None
    holidays: list[date]


class EarnTemplateOut(BaseModel):
    """One version; `approval_id` is the newest question to a second person about a draft."""

    id: UUID
    version: int
    status: TemplateStatus
    name: str
    asset: str
    terms: EarnTermsOut
    effective_from: date | None
    approval_id: UUID | None
    created_by: UUID
    created_at: datetime
    published_at: datetime | None
    retired_at: datetime | None


class EarnApprovalOut(BaseModel):
    """What a second person is asked."""

    approval_id: UUID


class PlanRowOut(BaseModel):
    """Interest from `period_start` until the day before `period_end`, paid on `due_date`; the principal comes with the last row.

    `bonus` is what a coupon adds to the interest.
    """

    seq: int
    period_start: date
    period_end: date
    due_date: date
    interest: DecimalString
    bonus: DecimalString
    principal: DecimalString
    status: RowStatus


class PreviewOut(BaseModel):
    """`apr` is the one rate that earns the same on this principal."""

    version: int
    opens_at: datetime
    closes_at: datetime
    value_date: date
    maturity: date
    apr: DecimalString
    total_interest: DecimalString
    rows: list[PlanRowOut]


def shown(view: TemplateView) -> EarnTemplateOut:
    template, story = view.template, view.story
    return EarnTemplateOut(
        id=template.id, version=template.version, status=template.status, name=template.name, asset=template.asset,
        terms=EarnTermsOut.model_validate(template.terms.document()), effective_from=template.effective_from,
        approval_id=view.approval_id, created_by=story.created_by, created_at=story.created_at, published_at=story.published_at,
        retired_at=story.retired_at,
    )  # fmt: skip


def row_out(row: Row) -> PlanRowOut:
    return PlanRowOut(
        seq=row.seq, period_start=row.period_start, period_end=row.period_end, due_date=row.due_date, interest=row.interest,
        bonus=row.bonus, principal=row.principal, status=row.status,
    )  # fmt: skip


def previewed(found: Preview) -> PreviewOut:
    return PreviewOut(
        version=found.template.version, opens_at=found.window.opens_at, closes_at=found.window.closes_at,
        value_date=found.dates.value_date, maturity=found.dates.maturity, apr=found.apr,
        total_interest=sum((row.interest for row in found.rows), Decimal(0)), rows=[row_out(row) for row in found.rows],
    )  # fmt: skip

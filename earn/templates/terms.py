"""What one version of a template promises, field by field, and the version as others read it.

The terms stand in one JSON document, because a version is read whole and never searched by a term; every number in it is a string. An
instance keeps a copy of the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from earn.plans import rules as plans
from earn.plans.rules import Tier
from earn.plans.states import EarlyPolicy, PayoutPeriod
from earn.templates.states import Renewal, TemplateStatus
from kernel.day_count import DayCount, Period
from kernel.money import canonical

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Rates are yearly fractions, amounts are in the template's asset, `opens` and `closes` are wall-clock times in `zone`.

    The term begins `lag_days` after the day of sale. `daily_quota` is what one day's instance sells in all; everything that is subscribed
    is a multiple of `step`. `customer_day_cap` counts one instance, `customer_cap` what a customer has running of the template in all.
    `renewals` is what a customer may choose for the maturity, the first of them unless they say otherwise; MOVE goes to `move_to`.
    """

    tiers: tuple[Tier, ...]
    payout: PayoutPeriod
    tenor: Period
    zone: ZoneInfo
    opens: time
    closes: time
    daily_quota: Decimal
    minimum: Decimal
    step: Decimal
    lag_days: int = 1
    day_count: DayCount = DayCount.ACTUAL_365
    customer_cap: Decimal | None = None
    customer_day_cap: Decimal | None = None
    early: EarlyPolicy = EarlyPolicy.FORFEIT_CURRENT
    penal_rate: Decimal = ZERO
    renewals: tuple[Renewal, ...] = (Renewal.PAY_OUT,)
    move_to: UUID | None = None
    holidays: tuple[date, ...] = ()

    @property
    def units(self) -> int:
        """The day's quota as stock: how many steps are for sale."""
        return int(self.daily_quota / self.step)

    def rests_on(self, day: date) -> bool:
        """Whether nothing is sold on this day."""
        return day in self.holidays

    def plan(self, scale: int) -> plans.Terms:
        """What a subscription's rows are made from."""
        return plans.Terms(
            tiers=self.tiers, tenor=self.tenor, payout=self.payout, day_count=self.day_count, scale=scale, early=self.early,
            penal_rate=self.penal_rate,
        )  # fmt: skip

    def document(self) -> dict[str, Any]:
        """As it is stored and sent; `read` is the inverse."""
        return {
            "tiers": [{"above": canonical(tier.above), "apr": canonical(tier.apr)} for tier in self.tiers],
            "payout": self.payout.value,
            "tenor": str(self.tenor),
            "zone": self.zone.key,
            "opens": f"{self.opens:%H:%M}",
            "closes": f"{self.closes:%H:%M}",
            "lag_days": self.lag_days,
            "daily_quota": canonical(self.daily_quota),
            "minimum": canonical(self.minimum),
            "step": canonical(self.step),
            "customer_cap": _text(self.customer_cap),
            "customer_day_cap": _text(self.customer_day_cap),
            "day_count": self.day_count.value,
            "early": self.early.value,
            "penal_rate": canonical(self.penal_rate),
            "renewals": [renewal.value for renewal in self.renewals],
            "move_to": None if self.move_to is None else str(self.move_to),
            "holidays": [day.isoformat() for day in self.holidays],
        }

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Terms:
        return cls(
            tiers=tuple(Tier(Decimal(tier["above"]), Decimal(tier["apr"])) for tier in document["tiers"]),
            payout=PayoutPeriod(document["payout"]),
            tenor=Period.parse(document["tenor"]),
            zone=ZoneInfo(document["zone"]),
            opens=time.fromisoformat(document["opens"]),
            closes=time.fromisoformat(document["closes"]),
            lag_days=document["lag_days"],
            daily_quota=Decimal(document["daily_quota"]),
            minimum=Decimal(document["minimum"]),
            step=Decimal(document["step"]),
            customer_cap=_number(document["customer_cap"]),
            customer_day_cap=_number(document["customer_day_cap"]),
            day_count=DayCount(document["day_count"]),
            early=EarlyPolicy(document["early"]),
            penal_rate=Decimal(document["penal_rate"]),
            renewals=tuple(Renewal(renewal) for renewal in document["renewals"]),
            move_to=None if document["move_to"] is None else UUID(document["move_to"]),
            holidays=tuple(date.fromisoformat(day) for day in document["holidays"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """`effective_from`: the first day of sale it governs; of a draft the day that was asked for, None for the day of publication."""

    id: UUID
    version: int
    status: TemplateStatus
    name: str
    asset: str
    terms: Terms
    effective_from: date | None


def _text(number: Decimal | None) -> str | None:
    return None if number is None else canonical(number)


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)

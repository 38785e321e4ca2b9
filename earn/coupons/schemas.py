"""Coupons on the wire. Rates are fractions and amounts in the coupon's asset, all of them texts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from earn.coupons.record import Coupon, Wish
from earn.coupons.service import CouponView
from earn.coupons.states import CouponStatus
from earn.plans.rules import Boost
from kernel.money import DecimalString

MOST_CUSTOMERS = 1_000


class EarnCouponIn(BaseModel):
    """The boost counts on the principal up to `max_principal`, for the first `days` of the term; without `days` for all of it.

    Without `templates` it is good for all of the asset, without `customers` for everybody. `budget` is all that it may ever cost.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$")]
    asset: Annotated[str, Field(min_length=1, max_length=32, examples=["USDT"])]
    apr_boost: DecimalString
    max_principal: DecimalString
    days: Annotated[int | None, Field(ge=1, le=3_660)] = None
    minimum: DecimalString = Decimal(0)
    templates: Annotated[list[UUID], Field(max_length=100)] = []
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    uses_per_customer: Annotated[int, Field(ge=1, le=1_000)] = 1
    customers: Annotated[list[UUID] | None, Field(max_length=MOST_CUSTOMERS)] = None
    budget: DecimalString

    def wish(self) -> Wish:
        return Wish(
            name=self.name, asset=self.asset, boost=Boost(self.apr_boost, self.max_principal, self.days), minimum=self.minimum,
            templates=tuple(self.templates), starts_at=self.starts_at.astimezone(UTC), ends_at=self.ends_at.astimezone(UTC),
            uses_per_customer=self.uses_per_customer, customers=None if self.customers is None else tuple(self.customers),
            budget=self.budget,
        )  # fmt: skip


class EarnCouponOut(BaseModel):
    """`used`: what its subscriptions took of the budget and did not give back; `approval_id`: the newest question about a draft.

    `account` is the marketing budget of the asset, which all coupons of it share, and `available` what it holds; a transfer funds it.
    """

    id: UUID
    status: CouponStatus
    name: str
    asset: str
    apr_boost: DecimalString
    max_principal: DecimalString
    days: int | None
    minimum: DecimalString
    templates: list[UUID]
    starts_at: datetime
    ends_at: datetime
    uses_per_customer: int
    customers: list[UUID] | None
    budget: DecimalString
    used: DecimalString
    uses: int
    account: str
    available: DecimalString
    approval_id: UUID | None
    created_by: UUID
    created_at: datetime
    published_at: datetime | None
    stopped_at: datetime | None


class MyCouponOut(BaseModel):
    """A coupon that can be used now; `templates` empty: for all of the asset."""

    id: UUID
    name: str
    asset: str
    apr_boost: DecimalString
    max_principal: DecimalString
    days: int | None
    minimum: DecimalString
    ends_at: datetime
    templates: list[UUID]
    uses_left: int


class MyCouponsOut(BaseModel):
    items: list[MyCouponOut]


def shown(view: CouponView) -> EarnCouponOut:
    coupon, wish = view.coupon, view.coupon.wish
    return EarnCouponOut(
        id=coupon.id, status=coupon.status, name=wish.name, asset=wish.asset, apr_boost=wish.boost.apr,
        max_principal=wish.boost.max_principal, days=wish.boost.days, minimum=wish.minimum, templates=list(wish.templates),
        starts_at=wish.starts_at, ends_at=wish.ends_at, uses_per_customer=wish.uses_per_customer,
        customers=None if wish.customers is None else list(wish.customers), budget=wish.budget, used=coupon.used, uses=view.uses,
        account=view.account, available=view.available, approval_id=view.approval_id, created_by=coupon.created_by,
        created_at=coupon.created_at, published_at=coupon.published_at, stopped_at=coupon.stopped_at,
    )  # fmt: skip


def of_customer(found: Sequence[tuple[Coupon, int]]) -> MyCouponsOut:
    return MyCouponsOut(items=[_mine(coupon, left) for coupon, left in found])


def _mine(coupon: Coupon, left: int) -> MyCouponOut:
    wish = coupon.wish
    return MyCouponOut(
        id=coupon.id, name=wish.name, asset=wish.asset, apr_boost=wish.boost.apr, max_principal=wish.boost.max_principal,
        days=wish.boost.days, minimum=wish.minimum, ends_at=wish.ends_at, templates=list(wish.templates), uses_left=left,
    )  # fmt: skip

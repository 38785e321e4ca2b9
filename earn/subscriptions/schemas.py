"""Subscriptions on the wire. Amounts are in the asset, rates are fractions, all of them texts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from earn.coupons.service import Use
from earn.plans.rules import Redemption
from earn.plans.states import EarlyPolicy, PayoutPeriod, RowStatus
from earn.subscriptions.service import SubscriptionView, Wish
from earn.subscriptions.states import SubscriptionStatus
from earn.templates.schemas import PlanRowOut, row_out
from earn.templates.states import Renewal
from kernel.money import DecimalString

ZERO = Decimal(0)


class SubscriptionIn(BaseModel):
    """`expected_apr` and `expected_version` are what stood on the offer: where they changed, nothing is taken (`terms_changed`).

    `renewal` is one of the offer's choices for the maturity, its first unless it is named.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    instance_id: UUID
    principal: DecimalString
    expected_apr: DecimalString
    expected_version: Annotated[int, Field(strict=True, ge=1, le=1_000_000)]
    renewal: Renewal | None = None
    coupon_id: UUID | None = None

    def wish(self) -> Wish:
        return Wish(
            self.instance_id, self.principal, self.expected_apr, self.expected_version, self.renewal, self.coupon_id
        )


class RedemptionIn(BaseModel):
    """With `preview` nothing is done."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    preview: Annotated[bool, Field(strict=True)] = False


class UsedCouponOut(BaseModel):
    """The coupon that adds the `bonus` of the plan's rows."""

    id: UUID
    name: str
    apr_boost: DecimalString


class SubscriptionOut(BaseModel):
    """`apr` is the one rate that earns the same on this principal, `interest_paid` what the plan has paid so far, without a coupon's bonus.

    Interest runs from `value_date` until the day before `maturity`; `next_payout` is None once nothing is left to pay.
    `renewal` is what happens at the maturity; `renewal_refused` is the code of why it is paid out all the same.
    """

    id: UUID
    instance_id: UUID
    template: UUID
    version: int
    name: str
    customer_id: UUID
    asset: str
    principal: DecimalString
    apr: DecimalString
    status: SubscriptionStatus
    value_date: date
    maturity: date
    payout_period: PayoutPeriod
    early: EarlyPolicy
    total_interest: DecimalString
    interest_paid: DecimalString
    next_payout: date | None
    order_id: UUID
    created_at: datetime
    ended_at: datetime | None
    accrued: DecimalString | None
    clawed_back: DecimalString | None
    renewal: Renewal
    renewed_from: UUID | None
    renewed_into: UUID | None
    renewal_refused: str | None
    coupon: UsedCouponOut | None
    plan: list[PlanRowOut]


class RedemptionOut(BaseModel):
    """What an early end brings: the rows `due_first` as planned, and beside them `cash`.

    `cash` = `principal` + `accrued` - `clawed_back` - `bonus_clawed_back`. The rows `void` are never paid: `forfeited` is their interest,
    `bonus_forfeited` what a coupon would have added to it.
    """

    asset: str
    principal: DecimalString
    accrued: DecimalString
    clawed_back: DecimalString
    cash: DecimalString
    forfeited: DecimalString
    bonus_clawed_back: DecimalString
    bonus_forfeited: DecimalString
    due_first: list[int]
    void: list[int]


def shown(view: SubscriptionView) -> SubscriptionOut:
    one, terms, rows = view.subscription, view.instance.terms, view.rows
    paid = [row for row in rows if row.status is RowStatus.PAID]
    pending = [row for row in rows if row.status is RowStatus.PENDING]
    return SubscriptionOut(
        id=one.id, instance_id=one.instance_id, template=one.template_id, version=view.instance.version, name=view.instance.name,
        customer_id=one.customer_id, asset=one.asset, principal=one.principal, apr=one.apr_applied, status=one.status,
        value_date=one.value_date, maturity=one.maturity, payout_period=terms.payout, early=terms.early,
        total_interest=sum((row.interest for row in rows), ZERO),
        interest_paid=sum((row.interest for row in paid), ZERO),
        next_payout=pending[0].due_date if pending else None, order_id=one.order_id, created_at=one.created_at,
        ended_at=one.ended_at, accrued=one.accrued, clawed_back=one.clawed_back, coupon=_coupon(view.coupon),
        renewal=one.renewal, renewed_from=one.renewed_from, renewed_into=one.renewed_into, renewal_refused=one.renewal_refused,
        plan=[row_out(row) for row in rows],
    )  # fmt: skip


def _coupon(use: Use | None) -> UsedCouponOut | None:
    return None if use is None else UsedCouponOut(id=use.coupon_id, name=use.name, apr_boost=use.apr_boost)


def previewed(view: SubscriptionView, done: Redemption) -> RedemptionOut:
    lost = [row.interest for row in view.rows if row.seq in done.void]
    return RedemptionOut(
        asset=view.subscription.asset, principal=done.principal, accrued=done.accrued, clawed_back=done.clawed_back, cash=done.cash,
        forfeited=sum(lost, ZERO), bonus_clawed_back=done.bonus_clawed_back, bonus_forfeited=done.bonus_forfeited,
        due_first=list(done.due_first), void=list(done.void),
    )  # fmt: skip


def redeemed(view: SubscriptionView) -> RedemptionOut:
    """As its rows tell it, however often it is asked for."""
    one = view.subscription
    accrued, clawed_back = one.accrued or ZERO, one.clawed_back or ZERO
    bonus_clawed_back = ZERO if view.coupon is None else view.coupon.clawed_back
    first = [row.seq for row in view.rows if row.status is RowStatus.PAID and row.ended_at == one.ended_at]
    void = [row for row in view.rows if row.status is RowStatus.VOID]
    return RedemptionOut(
        asset=one.asset, principal=one.principal, accrued=accrued, clawed_back=clawed_back,
        cash=one.principal + accrued - clawed_back - bonus_clawed_back, forfeited=sum((row.interest for row in void), ZERO),
        bonus_clawed_back=bonus_clawed_back, bonus_forfeited=sum((row.bonus for row in void), ZERO), due_first=first,
        void=[row.seq for row in void],
    )  # fmt: skip

"""What a subscription would be, over HTTP: for whoever looks at an offer."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from earn.coupons.errors import CouponNotUsable
from earn.instances.errors import InstanceNotFound
from earn.subscriptions import errors, previews
from earn.subscriptions.previews import Caller, Preview
from earn.templates.schemas import PlanRowOut, row_out
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import problem_responses
from kernel.money import DecimalString

router = APIRouter(prefix="/v1/earn/instances", tags=["earn"])


class OfferPreviewIn(BaseModel):
    """A subscription of this principal, with a coupon or without."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    principal: DecimalString
    coupon_id: UUID | None = None


class OfferPreviewOut(BaseModel):
    """`apr` is the one rate that earns the same on this principal, without what a coupon adds (`total_bonus`, and the rows' `bonus`).

    `cap_left` is how much more of the product you may have, None without a cap; `at` is the house's time of this answer.
    """

    version: int
    asset: str
    principal: DecimalString
    apr: DecimalString
    value_date: date
    maturity: date
    total_interest: DecimalString
    total_bonus: DecimalString
    cap_left: DecimalString | None
    at: datetime
    rows: list[PlanRowOut]


@router.post(
    "/{id}/preview",
    responses=problem_responses(InstanceNotFound, errors.PrincipalUnfit, errors.SoldOut, CouponNotUsable),
)
def preview_instance(
    instance_id: Annotated[UUID, Path(alias="id")],
    body: OfferPreviewIn,
    principal: Annotated[Principal, requires(Permission.PRODUCTS_READ)],
) -> OfferPreviewOut:
    """The plan of a subscription of this day; nothing is done, and nothing promised."""
    caller = Caller(principal.tenant_id, principal.id)
    return _shown(
        previews.preview(caller, instance_id, principal=body.principal, coupon_id=body.coupon_id), body.principal
    )


def _shown(found: Preview, principal: Decimal) -> OfferPreviewOut:
    one = found.instance
    return OfferPreviewOut(
        version=one.version, asset=one.asset, principal=principal, apr=found.apr, value_date=one.dates.value_date,
        maturity=one.dates.maturity, total_interest=sum((row.interest for row in found.rows), Decimal(0)),
        total_bonus=sum((row.bonus for row in found.rows), Decimal(0)), cap_left=found.cap_left, at=found.at,
        rows=[row_out(row) for row in found.rows],
    )  # fmt: skip

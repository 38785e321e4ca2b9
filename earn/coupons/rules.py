"""Whether a coupon is of use for a subscription. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from earn.coupons.record import Coupon
from earn.coupons.states import CouponStatus, Unusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What a customer wants to buy with it, and how often they have used it before."""

    customer_id: UUID
    template_id: UUID
    asset: str
    principal: Decimal
    uses: int


def why_not(coupon: Coupon, purchase: Purchase, *, now: datetime) -> Unusable | None:
    """None when it is. Whether it is theirs comes first: nobody learns anything about a coupon of others."""
    wish = coupon.wish
    theirs = wish.customers is None or purchase.customer_id in wish.customers
    if coupon.published_at is None or not theirs:
        return Unusable.UNKNOWN
    if coupon.status is CouponStatus.STOPPED:
        return Unusable.STOPPED
    if now < wish.starts_at:
        return Unusable.NOT_STARTED
    if now >= wish.ends_at:
        return Unusable.OVER
    if purchase.asset != wish.asset or (wish.templates and purchase.template_id not in wish.templates):
        return Unusable.OTHER_PRODUCT
    if purchase.principal < wish.minimum:
        return Unusable.BELOW_MINIMUM
    if purchase.uses >= wish.uses_per_customer:
        return Unusable.USES_SPENT
    return None

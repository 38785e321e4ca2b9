"""The words of a coupon: its life, and why it is of no use to somebody."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class CouponStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    STOPPED = "stopped"  # nobody uses it any more; what was bought with it is paid


COUPON = States(
    "earn coupon",
    CouponStatus,
    initial={CouponStatus.DRAFT},
    moves={
        CouponStatus.DRAFT: {CouponStatus.PUBLISHED, CouponStatus.STOPPED},
        CouponStatus.PUBLISHED: {CouponStatus.STOPPED},
        CouponStatus.STOPPED: set(),
    },
)


class Unusable(StrEnum):
    """Why a coupon cannot be used for a subscription. One that is somebody else's is as unknown as one that is not there."""

    UNKNOWN = "unknown"
    NOT_STARTED = "not_started"
    OVER = "over"
    STOPPED = "stopped"
    OTHER_PRODUCT = "other_product"
    BELOW_MINIMUM = "below_minimum"
    USES_SPENT = "uses_spent"
    NO_BONUS = "no_bonus"  # so little principal or so few days that the bonus is less than the asset's smallest unit

"""Why a coupon is refused: to staff who write one, and to customers who use one. Nothing is held then, and nothing counted."""

from __future__ import annotations

from kernel.errors import Conflict, DomainError, NotFound


class CouponUnfit(DomainError):
    """A term of the coupon contradicts another one or lies outside its bounds."""

    code = "earn_coupon_unfit"
    status = 400


class CouponNotFound(NotFound):
    """There is no such coupon."""

    code = "earn_coupon_not_found"


class CouponNoDraft(Conflict):
    """The coupon was published or stopped already; it does not change any more."""

    code = "earn_coupon_no_draft"


class CouponStopped(Conflict):
    """The coupon is stopped already."""

    code = "earn_coupon_stopped"


class CouponNotUsable(Conflict):
    """This coupon cannot be used for this subscription."""

    code = "coupon_not_usable"


class CouponExhausted(Conflict):
    """The money for this coupon is used up."""

    code = "coupon_exhausted"

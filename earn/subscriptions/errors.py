"""Why a subscription is refused, and why one cannot be ended; nothing is held then, and nothing counted."""

from __future__ import annotations

from kernel.errors import Conflict, DomainError, NotFound


class SubscriptionNotFound(NotFound):
    """There is no such subscription, or it is not yours."""

    code = "subscription_not_found"


class PrincipalUnfit(DomainError):
    """The principal must be at least the minimum, and a multiple of the step."""

    code = "principal_unfit"
    status = 400


class SaleNotOpen(Conflict):
    """This is not for sale at the moment."""

    code = "sale_not_open"


class TermsChanged(Conflict):
    """The terms are not the ones you saw; nothing was taken."""

    code = "terms_changed"


class SoldOut(Conflict):
    """There is not that much left of today's quota."""

    code = "sold_out"


class CapReached(Conflict):
    """You would have more of this product than one customer may."""

    code = "cap_reached"


class SubscriptionEnded(Conflict):
    """The subscription has ended already."""

    code = "subscription_ended"

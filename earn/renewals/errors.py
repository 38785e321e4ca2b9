"""Why a choice for the maturity is refused, and why a renewal did not take place for a reason of ours."""

from __future__ import annotations

from kernel.errors import Conflict


class RenewalNotOffered(Conflict):
    """This is none of the choices that the offer has for its maturity."""

    code = "renewal_not_offered"


class RenewalFailed(Conflict):
    """It could not be renewed for a reason of ours; it is paid out."""

    code = "renewal_failed"

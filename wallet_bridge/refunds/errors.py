"""Why a deposit is not sent back there."""

from __future__ import annotations

from kernel.errors import DomainError


class RefundToOwnAddress(DomainError):
    """This address is one of the house's own: what goes there does not go back to anybody."""

    code = "refund_to_own_address"
    status = 400

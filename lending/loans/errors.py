"""Why something cannot be done with a loan."""

from __future__ import annotations

from kernel.errors import DomainError
from lending.errors import LoanBusy, LoanNotFound

__all__ = ["CollateralNotAccepted", "LoanBusy", "LoanNotFound", "NothingOwed"]


class CollateralNotAccepted(DomainError):
    """The loan's product does not take this asset as collateral."""

    code = "collateral_not_accepted"
    status = 400


class NothingOwed(DomainError):
    """There is nothing to pay on this loan."""

    code = "nothing_owed"
    status = 409

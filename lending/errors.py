"""Why lending refuses something, where more than one of its rooms says so."""

from __future__ import annotations

from kernel.errors import DomainError


class PriceNotTrusted(DomainError):
    """There is no price right now that collateral may be valued at: it is too old, or too few venues agree on it."""

    code = "price_not_trusted"
    status = 409


class LoanNotFound(DomainError):
    """There is no such loan."""

    code = "loan_not_found"
    status = 404


class LoanBusy(DomainError):
    """The loan is being sold, repaid or not yet begun: this cannot be done with it now."""

    code = "loan_not_running"
    status = 409

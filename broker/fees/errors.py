"""Why a table of fees or an agreement is refused."""

from kernel.errors import DomainError


class TiersDoNotFit(DomainError):
    """Tiers begin at a volume of 0, their volumes rise and their rates do not; maker never above taker, nothing above 5 %."""

    code = "tiers_do_not_fit"
    status = 400


class ValidInThePast(DomainError):
    """What was agreed holds from now or later on: the past was already charged."""

    code = "valid_in_the_past"
    status = 400


class CustomerUnknown(DomainError):
    """There is no such customer here."""

    code = "customer_unknown"
    status = 404

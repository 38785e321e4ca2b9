"""Why a price alert is not made."""

from kernel.errors import DomainError


class TooManyAlerts(DomainError):
    """You have as many live price alerts as anybody may have; cancel some first."""

    code = "too_many_alerts"
    status = 409

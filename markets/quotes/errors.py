"""Why there is no price to show."""

from kernel.errors import DomainError


class QuotesUnavailable(DomainError):
    """The prices of this market are not available at the moment; try again."""

    code = "quotes_unavailable"
    status = 503


class UnknownVenue(DomainError):
    """There is no such venue here."""

    code = "unknown_venue"
    status = 400

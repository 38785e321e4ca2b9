"""Why a firm quote is not honoured. Nothing was filled for the customer then."""

from kernel.errors import DomainError


class QuoteExpired(DomainError):
    """The quote is too old, or the market no longer gives its price; nothing was traded."""

    code = "quote_expired"
    status = 409

"""Why a limit denies an order, or cannot be set."""

from kernel.errors import DomainError


class OrderTooLarge(DomainError):
    """The order is worth more than one order of this customer may be."""

    code = "order_limit_exceeded"
    status = 409


class DayLimitExceeded(DomainError):
    """With this order the customer would trade more in a day than the limit allows."""

    code = "day_limit_exceeded"
    status = 409


class ValueUnknown(DomainError):
    """A limit applies, and nobody knows at the moment what the order is worth."""

    code = "value_unknown"
    status = 409


class LimitInvalid(DomainError):
    """A customer has limits per order and per day, a venue one of what is outstanding; each is positive."""

    code = "limit_invalid"
    status = 400

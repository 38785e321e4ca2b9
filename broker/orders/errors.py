"""Why an order is denied. A denial leaves nothing behind: no hold, no reservation, no order."""

from kernel.errors import DomainError


class MarketHalted(DomainError):
    """No trustworthy price: market orders are denied until venues agree again."""

    code = "market_halted"
    status = 409


class VenueUnavailable(DomainError):
    """This venue shows no usable price at the moment."""

    code = "venue_unavailable"
    status = 409


class NoLiquidity(DomainError):
    """No venue shows enough quantity inside the protection band."""

    code = "no_liquidity"
    status = 409


class InvalidQuantity(DomainError):
    """The quantity does not fit the market's lot size or minimum."""

    code = "invalid_quantity"
    status = 400


class InvalidPrice(DomainError):
    """The price does not fit the market's tick size or lies far outside the market."""

    code = "invalid_price"
    status = 400


class DuplicateClientOrderId(DomainError):
    """This client_order_id was used before; it is unique for ever."""

    code = "duplicate_client_order_id"
    status = 409


class OrderNotOpen(DomainError):
    """The order is finished; there is nothing to cancel."""

    code = "order_not_open"
    status = 409


class RealmNotOffered(DomainError):
    """Orders are offered in the REAL realm only."""

    code = "realm_not_offered"
    status = 409


class InvalidCombination(DomainError):
    """These fields make no sense together."""

    code = "invalid_combination"
    status = 400


class InvalidExpiry(DomainError):
    """An order expires in the future, and within a year."""

    code = "invalid_expiry"
    status = 400


class InvalidSchedule(DomainError):
    """The slices do not fit the order: each must be worth an order of its own."""

    code = "invalid_schedule"
    status = 400


class WouldExecute(DomainError):
    """A post-only order that could be executed at once; it is not accepted."""

    code = "would_execute"
    status = 409


class WouldTrigger(DomainError):
    """The price stands beyond the stop already; it would trigger at once."""

    code = "would_trigger"
    status = 409


class NotFillable(DomainError):
    """No single venue shows the whole quantity within the limit, so all-or-nothing is nothing."""

    code = "not_fillable"
    status = 409


class OrderWorking(DomainError):
    """A part of the order is at a venue at this moment; try again when it rests."""

    code = "order_working"
    status = 409


class OrderNotAmendable(DomainError):
    """This kind of order is not amended: cancel it and place another."""

    code = "order_not_amendable"
    status = 409

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

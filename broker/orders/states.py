"""States of a customer order and of the venue orders (children) that hedge it. The two tables here are the only truth about moves."""

# The words for kinds of orders stand here too: they are as much a closed list as the states.

from enum import StrEnum

from kernel.states import States


class OwnerKind(StrEnum):
    """Whose order it is. Only a customer's is told to customers, counts towards limits, fees and scores."""

    CUSTOMER = "customer"
    HOUSE = "house"
    LIQUIDATION = "liquidation"  # spends and receives in accounts of its own; `owner_id` names the liquidation


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TRAILING_STOP = "trailing_stop"


STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT, OrderType.TRAILING_STOP})


class TimeInForce(StrEnum):
    GTC = "gtc"  # until it is cancelled
    GTD = "gtd"  # until a moment of business time
    IOC = "ioc"  # what can be had now, the rest is cancelled
    FOK = "fok"  # all of it now, at one venue, or nothing


WAITING = frozenset({TimeInForce.GTC, TimeInForce.GTD})


class RestsIn(StrEnum):
    """Who looks at an order while it rests."""

    BOOK = "book"  # the limit book: by its limit
    STOPS = "stops"  # the stop book: by its stop price
    CLOCK = "clock"  # the slices of a TWAP: by their time


class OrderStatus(StrEnum):
    ACCEPTED = "accepted"
    WORKING = "working"  # at least one child is at a venue or on its way
    RESTING = "resting"  # in our own limit book
    TRIGGERED = "triggered"  # taken out of the book by its owner, children not made yet
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"


_S = OrderStatus
ORDER = States(
    "order",
    OrderStatus,
    initial={_S.ACCEPTED},
    moves={
        _S.ACCEPTED: {_S.WORKING, _S.RESTING, _S.CANCELLED, _S.EXPIRED},
        _S.RESTING: {_S.TRIGGERED, _S.CANCELLED, _S.EXPIRED, _S.FILLED},  # filled: by a late report of an earlier child
        _S.TRIGGERED: {_S.WORKING, _S.RESTING},
        _S.WORKING: {_S.FILLED, _S.RESTING, _S.CANCELLED, _S.EXPIRED, _S.REJECTED},
        _S.FILLED: set(),
        _S.CANCELLED: set(),
        _S.EXPIRED: set(),
        _S.REJECTED: set(),
    },
)


class ChildStatus(StrEnum):
    INTENT = "intent"  # committed, perhaps on the wire: its call knows more
    UNKNOWN = "unknown"  # the resolver asks
    OPEN = "open"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"
    NOT_PLACED = "not_placed"


_C = ChildStatus
_AT_VENUE = {_C.OPEN, _C.PARTIALLY_FILLED, _C.FILLED, _C.CANCELLED, _C.EXPIRED}
CHILD = States(
    "venue order",
    ChildStatus,
    initial={_C.INTENT},
    moves={
        _C.INTENT: _AT_VENUE | {_C.UNKNOWN, _C.REFUSED},
        _C.UNKNOWN: _AT_VENUE | {_C.REFUSED, _C.NOT_PLACED},
        _C.OPEN: _AT_VENUE - {_C.OPEN},
        _C.PARTIALLY_FILLED: {_C.FILLED, _C.CANCELLED, _C.EXPIRED},
        _C.FILLED: set(),
        _C.CANCELLED: set(),
        _C.EXPIRED: set(),
        _C.REFUSED: set(),
        # Real world possibility: what was proven absent turns up after all. The fill is booked to the house, an incident is raised.
        _C.NOT_PLACED: set(),
    },
)

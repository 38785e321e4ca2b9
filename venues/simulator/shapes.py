"""What a simulated venue knows: listings, orders, fills, books and the events it publishes.

The core keeps these, the dialects translate them. Nothing here speaks any venue's language.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Side = Literal["buy", "sell"]
OrderType = Literal["limit", "market"]
TimeInForce = Literal["gtc", "ioc", "fok", "post_only"]
OrderStatus = Literal["open", "partially_filled", "filled", "cancelled", "expired", "rejected"]
Execution = Literal["new", "trade", "cancelled", "expired"]
RejectKind = Literal[
    "insufficient_funds",
    "duplicate_client_order_id",
    "min_notional",
    "lot_size",
    "price_filter",
    "unknown_symbol",
    "post_only_would_match",
    "unknown_order",
]
Level = tuple[Decimal, Decimal]

OPEN_STATUSES = frozenset({"open", "partially_filled"})
ZERO = Decimal(0)


class SimReject(Exception):
    """The venue refuses; `kind` is the reason a dialect translates, `text` is for people."""

    def __init__(self, kind: RejectKind, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind: RejectKind = kind
        self.text = text


@dataclass(frozen=True, slots=True)
class SymbolSpec:
    """A listing. Prices lie on `tick`, or have `significant_digits` where the venue has no tick."""

    symbol: str
    base: str
    quote: str
    tick: Decimal | None
    significant_digits: int | None
    step: Decimal
    min_quantity: Decimal
    min_notional: Decimal
    volume_24h: Decimal
    level_quantity: tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class SimFill:
    trade_id: int
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    time_ms: int
    maker: bool


@dataclass(slots=True)
class SimOrder:
    """One order of one account; of a market buy by cost, `quantity` is what the book could give for it."""

    venue_order_id: int
    client_order_id: str | None
    account: str
    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    price: Decimal | None
    quantity: Decimal
    created_ms: int
    updated_ms: int
    status: OrderStatus = "open"
    filled_quantity: Decimal = ZERO
    cost: Decimal = ZERO
    locked: Decimal = ZERO
    fills: list[SimFill] = field(default_factory=list)
    visible_from_ms: int = 0
    requested_cost: Decimal | None = None

    @property
    def average_price(self) -> Decimal | None:
        return self.cost / self.filled_quantity if self.filled_quantity else None

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled_quantity

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


@dataclass(frozen=True, slots=True)
class Book:
    """Best level first. Empty sides: the venue shows nothing for this symbol."""

    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    sequence: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Ticker:
    """Day figures; bid, ask and their quantities are 0 while the symbol is silent."""

    symbol: str
    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal
    last: Decimal
    last_quantity: Decimal
    open: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    quote_volume: Decimal
    time_ms: int


@dataclass(frozen=True, slots=True)
class Trade:
    """A public trade; `side` is the taker's."""

    trade_id: int
    side: Side
    price: Decimal
    quantity: Decimal
    time_ms: int


@dataclass(frozen=True, slots=True)
class Candle:
    time_ms: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class BookChanged:
    """Levels that changed since `previous_sequence`; quantity 0 removes a level."""

    symbol: str
    previous_sequence: int
    sequence: int
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    time_ms: int


@dataclass(frozen=True, slots=True)
class Traded:
    symbol: str
    trade: Trade


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """One step of an order; `fill` is set for a trade. Balances are read from the core by `order.account`."""

    order: SimOrder
    execution: Execution
    fill: SimFill | None
    time_ms: int


@dataclass(frozen=True, slots=True)
class StreamsCut:
    """Every websocket of this venue must be closed now (a fault on operation `stream`)."""

    reason: str


VenueEvent = BookChanged | Traded | OrderChanged | StreamsCut
Subscriber = Callable[[VenueEvent], None]

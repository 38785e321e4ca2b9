"""The words in which the rest of the product talks to a venue: one protocol and frozen dataclasses, no client library.

A gateway sends an order exactly once and never raises: whatever happens becomes an outcome. `Placed` means that the venue has the
order, `Refused` that it certainly has not, `Unknown` that only asking can tell. Asking answers `Found`, `Absent` or `AskFailed`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from venues.grids import Grid

Side = Literal["buy", "sell"]
TimeInForce = Literal["ioc", "fok"]
OrderStatus = Literal["open", "partially_filled", "filled", "cancelled", "expired"]
RefusalReason = Literal["never_sent", "not_accepted", "rejected"]

TERMINAL: frozenset[OrderStatus] = frozenset(("filled", "cancelled", "expired"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceOrder:
    """A limit order that ends at once: what can be had, or (`fok`) all or nothing.

    `sent_at` is the committed time of sending; the venue refuses the order once it is too old.
    """

    symbol: str
    side: Side
    quantity: Decimal
    limit_price: Decimal
    coid_number: int
    sent_at: datetime
    time_in_force: TimeInForce = "ioc"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFill:
    """One execution. `trade_id` is unique per venue account; a positive fee was charged, a negative one is a rebate."""

    trade_id: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    fee_asset: str
    executed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueTrade(VenueFill):
    """An execution from the account's trade list, with the order it belongs to."""

    symbol: str
    side: Side
    venue_order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReport:
    """What the venue says about one order. Book fills only; `filled_quantity` may run ahead of the listed ones."""

    venue_order_id: str | None
    client_order_id: str
    status: OrderStatus
    filled_quantity: Decimal
    average_price: Decimal | None
    fills: tuple[VenueFill, ...]
    fills_complete: bool
    side: Side | None = None  # these three where the venue's list tells them
    limit_price: Decimal | None = None
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    report: OrderReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The venue certainly has no such order: never sent, not accepted (may be tried again by a new child), or rejected."""

    reason: RefusalReason
    code: str
    text: str
    insufficient_funds: bool = False
    retry_after_s: float | None = None

    @property
    def never_sent(self) -> bool:
        return self.reason == "never_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Only asking can tell. `duplicate`: the venue says that it already has an order with this id."""

    text: str
    retry_after_s: float | None = None
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    report: OrderReport


@dataclass(frozen=True, slots=True)
class Absent:
    """No such order. `authoritative`: the answer covers closed orders too and reaches back to `sent_at`."""

    authoritative: bool


@dataclass(frozen=True, slots=True)
class AskFailed:
    text: str
    retry_after_s: float | None = None


Outcome = Placed | Refused | Unknown
Asked = Found | Absent | AskFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueBalance:
    free: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFees:
    """What the venue says it charges this account in one market, and the volume of 30 days it counts, where it tells."""

    maker: Decimal
    taker: Decimal
    volume: Decimal | None = None


class VenueUnreachable(Exception):
    """A list or a balance could not be read; the caller keeps what it knew and tries again later."""

    def __init__(self, text: str, retry_after_s: float | None = None) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class VenueGateway(Protocol):
    """One account at one venue. Every method opens network connections: no transaction may be open."""

    @property
    def venue(self) -> str: ...

    @property
    def validity_s(self) -> float | None:
        """How long after `sent_at` the venue may still accept an order; None where it knows no such bound."""
        ...

    async def load(self) -> None:
        """Read markets and the venue's clock; repeat it now and then, because grids change."""
        ...

    def grid(self, symbol: str) -> Grid: ...

    async def place(self, order: PlaceOrder) -> Outcome: ...

    async def ask(
        self, *, coid_number: int, symbol: str, sent_at: datetime, venue_order_id: str | None = None
    ) -> Asked: ...

    async def cancel(
        self, *, coid_number: int, symbol: str, sent_at: datetime, venue_order_id: str | None = None
    ) -> Asked:
        """Cancel, then ask: the answer is the order's state, whoever was faster."""
        ...

    async def balances(self) -> Mapping[str, VenueBalance]: ...

    async def fees(self, symbols: Sequence[str]) -> Mapping[str, VenueFees]:
        """The account's rates in those of the markets that the venue lists."""
        ...

    async def last_price(self, symbol: str) -> Decimal | None:
        """The last price of any market that the venue lists, for valuing; None where it does not."""
        ...

    async def trades_since(self, symbol: str, since: datetime) -> list[VenueTrade]: ...

    async def open_orders(self, symbol: str) -> list[OrderReport]: ...

    async def close(self) -> None: ...

"""What a customer asks for, already well-formed field by field; whether the fields make sense together is `combinations`' question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from broker.orders.states import STOPS, OrderType, TimeInForce

DEFAULT_TOLERANCE = Decimal("0.002")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """How far a trailing stop keeps behind the best price: an amount of quote, or a fraction of that price."""

    amount: Decimal | None = None
    fraction: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Twap:
    """Even slices over a duration of business time; the first goes out at once, the last at its end."""

    duration_s: int
    slices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One order as it is asked for; `quantity` or `quote_quantity` is set."""

    symbol: str
    side: str
    type: str
    quantity: Decimal | None
    quote_quantity: Decimal | None
    limit_price: Decimal | None
    venue: str
    time_in_force: str
    expected_price: Decimal | None
    tolerance: Decimal
    client_order_id: str | None
    stop_price: Decimal | None = None
    trail: Trail | None = None
    expires_at: datetime | None = None
    post_only: bool = False
    display_quantity: Decimal | None = None
    twap: Twap | None = None

    @property
    def is_stop(self) -> bool:
        return self.type in STOPS


def usual_time_in_force(kind: str, *, twap: bool = False) -> str:
    """What an order means that says nothing: a market order takes what it gets, everything else waits."""
    at_once = kind == OrderType.MARKET and not twap
    return (TimeInForce.IOC if at_once else TimeInForce.GTC).value

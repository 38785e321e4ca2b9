"""Shapes of orders on the wire: amounts and prices are decimal strings."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from broker.orders.states import OrderType, TimeInForce
from broker.orders.wishes import DEFAULT_TOLERANCE, Trail, Twap, Wish, usual_time_in_force
from kernel.clock import Moment
from kernel.money import DecimalString

Symbol = Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}-[A-Z0-9]{2,10}$", examples=["BTC-USDT"])]


Venue = Annotated[str, Field(pattern=r"^[a-z0-9]{2,20}$")]
ClientOrderId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("must be positive")
    return value


PositiveDecimal = Annotated[DecimalString, AfterValidator(_positive)]


class TrailIn(BaseModel):
    """How far a trailing stop keeps behind the best price: an amount of quote, or a fraction of that price."""

    model_config = ConfigDict(extra="forbid")

    amount: PositiveDecimal | None = None
    fraction: PositiveDecimal | None = None


class TwapIn(BaseModel):
    """Even slices: the first at once, the last at the end of the duration."""

    model_config = ConfigDict(extra="forbid")

    duration_s: Annotated[int, Field(ge=1, le=7 * 86_400, strict=True)]
    slices: Annotated[int, Field(ge=2, le=500, strict=True)]


class AlgoIn(BaseModel):
    """How an order is sent in parts."""

    model_config = ConfigDict(extra="forbid")

    twap: TwapIn


class OrderIn(BaseModel):
    """Which fields go together is told by `invalid_combination`.

    `quantity` is in base; a market order may give `quote_quantity` instead: the most that a buy spends, our fee included, or about what a
    sell brings, our fee taken off. `stop_price` starts stops and take-profits, `trail` a trailing stop.
    """

    model_config = ConfigDict(extra="forbid")

    symbol: Symbol
    side: Literal["buy", "sell"]
    type: OrderType
    quantity: PositiveDecimal | None = None
    quote_quantity: PositiveDecimal | None = None
    limit_price: PositiveDecimal | None = None
    stop_price: PositiveDecimal | None = None
    trail: TrailIn | None = None
    venue: Venue = "best"
    time_in_force: TimeInForce | None = None
    expires_at: Moment | None = None
    post_only: Annotated[bool, Field(strict=True)] = False
    display_quantity: PositiveDecimal | None = None
    algo: AlgoIn | None = None
    expected_price: PositiveDecimal | None = None
    tolerance: DecimalString | None = None
    client_order_id: ClientOrderId | None = None

    @model_validator(mode="after")
    def _sane(self) -> Self:
        if self.tolerance is not None and not 0 <= self.tolerance <= 1:
            raise ValueError("tolerance is a fraction between 0 and 1")
        return self

    def wish(self) -> Wish:
        twap = self.algo.twap if self.algo is not None else None
        return Wish(
            symbol=self.symbol,
            side=self.side,
            type=self.type.value,
            quantity=self.quantity,
            quote_quantity=self.quote_quantity,
            limit_price=self.limit_price,
            venue=self.venue,
            time_in_force=(self.time_in_force or usual_time_in_force(self.type, twap=twap is not None)),
            expected_price=self.expected_price,
            tolerance=DEFAULT_TOLERANCE if self.tolerance is None else self.tolerance,
            client_order_id=self.client_order_id,
            stop_price=self.stop_price,
            trail=None if self.trail is None else Trail(amount=self.trail.amount, fraction=self.trail.fraction),
            expires_at=self.expires_at,
            post_only=self.post_only,
            display_quantity=self.display_quantity,
            twap=None if twap is None else Twap(duration_s=twap.duration_s, slices=twap.slices),
        )


class OrdersIn(BaseModel):
    """Orders that are accepted or denied one by one, in this order."""

    model_config = ConfigDict(extra="forbid")

    orders: Annotated[list[OrderIn], Field(min_length=1, max_length=50)]


class PairIn(BaseModel):
    """A limit and a stop of one side and size, of which one cancels the other."""

    model_config = ConfigDict(extra="forbid")

    symbol: Symbol
    side: Literal["buy", "sell"]
    quantity: PositiveDecimal
    limit_price: PositiveDecimal
    stop_price: PositiveDecimal
    stop_limit_price: PositiveDecimal | None = None
    venue: Venue = "best"
    time_in_force: Literal["gtc", "gtd"] = "gtc"
    expires_at: Moment | None = None
    limit_client_order_id: ClientOrderId | None = None
    stop_client_order_id: ClientOrderId | None = None


class ChangeIn(BaseModel):
    """New terms of a resting order; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    quantity: PositiveDecimal | None = None
    limit_price: PositiveDecimal | None = None
    stop_price: PositiveDecimal | None = None
    display_quantity: PositiveDecimal | None = None
    expires_at: Moment | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError("give at least one term to change")
        return self


class FillOut(BaseModel):
    """What the customer got: `price` and `cost` are the customer's, before the fee."""

    venue: str
    trade_id: str
    price: DecimalString
    quantity: DecimalString
    cost: DecimalString
    fee: DecimalString
    fee_asset: str
    executed_at: datetime


class VenueOrderOut(BaseModel):
    """One hedge at a venue, findable there by `client_order_id`."""

    venue: str
    client_order_id: str
    venue_order_id: str | None
    status: str
    quantity: DecimalString
    filled_quantity: DecimalString
    average_price: DecimalString | None
    limit_price: DecimalString


class TrailOut(BaseModel):
    """A trailing stop as it stands: the best price so far, and the stop behind it."""

    amount: DecimalString | None
    fraction: DecimalString | None
    best_price: DecimalString
    stop_price: DecimalString


class OrderOut(BaseModel):
    """An order as it is now; `slices_left` of its `algo` are still to come."""

    id: UUID
    client_order_id: str
    status: str
    symbol: str
    side: str
    type: str
    time_in_force: str
    quantity: DecimalString
    quote_quantity: DecimalString | None
    filled_quantity: DecimalString
    average_price: DecimalString | None
    limit_price: DecimalString | None
    fee: DecimalString
    fee_asset: str
    stop_price: DecimalString | None
    trail: TrailOut | None
    stopped_at: datetime | None
    post_only: bool
    display_quantity: DecimalString | None
    expires_at: datetime | None
    pair_id: UUID | None
    replaces: UUID | None
    algo: AlgoIn | None
    slices_left: int
    venue: str
    reason: str | None
    cancel_requested: bool
    created_at: datetime
    updated_at: datetime
    fills: list[FillOut]
    venue_orders: list[VenueOrderOut]


class PairOut(BaseModel):
    """A pair and its two orders: the limit, then the stop."""

    id: UUID
    orders: list[OrderOut]


class ProblemOut(BaseModel):
    """Why one order of a batch was denied: the same code as for a single one."""

    code: str
    status: int
    detail: str


class BatchItem(BaseModel):
    """What became of one order of a batch."""

    status: int
    order: OrderOut | None
    problem: ProblemOut | None


class BatchOut(BaseModel):
    """One item per order, in the order in which they were sent."""

    items: list[BatchItem]


class CancelledOut(BaseModel):
    """Orders that were asked to end; those at a venue end with its answer."""

    orders: list[UUID]

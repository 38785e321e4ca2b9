"""Execution reports on the wire. What only the desk may see is null for customers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from kernel.money import DecimalString


class VenueSeenOut(BaseModel):
    """What a venue showed when the round was planned: `price` its best, `depth` all within the order's limit.

    `effective_price`, `haircut`, `skew` and `limit_price` are for the desk; `quantity` is null where several orders shared a plan.
    """

    venue: str
    state: str
    as_of: datetime | None
    sequence: int
    price: DecimalString | None
    depth: DecimalString | None
    effective_price: DecimalString | None
    haircut: DecimalString | None
    skew: DecimalString | None
    chosen: bool
    quantity: DecimalString | None
    limit_price: DecimalString | None
    reason: str | None


class AloneOut(BaseModel):
    """The best venue alone: how much of the order it had and its average price. `effective_cost` is for the desk."""

    venue: str
    quantity: DecimalString | None
    price: DecimalString
    effective_cost: DecimalString | None


class ReportedFillOut(BaseModel):
    """A fill of this round; `price` is the customer's. The venue's price and fee are for the desk."""

    venue: str
    trade_id: str
    quantity: DecimalString
    price: DecimalString
    executed_at: datetime
    venue_price: DecimalString | None
    venue_fee: DecimalString | None
    venue_fee_asset: str | None


class RoundOut(BaseModel):
    """`saved`: quote against the best venue alone, before fees, for what was filled; `saved_with_fees`: the desk's figure of the plan.

    `slippage_bps` compares the price of the fills with the expected one; positive is worse for the customer.
    """

    number: int
    at: datetime
    quantity: DecimalString | None
    planned_quantity: DecimalString | None
    expected_price: DecimalString | None
    venues: list[VenueSeenOut]
    best_single: AloneOut | None
    saved: DecimalString | None
    saved_with_fees: DecimalString | None
    filled_quantity: DecimalString
    filled_price: DecimalString | None
    slippage_bps: DecimalString | None
    fills: list[ReportedFillOut]


class ExecutionReportOut(BaseModel):
    """How an order was executed, round by round. An order that rests and was never routed has no rounds yet."""

    order_id: UUID
    symbol: str
    side: str
    type: str
    venue: str
    status: str
    quantity: DecimalString
    filled_quantity: DecimalString
    average_price: DecimalString | None
    rounds: list[RoundOut]

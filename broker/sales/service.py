"""The door for selling collateral: look at the market first, then sell in the transaction of the liquidation's step.

A sale is an IOC limit order at the lowest price that the liquidation allows, routed to the best venues like a customer's. It belongs to the
liquidation: it spends from and receives into the accounts named, pays no fee of ours, gets the venue's price, and asks neither for
anybody's standing nor for a customer's limits. Kill switches and maintenance stop it like everything that sells. Nobody but the
liquidation is told of it, by `broker.sale_ended.v1`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from broker.controls import errors as control_errors
from broker.controls import service as controls
from broker.orders import errors, queries, rules
from broker.orders import service as orders
from broker.orders.service import Ticket, Wish
from broker.orders.states import ORDER, OrderStatus, OrderType, OwnerKind, TimeInForce
from broker.routing import rules as routing
from broker.routing.service import rooms
from broker.sales import rules as sale_rules
from broker.sales.rules import SaleCost
from broker.sales.states import Obstacle
from kernel.db import Tx
from kernel.money import ceil_to, floor_to
from markets.instruments import service as instruments
from markets.instruments.errors import MarketPaused
from markets.instruments.service import Instrument
from markets.instruments.states import FillMode
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable
from markets.quotes.service import MarketView

__all__ = [
    "Ended",
    "Obstacle",
    "Prospect",
    "SaleCost",
    "SaleFill",
    "depth_within",
    "estimate",
    "fills",
    "look",
    "outcome",
    "sell",
    "smallest",
    "smallest_of",
]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What can be sold right now: a ticket, or the obstacle. `quantity` is on the market's lot, `floor` on its tick."""

    quantity: Decimal
    floor: Decimal
    ticket: Ticket | None = None
    obstacle: Obstacle | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a sale came to. While it is not over, or a venue's answer is unknown, there is none."""

    sold: Decimal
    received: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleFill:
    """What one venue bought: its price, and what the sale received for it."""

    order_id: UUID
    venue: str
    trade_id: str
    price: Decimal
    quantity: Decimal
    received: Decimal
    executed_at: datetime


def look(*, tenant: UUID, liquidation: UUID, symbol: str, quantity: Decimal, floor: Decimal) -> Prospect:
    """Look at the market's copy, before any transaction: at most `quantity` at `floor` or better."""
    instrument = replace(instruments.get(symbol), markup=ZERO, fill=FillMode.PASS_THROUGH)
    asked = Prospect(quantity=floor_to(quantity, instrument.lot), floor=ceil_to(floor, instrument.tick))
    try:
        rules.check_size(asked.quantity, price=asked.floor, instrument=instrument)
    except errors.InvalidQuantity:
        return replace(asked, obstacle=Obstacle.TOO_LITTLE)
    try:
        instruments.require_trading(instrument)
        controls.require_allowed(tenant=tenant, owner=liquidation, symbol=symbol, venue="best", side="sell")
        view = controls.allowed(quotes.load(symbol), tenant=tenant)
    except (MarketPaused, control_errors.TradingStopped, control_errors.UnderMaintenance):
        return replace(asked, obstacle=Obstacle.TRADING_STOPPED)
    except QuotesUnavailable:
        return replace(asked, obstacle=Obstacle.NO_PRICE)
    if not sale_rules.is_sound(view):
        return replace(asked, obstacle=Obstacle.NO_PRICE)
    return _planned(asked, view, instrument, tenant)


def _planned(asked: Prospect, view: MarketView, instrument: Instrument, tenant: UUID) -> Prospect:
    worst = rules.inside_band(asked.floor, view=view, side="sell", tick=instrument.tick)
    room = rooms.of(tenant, instrument.base)

    def replan(without: frozenset[str]) -> routing.Plan:
        return routing.plan(
            view, side="sell", quantity=asked.quantity, worst_price=worst, without=without, room=room
        )  # fmt: skip

    plan = replan(frozenset())
    if not plan.legs:
        return replace(asked, obstacle=Obstacle.BELOW_FLOOR)
    ticket = Ticket(
        instrument=instrument,
        quantity=asked.quantity,
        protect_price=asked.floor,
        fee_rate=ZERO,
        hold_asset=instrument.base,
        hold_amount=asked.quantity,
        plan=plan,
        replan=replan,
    )
    return replace(asked, ticket=ticket)


def sell(
    tx: Tx, prospect: Prospect, *, liquidation: UUID, order_id: UUID, spend_account: int, receive_account: int
) -> None:
    """Step: send the sale; its outcome comes later, by `broker.sale_ended.v1` and `outcome`.

    Raises:
        VenueBalanceLow: no venue that would buy has enough of the asset; nothing may be committed then.
    """
    ticket = prospect.ticket
    assert ticket is not None, "only what has no obstacle can be sold"
    wish = Wish(
        symbol=ticket.instrument.symbol,
        side="sell",
        type=OrderType.LIMIT.value,
        quantity=prospect.quantity,
        quote_quantity=None,
        limit_price=prospect.floor,
        venue=routing.BEST,
        time_in_force=TimeInForce.IOC.value,
        expected_price=None,
        tolerance=orders.DEFAULT_TOLERANCE,
        client_order_id=None,
    )
    orders.write(
        tx, owner_kind=OwnerKind.LIQUIDATION, owner=liquidation, wish=wish, ticket=ticket, order_id=order_id, shortages=[],
        spend_account=spend_account, receive_account=receive_account,
    )  # fmt: skip


def outcome(tx: Tx, order_id: UUID) -> Ended | None:
    """Step: what a sale came to once it is over."""
    order = queries.get(tx, order_id)
    assert order is not None, "a sale that was sent has its order"
    if OrderStatus(order.status) not in ORDER.terminal:
        return None
    return Ended(sold=order.filled_quantity, received=order.filled_cost - order.fee)


def fills(tx: Tx, order_ids: Sequence[UUID]) -> list[SaleFill]:
    """What the venues bought of these sales, as it was booked."""
    return [
        SaleFill(
            order_id=row.order_id,
            venue=row.venue,
            trade_id=row.trade_id,
            price=row.price,
            quantity=row.quantity,
            received=row.customer_cost - row.customer_fee,
            executed_at=row.executed_at,
        )
        for row in queries.fills(tx, order_ids)
    ]


def smallest(symbol: str, price: Decimal) -> Decimal:
    """The least that this market takes at a price: less is dust."""
    return smallest_of(instruments.get(symbol), price)


def smallest_of(instrument: Instrument, price: Decimal) -> Decimal:
    """The same of a market that was read before."""
    return max(ceil_to(instrument.min_notional / price, instrument.lot), instrument.lot)


def estimate(symbol: str, quantity: Decimal) -> SaleCost | None:
    """What selling this much right now would lose to fees and slippage; None where there is no price or no bid."""
    try:
        return sale_rules.cost_of_sale(quotes.load(symbol), quantity)
    except QuotesUnavailable:
        return None


def depth_within(symbol: str, fraction: Decimal) -> Decimal:
    """How much could be sold right now at no more than this fraction below the price; zero without one."""
    try:
        return sale_rules.depth_within(quotes.load(symbol), fraction)
    except QuotesUnavailable:
        return ZERO

"""The execution report of an order: what every venue offered in each round, what was chosen and why, what came of it.

One report, two readers. The customer sees prices, depths, choices, own fills and what they saved; what venues charge us, and quantities
of a plan that was made for several customers together, are for the desk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from broker.orders import queries as orders
from broker.orders.queries import Order
from broker.orders.rules import with_markup
from broker.routing import queries
from broker.routing.queries import RoutedFill, StoredPlan
from kernel import db
from kernel.errors import NotFound

ZERO, BPS = Decimal(0), Decimal(10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueSeen:
    """One venue in one round. `reason` says why it got nothing; `effective_price` counts its fee in and is the desk's."""

    venue: str
    state: str
    as_of: datetime | None
    sequence: int
    price: Decimal | None
    depth: Decimal | None
    effective_price: Decimal | None
    haircut: Decimal | None
    skew: Decimal | None
    chosen: bool
    quantity: Decimal | None
    limit_price: Decimal | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """The best that one venue alone would have done. `effective_cost` is the desk's."""

    venue: str
    quantity: Decimal | None
    price: Decimal
    effective_cost: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FillSeen:
    """`price` is the customer's; what the venue charged is the desk's."""

    venue: str
    trade_id: str
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    venue_price: Decimal | None
    venue_fee: Decimal | None
    venue_fee_asset: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One plan and what came of it. Prices for the customer carry our markup; `slippage_bps` is positive where it came out dearer."""

    number: int
    at: datetime
    quantity: Decimal | None
    planned_quantity: Decimal | None
    expected_price: Decimal | None
    venues: Sequence[VenueSeen]
    best_single: Alone | None
    saved: Decimal | None
    saved_with_fees: Decimal | None
    filled_quantity: Decimal
    filled_price: Decimal | None
    slippage_bps: Decimal | None
    fills: Sequence[FillSeen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All rounds of an order, first one first."""

    order: Order
    rounds: Sequence[Round]


def execution_report(*, tenant: UUID, reader: UUID, order_id: UUID, desk: bool) -> Report:
    """Read the report as the customer, or as somebody who may see every customer's execution.

    Raises:
        NotFound: no such order, or not the reader's to see.
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        order = orders.get(tx, order_id)
        if order is None or (order.owner_id != reader and not desk):
            raise NotFound
        plans, fills = queries.plans(tx, order_id), queries.fills(tx, order_id)
    rounds = [_round(order, plan, [f for f in fills if f.planned_at == plan.made_at], desk=desk) for plan in plans]
    return Report(order=order, rounds=rounds)


def _round(order: Order, plan: StoredPlan, fills: Sequence[RoutedFill], *, desk: bool) -> Round:
    open_to_reader = desk or not plan.shared
    filled = sum((fill.quantity for fill in fills), ZERO)
    paid = sum((fill.customer_cost for fill in fills), ZERO)
    expected = _expected(order, plan)
    price = paid / filled if filled else None
    return Round(
        number=plan.round,
        at=plan.made_at,
        quantity=plan.quantity if open_to_reader else None,
        planned_quantity=plan.planned_quantity if open_to_reader else None,
        expected_price=expected,
        venues=[_venue(seen, open_to_reader=open_to_reader, desk=desk) for seen in plan.evidence["venues"]],
        best_single=_alone(plan, open_to_reader=open_to_reader, desk=desk),
        saved=_saved(order, plan, filled),
        saved_with_fees=plan.saving if desk else None,
        filled_quantity=filled,
        filled_price=price,
        slippage_bps=_slippage(order.side, expected, price),
        fills=[_fill(fill, desk=desk) for fill in fills],
    )


def _expected(order: Order, plan: StoredPlan) -> Decimal | None:
    """What the customer would pay on average if every leg filled at the levels it was planned on."""
    if plan.planned_quantity == 0:
        return None
    if order.fill_mode == "touch":
        return order.protect_price
    price = with_markup(plan.planned_cost / plan.planned_quantity, side=order.side, markup=order.markup)
    return min(price, order.protect_price) if order.side == "buy" else max(price, order.protect_price)


def _saved(order: Order, plan: StoredPlan, filled: Decimal) -> Decimal | None:
    """In quote, before fees, against the best venue alone, for what was filled; None where no venue alone had enough."""
    single = plan.evidence["best_single"]
    if single is None or Decimal(single["quantity"]) != plan.planned_quantity or plan.planned_quantity == 0:
        return None
    apart = (Decimal(single["cost"]) - plan.planned_cost) / plan.planned_quantity * filled
    return apart if order.side == "buy" else -apart


def _slippage(side: str, expected: Decimal | None, price: Decimal | None) -> Decimal | None:
    if expected is None or price is None or expected == 0:
        return None
    apart = (price / expected - 1) * BPS
    return apart if side == "buy" else -apart


def _venue(seen: dict[str, Any], *, open_to_reader: bool, desk: bool) -> VenueSeen:
    return VenueSeen(
        venue=seen["venue"],
        state=seen["state"],
        as_of=None if seen["as_of"] is None else datetime.fromisoformat(seen["as_of"]),
        sequence=seen["sequence"],
        price=_number(seen["price"]),
        depth=_number(seen["depth"]),
        effective_price=_number(seen["effective_price"]) if desk else None,
        haircut=_number(seen["haircut"]) if desk else None,
        skew=_number(seen["skew"]) if desk else None,
        chosen=seen["quantity"] is not None,
        quantity=_number(seen["quantity"]) if open_to_reader else None,
        limit_price=_number(seen["limit_price"]) if desk else None,
        reason=_for_customers(seen["reason"]) if not desk else seen["reason"],
    )


def _for_customers(reason: str | None) -> str | None:
    """How much money we keep where is nobody's business."""
    return "not_available" if reason == "short_of_funds" else reason


def _alone(plan: StoredPlan, *, open_to_reader: bool, desk: bool) -> Alone | None:
    single = plan.evidence["best_single"]
    if single is None:
        return None
    quantity = Decimal(single["quantity"])
    return Alone(
        venue=single["venue"],
        quantity=quantity if open_to_reader else None,
        price=Decimal(single["cost"]) / quantity,
        effective_cost=Decimal(single["effective_cost"]) if desk else None,
    )


def _fill(fill: RoutedFill, *, desk: bool) -> FillSeen:
    return FillSeen(
        venue=fill.venue,
        trade_id=fill.trade_id,
        quantity=fill.quantity,
        price=fill.customer_price,
        executed_at=fill.executed_at,
        venue_price=fill.price if desk else None,
        venue_fee=fill.venue_fee if desk else None,
        venue_fee_asset=fill.venue_fee_asset if desk else None,
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)

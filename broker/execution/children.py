"""Making children: reserve at each venue of a plan, write the venue orders, ask the lanes to send them. All in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from broker.orders import queries
from broker.orders.queries import Order
from broker.routing.rules import Leg, Plan, Replan
from kernel import clock
from kernel.calls import service as calls
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import canonical, ceil_to_scale
from payments.assets import service as assets
from venues import coids
from wallet_bridge.funds import service as funds
from wallet_bridge.funds.service import Shortage

PLACE = "venues.place"
SEND_WITHIN_S = 5.0


def lane_of(tenant: UUID, venue: str) -> str:
    """One lane per venue key; a venue account belongs to one tenant."""
    return f"{venue}:{tenant}"


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a plan: the venues that got a child, and the shortages that stood in the way of others."""

    venues: tuple[str, ...]
    shortages: tuple[Shortage, ...]


def send_plan(tx: Tx, *, order: Order, plan: Plan, replan: Replan) -> Sent:
    """Make a child of each leg. A venue short of funds is left out and the order planned again, until every leg of a plan is covered.

    Shortages are noted by the caller: in this transaction or in one of its own.
    """
    shortages: list[Shortage] = []
    while plan.legs:
        short = _reserve_all(tx, order, plan.legs)
        if short is None:
            for leg in plan.legs:
                _write(tx, order=order, leg=leg)
            return Sent(tuple(leg.venue for leg in plan.legs), tuple(shortages))
        shortages.append(short)
        plan = replan(frozenset(each.venue for each in shortages))
    return Sent((), tuple(shortages))


def _reserve_all(tx: Tx, order: Order, legs: Sequence[Leg]) -> Shortage | None:
    """Reserve for every leg, in one order of rows for all flows; the first shortage gives back what was reserved before it."""
    reserved: list[tuple[str, str, Decimal]] = []
    for leg in sorted(legs, key=lambda each: each.venue):
        asset, amount = reservation(leg, side=order.side, base=order.base_asset, quote=order.quote_asset)
        short = funds.reserve(tx, venue=leg.venue, asset=asset, amount=amount)
        if short is not None:
            for venue, spent, taken in reserved:
                funds.release(tx, venue=venue, asset=spent, amount=taken)
            return short
        reserved.append((leg.venue, asset, amount))
    return None


def reservation(leg: Leg, *, side: str, base: str, quote: str) -> tuple[str, Decimal]:
    """What the venue may take from us at worst: (asset, amount), the venue's fee included."""
    if side == "sell":
        return base, leg.quantity
    worst = leg.quantity * leg.limit_price * (1 + leg.venue_fee_rate)
    return quote, ceil_to_scale(worst, assets.scale(quote))


def _write(tx: Tx, *, order: Order, leg: Leg) -> None:
    asset, amount = reservation(leg, side=order.side, base=order.base_asset, quote=order.quote_asset)
    child_id, number = uuid7(), coids.take(tx)[0]
    coid = coids.for_venue(leg.venue, number)
    queries.insert_child(
        tx,
        {
            "id": child_id,
            "order_id": order.id,
            "venue": leg.venue,
            "coid_number": number,
            "client_order_id": coid,
            "symbol": order.symbol,
            "side": order.side,
            "quantity": leg.quantity,
            "limit_price": leg.limit_price,
            "seen_price": leg.seen,
            "reserved_asset": asset,
            "reserved": amount,
        },
    )
    calls.request(
        tx,
        lane=lane_of(tx.tenant_id, leg.venue),
        kind=PLACE,
        ref=coid,
        deadline=clock.wall() + timedelta(seconds=SEND_WITHIN_S),
        payload={
            "order_id": str(order.id),
            "child_id": str(child_id),
            "coid_number": number,
            "symbol": order.symbol,
            "side": order.side,
            "quantity": canonical(leg.quantity),
            "limit_price": canonical(leg.limit_price),
        },
    )

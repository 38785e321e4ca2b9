"""Orders as customers are shown them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from broker.orders.queries import Order
from broker.orders.schemas import AlgoIn, FillOut, OrderOut, TrailOut, TwapIn, VenueOrderOut
from broker.orders.service import OrderView
from broker.orders.states import OrderStatus
from broker.stops import rules as stops

AT_WORK = {OrderStatus.ACCEPTED, OrderStatus.WORKING, OrderStatus.TRIGGERED}
_TWELVE = Decimal("1e-12")


def out(view: OrderView) -> OrderOut:
    order = view.order
    return OrderOut(
        id=order.id,
        client_order_id=order.client_order_id,
        status=order.status,
        symbol=order.symbol,
        side=order.side,
        type=order.type,
        time_in_force=order.time_in_force,
        quantity=order.quantity,
        quote_quantity=order.quote_quantity,
        filled_quantity=order.filled_quantity,
        average_price=_average(order.filled_cost, order.filled_quantity),
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        trail=_trail(order),
        stopped_at=order.stopped_at,
        post_only=order.post_only,
        display_quantity=order.display_quantity,
        expires_at=order.expires_at,
        pair_id=order.group_id,
        replaces=order.replaces,
        algo=_algo(view),
        slices_left=order.slices_left,
        fee=order.fee,
        fee_asset=order.quote_asset,
        venue=order.venue,
        reason=order.reason,
        cancel_requested=order.cancel_requested_at is not None,
        created_at=order.created_at,
        updated_at=order.updated_at,
        fills=[_fill_out(fill, order.quote_asset) for fill in view.fills],
        venue_orders=[
            VenueOrderOut(
                venue=child.venue,
                client_order_id=child.client_order_id,
                venue_order_id=child.venue_order_id,
                status=child.status,
                quantity=child.quantity,
                filled_quantity=child.filled_quantity,
                limit_price=child.limit_price,
                average_price=_average(child.filled_cost, child.filled_quantity),
            )
            for child in view.children
        ],
    )


def _algo(view: OrderView) -> AlgoIn | None:
    return None if view.twap is None else AlgoIn(twap=TwapIn(duration_s=view.twap.duration_s, slices=view.twap.slices))


def _trail(order: Order) -> TrailOut | None:
    if order.trail_best is None:
        return None
    stop = stops.trailing_stop(
        order.trail_best,
        amount=order.trail_amount,
        fraction=order.trail_fraction,
        rising=stops.waits_for_rise(side=order.side, kind=order.type),
    )
    return TrailOut(
        amount=order.trail_amount, fraction=order.trail_fraction, best_price=order.trail_best, stop_price=stop
    )


def _average(cost: Any, quantity: Any) -> Any:
    """An average for people's eyes: 12 decimals at most. Postings use the exact costs of each fill."""
    return (cost / quantity).quantize(_TWELVE) if quantity > 0 else None


def _fill_out(fill: Any, quote: str) -> FillOut:
    return FillOut(
        venue=fill.venue,
        trade_id=fill.trade_id,
        price=fill.customer_price,
        quantity=fill.quantity,
        cost=fill.customer_cost,
        fee=fill.customer_fee,
        fee_asset=quote,
        executed_at=fill.executed_at,
    )

"""Orders over HTTP. Placing waits for the outcome without holding a thread: 201 when it is known, 202 while it is not."""

from __future__ import annotations

import asyncio
import hashlib
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from broker.orders import errors, service, waiting
from broker.orders.schemas import FillOut, OrderIn, OrderOut, VenueOrderOut
from broker.orders.service import OrderView, Wish
from broker.orders.states import OrderStatus
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor
from kernel.settings import settings

router = APIRouter(prefix="/v1/orders", tags=["orders"])
_TWELVE = Decimal("1e-12")
_WORKING = {OrderStatus.ACCEPTED, OrderStatus.WORKING, OrderStatus.TRIGGERED}


@router.post("", status_code=201, responses={200: {"model": OrderOut}, 202: {"model": OrderOut}})
async def place(
    order: OrderIn,
    request: Request,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)],
) -> OrderOut:
    if principal.realm != "REAL":
        raise errors.RealmNotOffered
    outcomes: waiting.Outcomes = request.app.state.outcomes
    order_id = service.new_order_id()
    with outcomes.expect(order_id) as waiter:
        accepted = await asyncio.to_thread(
            service.place_order,
            tenant=principal.tenant_id,
            owner=principal.id,
            wish=_wish(order),
            order_id=order_id,
            key=key,
            fingerprint=hashlib.sha256(order.model_dump_json().encode()).digest(),
        )
        view = await _read(principal, accepted.id) if accepted.replayed or order.type == "limit" else None
        if view is None or view.order.status in _WORKING:
            if not accepted.replayed:
                await waiting.wait(waiter, settings().outcome_wait_s)
            view = await _read(principal, accepted.id)
    if view.order.status in _WORKING:
        response.status_code = 202
    elif accepted.replayed:
        response.status_code = 200
    return _out(view)


async def _read(principal: Principal, order_id: UUID) -> OrderView:
    return await asyncio.to_thread(
        service.read_order, tenant=principal.tenant_id, owner=principal.id, order_id=order_id
    )


def _wish(order: OrderIn) -> Wish:
    default = "ioc" if order.type == "market" else "gtc"
    return Wish(
        symbol=order.symbol,
        side=order.side,
        type=order.type,
        quantity=order.quantity,
        quote_quantity=order.quote_quantity,
        limit_price=order.limit_price,
        venue=order.venue,
        time_in_force=order.time_in_force or default,
        expected_price=order.expected_price,
        tolerance=service.DEFAULT_TOLERANCE if order.tolerance is None else order.tolerance,
        client_order_id=order.client_order_id,
    )


@router.get("")
def list_orders(
    principal: Annotated[Principal, requires(Permission.ORDERS_READ)],
    status: Annotated[OrderStatus | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[OrderOut]:
    before = decode_cursor(cursor, UUID) if cursor else None
    views = service.list_orders(
        tenant=principal.tenant_id,
        owner=principal.id,
        status=[status.value] if status else None,
        before=before,
        limit=limit,
    )
    more = encode_cursor(views[-1].order.id) if len(views) == limit else None
    return Page(items=[_out(view) for view in views], next_cursor=more)


@router.get("/{order_id}")
def get_order(order_id: UUID, principal: Annotated[Principal, requires(Permission.ORDERS_READ)]) -> OrderOut:
    return _out(service.read_order(tenant=principal.tenant_id, owner=principal.id, order_id=order_id))


@router.delete("/{order_id}")
def cancel_order(order_id: UUID, principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)]) -> OrderOut:
    return _out(service.cancel_order(tenant=principal.tenant_id, owner=principal.id, order_id=order_id))


def _out(view: OrderView) -> OrderOut:
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

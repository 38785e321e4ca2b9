"""Orders over HTTP. Placing waits for the outcome without holding a thread: 201 when it is known, 202 while it is not."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from broker.orders import amendments, errors, pairs, service, waiting
from broker.orders.amendments import Change
from broker.orders.pairs import PairWish
from broker.orders.schemas import (
    BatchItem,
    BatchOut,
    CancelledOut,
    ChangeIn,
    OrderIn,
    OrderOut,
    OrdersIn,
    PairIn,
    PairOut,
    ProblemOut,
    Symbol,
)
from broker.orders.service import OrderView
from broker.orders.shown import AT_WORK, out
from broker.orders.states import OrderStatus, OrderType
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.commands import Outcome
from kernel.errors import DomainError
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses
from kernel.ids import uuid7
from kernel.settings import settings
from markets.instruments import service as instruments
from markets.instruments.errors import UnknownSymbol

router = APIRouter(prefix="/v1/orders", tags=["orders"])
_SIDE_BY_SIDE = 10


@router.post("", status_code=201, responses={200: {"model": OrderOut}, 202: {"model": OrderOut}})
async def place(
    order: OrderIn,
    request: Request,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)],
) -> OrderOut:
    response.status_code, placed = await _place(order, request, key, principal)
    return placed


async def _place(order: OrderIn, request: Request, key: str | None, principal: Principal) -> tuple[int, OrderOut]:
    """Accept an order, wait for its outcome, answer with the status that this deserves."""
    place_it = partial(service.place_order, wish=order.wish(), fingerprint=_fingerprint(order))
    return await _started(place_it, request, key, principal, waits=order.type is OrderType.MARKET)


async def _started(
    start: Callable[..., Outcome], request: Request, key: str | None, principal: Principal, *, waits: bool
) -> tuple[int, OrderOut]:
    if principal.realm != "REAL":
        raise errors.RealmNotOffered
    outcomes: waiting.Outcomes = request.app.state.outcomes
    order_id = service.new_order_id()
    with outcomes.expect(order_id) as waiter:
        accepted = await asyncio.to_thread(
            start, tenant=principal.tenant_id, owner=principal.id, order_id=order_id, key=key
        )
        view = await _read(principal, accepted.id) if accepted.replayed or not waits else None
        if view is None or view.order.status in AT_WORK:
            if not accepted.replayed:
                await waiting.wait(waiter, settings().outcome_wait_s)
            view = await _read(principal, accepted.id)
    if view.order.status in AT_WORK:
        return 202, out(view)
    return 200 if accepted.replayed else 201, out(view)


def _fingerprint(body: BaseModel) -> bytes:
    return hashlib.sha256(body.model_dump_json().encode()).digest()


@router.post(":batch")
async def place_batch(
    batch: OrdersIn,
    request: Request,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)],
) -> BatchOut:
    """Up to 50 orders, each accepted or denied for itself; a repeat of the key finds those that were accepted."""
    if principal.realm != "REAL":
        raise errors.RealmNotOffered
    if key is not None:  # each order has a key of its own, which does not know the orders beside it
        await asyncio.to_thread(
            service.note_batch, tenant=principal.tenant_id, owner=principal.id, key=key, fingerprint=_fingerprint(batch)
        )

    async def one(number: int, order: OrderIn) -> BatchItem:
        own = None if key is None else hashlib.sha256(f"{number}:{key}".encode()).hexdigest()
        try:
            status, placed = await _place(order, request, own, principal)
        except DomainError as denial:
            problem = ProblemOut(code=denial.code, status=denial.status, detail=denial.detail)
            return BatchItem(status=denial.status, order=None, problem=problem)
        return BatchItem(status=status, order=placed, problem=None)

    items: list[BatchItem] = []
    for start in range(0, len(batch.orders), _SIDE_BY_SIDE):
        part = batch.orders[start : start + _SIDE_BY_SIDE]
        items += await asyncio.gather(*(one(start + i, order) for i, order in enumerate(part)))
    return BatchOut(items=items)


@router.post("/oco", status_code=201, responses={200: {"model": PairOut}})
def place_pair(
    pair: PairIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)],
) -> PairOut:
    if principal.realm != "REAL":
        raise errors.RealmNotOffered
    accepted = pairs.place(
        tenant=principal.tenant_id,
        owner=principal.id,
        wish=PairWish(**dict(pair)),
        group_id=uuid7(),
        key=key,
        fingerprint=_fingerprint(pair),
    )
    if accepted.replayed:
        response.status_code = 200
    legs = pairs.read(tenant=principal.tenant_id, owner=principal.id, group_id=accepted.id)
    return PairOut(id=accepted.id, orders=[out(leg) for leg in legs])


@router.post("/{order_id}/replace", status_code=201, responses={200: {"model": OrderOut}, 202: {"model": OrderOut}})
async def replace_order(
    order_id: UUID,
    order: OrderIn,
    request: Request,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)],
) -> OrderOut:
    """Cancel a resting order and place this one, both or neither."""

    def start(*, tenant: UUID, owner: UUID, order_id: UUID, key: str | None) -> Outcome:
        return amendments.replace(
            tenant=tenant,
            owner=owner,
            order_id=old,
            wish=order.wish(),
            new_id=order_id,
            key=key,
            fingerprint=_fingerprint(order),
        )

    old = order_id
    response.status_code, placed = await _started(start, request, key, principal, waits=order.type is OrderType.MARKET)
    return placed


@router.patch("/{order_id}")
def amend_order(
    order_id: UUID, change: ChangeIn, principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)]
) -> OrderOut:
    """Only a smaller quantity, another date or another part shown keeps the order's place in time."""
    view = amendments.amend(
        tenant=principal.tenant_id, owner=principal.id, order_id=order_id, change=Change(**dict(change))
    )
    return out(view)


@router.delete("", responses=problem_responses(UnknownSymbol))
def cancel_all(
    principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)],
    symbol: Annotated[Symbol | None, Query()] = None,
) -> CancelledOut:
    """Everything that is open, or everything of one market; a symbol that is none is no quiet "nothing to cancel"."""
    if symbol is not None:
        instruments.get(symbol)
    return CancelledOut(orders=service.cancel_all(tenant=principal.tenant_id, owner=principal.id, symbol=symbol))


async def _read(principal: Principal, order_id: UUID) -> OrderView:
    return await asyncio.to_thread(
        service.read_order, tenant=principal.tenant_id, owner=principal.id, order_id=order_id
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
        limit=limit + 1,
    )
    views, more = cut(views, limit, lambda one: one.order.id)
    return Page(items=[out(view) for view in views], next_cursor=more)


@router.get("/{order_id}")
def get_order(order_id: UUID, principal: Annotated[Principal, requires(Permission.ORDERS_READ)]) -> OrderOut:
    return out(service.read_order(tenant=principal.tenant_id, owner=principal.id, order_id=order_id))


@router.delete("/{order_id}")
def cancel_order(order_id: UUID, principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)]) -> OrderOut:
    return out(service.cancel_order(tenant=principal.tenant_id, owner=principal.id, order_id=order_id))

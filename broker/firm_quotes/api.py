"""Firm quotes over HTTP: ask, then take it within two seconds."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from broker.firm_quotes import service
from broker.firm_quotes.schemas import QuoteIn, QuoteOut
from broker.orders import errors, waiting
from broker.orders import service as orders
from broker.orders.schemas import OrderOut
from broker.orders.shown import AT_WORK, out
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import IdempotencyKey
from kernel.ids import uuid7
from kernel.settings import settings

router = APIRouter(prefix="/v1/quotes", tags=["orders"])


@router.post("", status_code=201, responses={200: {"model": QuoteOut}})
def ask(
    wanted: QuoteIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)],
) -> QuoteOut:
    if principal.realm != "REAL":
        raise errors.RealmNotOffered
    quote_id = uuid7()
    quote = service.offer(
        tenant=principal.tenant_id,
        owner=principal.id,
        symbol=wanted.symbol,
        side=wanted.side,
        quantity=wanted.quantity,
        venue=wanted.venue,
        key=key,
        body=hashlib.sha256(wanted.model_dump_json().encode()).digest(),
        quote_id=quote_id,
    )
    if quote.id != quote_id:
        response.status_code = 200
    return QuoteOut.model_validate(quote)


@router.post("/{id}/accept", status_code=201, responses={200: {"model": OrderOut}, 202: {"model": OrderOut}})
async def accept(
    id: UUID,  # noqa: A002  the name of the path's place
    request: Request,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)],
) -> OrderOut:
    """The order that hedges the quote: filled at its price or better, or `quote_expired` and nothing traded."""
    if principal.realm != "REAL":
        raise errors.RealmNotOffered
    outcomes: waiting.Outcomes = request.app.state.outcomes
    order_id = orders.new_order_id()
    with outcomes.expect(order_id) as waiter:
        accepted = await asyncio.to_thread(
            service.accept,
            tenant=principal.tenant_id,
            owner=principal.id,
            quote_id=id,
            order_id=order_id,
            key=key,
            fingerprint=hashlib.sha256(str(id).encode()).digest(),
        )
        if accepted.id == order_id and not accepted.replayed:
            await waiting.wait(waiter, settings().outcome_wait_s)
    view = await asyncio.to_thread(
        orders.read_order, tenant=principal.tenant_id, owner=principal.id, order_id=accepted.id
    )
    service.require_filled(view)
    if view.order.status in AT_WORK:
        response.status_code = 202
    elif accepted.replayed or accepted.id != order_id:
        response.status_code = 200
    return out(view)

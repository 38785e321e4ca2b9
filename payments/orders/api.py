"""Payment orders over HTTP: customers order, reserve, pay and cancel; staff refund and see everybody's."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses
from payments.errors import AmountTooFine, InsufficientFunds
from payments.inventory.errors import OutOfStock
from payments.orders import errors, service
from payments.orders.schemas import LegOut, PaymentOrderIn, PaymentOrderOut, PrepayIn, RefundIn
from payments.orders.service import Caller, OrderView
from payments.orders.states import PaymentStatus
from payments.products.errors import ProductNotFound
from payments.products.schemas import SKU_PATTERN

router = APIRouter(prefix="/v1/payment-orders", tags=["payments"])
Buyer = Annotated[Principal, requires(Permission.PAYMENT_ORDERS_WRITE)]
Reader = Annotated[Principal, requires(Permission.PAYMENT_ORDERS_READ)]


@router.post("", status_code=201, responses={200: {"model": PaymentOrderOut}, **problem_responses(ProductNotFound)})
def create(body: PaymentOrderIn, response: Response, key: IdempotencyKey, principal: Buyer) -> PaymentOrderOut:
    """Order at the present price; nothing is put aside before `prepay`."""
    view = service.create(_caller(principal, key), sku=body.sku, quantity=body.quantity)
    if view.replayed:
        response.status_code = 200
    return _out(view)


@router.post(
    "/{id}/prepay",
    responses=problem_responses(
        errors.PaymentOrderNotFound, errors.PriceChanged, InsufficientFunds, OutOfStock, errors.OrderExpired, errors.OrderCancelled
    ),
)  # fmt: skip
def prepay(id: UUID, body: PrepayIn, key: IdempotencyKey, principal: Buyer) -> PaymentOrderOut:  # noqa: A002
    """Hold the money and reserve the units for fifteen minutes, if the price is still the one you saw."""
    return _out(service.prepay(_caller(principal, key), id, amount_seen=body.amount_seen))


@router.post(
    "/{id}/pay",
    responses=problem_responses(
        errors.PaymentOrderNotFound, errors.OrderNotReserved, errors.OrderExpired, errors.OrderCancelled
    ),
)
def pay(id: UUID, key: IdempotencyKey, principal: Buyer) -> PaymentOrderOut:  # noqa: A002
    """Pay what was reserved. A repeat answers with the paid order."""
    return _out(service.pay(_caller(principal, key), id))


@router.post(
    "/{id}/cancel",
    responses=problem_responses(errors.PaymentOrderNotFound, errors.OrderAlreadyPaid, errors.OrderExpired),
)
def cancel(id: UUID, key: IdempotencyKey, principal: Buyer) -> PaymentOrderOut:  # noqa: A002
    return _out(service.cancel(_caller(principal, key), id))


@router.post(
    "/{id}/refund",
    responses=problem_responses(
        errors.PaymentOrderNotFound, errors.OrderNotPaid, errors.OrderNotRefundable,
        errors.RefundExceedsPayment, errors.ReturnExceedsOrder, InsufficientFunds,
        AmountTooFine,
    ),
)  # fmt: skip
def refund(
    id: UUID,  # noqa: A002
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.REFUNDS_WRITE)],
    body: RefundIn | None = None,
) -> PaymentOrderOut:
    """Give back all that is left, or a part. Send an Idempotency-Key: without one a repeat is another refund."""
    wanted = body or RefundIn()
    view = service.refund(_caller(principal, key), id, amount=wanted.amount, quantity=wanted.quantity)
    return _out(view, for_staff=True)


@router.get("")
def list_payment_orders(
    principal: Reader,
    status: Annotated[PaymentStatus | None, Query()] = None,
    sku: Annotated[str | None, Query(pattern=SKU_PATTERN)] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[PaymentOrderOut]:
    """Your orders, or everybody's for staff; newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    views = service.list_orders(
        tenant=principal.tenant_id,
        user_id=_scope(principal),
        realm=principal.realm,
        status=status.value if status else None,
        sku=sku,
        before=before,
        limit=limit + 1,
    )
    views, more = cut(views, limit, lambda one: one.order.id)
    return Page(items=[_out(view) for view in views], next_cursor=more)


@router.get("/{id}", responses=problem_responses(errors.PaymentOrderNotFound))
def get_payment_order(id: UUID, principal: Reader) -> PaymentOrderOut:  # noqa: A002
    scope = _scope(principal)
    view = service.get(tenant=principal.tenant_id, order_id=id, user_id=scope, realm=principal.realm)
    return _out(view, for_staff=scope is None)


def _scope(principal: Principal) -> UUID | None:
    """Whose orders: a customer's own, or everybody's."""
    return None if principal.may(Permission.REFUNDS_WRITE) or principal.may(Permission.LEDGER_READ) else principal.id


def _caller(principal: Principal, key: str | None) -> Caller:
    return Caller(principal.tenant_id, principal.id, principal.realm, key)


def _out(view: OrderView, *, for_staff: bool = False) -> PaymentOrderOut:
    order = view.order
    return PaymentOrderOut(
        id=order.id,
        status=order.status,
        sku=order.sku,
        quantity=order.quantity,
        price=order.price,
        amount=order.amount,
        asset=order.asset,
        price_version=order.price_version,
        refunded=order.refunded,
        returned=order.returned,
        user_id=order.user_id,
        expires_at=order.expires_at,
        created_at=order.created_at,
        updated_at=order.updated_at,
        paid_at=order.paid_at,
        legs=[LegOut.model_validate(leg) for leg in view.legs] if for_staff else None,
    )

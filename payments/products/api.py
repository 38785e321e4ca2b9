"""Products over HTTP: everybody reads them, product staff publish and change them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses
from payments.errors import AmountTooFine, AssetUnknown
from payments.inventory.errors import OutOfStock
from payments.products import errors, service
from payments.products.schemas import SKU_PATTERN, PriceOut, ProductChange, ProductIn, ProductOut
from payments.products.service import ProductView, Wish

router = APIRouter(prefix="/v1/products", tags=["payments"])
Sku = Annotated[str, Path(pattern=SKU_PATTERN)]
Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": ProductOut},
        **problem_responses(errors.SkuTaken, errors.PayeeUnfit, errors.RatesTooHigh, AssetUnknown, AmountTooFine),
    },
)
def publish(
    body: ProductIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.PRODUCTS_WRITE)],
) -> ProductOut:
    """Publish a product; its price can change later, its terms cannot."""
    wish = Wish(
        sku=body.sku,
        name=body.name,
        asset=body.asset,
        price=body.price,
        stock=body.stock,
        realm=principal.realm,
        fee_rate=body.fee_rate,
        commission_rate=body.commission_rate,
        commission_account=body.commission_account,
        payees=[(payee.account_id, payee.weight) for payee in body.payees],
    )
    view = service.create(tenant=principal.tenant_id, actor=principal.id, wish=wish, key=key)
    if view.replayed:
        response.status_code = 200
    return _out(view)


@router.patch("/{sku}", responses=problem_responses(errors.ProductNotFound, OutOfStock, AmountTooFine))
def change(
    sku: Sku,
    body: ProductChange,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.PRODUCTS_WRITE)],
) -> ProductOut:
    """A new price is a new version: orders made before it can no longer be reserved."""
    view = service.change(
        tenant=principal.tenant_id,
        actor=principal.id,
        sku=sku,
        price=body.price,
        stock_delta=body.stock_delta,
        key=key,
    )
    return _out(view)


@router.get("")
def list_products(
    principal: Annotated[Principal, requires(Permission.PRODUCTS_READ)], cursor: Cursor = None, limit: Limit = 50
) -> Page[ProductOut]:
    after = decode_cursor(cursor, str) if cursor else None
    views = service.list_products(tenant=principal.tenant_id, realm=principal.realm, after=after, limit=limit + 1)
    views, more = cut(views, limit, lambda one: one.product.sku)
    return Page(items=[_out(view) for view in views], next_cursor=more)


@router.get("/{sku}", responses=problem_responses(errors.ProductNotFound))
def get_product(sku: Sku, principal: Annotated[Principal, requires(Permission.PRODUCTS_READ)]) -> ProductOut:
    return _out(service.get(tenant=principal.tenant_id, sku=sku))


@router.get("/{sku}/prices", responses=problem_responses(errors.ProductNotFound))
def prices(
    sku: Sku,
    principal: Annotated[Principal, requires(Permission.PRODUCTS_READ)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[PriceOut]:
    """Every price this product ever had, newest first."""
    before = decode_cursor(cursor, int) if cursor else None
    if before is not None:
        before = max(min(before, 2**31 - 1), 0)
    found = service.price_history(tenant=principal.tenant_id, sku=sku, before=before, limit=limit + 1)
    found, more = cut(found, limit, lambda one: one.price_version)
    return Page(items=[PriceOut.model_validate(price) for price in found], next_cursor=more)


def _out(view: ProductView) -> ProductOut:
    product, stock = view.product, view.stock
    return ProductOut(
        id=product.id,
        sku=product.sku,
        name=product.name,
        price=product.price,
        asset=product.asset,
        price_version=product.price_version,
        stock=stock.available,
        on_hand=stock.on_hand,
        reserved=stock.reserved,
        fee_rate=product.fee_rate,
        commission_rate=product.commission_rate,
        created_at=product.created_at,
        updated_at=product.updated_at,
    )

"""Use cases of product staff: publish, change price and stock, list.

A price change makes a new version and touches no order: whoever saw the old price is refused at `prepay`, whoever reserved before pays
what was reserved. Terms (who receives what) are fixed when the product is made; other terms are another SKU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from identity.audit import service as audit
from kernel import commands, db, outbox
from kernel.db import Tx
from kernel.ids import SYSTEM, uuid7
from kernel.money import canonical, fits_scale
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.assets import service as assets
from payments.errors import AmountTooFine
from payments.inventory import service as inventory
from payments.inventory.service import Stock
from payments.products import errors, events, queries, rules
from payments.products.queries import Product
from payments.products.rules import Share
from payments.products.states import ShareRole

__all__ = [
    "SHOP",
    "Price",
    "Product",
    "ProductView",
    "Wish",
    "create",
    "find",
    "get",
    "in_shop",
    "list_products",
    "price_history",
    "shares",
]


SHOP = "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A product as staff describe it; with no payees the house is the merchant.

    Where `sold_by` is not the shop, another package sells it by its own door: the shop neither lists nor sells nor changes it.
    """

    sku: str
    name: str
    asset: str
    price: Decimal
    stock: int
    realm: str = "REAL"
    fee_rate: Decimal = Decimal(0)
    commission_rate: Decimal = Decimal(0)
    commission_account: int | None = None
    payees: Sequence[tuple[int, Decimal]] = ()
    sold_by: str = SHOP

    def fingerprint(self) -> bytes:
        numbers = [canonical(n) for n in (self.price, self.fee_rate, self.commission_rate)]
        payees = [(account, canonical(weight)) for account, weight in self.payees]
        what = [self.sku, self.name, self.asset, self.realm, self.stock, self.commission_account]
        return commands.fingerprint({"what": what, "numbers": numbers, "payees": payees})


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product and its stock to the last committed move."""

    product: Product
    stock: Stock
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Price:
    price_version: int
    price: Decimal
    valid_from: datetime


def create(*, tenant: UUID, actor: UUID, wish: Wish, key: str | None) -> ProductView:
    """Publish a product.

    Raises:
        SkuTaken, PayeeUnfit, RatesTooHigh, AssetUnknown, AmountTooFine: as they say.
    """
    _require_price(wish.price, wish.asset)
    if wish.fee_rate + wish.commission_rate >= 1:
        raise errors.RatesTooHigh

    def use_case(tx: Tx) -> tuple[str, UUID]:
        return "product", publish(tx, wish, actor=actor)

    outcome = commands.run(
        tenant=tenant, principal=actor, route="POST /v1/products", key=key, fingerprint=wish.fingerprint(), fn=use_case
    )
    return _view(tenant, outcome)


def publish(tx: Tx, wish: Wish, *, actor: UUID) -> UUID:
    """The step of `create`, for who already has a transaction.

    Raises:
        SkuTaken, PayeeUnfit: as they say.
    """
    product_id = uuid7()
    named = [account for account, _ in wish.payees]
    if wish.commission_account is not None:
        named.append(wish.commission_account)
    unfit = queries.unfit_payees(tx, accounts=named, asset=wish.asset, realm=wish.realm) if named else []
    if unfit:
        raise errors.PayeeUnfit(account_id=unfit[0])
    row = {
        "id": product_id,
        "sku": wish.sku,
        "realm": wish.realm,
        "name": wish.name,
        "asset": wish.asset,
        "price": wish.price,
        "fee_rate": wish.fee_rate,
        "commission_rate": wish.commission_rate,
        "sold_by": wish.sold_by,
    }
    if not queries.insert(tx, row):
        raise errors.SkuTaken(sku=wish.sku)
    queries.insert_shares(tx, wish.sku, _shares(tx, wish))
    queries.insert_price(tx, sku=wish.sku, price_version=1, price=wish.price, changed_by=actor)
    inventory.open_stock(tx, sku=wish.sku, units=wish.stock, actor=str(actor))
    return product_id


def ensure(tx: Tx, wish: Wish) -> None:
    """Publish on the product's own account what is not there yet."""
    if queries.find(tx, wish.sku) is None:
        publish(tx, wish, actor=SYSTEM)


def _shares(tx: Tx, wish: Wish) -> list[Share]:
    return rules.shares(
        wish.payees or [(house_merchant(tx, asset=wish.asset, realm=wish.realm), Decimal(1))],
        fee_rate=wish.fee_rate,
        fee_account=_revenue(tx, "revenue.payment_fee", wish),
        commission_rate=wish.commission_rate,
        commission_account=wish.commission_account or _revenue(tx, "revenue.commission", wish),
    )


def house_merchant(tx: Tx, *, asset: str, realm: str) -> int:
    """The house as a merchant: guarded, so that a refund cannot pay out more than it has earned."""
    return accounts.ensure(
        tx, path=f"merchant.house:{asset}", asset=asset, kind=AccountKind.HOUSE, guarded=True, realm=realm
    )


def _revenue(tx: Tx, path: str, wish: Wish) -> int:
    return accounts.house(
        tx, path=path, asset=wish.asset, kind=AccountKind.REVENUE, normal_side="credit", realm=wish.realm
    )


def change(
    *, tenant: UUID, actor: UUID, sku: str, price: Decimal | None, stock_delta: int | None, key: str | None
) -> ProductView:
    """A new price (a new version, if it differs) and units that come or go, together or not at all.

    Raises:
        ProductNotFound, OutOfStock, AmountTooFine: as they say.
    """
    digest = commands.fingerprint(
        {"sku": sku, "price": None if price is None else canonical(price), "stock_delta": stock_delta}
    )

    def use_case(tx: Tx) -> tuple[str, UUID]:
        product = queries.lock(tx, sku)
        if product is None or product.sold_by != SHOP:
            raise errors.ProductNotFound
        if price is not None and price != product.price:
            _change_price(tx, product, price, actor)
        if stock_delta:
            inventory.change(tx, sku=sku, by=stock_delta, actor=str(actor))
        audit.about(
            tx, before={"price": product.price}, after={"price": price or product.price}, sku=sku, was=product.price,
            now=price or product.price, stock_delta=stock_delta,
        )  # fmt: skip
        return "product", product.id

    outcome = commands.run(
        tenant=tenant, principal=actor, route="PATCH /v1/products", key=key, fingerprint=digest, fn=use_case
    )
    return _view(tenant, outcome)


def _change_price(tx: Tx, product: Product, price: Decimal, actor: UUID) -> None:
    _require_price(price, product.asset)
    version = product.price_version + 1
    queries.set_price(tx, sku=product.sku, price=price, price_version=version)
    queries.insert_price(tx, sku=product.sku, price_version=version, price=price, changed_by=actor)
    outbox.publish(tx, events.PriceChanged(product.sku, product.asset, price, version), key=product.sku)


def _require_price(price: Decimal, asset: str) -> None:
    if not fits_scale(price, assets.scale(asset)):
        raise AmountTooFine


def _view(tenant: UUID, outcome: commands.Outcome) -> ProductView:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        product = queries.by_id(tx, outcome.id)
        assert product is not None, "products are never deleted"
        return ProductView(product, inventory.exact(tx, [product.sku])[product.sku], outcome.replayed)


def get(*, tenant: UUID, sku: str) -> ProductView:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        product = in_shop(tx, sku)
        return ProductView(product, inventory.exact(tx, [sku])[sku])


def list_products(*, tenant: UUID, realm: str, after: str | None, limit: int) -> list[ProductView]:
    """By SKU, each with its stock, in one snapshot."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        found = queries.page(tx, realm=realm, after=after, limit=limit)
        stock = inventory.exact(tx, [product.sku for product in found])
        return [ProductView(product, stock[product.sku]) for product in found]


def price_history(*, tenant: UUID, sku: str, before: int | None, limit: int) -> list[Price]:
    """Newest first; the first page begins with the present price."""
    with db.read_only(tenant=tenant) as tx:
        in_shop(tx, sku)
        return [
            Price(row.price_version, row.price, row.valid_from)
            for row in queries.prices(tx, sku=sku, before=before, limit=limit)
        ]


def find(tx: Tx, sku: str) -> Product:
    """The product as it is now.

    Raises:
        ProductNotFound: there is none of this tenant.
    """
    product = queries.find(tx, sku)
    if product is None:
        raise errors.ProductNotFound
    return product


def in_shop(tx: Tx, sku: str) -> Product:
    """As `find`, of what everybody may buy with a payment order.

    Raises:
        ProductNotFound
    """
    product = find(tx, sku)
    if product.sold_by != SHOP:
        raise errors.ProductNotFound
    return product


def shares(tx: Tx, sku: str) -> list[Share]:
    """Who receives what of a payment for this product, in the order of the split."""
    return [Share(ShareRole(row.role), row.account_id, row.weight) for row in queries.shares(tx, sku)]

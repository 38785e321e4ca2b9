"""Products: prices have versions, terms are fixed, stock is changed once per key, tenants do not meet."""

from decimal import Decimal

import psycopg
import pytest

from kernel import roles
from kernel.errors import IdempotencyConflict
from kernel.ids import uuid7
from payments.errors import AmountTooFine
from payments.inventory.errors import OutOfStock
from payments.orders import errors
from payments.products import errors as product_errors
from payments.products import service as products
from tests.payment_shop import Shop

D = Decimal


@pytest.fixture
def shop(books):
    opened = Shop(books)
    yield opened
    assert books.violations() == set()
    opened.fold()
    assert books.violations() == set()


def test_prices_have_versions_and_a_history(shop):
    shop.product(price="200")
    assert shop.change(price="200.00").product.price_version == 1
    assert shop.change(price="400").product.price_version == 2
    assert shop.change(price="200").product.price_version == 3
    history = products.price_history(tenant=shop.books.tenant, sku="ticket", before=None, limit=10)
    assert [(p.price_version, p.price) for p in history] == [(3, 200), (2, 400), (1, 200)]


def test_a_version_that_came_back_to_the_price_is_another_one(shop):
    """200 → 400 → 200: the same amount, another version; the payer is asked to look again."""
    shop.product(price="200")
    buyer = shop.buyer()
    order = shop.create(buyer)
    shop.change(price="400"), shop.change(price="200")
    with pytest.raises(errors.PriceChanged):
        shop.prepay(buyer, order)


def test_stock_is_changed_once_per_key(shop):
    shop.product(stock=5)
    for _ in range(2):
        shop.change(stock_delta=-2, key="minus-2")
    assert shop.stock() == (3, 0)
    with pytest.raises(IdempotencyConflict):
        shop.change(stock_delta=-1, key="minus-2")


def test_reserved_units_cannot_be_removed(shop):
    shop.product(stock=5)
    shop.reserve(shop.buyer(), quantity=3)
    with pytest.raises(OutOfStock):
        shop.change(stock_delta=-3, price="7")
    assert shop.stock() == (5, 3)
    shop.change(stock_delta=-2)
    assert shop.stock() == (3, 3)


def test_products_that_cannot_be(shop):
    shop.product()
    with pytest.raises(product_errors.SkuTaken):
        shop.product()
    with pytest.raises(AmountTooFine):
        shop.product(sku="fine", price="0.0000001")
    with pytest.raises(AmountTooFine):
        shop.change(price="0.0000001")
    with pytest.raises(product_errors.RatesTooHigh):
        shop.product(sku="greedy", fee_rate=D("0.6"), commission_rate=D("0.4"))
    wrong = [shop.books.customer("BTC"), shop.books.customer(realm="DEMO"), shop.books.outside(), 10**9]
    for account in wrong:
        with pytest.raises(product_errors.PayeeUnfit):
            shop.product(sku="unfit", payees=[(account, D(1))])
        with pytest.raises(product_errors.PayeeUnfit):
            shop.product(sku="unfit", commission_account=account)


def test_another_tenant_sees_nothing(shop):
    shop.product()
    buyer = shop.buyer()
    order = shop.reserve(buyer)
    mine, shop.books.tenant = shop.books.tenant, uuid7()
    stranger = shop.caller(buyer.id)
    for step in (lambda: shop.pay(stranger, order), lambda: shop.cancel(stranger, order), lambda: shop.refund(order)):
        with pytest.raises(errors.PaymentOrderNotFound):
            step()
    with pytest.raises(product_errors.ProductNotFound):
        shop.create(stranger)
    shop.product(stock=1)  # the same SKU of another house
    assert shop.stock() == (1, 0)
    shop.books.tenant = mine
    assert shop.stock() == (10, 1)


def test_rows_are_seen_by_their_tenant_only(shop):
    shop.product()
    shop.buy(shop.buyer())
    tables = ("products", "product_shares", "product_prices", "inventory", "inv_moves", "orders", "order_legs")
    with psycopg.connect(roles.conninfo(shop.books.database.app), autocommit=True) as app:

        def rows(table):
            return app.execute(f"SELECT count(*) FROM payments.{table}").fetchone()[0]

        for tenant, seen in ((shop.books.tenant, True), (uuid7(), False), ("", False)):
            app.execute("SELECT set_config('app.tenant', %s, false)", (str(tenant),))
            assert [rows(table) > 0 for table in tables] == [seen] * len(tables)

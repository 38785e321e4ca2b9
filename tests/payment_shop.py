"""A shop for tests: products, buyers with money, and the payment flow through the services as the app role."""

from contextlib import contextmanager
from decimal import Decimal

from kernel import db
from kernel.ids import uuid7
from payments.inventory import service as inventory
from payments.orders import service as orders
from payments.orders.service import Caller
from payments.products import service as products
from payments.products.service import Wish

D = Decimal
STAFF = uuid7()


class Shop:
    def __init__(self, books):
        self.books = books

    def product(self, sku="ticket", price="200", stock=10, asset="USDT", **rest):
        wish = Wish(sku=sku, name=sku, asset=asset, price=D(price), stock=stock, **rest)
        return products.create(tenant=self.books.tenant, actor=STAFF, wish=wish, key=None)

    def change(self, sku="ticket", price=None, stock_delta=None, key=None):
        return products.change(
            tenant=self.books.tenant, actor=STAFF, sku=sku, price=price and D(price), stock_delta=stock_delta, key=key
        )

    def buyer(self, money="1000", asset="USDT"):
        buyer = uuid7()
        account = self.books.customer(asset, owner=buyer)
        if D(money):
            self.books.credit(account, money, asset)
        return self.caller(buyer)

    def caller(self, who, key=None):
        return Caller(self.books.tenant, who, key=key)

    def account(self, buyer, asset="USDT"):
        return self.books.customer(asset, owner=buyer.id)

    @property
    def staff(self):
        return self.caller(STAFF)

    def merchant(self, asset="USDT"):
        with self.books.tx() as tx:
            return products.house_merchant(tx, asset=asset, realm="REAL")

    # steps, answering the order
    def create(self, buyer, sku="ticket", quantity=1):
        return orders.create(buyer, sku=sku, quantity=quantity).order

    def prepay(self, buyer, order, seen=None):
        return orders.prepay(buyer, order.id, amount_seen=order.amount if seen is None else D(seen)).order

    def reserve(self, buyer, sku="ticket", quantity=1):
        return self.prepay(buyer, self.create(buyer, sku, quantity))

    def pay(self, buyer, order):
        return orders.pay(buyer, order.id).order

    def buy(self, buyer, sku="ticket", quantity=1):
        return self.pay(buyer, self.reserve(buyer, sku, quantity))

    def cancel(self, buyer, order):
        return orders.cancel(buyer, order.id).order

    def refund(self, order, amount=None, quantity=None, staff=None):
        return orders.refund(staff or self.staff, order.id, amount=amount and D(amount), quantity=quantity).order

    def legs(self, order):
        view = orders.get(tenant=self.books.tenant, order_id=order.id, user_id=None)
        return [(leg.role, leg.amount, leg.refunded) for leg in view.legs]

    # stock and time
    def stock(self, sku="ticket"):
        """(on hand, reserved) to the last committed move."""
        with self.books.tx() as tx:
            found = inventory.exact(tx, [sku])[sku]
        return found.on_hand, found.reserved

    def row(self, sku="ticket"):
        return self.books.engine.execute(
            "SELECT on_hand, reserved FROM payments.inventory WHERE tenant_id = %s AND sku = %s", (self.books.tenant, sku)
        ).fetchone()  # fmt: skip

    def fold(self, limit=10_000):
        self.books.fold()
        return self.books.engine.execute("SELECT folded FROM payments.fold_inventory(%s)", (limit,)).fetchone()[0]

    def advance(self, minutes):
        self.books.engine.execute('UPDATE kernel.clock SET "offset" = "offset" + make_interval(mins => %s)', (minutes,))

    @contextmanager
    def as_engine(self):
        """The process as the engine runs it."""
        app = self.books.database.app
        db.configure(self.books.database.engine, pool_size=8)
        try:
            yield
        finally:
            db.configure(app, pool_size=8)

    def sweep(self):
        with self.as_engine():
            return orders.expire_due()

    def money(self):
        """(available, held) of everybody's accounts by path."""
        rows = self.books.engine.execute(
            """SELECT a.path, x.posted, x.held FROM payments.accounts a
                CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x WHERE a.tenant_id = %s""",
            (self.books.tenant,),
        ).fetchall()
        return {path: (posted - held, held) for path, posted, held in rows}

"""Sixty-four buyers on one SKU and one merchant, and steps that race each other: stock, holds, balances and orders are exact after."""

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import psycopg
import pytest

from kernel import roles
from kernel.errors import DomainError
from kernel.metrics import DB_RETRIES
from payments.orders import service as orders
from tests.ledger_books import open_books
from tests.payment_shop import Shop

D = Decimal
BUYERS = 64


@pytest.fixture
def shop(database):
    with open_books(database, pool_size=20) as books:
        opened = Shop(books)
        yield opened
        assert books.violations() == set()
        opened.fold()
        assert books.violations() == set()


@pytest.fixture
def folding(shop):
    """A folder that never rests; the number of its passes is proof that it ran."""
    stop, passes = threading.Event(), []

    def run():
        with psycopg.connect(roles.conninfo(shop.books.database.engine), autocommit=True) as engine:
            while not stop.is_set():
                engine.execute("SELECT payments.fold(1000)")
                engine.execute("SELECT payments.fold_inventory(1000)")
                passes.append(1)
                stop.wait(0.005)

    thread = threading.Thread(target=run)
    thread.start()
    yield passes
    stop.set()
    thread.join(30)
    assert passes


def _at_once(works):
    """Start them together; refusals are answers, anything else is raised."""
    start = threading.Barrier(len(works))

    def one(work):
        start.wait(30)
        try:
            return work()
        except DomainError as error:
            return error.code

    with ThreadPoolExecutor(len(works)) as pool:
        return [f.result(120) for f in [pool.submit(one, work) for work in works]]


def test_sixty_four_buyers_of_forty_units(shop, folding):
    shop.product(price="2", stock=40, fee_rate=D("0.05"))
    buyers = [shop.buyer("10") for _ in range(BUYERS)]
    answers = Counter(_at_once([lambda b=b: shop.buy(b).status.value for b in buyers]))
    assert answers == {"paid": 40, "out_of_stock": 24}
    assert shop.stock() == (0, 0)
    money = shop.money()
    assert (money["merchant.house:USDT"], money["revenue.payment_fee:USDT"]) == ((76, 0), (4, 0))
    left = Counter(money[f"customer:{b.id}:USDT"] for b in buyers)
    assert left == {(8, 0): 40, (10, 0): 24}


def test_random_steps_of_many_buyers_keep_every_unit(shop, folding):
    shop.product(price="3", stock=60, fee_rate=D("0.0123"), commission_rate=D("0.01"))
    buyers = [shop.buyer("30") for _ in range(24)]
    violations = []

    def one(number, buyer):
        rng = random.Random(number)
        outcomes = []
        for _ in range(6):
            try:
                order = shop.reserve(buyer, quantity=rng.randint(1, 3))
                roll = rng.random()
                if roll < 0.3:
                    shop.cancel(buyer, order)
                elif roll < 0.9:
                    shop.pay(buyer, order)
                    if roll > 0.6:
                        shop.refund(order, amount=str(D(rng.randint(1, 3_000_000)) / 10**6))
                        shop.refund(order)
                outcomes.append("done")
            except DomainError as error:
                outcomes.append(error.code)
        if number % 8 == 0:
            with psycopg.connect(roles.conninfo(shop.books.database.engine), autocommit=True) as engine:
                violations.append(shop.books.violations(engine))
        return outcomes

    outcomes = Counter(o for done in _at_once([lambda n=n, b=b: one(n, b) for n, b in enumerate(buyers)]) for o in done)
    assert set(outcomes) <= {"done", "out_of_stock", "insufficient_funds"}
    assert outcomes["done"] > 24
    assert violations == [set()] * 3
    rows = shop.books.engine.execute(
        "SELECT coalesce(sum(qty - returned), 0), coalesce(sum(amount - refunded), 0) FROM payments.orders WHERE paid_at IS NOT NULL"
    ).fetchone()
    reserved = shop.books.engine.execute("SELECT sum(qty) FROM payments.orders WHERE state = 'reserved'").fetchone()[0]
    assert shop.stock() == (60 - rows[0], reserved)
    money = shop.money()
    names = ("merchant.house:USDT", "revenue.payment_fee:USDT", "revenue.commission:USDT")
    assert sum(money[name][0] for name in names) == rows[1]
    assert sum(sum(money[f"customer:{b.id}:USDT"]) for b in buyers) == 30 * len(buyers) - rows[1]


def test_paying_twice_at_once_is_one_journal(shop):
    shop.product(price="10")
    buyer = shop.buyer("100")
    for _ in range(5):
        order = shop.reserve(buyer)
        assert _at_once([lambda o=order: shop.pay(buyer, o).status.value] * 6) == ["paid"] * 6
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (50, 0)


def test_pay_cancel_and_sweep_race_and_one_wins(shop):
    """The sweeper locks the order first; whoever locked holds first would meet `pay` in a deadlock."""
    shop.product(price="10", stock=100)
    buyer = shop.buyer("100")
    wins, deadlocks = Counter(), DB_RETRIES.labels("40P01")._value.get()
    for n in range(8):
        order = shop.reserve(buyer)
        shop.books.engine.execute(
            "UPDATE payments.orders SET expires_at = kernel.business_now() + interval '2 milliseconds' WHERE order_id = %s"
            if n % 2 else "SELECT %s::uuid", (order.id,),
        )  # fmt: skip

        def sweep(order=order):
            return orders._expire(shop.books.tenant, order.id)

        answers = _at_once(
            [lambda o=order: shop.pay(buyer, o).status.value, lambda o=order: shop.cancel(buyer, o).status.value, sweep]
        )
        state = shop.books.engine.execute(
            "SELECT state FROM payments.orders WHERE order_id = %s", (order.id,)
        ).fetchone()[0]
        assert (state == "paid") == (answers[0] == "paid")
        assert (state == "cancelled") == (answers[1] == "cancelled")
        wins[state] += 1
        if state == "reserved":
            shop.cancel(buyer, order)
    paid = wins["paid"]
    assert DB_RETRIES.labels("40P01")._value.get() == deadlocks
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (100 - 10 * paid, 0)
    assert shop.stock() == (100 - paid, 0)


def test_refunds_at_once_never_exceed_the_payment(shop):
    shop.product(price="10", fee_rate=D("0.1"))
    buyer = shop.buyer("10")
    order = shop.buy(buyer)
    answers = Counter(_at_once([lambda: shop.refund(order, amount="3").status.value] * 6))
    assert answers == {"partially_refunded": 3, "refund_exceeds_payment": 3}
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (9, 0)


def test_price_changes_between_page_and_prepay(shop):
    """Prices flip while buyers buy: nobody is charged anything but what they saw."""
    shop.product(price="2", stock=10_000)
    buyers = [shop.buyer("1000") for _ in range(12)]
    stop = threading.Event()

    def flip():
        price = 4
        while not stop.is_set():
            shop.change(price=str(price))
            price = 6 - price
            stop.wait(0.01)

    def buy(buyer):
        outcomes = Counter()
        for _ in range(6):
            order = shop.create(buyer)
            try:
                paid = shop.pay(buyer, shop.prepay(buyer, order))
                assert paid.amount == order.amount
                outcomes[paid.amount] += 1
            except DomainError as error:
                outcomes[error.code] += 1
        spent = sum(amount * n for amount, n in outcomes.items() if not isinstance(amount, str))
        assert shop.money()[f"customer:{buyer.id}:USDT"] == (1000 - spent, 0)
        return outcomes

    flipper = threading.Thread(target=flip)
    flipper.start()
    try:
        outcomes = sum(_at_once([lambda b=b: buy(b) for b in buyers]), Counter())
    finally:
        stop.set()
        flipper.join(30)
    assert set(outcomes) <= {D(2), D(4), "price_changed"}
    assert sum(outcomes.values()) == 72


def test_the_sweeper_takes_the_order_first_and_holds_nothing_while_a_payer_is_at_it(shop):
    """A payer has the order and goes on to the hold; a sweeper that took the hold first would now wait for the payer, who waits for it."""
    shop.product(price="10")
    buyer = shop.buyer("100")
    order = shop.reserve(buyer)
    shop.advance(16)
    with psycopg.connect(roles.conninfo(shop.books.database.engine)) as payer:
        payer.execute("SELECT 1 FROM payments.orders WHERE order_id = %s FOR UPDATE", (order.id,))
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(orders._expire, shop.books.tenant, order.id).result(60) is False
        payer.execute("SELECT set_config('app.tenant', %s, true)", (str(shop.books.tenant),))
        payer.execute("SET LOCAL lock_timeout = '5s'")
        assert payer.execute(
            "SELECT status FROM payments.hold_release(%s, 'expired')", (order.hold_id,)
        ).fetchone() == ("ok",)
        payer.rollback()
    assert shop.sweep() == 1

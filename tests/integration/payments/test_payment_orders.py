"""The payment flow step by step: what is charged is what was seen, a refused step leaves nothing, a repeat changes nothing."""

from decimal import Decimal

import psycopg
import pytest

from kernel import roles
from kernel.errors import IdempotencyConflict
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.errors import AccountFrozen, InsufficientFunds
from payments.inventory.errors import OutOfStock
from payments.orders import errors
from payments.orders import service as orders
from payments.orders.invariants import INVARIANTS
from tests.payment_shop import Shop

D = Decimal


@pytest.fixture
def shop(books):
    opened = Shop(books)
    yield opened
    assert books.violations() == set()
    opened.fold()
    assert books.violations() == set()


def _journals(shop, order):
    return shop.books.engine.execute(
        "SELECT kind, count(*) FROM payments.journals WHERE order_id = %s GROUP BY kind ORDER BY kind", (order.id,)
    ).fetchall()


def test_an_order_is_reserved_and_paid_in_one_journal(shop):
    shop.product(price="200", stock=10, fee_rate=D("0.02"), commission_rate=D("0.01"))
    buyer = shop.buyer("1000")
    order = shop.create(buyer, quantity=2)
    assert (order.status, order.amount, order.price_version) == ("pending", 400, 1)
    assert shop.stock() == (10, 0)
    assert shop.prepay(buyer, order).status == "reserved"
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (600, 400)
    assert shop.stock() == (10, 2)
    paid = shop.pay(buyer, order)
    assert (paid.status, paid.amount) == ("paid", 400)
    money = shop.money()
    assert money[f"customer:{buyer.id}:USDT"] == (600, 0)
    assert money["merchant.house:USDT"] == (388, 0)
    assert (money["revenue.payment_fee:USDT"], money["revenue.commission:USDT"]) == ((8, 0), (4, 0))
    assert shop.stock() == (8, 0)
    assert _journals(shop, order) == [("payment", 1)]
    assert shop.legs(order) == [("merchant", 388, 0), ("commission", 4, 0), ("fee", 8, 0)]


def test_paying_touches_no_balance_and_no_stock_row(shop):
    shop.product()
    buyer = shop.buyer()
    order = shop.reserve(buyer)
    shop.fold()
    before = shop.row(), shop.books.row(shop.account(buyer)), shop.books.row(shop.merchant())
    shop.pay(buyer, order)
    assert (shop.row(), shop.books.row(shop.account(buyer)), shop.books.row(shop.merchant())) == before
    shop.fold()
    assert shop.row() == (9, 0)
    assert shop.books.row(shop.account(buyer)) == (800, 0)


def test_the_price_changed_between_page_and_prepay(shop):
    """Saw 200, would be charged 400: refused, nothing is held; a new order at the new price goes through."""
    shop.product(price="200")
    buyer = shop.buyer("1000")
    order = shop.create(buyer)
    shop.change(price="400")
    with pytest.raises(errors.PriceChanged) as refused:
        shop.prepay(buyer, order, seen="200")
    assert refused.value.extra == {"price": "400", "price_version": 2, "amount": "400", "asset": "USDT"}
    with pytest.raises(errors.PriceChanged):
        shop.prepay(buyer, order, seen="400")
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (1000, 0)
    assert shop.stock() == (10, 0)
    again = shop.create(buyer)
    assert (shop.prepay(buyer, again).amount, again.price_version) == (400, 2)


def test_a_changed_price_never_reaches_a_reserved_order(shop):
    shop.product(price="200")
    buyer = shop.buyer("1000")
    order = shop.reserve(buyer)
    shop.change(price="400")
    assert shop.pay(buyer, order).amount == 200
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (800, 0)


def test_what_the_payer_saw_must_be_what_the_order_says(shop):
    shop.product(price="200")
    buyer = shop.buyer()
    order = shop.create(buyer)
    for seen in ("199.999999", "200.000001", "0"):
        with pytest.raises(errors.PriceChanged):
            shop.prepay(buyer, order, seen=seen)
    assert shop.prepay(buyer, order, seen="200.00").status == "reserved"


def test_too_little_money_holds_nothing_and_reserves_nothing(shop):
    shop.product(price="200")
    buyer = shop.buyer("199.999999")
    order = shop.create(buyer)
    with pytest.raises(InsufficientFunds):
        shop.prepay(buyer, order)
    assert shop.stock() == (10, 0)
    shop.books.credit(shop.account(buyer), "0.000001")  # fresh, not folded: spendable at once
    assert shop.prepay(buyer, order).status == "reserved"


def test_out_of_stock_gives_the_money_back(shop):
    shop.product(price="1", stock=3)
    buyer, other = shop.buyer(), shop.buyer()
    shop.reserve(other, quantity=2)
    order = shop.create(buyer, quantity=2)
    with pytest.raises(OutOfStock) as refused:
        shop.prepay(buyer, order)
    assert refused.value.extra == {"available": 1}
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (1000, 0)
    shop.change(stock_delta=1)  # a fresh unit, not folded: reservable at once
    assert shop.prepay(buyer, order).status == "reserved"
    assert shop.stock() == (4, 4)


def test_a_repeat_that_saw_another_amount_is_told_so(shop):
    """A 200 for what the payer did not see would send them on to `pay`."""
    shop.product()
    buyer = shop.buyer()
    order = shop.create(buyer)
    shop.prepay(buyer, order)
    with pytest.raises(errors.PriceChanged) as told:
        shop.prepay(buyer, order, seen="100")
    assert told.value.extra["amount"] == "200"
    assert shop.pay(buyer, order).status == "paid"


def test_repeated_steps_change_nothing(shop):
    shop.product()
    buyer = shop.buyer()
    order = shop.create(buyer)
    assert [shop.prepay(buyer, order).status for _ in range(3)] == ["reserved"] * 3
    assert [shop.pay(buyer, order).status for _ in range(3)] == ["paid"] * 3
    assert shop.prepay(buyer, order).status == "paid"
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (800, 0)
    assert shop.stock() == (9, 0)
    assert _journals(shop, order) == [("payment", 1)]


def test_keys_make_one_order_for_ever(shop):
    shop.product()
    buyer = shop.caller(shop.buyer().id, key="k1")
    first = orders.create(buyer, sku="ticket", quantity=1)
    again = orders.create(buyer, sku="ticket", quantity=1)
    assert (again.order.id, again.replayed) == (first.order.id, True)
    with pytest.raises(IdempotencyConflict):
        orders.create(buyer, sku="ticket", quantity=2)
    shop.books.engine.execute("DELETE FROM kernel.http_idempotency")  # three days later
    assert orders.create(buyer, sku="ticket", quantity=1).order.id == first.order.id
    shop.books.engine.execute("DELETE FROM kernel.http_idempotency")
    with pytest.raises(IdempotencyConflict):
        orders.create(buyer, sku="ticket", quantity=2)


def test_pay_needs_a_reservation(shop):
    shop.product()
    buyer = shop.buyer()
    order = shop.create(buyer)
    with pytest.raises(errors.OrderNotReserved):
        shop.pay(buyer, order)
    with pytest.raises(errors.OrderNotPaid):
        shop.refund(order)


def test_cancelling_frees_money_and_units_at_once(shop):
    shop.product(price="1000", stock=1)
    buyer = shop.buyer("1000")
    order = shop.reserve(buyer)
    assert shop.cancel(buyer, order).status == "cancelled"
    assert shop.cancel(buyer, order).status == "cancelled"
    assert shop.row()[1] == 0
    for step in (shop.prepay, shop.pay):
        with pytest.raises(errors.OrderCancelled):
            step(buyer, order)
    paid = shop.buy(buyer)
    with pytest.raises(errors.OrderAlreadyPaid):
        shop.cancel(buyer, paid)
    assert shop.cancel(buyer, shop.create(buyer)).status == "cancelled"


# Time
@pytest.mark.parametrize("swept", [False, True])
def test_a_late_payment_is_refused_exactly(shop, swept):
    shop.product()
    buyer = shop.buyer()
    order = shop.reserve(buyer)
    shop.advance(15)
    if swept:
        assert shop.sweep() == 1
    for step in (shop.pay, shop.prepay):
        with pytest.raises(errors.OrderExpired):
            step(buyer, order)
    assert shop.sweep() == (0 if swept else 1)
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (1000, 0)
    assert shop.row()[1] == 0
    with pytest.raises(errors.OrderExpired):
        shop.cancel(buyer, order)


def test_an_order_in_time_is_left_alone(shop):
    shop.product()
    buyer = shop.buyer()
    order = shop.reserve(buyer)
    shop.advance(14)
    assert shop.sweep() == 0
    assert shop.pay(buyer, order).status == "paid"
    shop.advance(60)
    assert shop.sweep() == 0


def test_reserving_starts_the_time_again(shop):
    shop.product()
    buyer = shop.buyer()
    order = shop.create(buyer)
    shop.advance(14)
    shop.prepay(buyer, order)
    shop.advance(14)
    assert shop.pay(buyer, order).status == "paid"


def test_orders_that_nobody_reserved_end_too(shop):
    shop.product()
    buyer = shop.buyer()
    order = shop.create(buyer)
    shop.advance(16)
    with pytest.raises(errors.OrderExpired):
        shop.prepay(buyer, order)
    assert shop.sweep() == 1
    assert orders.get(tenant=shop.books.tenant, order_id=order.id, user_id=buyer.id).order.status == "expired"


def test_one_order_that_cannot_end_does_not_keep_the_others_waiting(books):
    shop = Shop(books)
    shop.product()
    broken, fine = shop.reserve(shop.buyer()), shop.reserve(shop.buyer())
    shop.advance(16)
    with books.superuser() as superuser:
        superuser.execute("UPDATE payments.holds SET expires_at = NULL WHERE hold_id = %s", (broken.hold_id,))
    assert shop.sweep() == 1
    rows = books.engine.execute("SELECT order_id, state FROM payments.orders").fetchall()
    assert dict(rows) == {broken.id: "reserved", fine.id: "expired"}


def test_the_schedule_sweeps(shop):
    from rivermouth.registry import SCHEDULES

    shop.product()
    buyer = shop.buyer()
    order = shop.reserve(buyer)
    shop.advance(15)
    with shop.as_engine():
        SCHEDULES["payment_orders_expire"].job(order.expires_at)
    with pytest.raises(errors.OrderExpired):
        shop.pay(buyer, order)
    assert shop.row()[1] == 0


# Refunds
def test_a_full_refund_mirrors_the_legs_and_restocks(shop):
    shop.product(price="200", fee_rate=D("0.02"), commission_rate=D("0.01"))
    buyer = shop.buyer("1000")
    order = shop.buy(buyer, quantity=2)
    done = shop.refund(order)
    assert (done.status, done.refunded, done.returned) == ("refunded", 400, 2)
    money = shop.money()
    assert money[f"customer:{buyer.id}:USDT"] == (1000, 0)
    assert {money[p][0] for p in ("merchant.house:USDT", "revenue.payment_fee:USDT", "revenue.commission:USDT")} == {0}
    assert shop.stock() == (10, 0)
    with pytest.raises(errors.RefundExceedsPayment):
        shop.refund(order, amount="0.000001")


def test_partial_refunds_never_exceed_the_payment(shop):
    shop.product(price="10", fee_rate=D("0.033333"), commission_rate=D("0.033333"))
    buyer = shop.buyer("100")
    order = shop.buy(buyer, quantity=1)
    for amount in ("0.000001", "3.333333", "3.333333", "0.1"):
        assert shop.refund(order, amount=amount).status == "partially_refunded"
    with pytest.raises(errors.RefundExceedsPayment) as refused:
        shop.refund(order, amount="3.233334")
    assert refused.value.extra == {"left": "3.233333"}
    assert shop.stock() == (9, 0)
    done = shop.refund(order, amount="3.233333")
    assert (done.status, done.returned) == ("refunded", 1)
    assert all(amount == refunded for _, amount, refunded in shop.legs(order))
    assert _journals(shop, order) == [("payment", 1), ("refund", 5)]
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (100, 0)


def test_units_come_back_at_their_price(shop):
    shop.product(price="10", stock=10)
    buyer = shop.buyer("100")
    order = shop.buy(buyer, quantity=3)
    done = shop.refund(order, quantity=2)
    assert (done.status, done.refunded, done.returned) == ("partially_refunded", 20, 2)
    assert shop.stock() == (9, 0)
    with pytest.raises(errors.ReturnExceedsOrder):
        shop.refund(order, quantity=2)
    assert shop.refund(order, amount="5").returned == 2
    assert shop.refund(order).returned == 3


def test_a_refund_is_done_once_per_key(shop):
    shop.product(price="10")
    order = shop.buy(shop.buyer())
    staff = shop.caller(uuid7(), key="refund-1")
    for _ in range(2):
        assert shop.refund(order, amount="4", staff=staff).refunded == 4
    assert shop.refund(order, amount="4", staff=shop.caller(uuid7(), key="refund-2")).refunded == 8


def test_a_refund_is_bound_to_what_the_merchant_has(shop):
    merchant = shop.books.customer()
    shop.product(price="100", payees=[(merchant, D(1))])
    buyer = shop.buyer()
    order = shop.buy(buyer)
    shop.books.pay(merchant, shop.books.outside(), "60")
    with pytest.raises(InsufficientFunds):
        shop.refund(order, amount="41")
    assert shop.legs(order) == [("merchant", 100, 0)]
    assert shop.refund(order, amount="40").status == "partially_refunded"
    with shop.books.tx() as tx:
        accounts.freeze(tx, merchant)
    shop.books.credit(merchant, "60")
    with pytest.raises(AccountFrozen):
        shop.refund(order)


def test_a_merchant_may_buy_from_itself(shop):
    buyer = shop.buyer("100")
    shop.product(price="10", payees=[(shop.account(buyer), D(1))], fee_rate=D("0.1"))
    order = shop.buy(buyer)
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (99, 0)
    shop.refund(order)
    assert shop.money()[f"customer:{buyer.id}:USDT"] == (100, 0)


# Splits
def test_ten_into_three_equal_parts(shop):
    shop.books.asset("CENT", 2)
    payees = [shop.books.customer("CENT") for _ in range(3)]
    shop.product(sku="share", price="10", asset="CENT", payees=[(p, D(1)) for p in payees])
    buyer = shop.buyer("100", asset="CENT")
    order = shop.buy(buyer, "share")
    assert [amount for _, amount, _ in shop.legs(order)] == [D("3.34"), D("3.33"), D("3.33")]
    shop.refund(order, amount="0.01")
    shop.refund(order, amount="5")
    assert sum(refunded for _, _, refunded in shop.legs(order)) == D("5.01")


def test_a_payment_of_the_smallest_unit_has_one_receiver(shop):
    shop.product(price="0.000001", fee_rate=D("0.3"), commission_rate=D("0.3"))
    order = shop.buy(shop.buyer())
    assert sorted(amount for _, amount, _ in shop.legs(order)) == [0, 0, D("0.000001")]
    assert shop.refund(order).status == "refunded"


def test_twenty_digits_and_eighteen_decimals_are_exact(shop):
    shop.books.asset("WEI", 18)
    price = D("99999999999999999999.999999999999999999")
    shop.product(sku="island", price=str(price), asset="WEI", fee_rate=D("0.000000000001"))
    buyer = shop.buyer(str(price * 2), asset="WEI")
    order = shop.buy(buyer, "island")
    assert order.amount == price
    assert sum(amount for _, amount, _ in shop.legs(order)) == price
    shop.refund(order, amount="0.000000000000000001")
    assert shop.refund(order).refunded == price
    assert shop.books.available(shop.account(buyer, "WEI")) == price * 2


# Invariants
PLANTED = {
    "paid without a journal": ("payment_orders_are_whole", "UPDATE payments.orders SET state = 'paid', paid_at = now() WHERE state = 'reserved'"),
    "another amount than was paid": ("payment_orders_are_whole", "UPDATE payments.orders SET amount = amount + 1 WHERE state = 'paid'"),
    "a second payment journal": ("payment_orders_are_whole", "DELETE FROM payments.orders WHERE state = 'paid'"),
    "a hold still open": ("payment_orders_are_whole", "UPDATE payments.holds SET state = 'open' WHERE state = 'voided'"),
    "a refund that was not booked": ("payment_orders_are_whole", "UPDATE payments.orders SET refunded = refunded + 1 WHERE refunded > 0"),
    "a leg that was not booked": ("payment_legs_are_booked", "UPDATE payments.order_legs SET amount = amount + 1"),
    "a leg of another account": ("payment_legs_are_booked", "UPDATE payments.order_legs SET account_id = account_id + 1 WHERE position = 1"),
    "units on hand from nowhere": ("stock_is_the_folded_moves", "UPDATE payments.inventory SET on_hand = on_hand + 1"),
    "units reserved for nobody": ("stock_is_the_folded_moves", "UPDATE payments.inventory SET reserved = reserved + 1"),
    "more reserved than there is": ("nothing_oversold", "UPDATE payments.orders SET qty = qty + 100 WHERE state = 'reserved'"),
    "a sale without its move": ("nothing_oversold", "DELETE FROM payments.inv_moves WHERE reason = 'sold'"),
}  # fmt: skip


def test_each_invariant_finds_its_planted_fault(shop):
    shop.product(fee_rate=D("0.02"))
    buyer = shop.buyer("5000")
    shop.reserve(buyer)
    shop.cancel(buyer, shop.reserve(buyer))
    shop.buy(buyer)
    shop.refund(shop.buy(buyer), amount="1")
    shop.fold()
    shop.buy(buyer)
    assert shop.books.violations() == set()
    with shop.books.superuser() as superuser:
        for what, (name, statement) in PLANTED.items():
            with superuser.transaction(force_rollback=True):
                superuser.execute(statement)
                broken = {i.name for i in INVARIANTS if superuser.execute(i.sql).fetchone()[0] != 0}
                assert name in broken, what


def test_every_invariant_has_a_planted_fault():
    assert {i.name for i in INVARIANTS} == {name for name, _ in PLANTED.values()}


def test_the_application_cannot_write_stock_or_moves(shop):
    shop.product()
    with psycopg.connect(roles.conninfo(shop.books.database.app), autocommit=True) as app:
        app.execute("SELECT set_config('app.tenant', %s, false)", (str(shop.books.tenant),))
        for statement in (
            "UPDATE payments.inventory SET on_hand = 5",
            "DELETE FROM payments.inv_moves",
            "UPDATE payments.product_prices SET price = 1",
            "UPDATE payments.product_shares SET weight = 1",
            "SELECT payments.fold_inventory(1)",
            "SELECT payments.inventory_new_epoch()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement)

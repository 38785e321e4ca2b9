"""One venue order for many customers' orders: first come first served, exact to the last unit, nobody told of anybody else."""

from decimal import Decimal

import pytest

from broker.book import service as book
from broker.orders import service as orders
from kernel.calls.outcomes import Refused
from tests.broker_desk import CASH, leg, planned
from wallet_bridge.funds import postings

D = Decimal


def _send(desk, ids, *legs):
    """Trigger these orders together along these legs."""
    with desk.as_engine():
        done = book.trigger(tenant=desk.tenant, order_ids=ids, plan_of=lambda *_: planned(*legs))
    assert desk.broken() == {}
    return done


def _shares(desk, order_id):
    return [(child.venue, child.quantity, child.filled_quantity) for child in desk.children(order_id)]


def _second_customer(desk):
    other = desk.known_customer()
    with desk.tx() as tx:
        postings.deposit(tx, customer_id=other, asset="USDT", amount=CASH, key="second")
    return other


@pytest.fixture
def three(desk):
    """0.5, 0.3 and 0.2 wanted at 90,000, in this order; the second is another customer's."""
    other = _second_customer(desk)
    return [
        desk.place(limit="90000", quantity="0.5", venue="best"),
        desk.place(limit="90000", quantity="0.3", venue="best", owner=other),
        desk.place(limit="90000", quantity="0.2", venue="best"),
    ]


def test_one_child_serves_three_orders_first_come_first_served(desk, three):
    done = _send(desk, [three[2], three[0], three[1]], leg("okx", "1", "90000"))
    assert (done.working, done.resting, len(done.legs)) == (3, 0, 1)
    assert len({desk.children(o)[0].id for o in three}) == 1
    assert desk.reserved("okx", "USDT") == D(90000)
    desk.answer(three[0], "cancelled", desk.fill("0.6", "89999.99", fee="0.0006"))
    assert [desk.order(o).filled_quantity for o in three] == [D("0.5"), D("0.1"), 0]
    assert [desk.order(o).status for o in three] == ["filled", "resting", "resting"]
    assert [_shares(desk, o)[0][1:] for o in three] == [(D("0.5"), D("0.5")), (D("0.3"), D("0.1")), (D("0.2"), 0)]
    assert desk.venue_gained("okx", "USDT") == D("-53999.994")
    assert desk.venue_gained("okx", "BTC") == D("0.5994")
    assert (desk.sum_of("house.trading:USDT"), desk.sum_of("house.trading:BTC")) == (0, 0)
    assert desk.reserved("okx", "USDT") == 0
    second, third = desk.order(three[1]), desk.order(three[2])
    assert second.rearm_at is None, "it traded: it may start again at once"
    assert third.rearm_at is not None, "it got nothing: it waits a second, but for no better price, for others traded"
    assert third.failed_price is None


def test_slices_of_odd_trades_are_the_trade(desk, three):
    """Costs and fees that do not divide: cumulative rounding leaves no unit behind."""
    _send(desk, three, leg("okx", "1", "90000"))
    trades = [("0.33333333", "89999.97"), ("0.41111111", "89998.13"), ("0.25555556", "89991.01")]
    fills = [desk.fill(q, p, fee="0.00033333", fee_asset="BTC") for q, p in trades]
    desk.answer(three[0], "filled", *fills)
    assert [desk.order(o).status for o in three] == ["filled"] * 3
    cost = sum((D(q) * D(p)).quantize(D("1e-6")) for q, p in trades)
    assert desk.venue_gained("okx", "USDT") == -cost
    assert -desk.sum_of("expense.venue_fee:BTC") == D("0.00099999")
    slices = desk.engine.execute("SELECT count(*), count(DISTINCT trade_id) FROM broker.fills").fetchone()
    assert slices == (5, 3)


def test_a_report_that_comes_twice_books_once(desk, three):
    _send(desk, three, leg("okx", "1", "90000"))
    first = desk.fill("0.6")
    desk.answer(three[0], "partially_filled", first, complete=False)
    desk.answer(three[0], "partially_filled", first, complete=False)
    desk.answer(three[0], "filled", first, desk.fill("0.4"))
    desk.answer(three[0], "filled", first)
    assert [desk.order(o).filled_quantity for o in three] == [D("0.5"), D("0.3"), D("0.2")]


def test_an_order_over_two_legs_works_until_both_have_ended(desk, three):
    done = _send(desk, three, leg("okx", "0.6", "90000"), leg("binance", "0.4", "89999"))
    assert done.working == 3
    # binance costs less: the oldest order gets it first
    assert _shares(desk, three[0]) == [("binance", D("0.4"), 0), ("okx", D("0.1"), 0)]
    assert _shares(desk, three[2]) == [("okx", D("0.2"), 0)]
    desk.answer(three[0], "filled", desk.fill("0.4"), child=0)
    assert [desk.order(o).status for o in three] == ["working"] * 3
    desk.answer(three[0], "filled", desk.fill("0.6"), child=1)
    assert [desk.order(o).status for o in three] == ["filled"] * 3


def test_an_attempt_in_vain_waits_for_an_untried_price(desk, three):
    _send(desk, three, leg("okx", "1", "89990"))
    desk.answer(three[0], "expired")
    rows = desk.engine.execute("SELECT status, failed_price, failed_limit FROM broker.orders").fetchall()
    assert rows == [("resting", D(89990), D(89990))] * 3
    _send(desk, three, leg("okx", "1", "90000"))
    desk.apply(three[0], Refused("rejected", "maintenance"))
    rows = desk.engine.execute("SELECT status, failed_price, failed_limit FROM broker.orders").fetchall()
    assert rows == [("resting", None, None)] * 3, "a venue that took nothing proves nothing about prices"


def test_whom_the_plan_does_not_reach_stays_at_rest_untouched(desk, three):
    before = desk.order(three[2])
    done = _send(desk, three, leg("okx", "0.7", "90000"))
    assert done.taken == frozenset(three[:2])
    assert desk.order(three[2]) == before


def test_one_of_many_asks_to_cancel_and_the_others_go_on(desk, three):
    _send(desk, three, leg("okx", "1", "90000"))
    assert desk.cancel(three[0]).status == "working"
    desk.answer(three[1], "cancelled", desk.fill("0.4"))
    assert [desk.order(o).status for o in three] == ["cancelled", "resting", "resting"]
    assert desk.order(three[0]).filled_quantity == D("0.4"), "fills win"


def test_more_than_all_of_them_want_is_the_house_s(desk, three):
    _send(desk, three, leg("okx", "1", "90000"))
    desk.answer(three[0], "filled", desk.fill("1.1", "89000"))
    assert [desk.order(o).status for o in three] == ["filled"] * 3
    assert desk.sum_of("house.trading:BTC") == D("0.1")


def test_a_customer_sees_the_own_share_only(desk, three):
    _send(desk, three, leg("okx", "1", "90000"))
    desk.answer(three[0], "filled", desk.fill("1", "89999"))
    view = orders.read_order(tenant=desk.tenant, owner=desk.owner, order_id=three[2])
    [child] = view.children
    assert (child.quantity, child.filled_quantity, child.filled_cost) == (D("0.2"), D("0.2"), D("17999.8"))
    assert [fill.quantity for fill in view.fills] == [D("0.2")]

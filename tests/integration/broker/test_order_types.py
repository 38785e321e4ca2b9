"""Order types, times in force and changes on a real desk: what they hold, when they start, what they leave behind."""

from datetime import timedelta

import pytest

from broker.book import queries as book_rows
from broker.orders import amendments, errors, expiry, service
from broker.orders.amendments import Change
from broker.orders.wishes import Trail
from broker.routing import rules as routing
from broker.stops.service import Stops
from kernel.errors import NotFound
from kernel.ids import uuid7
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from payments.errors import InsufficientFunds
from tests.broker_desk import planned
from tests.order_wishes import D, place, trigger, turn, wished


# ------------------------------------------------------------------------------------------------- stops
def test_a_stop_waits_then_sells_at_the_market(desk):
    order_id = place(desk, type="stop", stop_price="99000")
    stops = turn(desk)
    assert desk.order(order_id).status == "resting"
    assert desk.hold_of(order_id)[0] == D("0.5")
    turn(desk, stops, ask="98990", bid="98980")
    order = desk.order(order_id)
    assert (order.status, order.rests_in) == ("working", "book")
    assert order.stopped_at is not None
    assert order.protect_price == D("97010.2")  # 2 % below the composite of this moment
    desk.answer(order_id, "filled", desk.fill("0.5", "98980", fee_asset="USDT"))
    assert desk.order(order_id).status == "filled"
    assert desk.gained("BTC") == D("-0.5")


def test_a_buy_stop_holds_what_it_can_cost_and_gives_back_the_rest(desk):
    order_id = place(desk, side="buy", type="stop", stop_price="101000")
    assert desk.hold_of(order_id)[0] == D("0.5") * D(101000) * D("1.05") * D("1.001")
    turn(desk, ask="101010", bid="101000")
    assert desk.order(order_id).status == "working"
    desk.answer(order_id, "expired", desk.fill("0.3", "101010"), reroute=lambda *_: planned())
    assert desk.order(order_id).status == "cancelled"
    desk.fold()
    assert desk.held("USDT") == 0
    assert desk.gained("BTC") == D("0.3")


def test_a_stop_that_finds_no_depth_waits_on(desk):
    order_id = place(desk, type="stop", stop_price="99000", venue="kraken")
    desk.market(ask="98990", bid="98980", venues=("binance", "okx", "bitfinex"))
    with desk.as_engine():
        stops = Stops(instruments.get("BTC-USDT"))
        stops.rebuild()
        stops.turn(quotes.load("BTC-USDT"))
    order = desk.order(order_id)
    assert (order.status, order.rests_in) == ("resting", "stops")
    assert order.rearm_at is not None
    assert desk.children(order_id) == []


def test_a_stop_limit_becomes_a_resting_limit_order(desk):
    order_id = place(desk, type="stop_limit", stop_price="99000", limit_price="98995")
    turn(desk, ask="98990", bid="98980")
    order = desk.order(order_id)
    assert (order.status, order.rests_in) == ("resting", "book")
    with desk.tx() as tx:
        rows = [row for page in book_rows.resting(tx, symbol="BTC-USDT") for row in page]
    assert [row.id for row in rows] == [order_id]
    trigger(desk, order_id, price="98995")
    desk.answer(order_id, "expired")
    assert desk.order(order_id).status == "resting"


def test_a_take_profit_sells_into_a_rise(desk):
    order_id = place(desk, type="take_profit", stop_price="100500")
    stops = turn(desk, ask="100490", bid="100480")
    assert desk.order(order_id).status == "resting"
    turn(desk, stops, ask="100510", bid="100500")
    assert desk.order(order_id).status == "working"


def test_a_trailing_stop_follows_and_survives_its_owner(desk):
    order_id = place(desk, type="trailing_stop", quantity="0.1", trail=Trail(amount=D(500)))
    turn(desk, ask="101000", bid="100990")
    assert desk.order(order_id).trail_best == D(101000)
    fresh = turn(desk, ask="100600", bid="100590")  # another owner: it only knows the row
    assert fresh.book.best_of(order_id) == D(101000)
    assert desk.order(order_id).status == "resting"
    turn(desk, fresh, ask="100500", bid="100490")
    assert desk.order(order_id).status == "working"


def test_a_stop_that_would_start_at_once_is_denied(desk):
    with pytest.raises(errors.WouldTrigger):
        place(desk, type="stop", stop_price="99980")
    with pytest.raises(errors.WouldTrigger):
        place(desk, type="take_profit", stop_price="99000")
    assert desk.held("BTC") == 0


# ----------------------------------------------------------------------------------------------- time in force
def test_fill_or_kill_goes_whole_to_one_venue_or_is_denied(desk):
    order_id = place(desk, side="buy", type="limit", limit_price="99970", time_in_force="fok")
    (child,) = desk.children(order_id)
    assert child.quantity == D("0.5")
    row = desk.engine.execute("SELECT payload FROM kernel.calls WHERE ref = %s", [child.client_order_id]).fetchone()
    assert row[0]["time_in_force"] == "fok"
    assert child.venue != "kraken"
    with pytest.raises(errors.NotFillable):
        place(
            desk,
            side="buy",
            type="limit",
            limit_price="99970",
            quantity="1.9",
            time_in_force="fok",
            fresh=desk.market(depth="1"),
        )
    desk.answer(order_id, "cancelled", reroute=lambda *_: planned())
    order = desk.order(order_id)
    assert (order.status, order.filled_quantity) == ("cancelled", 0)


def test_fill_or_kill_tries_the_next_venue_with_all_of_it(desk):
    order_id = place(desk, side="buy", type="market", time_in_force="fok")
    view, killed = quotes.load("BTC-USDT"), desk.children(order_id)[0].venue

    def again(order, without):
        assert killed in without
        return routing.plan(
            view, side="buy", quantity=order.remaining, worst_price=order.protect_price, without=without, whole=True
        )

    desk.answer(order_id, "cancelled", reroute=again)
    first, second = desk.children(order_id)
    assert (second.quantity, desk.order(order_id).status) == (D("0.5"), "working")
    assert first.venue != second.venue
    desk.answer(order_id, "filled", desk.fill("0.5"))
    assert desk.order(order_id).status == "filled"


def test_a_dated_order_expires_in_business_time(desk):
    with desk.tx() as tx:
        now = tx.now
    order_id = place(desk, limit_price="110000", time_in_force="gtd", expires_at=now + timedelta(hours=1))
    with desk.as_engine():
        assert expiry.expire_due() == 0
    desk.engine.execute("UPDATE broker.orders SET expires_at = kernel.business_now() WHERE id = %s", [order_id])
    with desk.as_engine():
        assert expiry.expire_due() == 1
    assert desk.order(order_id).status == "expired"
    assert desk.topics(order_id)[-1] == "order_closed"
    desk.fold()
    assert desk.held("BTC") == 0
    for when in (now, now + timedelta(days=400)):
        with pytest.raises(errors.InvalidExpiry):
            place(desk, limit_price="110000", time_in_force="gtd", expires_at=when)


def test_post_only_is_denied_where_it_would_execute(desk):
    with pytest.raises(errors.WouldExecute):
        place(desk, limit_price="99000", post_only=True)
    order_id = place(desk, limit_price="110000", post_only=True)
    assert desk.order(order_id).status == "resting"


def test_a_market_sell_by_quote_amount_brings_about_that(desk):
    order_id = place(desk, type="market", quantity=None, quote_quantity="10000", time_in_force="ioc", venue="binance")
    order = desk.order(order_id)
    got = order.quantity * D(99960) * (1 - order.fee_rate)
    assert D(9998) < got <= D(10000)


# ------------------------------------------------------------------------------------------- amend, replace, cancel all
def amend(desk, order_id, **change):
    desk.market()
    return amendments.amend(
        tenant=desk.tenant, owner=desk.owner, order_id=order_id, change=Change(**{k: D(v) for k, v in change.items()})
    ).order


def test_a_smaller_quantity_keeps_the_place_and_frees_its_money(desk):
    order_id = place(desk, side="buy", limit_price="90000")
    before = desk.order(order_id)
    after = amend(desk, order_id, quantity="0.3")
    assert after.accept_seq == before.accept_seq
    assert desk.held("USDT") == D("0.3") * D(90000) * D("1.001")
    larger = amend(desk, order_id, quantity="0.4")
    assert larger.accept_seq > before.accept_seq
    moved = amend(desk, order_id, limit_price="91000")
    assert moved.accept_seq > larger.accept_seq
    assert desk.held("USDT") == D("0.4") * D(91000) * D("1.001")


def test_amending_after_a_part_was_filled_holds_what_the_rest_needs(desk):
    order_id = place(desk, side="buy", limit_price="90000")
    trigger(desk, order_id, price="90000")
    with pytest.raises(errors.OrderWorking):
        amend(desk, order_id, quantity="0.3")
    desk.answer(order_id, "expired", desk.fill("0.2", "89999.37"))
    amend(desk, order_id, quantity="0.3", limit_price="90500")
    trigger(desk, order_id, quantity="0.1", price="90500")
    desk.answer(order_id, "filled", desk.fill("0.1", "90500"))
    assert desk.order(order_id).status == "filled"
    desk.fold()
    assert desk.held("USDT") == 0
    with pytest.raises(errors.OrderNotOpen):
        amend(desk, order_id, quantity="0.4")


def test_impossible_terms_change_nothing(desk):
    order_id = place(desk, side="buy", limit_price="90000", post_only=True)
    for change, refusal in (
        ({"quantity": "1000"}, InsufficientFunds),
        ({"limit_price": "99999"}, errors.WouldExecute),
        ({"limit_price": "90000.001"}, errors.InvalidPrice),
        ({"stop_price": "95000"}, errors.InvalidCombination),
        ({"quantity": "0.000001"}, errors.InvalidQuantity),
    ):
        with pytest.raises(refusal):
            amend(desk, order_id, **change)
    assert desk.held("USDT") == D("0.5") * D(90000) * D("1.001")
    with pytest.raises(NotFound):
        amendments.amend(tenant=desk.tenant, owner=uuid7(), order_id=order_id, change=Change(quantity=D("0.1")))


def test_replacing_is_both_or_neither(desk):
    old = place(desk, side="buy", limit_price="90000")

    def replace(wish):
        new = uuid7()
        amendments.replace(
            tenant=desk.tenant, owner=desk.owner, order_id=old, wish=wish, new_id=new, key=None, fingerprint=b""
        )
        return new

    with pytest.raises(InsufficientFunds):
        replace(wished(side="buy", quantity="50", limit_price="90000"))
    assert desk.order(old).status == "resting"
    new = replace(wished(side="buy", quantity="2", limit_price="91000"))  # only possible with the old one's money
    assert (desk.order(old).status, desk.order(new).replaces) == ("cancelled", old)
    with pytest.raises(errors.OrderNotOpen):
        replace(wished(side="buy", limit_price="90000"))


def test_cancel_all_ends_what_rests_and_asks_for_the_rest(desk):
    resting = [place(desk, side="buy", quantity="0.1", limit_price="90000") for _ in range(3)]
    working = place(desk, side="sell", type="market", quantity="0.1", time_in_force="ioc")
    asked = service.cancel_all(tenant=desk.tenant, owner=desk.owner, symbol="BTC-USDT")
    assert set(asked) == {*resting, working}
    assert {desk.order(o).status for o in resting} == {"cancelled"}
    assert desk.order(working).cancel_requested_at is not None
    assert service.cancel_all(tenant=desk.tenant, owner=uuid7()) == []
    desk.answer(working, "expired")
    desk.fold()
    assert desk.held("USDT") == desk.held("BTC") == 0

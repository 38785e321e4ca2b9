"""Each order type on a real desk: what it holds, when it starts, what it leaves behind. Invariants are counted around every answer."""

import dataclasses
from datetime import timedelta
from decimal import Decimal

import pytest

from broker.algos import queries as slice_rows
from broker.algos import service as algos
from broker.book import service as book
from broker.firm_quotes import service as firm_quotes
from broker.firm_quotes.errors import QuoteExpired
from broker.orders import amendments, errors, expiry, pairs, queries, service, whole
from broker.orders.amendments import Change
from broker.orders.wishes import Trail, Twap, Wish
from broker.stops.service import Stops
from kernel import clock
from kernel.errors import NotFound
from kernel.ids import uuid7
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from payments.errors import InsufficientFunds
from tests.broker_desk import leg, planned

D = Decimal
PRICE = "99970"


def wished(**fields):
    base = {
        "symbol": "BTC-USDT", "side": "sell", "type": "limit", "quantity": "0.5", "quote_quantity": None, "limit_price": None,
        "venue": "best", "time_in_force": "gtc", "expected_price": None, "tolerance": D("0.002"), "client_order_id": None,
    }  # fmt: skip
    made = base | fields
    for name in ("quantity", "quote_quantity", "limit_price", "stop_price", "display_quantity"):
        if made.get(name) is not None:
            made[name] = D(made[name])
    return Wish(**made)


def place(desk, *, fresh=True, **fields):
    if fresh:
        desk.market()
    order_id = uuid7()
    service.place_order(
        tenant=desk.tenant, owner=desk.owner, wish=wished(**fields), order_id=order_id, key=None, fingerprint=b""
    )
    return order_id


def turn(desk, stops=None, **market):
    """The owner of the market looks once; the stops it keeps."""
    if market:
        desk.market(**market)
    view = quotes.load("BTC-USDT")
    with desk.as_engine():
        if stops is None:
            stops = Stops(instruments.get("BTC-USDT"))
            stops.rebuild()
        else:
            stops.follow(instruments.get("BTC-USDT"))
        stops.turn(view)
    return stops


def trigger(desk, *order_ids, quantity="0.5", price="99960"):
    with desk.as_engine():
        return book.trigger(
            tenant=desk.tenant,
            order_ids=list(order_ids),
            plan_of=lambda _o, _w: planned(leg("binance", quantity, price)),
        )


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
        _, rows = queries.resting(tx, symbol="BTC-USDT")
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
        return whole.plan(
            view, side="buy", quantity=order.remaining, worst_price=order.protect_price, without=without | {killed}
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


# ------------------------------------------------------------------------------------------------------- pairs
def pair(desk, **fields):
    desk.market()
    group_id = uuid7()
    base = {
        "symbol": "BTC-USDT", "side": "sell", "quantity": D("0.5"), "venue": "best", "limit_price": D(101000),
        "stop_price": D(99000), "stop_limit_price": None, "time_in_force": "gtc", "expires_at": None,
        "limit_client_order_id": None, "stop_client_order_id": None,
    }  # fmt: skip
    wish = pairs.PairWish(**(base | fields))
    pairs.place(tenant=desk.tenant, owner=desk.owner, wish=wish, group_id=group_id, key=None, fingerprint=b"")
    return [view.order.id for view in pairs.read(tenant=desk.tenant, owner=desk.owner, group_id=group_id)]


def test_a_pair_holds_once_and_the_first_fill_ends_the_other(desk):
    limit, stop = pair(desk)
    assert desk.held("BTC") == D("0.5")
    assert desk.order(limit).hold_id == desk.order(stop).hold_id
    trigger(desk, limit, price="101000")
    turn(desk, ask="98990", bid="98980")  # the stop is reached while the limit is at a venue: it waits
    assert (desk.order(limit).status, desk.order(stop).status) == ("working", "resting")
    desk.answer(limit, "expired", desk.fill("0.2", "101000", fee_asset="USDT"))
    assert (desk.order(limit).status, desk.order(stop).status) == ("resting", "cancelled")
    trigger(desk, limit, quantity="0.3", price="101000")
    desk.answer(limit, "filled", desk.fill("0.3", "101000", fee_asset="USDT"))
    assert desk.gained("BTC") == D("-0.5")
    desk.fold()
    assert desk.held("BTC") == 0


def test_an_empty_attempt_of_the_limit_leaves_both_as_they_were(desk):
    limit, stop = pair(desk)
    trigger(desk, limit, price="101000")
    desk.answer(limit, "expired")
    assert (desk.order(limit).status, desk.order(stop).status) == ("resting", "resting")
    turn(desk, ask="98990", bid="98980")
    assert (desk.order(limit).status, desk.order(stop).status) == ("cancelled", "working")
    assert trigger(desk, limit).taken == frozenset()
    desk.answer(stop, "filled", desk.fill("0.5", "98980", fee_asset="USDT"))
    assert desk.gained("BTC") == D("-0.5")


def test_cancelling_one_leg_ends_the_pair(desk):
    limit, stop = pair(desk, stop_limit_price=D(98900))
    desk.cancel(stop)
    assert (desk.order(limit).status, desk.order(stop).status) == ("cancelled", "cancelled")
    desk.fold()
    assert desk.held("BTC") == 0


def test_a_pair_at_work_is_cancelled_when_the_venue_has_answered(desk):
    limit, stop = pair(desk)
    trigger(desk, limit, price="101000")
    desk.cancel(stop)
    assert desk.order(limit).cancel_requested_at is not None
    desk.answer(limit, "expired")
    assert (desk.order(limit).status, desk.order(stop).status) == ("cancelled", "cancelled")


def test_the_database_keeps_one_leg_at_work(desk):
    limit, stop = pair(desk)
    trigger(desk, limit, price="101000")
    with pytest.raises(Exception, match="orders_one_leg_at_work"), desk.tx() as tx:
        queries.move(tx, queries.get(tx, stop), queries.OrderStatus.TRIGGERED)
    desk.answer(limit, "expired")


def test_a_pair_that_would_not_wait_is_denied(desk):
    with pytest.raises(errors.WouldExecute):
        pair(desk, limit_price=D(99500))
    with pytest.raises(errors.WouldTrigger):
        pair(desk, stop_price=D(99999))
    with pytest.raises(errors.InvalidCombination):
        pair(desk, limit_price=D(98000))
    assert desk.held("BTC") == 0


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
    limit, stop = pair(desk)
    working = place(desk, side="sell", type="market", quantity="0.1", time_in_force="ioc")
    asked = service.cancel_all(tenant=desk.tenant, owner=desk.owner, symbol="BTC-USDT")
    assert set(asked) == {*resting, limit, working}
    assert {desk.order(o).status for o in (*resting, limit, stop)} == {"cancelled"}
    assert desk.order(working).cancel_requested_at is not None
    assert service.cancel_all(tenant=desk.tenant, owner=uuid7()) == []
    desk.answer(working, "expired")
    desk.fold()
    assert desk.held("USDT") == desk.held("BTC") == 0


# ---------------------------------------------------------------------------------------------------- in parts
def test_an_iceberg_sends_one_part_and_queues_anew(desk):
    order_id = place(desk, side="buy", limit_price="90000", display_quantity="0.2")
    with desk.tx() as tx:
        _, (row,) = queries.resting(tx, symbol="BTC-USDT")
    assert row.remaining == D("0.2")
    before = desk.order(order_id)
    assert before.wanted == D("0.2")
    trigger(desk, order_id, quantity="0.2", price="90000")
    desk.answer(order_id, "filled", desk.fill("0.2", "90000"))
    after = desk.order(order_id)
    assert (after.status, after.filled_quantity, after.wanted) == ("resting", D("0.2"), D("0.2"))
    assert after.accept_seq > before.accept_seq


def test_an_iceberg_executable_now_starts_with_one_part(desk):
    order_id = place(desk, side="buy", limit_price="99980", display_quantity="0.2")
    assert sum(child.quantity for child in desk.children(order_id)) == D("0.2")
    desk.answer(order_id, "filled", desk.fill("0.2"))
    assert desk.order(order_id).status == "resting"


def twap(desk, **fields):
    return place(desk, twap=Twap(duration_s=60, slices=3), quantity="0.3", **fields)


def run_slice(desk, order_id):
    desk.market()
    with desk.as_engine():
        return algos.run_slice(tenant=desk.tenant, order_id=order_id, view=quotes.load("BTC-USDT"))


def due_now(desk, order_id, number):
    desk.engine.execute(
        "UPDATE broker.slices SET due_at = kernel.business_now() WHERE order_id = %s AND number <= %s",
        [order_id, number],
    )


def slices_of(desk, order_id):
    with desk.tx() as tx:
        return [row.status for row in slice_rows.of_order(tx, order_id)]


def test_a_twap_sends_its_slices_and_ends_with_the_last(desk):
    order_id = twap(desk, type="market")
    assert run_slice(desk, order_id)
    assert not run_slice(desk, order_id)  # it is out
    desk.answer(order_id, "expired", desk.fill("0.04", "99960", fee_asset="USDT"))
    assert desk.order(order_id).status == "resting"
    assert not run_slice(desk, order_id)  # the next one is not due
    due_now(desk, order_id, 2)
    assert run_slice(desk, order_id)
    assert sum(c.quantity for c in desk.children(order_id)[1:]) == D("0.16")  # its own and what the first one lacked
    desk.answer(order_id, "filled", desk.fill("0.16", "99960", fee_asset="USDT"))
    due_now(desk, order_id, 3)
    assert run_slice(desk, order_id)
    desk.answer(order_id, "filled", desk.fill("0.1", "99960", fee_asset="USDT"))
    assert desk.order(order_id).status == "filled"
    assert slices_of(desk, order_id) == ["sent", "sent", "sent"]


def test_slices_that_found_nothing_are_caught_up_or_end_the_order(desk):
    order_id = twap(desk, limit_price="110000")
    due_now(desk, order_id, 2)
    assert not run_slice(desk, order_id)
    assert slices_of(desk, order_id) == ["skipped", "skipped", "planned"]
    due_now(desk, order_id, 3)
    assert not run_slice(desk, order_id)
    order = desk.order(order_id)
    assert (order.status, order.reason) == ("cancelled", "the last slice is over")
    desk.fold()
    assert desk.held("BTC") == 0


def test_slices_of_an_ended_order_are_dropped(desk):
    order_id = twap(desk, type="market")
    desk.cancel(order_id)
    assert not run_slice(desk, order_id)
    assert slices_of(desk, order_id) == ["dropped"] * 3
    with pytest.raises(errors.InvalidSchedule):
        place(desk, type="market", quantity="0.001", twap=Twap(duration_s=60, slices=100))


# ------------------------------------------------------------------------------------------------------ firm quotes
def offer(desk, side="buy", quantity="0.5"):
    desk.market()
    return firm_quotes.offer(
        tenant=desk.tenant, owner=desk.owner, symbol="BTC-USDT", side=side, quantity=D(quantity), venue="best", key=None,
        body=b"",
    )  # fmt: skip


def take(desk, quote, **market):
    desk.market(**market)
    order_id = uuid7()
    return firm_quotes.accept(
        tenant=desk.tenant, owner=desk.owner, quote_id=quote.id, order_id=order_id, key=None, fingerprint=b""
    ).id


@pytest.fixture
def unhurried(monkeypatch):
    """A machine that stands still between the look and the acceptance must not decide the test."""
    monkeypatch.setattr(firm_quotes, "LIVES", timedelta(minutes=5))


@pytest.mark.usefixtures("unhurried")
def test_a_quote_is_hedged_first_and_filled_at_its_price_or_better(desk):
    quote = offer(desk)
    assert quote.price == D(PRICE)
    order_id = take(desk, quote)
    (child,) = desk.children(order_id)
    assert (child.limit_price, child.quantity) == (D(PRICE), D("0.5"))
    assert take(desk, quote) == order_id  # a second acceptance is the same order
    desk.answer(order_id, "filled", desk.fill("0.5", "99950"))
    view = service.read_order(tenant=desk.tenant, owner=desk.owner, order_id=order_id)
    firm_quotes.require_filled(view)
    assert view.fills[0].customer_price == D(99950)


@pytest.mark.usefixtures("unhurried")
def test_a_quote_that_cannot_be_hedged_is_expired_and_nothing_is_filled(desk):
    quote = offer(desk)
    with pytest.raises(QuoteExpired):
        take(desk, quote, ask="99990")
    order_id = take(desk, quote)
    desk.answer(order_id, "cancelled", reroute=lambda *_: planned())
    with pytest.raises(QuoteExpired):
        firm_quotes.require_filled(service.read_order(tenant=desk.tenant, owner=desk.owner, order_id=order_id))
    assert desk.gained("BTC") == 0
    with pytest.raises(NotFound):
        firm_quotes.read(tenant=desk.tenant, owner=uuid7(), quote_id=quote.id)


def test_a_quote_lives_two_seconds_of_wall_time(desk):
    quote = offer(desk, side="sell", quantity="0.1")
    assert quote.expires_at - quote.made_at == timedelta(seconds=2)
    desk.engine.execute("UPDATE broker.firm_quotes SET made_at = made_at - interval '1 hour', expires_at = made_at")
    with pytest.raises(QuoteExpired):
        take(desk, dataclasses.replace(quote, expires_at=clock.wall()))
    with desk.as_engine():
        firm_quotes.forget_old()

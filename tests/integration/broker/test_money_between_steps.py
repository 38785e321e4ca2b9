"""What must not go wrong between two steps: late answers to one leg of a pair, terms changed past a limit, controls on what waits."""

import dataclasses
from datetime import timedelta
from types import SimpleNamespace

import pytest

from broker.algos import service as algos
from broker.book import service as book
from broker.book.taken import Taken
from broker.controls import memory, sweeping
from broker.controls import service as controls
from broker.controls.errors import TradingStopped
from broker.controls.states import Mode, Scope
from broker.firm_quotes import service as firm_quotes
from broker.limits import errors as limit_errors
from broker.limits import service as limits
from broker.orders import amendments, errors
from broker.orders.wishes import Twap
from broker.stops import service as stops
from broker.toxicity import service as toxicity
from broker.toxicity.states import ToxicityClass
from identity.principals import service as principals
from identity.tenants import service as tenants
from kernel.calls.outcomes import NotPlaced
from kernel.ids import uuid7
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from rivermouth.engine import rerouting
from rivermouth.engine.shard import MarketShard, plan_by
from tests.integration.broker.test_pairs_and_parts import pair
from tests.order_wishes import PRICE, D, place, trigger, turn, wished


@pytest.fixture
def desk(desk):
    memory.forget()
    with desk.as_engine():
        tenants.ensure(desk.tenant, name="Desk")
    yield desk
    memory.forget()


def customer(desk):
    """The desk's customer as somebody whom a control can name."""
    with desk.as_engine():
        return principals.ensure_customer(desk.tenant, email="who@desk.example", password="long enough for this")


def switch(desk, scope=Scope.GLOBAL, target="", mode=Mode.NO_NEW):
    controls.set_switch(
        tenant=desk.tenant, actor=uuid7(), scope=scope, target=target, mode=mode, reason="a test", until=None
    )
    memory.forget()


def limit(desk, **given):
    limits.set_limits(tenant=desk.tenant, actor=uuid7(), scope=Scope.CUSTOMER, target="", **given)


# pairs


def test_a_leg_whose_twin_is_at_a_venue_is_not_replaced(desk):
    """The twin may fill: a new order beside it would sell the same coins once more."""
    first, stop = pair(desk)
    trigger(desk, first, price="101000")
    desk.sent(first)
    with pytest.raises(errors.OrderWorking):
        amendments.replace(
            tenant=desk.tenant, owner=desk.owner, order_id=stop, wish=wished(limit_price="102000"), new_id=uuid7(),
            key=None, fingerprint=b"",
        )  # fmt: skip
    assert desk.order(first).cancel_requested_at is None
    desk.answer(first, "filled", desk.fill("0.5", "101000", fee_asset="USDT"))
    assert (desk.order(stop).status, desk.gained("BTC")) == ("cancelled", D("-0.5"))


def test_a_late_fill_of_a_leg_that_rests_again_ends_its_twin(desk):
    """What was proven absent turns up: the stop must not sell the whole once more, its hold would not cover it."""
    first, stop = pair(desk)
    trigger(desk, first, price="101000")
    desk.apply(first, NotPlaced(3))
    assert (desk.order(first).status, desk.order(stop).status) == ("resting", "resting")
    desk.answer(first, "cancelled", desk.fill("0.2", "101000", fee_asset="USDT"))
    assert (desk.order(first).status, desk.order(stop).status) == ("resting", "cancelled")
    turn(desk, ask="98990", bid="98980")
    assert desk.order(stop).status == "cancelled"
    desk.cancel(first)
    desk.fold()
    assert (desk.gained("BTC"), desk.held("BTC")) == (D("-0.2"), 0)


# limits


def test_an_amendment_counts_against_the_limits(desk):
    limit(desk, per_order=D(20_000), per_day=D(28_000))
    order_id = place(desk, side="buy", quantity="0.2", limit_price="90000")

    def amend(**change):
        desk.market()
        change = {name: D(value) for name, value in change.items()}
        return amendments.amend(
            tenant=desk.tenant, owner=desk.owner, order_id=order_id, change=amendments.Change(**change)
        )

    with pytest.raises(limit_errors.OrderTooLarge):
        amend(quantity="1")
    with pytest.raises(limit_errors.OrderTooLarge):
        amend(limit_price="110000")
    assert desk.order(order_id).quantity == D("0.2")
    second = place(desk, side="buy", quantity="0.1", limit_price="90000")
    with pytest.raises(limit_errors.DayLimitExceeded):
        amend(limit_price="91000", quantity="0.215")
    limit(desk, per_order=D(1))
    amend(quantity="0.1")  # less is always possible
    assert desk.order(second).status == "resting"


def test_a_sale_counts_with_what_it_brings_not_with_its_worst_price(desk):
    """A sell at a limit far below the market is executed at the market's price."""
    limit(desk, per_order=D(20_000))
    with pytest.raises(limit_errors.OrderTooLarge):
        place(desk, side="sell", quantity="1", limit_price="1000")
    place(desk, side="sell", quantity="0.1", limit_price="1000")


# controls on what waits


def twap(desk, **fields):
    order_id = place(desk, twap=Twap(duration_s=60, slices=3), quantity="0.3", **fields)

    def run():
        desk.market()
        with desk.as_engine():
            return algos.run_slice(tenant=desk.tenant, order_id=order_id, view=quotes.load("BTC-USDT"))

    return order_id, run


@pytest.mark.parametrize(
    ("scope", "target", "mode"),
    [
        (Scope.GLOBAL, "", Mode.NO_NEW),
        (Scope.MARKET, "BTC-USDT", Mode.NO_NEW),
        (Scope.MARKET, "BTC-USDT", Mode.REDUCE_ONLY),
        (Scope.CUSTOMER, None, Mode.NO_NEW),
    ],
)
def test_slices_obey_the_switches(desk, scope, target, mode):
    target = str(customer(desk)) if target is None else target
    order_id, run = twap(desk, type="market", side="buy")
    if scope is Scope.CUSTOMER:
        with desk.tx() as tx:
            tx.execute("UPDATE broker.orders SET owner_id = :owner WHERE id = :id", owner=target, id=order_id)
    switch(desk, scope, target, mode)
    assert not run()
    assert desk.children(order_id) == []
    if scope is Scope.CUSTOMER:
        with desk.tx() as tx:
            tx.execute("UPDATE broker.orders SET owner_id = :owner WHERE id = :id", owner=desk.owner, id=order_id)
    memory.forget()


def test_slices_go_to_no_venue_that_is_stopped(desk):
    order_id, run = twap(desk, type="market")
    for venue in ("binance", "okx"):
        switch(desk, Scope.VENUE, venue)
    assert run()
    assert {child.venue for child in desk.children(order_id)}.isdisjoint({"binance", "okx"})


def test_resting_buys_of_somebody_who_may_only_sell_wait(desk):
    owner = customer(desk)
    buy = place(desk, side="buy", limit_price="90000")
    sell = place(desk, side="sell", limit_price="110000")
    with desk.tx() as tx:
        tx.execute("UPDATE broker.orders SET owner_id = :owner", owner=owner)
    switch(desk, Scope.CUSTOMER, str(owner), Mode.REDUCE_ONLY)
    with desk.as_engine():
        memory.watch()
    assert buy in controls.stopped_orders()
    assert sell not in controls.stopped_orders()
    with desk.tx() as tx:
        tx.execute("UPDATE broker.orders SET owner_id = :owner", owner=desk.owner)


def test_in_a_market_that_only_sells_no_buy_may_trigger(desk):
    switch(desk, Scope.MARKET, "BTC-USDT", Mode.REDUCE_ONLY)
    assert controls.market_open("BTC-USDT", tenant=desk.tenant)
    assert not controls.market_open("BTC-USDT", tenant=desk.tenant, opening=True)


def test_the_rest_of_an_order_is_not_routed_on_where_a_switch_forbids_it(desk):
    """Also not by a process that owns no market and reads the owner's copy."""
    order_id = place(desk, side="buy", type="market", time_in_force="ioc")
    copy = instruments.get("BTC-USDT"), quotes.load("BTC-USDT")
    plan = rerouting.rerouter({}, SimpleNamespace(of=lambda _symbol: copy))
    order = desk.order(order_id)
    assert plan(order, frozenset()).legs
    switch(desk, Scope.VENUE, "binance")
    assert {leg.venue for leg in plan(order, frozenset()).legs}.isdisjoint({"binance"})
    switch(desk)
    assert plan(order, frozenset()).legs == ()


def test_what_is_past_its_date_starts_no_more(desk):
    with desk.tx() as tx:
        until = tx.now + timedelta(hours=1)
    order_id = place(desk, side="buy", limit_price="90000", time_in_force="gtd", expires_at=until)
    desk.engine.execute("UPDATE broker.orders SET expires_at = kernel.business_now() WHERE id = %s", [order_id])
    assert trigger(desk, order_id, price="90000").taken == frozenset()
    assert desk.order(order_id).status == "resting"


# time priority


def test_an_order_with_a_wider_spread_does_not_hold_up_the_others(desk):
    """A wide spread was agreed at a moment of haste; later the market's own spread starts it, and its plan reaches nothing."""
    wide, plain = (place(desk, side="buy", quantity="0.1", limit_price="90000") for _ in range(2))
    desk.engine.execute("UPDATE broker.orders SET markup = 0.01 WHERE id = %s", [wide])
    desk.market(ask="89990", bid="89980")
    view, instrument = quotes.load("BTC-USDT"), instruments.get("BTC-USDT")
    with desk.as_engine():
        done = book.trigger(
            tenant=desk.tenant, order_ids=[wide, plain], plan_of=lambda o, w: plan_by(view, instrument, o, w)
        )
    assert desk.order(plain).status == "working"
    assert desk.order(wide).status == "resting"
    assert (done.working, done.resting) == (1, 1)


def test_stops_are_not_started_by_somebody_who_lost_the_market(desk):
    order_id = place(desk, type="stop", stop_price="99000")
    desk.market(ask="98990", bid="98980")
    view, instrument = quotes.load("BTC-USDT"), instruments.get("BTC-USDT")
    with desk.as_engine():
        taken = stops.start(
            tenant=desk.tenant, order_ids=[order_id], view=view, instrument=instrument,
            owner=book.Owner("market:BTC-USDT", "nobody", 1),
        )  # fmt: skip
    assert taken == []
    assert desk.order(order_id).status == "resting"


def test_a_hold_that_does_not_cover_its_order_is_seen(desk):
    order_id = place(desk, side="buy", limit_price="90000")
    desk.engine.execute("UPDATE broker.orders SET protect_price = 90001 WHERE id = %s", [order_id])
    assert desk.broken() == {"holds_cover_open_orders": 1}
    desk.engine.execute("UPDATE broker.orders SET protect_price = 90000 WHERE id = %s", [order_id])
    for change in ({"limit_price": D(91000)}, {"quantity": D("0.7")}, {"quantity": D("0.3")}):
        desk.market()
        amendments.amend(tenant=desk.tenant, owner=desk.owner, order_id=order_id, change=amendments.Change(**change))
        assert desk.broken() == {}


def test_each_stop_of_a_cascade_has_its_own_depth_and_the_rest_waits(desk):
    """Sent after the same level, all but the first would come back empty and be cancelled: nobody's stop-loss any more."""
    first, second = (place(desk, type="stop", stop_price="99000", quantity="0.8") for _ in range(2))
    desk.market(ask="98990", bid="98980", depth="1", venues=("binance", "okx", "kraken"))
    view, instrument = quotes.load("BTC-USDT"), instruments.get("BTC-USDT")
    bids = tuple(dataclasses.replace(q, bids=q.bids if q.venue == "okx" else ()) for q in view.venues)
    shard = object.__new__(MarketShard)
    shard.view, shard._gone = dataclasses.replace(view, venues=bids), Taken()
    shard.state = SimpleNamespace(instrument=instrument)
    shard.rooms = SimpleNamespace(copy=lambda _tenant, _asset: None)
    with desk.as_engine():
        stops.start(
            tenant=desk.tenant, order_ids=[first, second], view=view, instrument=instrument, plan_of=shard.plan_stop
        )
    assert (desk.order(first).status, desk.order(second).status) == ("working", "resting")
    assert desk.order(second).rearm_at is not None


def test_a_sweep_asks_a_pair_at_work_once(desk):
    """Asked again and again while a venue is silent, it would do nothing else any more."""
    first, stop = pair(desk)
    trigger(desk, first, price="101000")
    desk.sent(first)
    switch(desk, mode=Mode.CANCEL_ALL)
    with desk.as_engine():
        assert sweeping.sweep(desk.tenant) > 0
        assert sweeping.sweep(desk.tenant) == 0
    desk.answer(first, "expired")
    assert (desk.order(first).status, desk.order(stop).status) == ("cancelled", "cancelled")


def test_a_firm_price_carries_the_spread_of_its_customer_and_can_be_taken(desk):
    """Priced without it, the hedge at the price less the spread would find nothing: no quote could ever be taken."""
    with desk.tx() as tx:
        toxicity.queries.store_override(tx, customer=desk.owner, chosen=ToxicityClass.WIDE, reason="x", actor=uuid7())
    memory.forget()
    desk.market()
    asked = {"tenant": desk.tenant, "owner": desk.owner, "key": None}
    quote = firm_quotes.offer(**asked, symbol="BTC-USDT", side="buy", quantity=D("0.1"), venue="best", body=b"")
    assert quote.price > D(PRICE)
    desk.engine.execute("UPDATE broker.firm_quotes SET expires_at = expires_at + interval '1 hour'")
    desk.market()
    order_id = firm_quotes.accept(**asked, quote_id=quote.id, order_id=uuid7(), fingerprint=b"").id
    (child,) = desk.children(order_id)
    assert child.limit_price >= D(PRICE)
    desk.answer(order_id, "filled", desk.fill("0.1"))
    assert desk.order(order_id).filled_cost <= quote.price * D("0.1")
    switch(desk)
    with pytest.raises(TradingStopped):
        firm_quotes.offer(**asked, symbol="BTC-USDT", side="buy", quantity=D("0.1"), venue="best", body=b"")

"""Kill switches, maintenance, limits and spreads on a real desk: what is denied, what waits, what is cancelled, and that it ends."""

import dataclasses
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from broker.controls import errors, memory, service, spread, sweeping
from broker.controls.states import Mode, Scope
from broker.limits import errors as limit_errors
from broker.limits import service as limits
from broker.orders import errors as order_errors
from broker.toxicity import service as toxicity
from broker.toxicity.states import ToxicityClass
from identity.principals import service as principals
from identity.tenants import service as tenants
from kernel import clock, db, outbox, roles
from kernel.ids import uuid7
from markets.guards import service as guards
from markets.guards.errors import GuardsInvalid
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from rivermouth.registry import CONSUMERS
from tests.broker_desk import VENUES

D = Decimal


@pytest.fixture
def desk(desk):
    memory.forget()
    guards.forget()
    with desk.as_engine():
        tenants.ensure(desk.tenant, name="Desk")
    desk.actor = uuid7()
    yield desk
    memory.forget()
    guards.forget()


def stop(desk, scope=Scope.GLOBAL, target="", mode=Mode.NO_NEW, until=None):
    return service.set_switch(
        tenant=desk.tenant, actor=desk.actor, scope=scope, target=target, mode=mode, reason="a test", until=until
    ).id


def lift(desk, control_id):
    service.lift(tenant=desk.tenant, actor=desk.actor, control_id=control_id, reason="over")


def shut(desk, scope, target, **times):
    now = business_now(desk)
    starts = now + times.get("after", timedelta(0))
    return service.announce(
        tenant=desk.tenant, actor=desk.actor, scope=scope, target=target, starts_at=starts,
        ends_at=starts + times.get("lasts", timedelta(hours=2)), reason="a test",
    ).id  # fmt: skip


def business_now(desk):
    with desk.tx() as tx:
        return tx.now


def advance(desk, by):
    with psycopg.connect(roles.conninfo(desk.database.owner), autocommit=True) as owner:
        owner.execute('UPDATE kernel.clock SET "offset" = "offset" + %s', [by])
    memory.forget()


def status(desk, order_id):
    return desk.order(order_id).status


@pytest.mark.parametrize(
    ("scope", "target"), [(Scope.GLOBAL, ""), (Scope.MARKET, "BTC-USDT"), (Scope.VENUE, "binance")]
)
def test_a_switch_denies_what_starts_in_its_scope_and_nothing_after_it_is_lifted(desk, scope, target):
    control = stop(desk, scope, target)
    with pytest.raises(errors.TradingStopped):
        desk.place()
    with pytest.raises(errors.TradingStopped):
        desk.place(limit="90000")
    assert desk.held("USDT") == 0
    if scope is Scope.VENUE:
        order = desk.place(venue="best")
        assert {c.venue for c in desk.children(order)}.isdisjoint({"binance"})
        assert not service.venue_open("binance", tenant=desk.tenant)
        assert service.venue_open("okx", tenant=desk.tenant)
        desk.answer(order, "filled", desk.fill("0.5"))
    else:
        assert not service.market_open("BTC-USDT", tenant=desk.tenant)
    lift(desk, control)
    assert status(desk, desk.place()) == "working"
    with pytest.raises(errors.ControlOver):
        lift(desk, control)
    [row] = [r for r in service.history(desk.tenant, before=None, limit=10) if r.id == control]
    assert (row.actor, row.lifted_by, row.lift_reason) == (desk.actor, desk.actor, "over")


def test_a_customer_is_stopped_alone_and_the_resting_orders_of_that_one_do_not_start(desk):
    with desk.as_engine():
        other = principals.ensure_customer(desk.tenant, email="c@desk.example", password="long enough for this")
    resting = desk.place(limit="90000")
    with desk.as_engine(), pytest.raises(errors.TargetUnknown):
        stop(desk, Scope.CUSTOMER, str(uuid7()))
    stop(desk, Scope.CUSTOMER, str(other))
    assert status(desk, desk.place()) == "working", "somebody else is stopped"
    assert not service.may_start(tenant=desk.tenant, owner=other, symbol="BTC-USDT", side="sell")
    assert service.may_start(tenant=desk.tenant, owner=desk.owner, symbol="BTC-USDT", side="sell")
    with desk.tx() as tx:
        tx.execute("UPDATE broker.orders SET owner_id = :owner WHERE id = :id", owner=other, id=resting)
    with desk.as_engine():
        memory.watch()
    assert service.stopped_orders() == {resting}
    with desk.tx() as tx:
        tx.execute("UPDATE broker.orders SET owner_id = :owner WHERE id = :id", owner=desk.owner, id=resting)


def test_reduce_only_sells_and_does_not_buy(desk):
    stop(desk, Scope.MARKET, "BTC-USDT", Mode.REDUCE_ONLY)
    with pytest.raises(errors.ReduceOnly):
        desk.place()
    assert status(desk, desk.place(side="sell")) == "working"
    assert service.market_open("BTC-USDT", tenant=desk.tenant)
    assert not service.may_start(tenant=desk.tenant, owner=desk.owner, symbol="BTC-USDT", side="buy")


def test_at_a_venue_that_only_sells_there_is_nothing_to_buy(desk):
    stop(desk, Scope.VENUE, "okx", Mode.REDUCE_ONLY)
    desk.market()
    seen = service.allowed(quotes.load("BTC-USDT"), tenant=desk.tenant)
    assert (seen.venue("okx").asks, bool(seen.venue("okx").bids)) == ((), True)
    assert all(seen.venue(v).asks for v in VENUES if v != "okx")


def test_cancel_all_cancels_what_rests_at_once_and_what_works_with_its_outcome(desk):
    resting = [desk.place(quantity="0.1", limit="90000") for _ in range(3)]
    working = desk.place()
    desk.sent(working)
    elsewhere = desk.place(quantity="0.1", limit="90000", venue="okx")
    control = stop(desk, Scope.VENUE, "binance", Mode.CANCEL_ALL)
    with desk.as_engine():
        while sweeping.sweep(desk.tenant):
            pass
        assert sweeping.sweep(desk.tenant) == 0
    assert {status(desk, o) for o in resting} == {"cancelled"}
    assert {desk.order(o).reason for o in resting} == {"cancelled by a control"}
    assert status(desk, elsewhere) == "resting"
    assert desk.order(working).cancel_requested_at is not None
    row = service.get_switch(desk.tenant, control)
    assert (row.cancelled, row.swept_at is not None) == (4, True)
    desk.answer(working, "cancelled", desk.fill("0.2"))
    order = desk.order(working)
    assert (order.status, order.filled_quantity, order.reason) == ("cancelled", D("0.2"), "cancelled by a control")


def test_switches_end_by_themselves_in_business_time(desk):
    stop(desk, until=business_now(desk) + timedelta(hours=1))
    with pytest.raises(errors.TradingStopped):
        desk.place()
    advance(desk, timedelta(hours=2))
    assert status(desk, desk.place()) == "working"
    with pytest.raises(errors.PeriodInvalid):
        stop(desk, until=business_now(desk) - timedelta(seconds=1))


def test_a_maintenance_begins_and_ends_in_business_time(desk):
    window = shut(desk, Scope.VENUE, "binance", after=timedelta(hours=1))
    assert [w.target for w in service.windows(desk.tenant)] == ["binance"]
    assert status(desk, desk.place(quantity="0.1")) == "working", "announced, not begun"
    advance(desk, timedelta(minutes=90))
    with pytest.raises(errors.UnderMaintenance):
        desk.place()
    assert status(desk, desk.place(quantity="0.1", limit="99990")) == "resting", "it waits in our own book"
    assert service.venues_in_maintenance(tenant=desk.tenant) == {"binance"}
    assert {c.venue for c in desk.children(desk.place(quantity="0.1", venue="best"))}.isdisjoint({"binance"})
    advance(desk, timedelta(minutes=91))
    assert service.venues_in_maintenance(tenant=desk.tenant) == frozenset()
    assert status(desk, desk.place(quantity="0.1")) == "working"
    with pytest.raises(errors.ControlOver):
        service.end_window(tenant=desk.tenant, actor=desk.actor, window_id=window)


def test_a_market_under_maintenance_takes_nothing_until_it_is_ended(desk):
    window = shut(desk, Scope.MARKET, "BTC-USDT")
    for order in ({}, {"limit": "90000"}):
        with pytest.raises(errors.UnderMaintenance):
            desk.place(**order)
    assert not service.market_open("BTC-USDT", tenant=desk.tenant)
    service.end_window(tenant=desk.tenant, actor=desk.actor, window_id=window)
    assert status(desk, desk.place()) == "working"


def test_tenants_do_not_stop_each_other(desk):
    stop(desk)
    assert service.may_start(tenant=uuid7(), owner=desk.owner, symbol="BTC-USDT", side="buy")
    with db.read_only(tenant=uuid7()) as tx:
        assert memory.queries.live_switches(tx) == []


# Limits --------------------------------------------------------------------------------------------------------------------------


def limit(desk, scope=Scope.CUSTOMER, target="", **given):
    limits.set_limits(tenant=desk.tenant, actor=desk.actor, scope=scope, target=target, **given)
    memory.forget()


def test_an_order_and_a_day_have_their_limits(desk):
    limit(desk, per_order=D(20_000), per_day=D(45_000))
    with pytest.raises(limit_errors.OrderTooLarge):
        desk.place(quantity="0.3", limit="90000")
    first, second = (desk.place(quantity="0.2", limit="90000") for _ in range(2))
    with pytest.raises(limit_errors.DayLimitExceeded) as denied:
        desk.place(quantity="0.2", limit="90000")
    assert denied.value.extra["left"] == "9000"
    desk.cancel(first)
    third = desk.place(quantity="0.2", limit="90000")
    with pytest.raises(limit_errors.DayLimitExceeded):
        desk.place(quantity="0.2", limit="90000")
    advance(desk, timedelta(days=1))
    assert status(desk, desk.place(quantity="0.2", limit="90000")) == "resting", "another day"
    assert {status(desk, o) for o in (second, third)} == {"resting"}
    limit(desk)
    assert limits.list_limits(desk.tenant) == []


def test_own_limits_stand_before_everybodys(desk):
    limit(desk, per_order=D(100))
    with desk.as_engine():
        other = principals.ensure_customer(desk.tenant, email="own@desk.example", password="long enough for this")
    limit(desk, target=str(other), per_order=D(1_000_000))
    with pytest.raises(limit_errors.OrderTooLarge):
        desk.place(quantity="0.1", limit="90000")
    with desk.tx() as tx:
        assert limits.queries.of_customer(tx, other).per_order == 1_000_000
    for wrong in ({"outstanding": D(1)}, {"per_day": D(0)}):
        with pytest.raises(limit_errors.LimitInvalid):
            limit(desk, **wrong)


def test_a_venue_that_carries_as_much_as_it_may_gets_no_more(desk):
    limit(desk, Scope.VENUE, "binance", outstanding=D(40_000))
    working = desk.place(quantity="0.5")
    memory.forget()
    with pytest.raises((order_errors.VenueUnavailable, order_errors.NoLiquidity)):
        desk.place(quantity="0.5")
    desk.answer(working, "filled", desk.fill("0.5"))
    memory.forget()
    assert status(desk, desk.place(quantity="0.5")) == "working"


# Prices --------------------------------------------------------------------------------------------------------------------------


def test_bands_and_ages_of_a_market_can_be_set(desk):
    with pytest.raises(GuardsInvalid):
        guards.set_guards("BTC-USDT", band=D("0.5"), wide_band=D("0.1"))
    chosen = guards.set_guards("BTC-USDT", band=D("0.01"), max_quote_age_ms=500)
    assert (chosen.band, chosen.wide_band) == (D("0.01"), D("0.04"))
    desk.market()
    view = quotes.load("BTC-USDT")
    assert all(v.tradable for v in service.allowed(view, tenant=desk.tenant).venues)
    old = tuple(dataclasses.replace(v, as_of=clock.wall() - timedelta(seconds=1)) for v in view.venues)
    aged = dataclasses.replace(view, venues=old)
    assert not any(v.tradable for v in service.allowed(aged, tenant=desk.tenant).venues)


def test_a_spread_widens_with_volatility_and_with_the_customers_class(desk):
    guards.set_guards("BTC-USDT", calm=D("0.001"), widening=D("0.5"), widest=D("0.002"))
    desk.market()
    view, instrument = quotes.load("BTC-USDT"), instruments.get("BTC-USDT")

    def markup(volatility):
        moved = dataclasses.replace(view, composite=dataclasses.replace(view.composite, volatility=volatility))
        return spread.markup(moved, instrument, tenant=desk.tenant, owner=desk.owner)

    assert [markup(v) for v in (None, D("0.001"), D("0.003"), D("0.5"))] == [0, 0, D("0.001"), D("0.002")]
    with desk.tx() as tx:
        toxicity.queries.store_override(
            tx, customer=desk.owner, chosen=ToxicityClass.WIDE, reason="x", actor=desk.actor
        )
    memory.forget()
    assert markup(D("0.003")) == D("0.0015")
    assert desk.order(desk.place()).markup == D("0.0005")
    assert desk.order(desk.place(limit="90000")).markup == 0, "what rests keeps the market's spread"


def test_markouts_are_taken_when_due_and_make_a_class(desk, monkeypatch):
    monkeypatch.setattr(toxicity.rules, "ENOUGH_FILLS", 3)
    [markouts] = [c for c in CONSUMERS if c.name == "markouts"]
    for _ in range(4):
        order = desk.place(quantity="0.01")
        desk.answer(order, "filled", desk.fill("0.01", price="99900"))
    with desk.as_engine():
        outbox.consume(markouts)
        desk.engine.execute("UPDATE broker.markouts SET due_at = clock_timestamp() + interval '1 hour'")
        assert toxicity.measure(price_of=lambda _s: D(1)) == 0, "nothing is due yet"
    with desk.tx() as tx, pytest.raises(Exception, match="permission denied"):
        tx.execute("UPDATE broker.markouts SET markout = 1")
    desk.engine.execute("UPDATE broker.markouts SET due_at = clock_timestamp() WHERE horizon_s < 60")
    desk.engine.execute("UPDATE broker.markouts SET due_at = clock_timestamp() - interval '9 s' WHERE horizon_s = 60")
    with desk.as_engine():
        assert toxicity.measure(price_of=lambda _s: D("100099.8")) == 12
    rows = desk.engine.execute("SELECT horizon_s, state, markout FROM broker.markouts ORDER BY 1").fetchall()
    assert set(rows) == {(1, "measured", D("0.002")), (10, "measured", D("0.002")), (60, "missed", None)}
    [row] = toxicity.list_customers(desk.tenant, after=None, limit=10, only=None)
    assert (row.customer_id, row.class_, row.fills) == (desk.owner, "slow", 4)
    memory.forget()
    assert service.class_of(tenant=desk.tenant, owner=desk.owner) is ToxicityClass.SLOW
    assert service.delay_s(tenant=desk.tenant, owner=desk.owner) > 0

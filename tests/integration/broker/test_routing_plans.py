"""Plans on a real database: sent as several legs, kept with everything they were made from, reported to the customer and to the desk."""

import dataclasses
import json
from decimal import Decimal

import psycopg
import pytest
import structlog.testing

from broker.routing import api, reports, service, tasks
from broker.routing.rules import Room, plan
from broker.routing.schemas import RoundOut
from kernel import clock, roles
from kernel.errors import NotFound
from kernel.ids import uuid7
from markets.quotes import service as quotes
from tests.broker_desk import VENUES
from tests.market_views import fresh, make_quote, make_view
from wallet_bridge.funds import service as funds

D = Decimal


def show(desk, **asks):
    """Each venue shows these asks (price, size), all others nothing near."""
    parts = [make_quote(v, asks=asks.get(v, [("100900", "1")]), bids=[("99900", "5")], last="100000") for v in VENUES]
    view = fresh(make_view(*parts, price=100000))
    desk.valkey.set(quotes.key("BTC-USDT"), quotes.encode(view))
    return view


def split_order(desk, quantity="1", **more):
    """0.5 at okx cheaply (0.4 of it counted on), the rest at Binance."""
    show(desk, okx=[("99900", "0.5")], binance=[("100000", "5")])
    return desk.place(quantity=quantity, venue="best", fresh=False, **more)


def report(desk, order_id, *, reader=None, desk_view=False):
    return reports.execution_report(tenant=desk.tenant, reader=reader or desk.owner, order_id=order_id, desk=desk_view)


def test_all_legs_are_sent_at_once_and_reserved_each_at_its_venue(desk):
    order_id = split_order(desk)
    children = {c.venue: c for c in desk.children(order_id)}
    assert {v: (c.quantity, c.limit_price) for v, c in children.items()} == {
        "binance": (D("0.6"), D(100000)),
        "okx": (D("0.4"), D(99900)),
    }
    assert (desk.reserved("binance", "USDT"), desk.reserved("okx", "USDT")) == (60_000, 39_960)
    desk.answer(order_id, "filled", desk.fill("0.6", "100000"), child=[*children].index("binance"))
    assert desk.order(order_id).status == "working", "the other leg is still out"
    desk.answer(order_id, "filled", desk.fill("0.4", "99900"), child=[*children].index("okx"))
    order = desk.order(order_id)
    assert (order.status, order.filled_cost) == ("filled", D("99960"))
    assert (desk.reserved("binance", "USDT"), desk.reserved("okx", "USDT")) == (0, 0)


def test_a_stored_plan_is_made_again_from_what_was_stored(desk):
    order_id = split_order(desk)
    [stored] = service.plans_of(desk.tenant, order_id)
    legs = service.recompute(stored)
    assert {leg.venue: (leg.quantity, leg.limit_price) for leg in legs} == {
        c.venue: (c.quantity, c.limit_price) for c in desk.children(order_id)
    }
    assert not service.differs(stored)
    changed = json.loads(json.dumps(stored.problem))
    changed["offers"] = [o for o in changed["offers"] if o["venue"] != "okx"]
    assert service.differs(dataclasses.replace(stored, problem=changed)), "the check can fail"
    assert [p.id for p in service.latest_plans(desk.tenant, limit=10)] == [stored.id]
    assert service.latest_plans(uuid7(), limit=10) == []


def test_the_schedule_reports_a_plan_that_comes_out_differently(desk, monkeypatch):
    order_id = split_order(desk)
    monkeypatch.setattr(tasks.settings(), "house_tenant", desk.tenant)
    with structlog.testing.capture_logs() as quiet:
        tasks.recompute_latest(clock.wall())
    [stored] = service.plans_of(desk.tenant, order_id)
    with psycopg.connect(roles.conninfo(desk.database.owner), autocommit=True) as owner:
        owner.execute("ALTER TABLE broker.plans NO FORCE ROW LEVEL SECURITY")
        owner.execute("UPDATE broker.plans SET legs = jsonb_set(legs, '{0,quantity}', '\"0.5\"')")
        owner.execute("ALTER TABLE broker.plans FORCE ROW LEVEL SECURITY")
    with structlog.testing.capture_logs() as told:
        tasks.recompute_latest(clock.wall())
    assert [event["event"] for event in quiet] == []
    assert [(event["event"], event["plan"]) for event in told] == [("plan_differs", stored.id)]


def test_a_fill_or_kill_is_kept_and_reported_like_any_other(desk):
    show(desk, okx=[("99900", "0.5")], binance=[("100000", "0.6"), ("100010", "5")], kraken=[("99000", "9")])
    order_id = desk.place(quantity="1", venue="best", fresh=False, tif="fok")
    [child] = desk.children(order_id)
    assert (child.venue, child.quantity) == ("binance", 1)
    [stored] = service.plans_of(desk.tenant, order_id)
    assert not service.differs(stored)
    changed = json.loads(json.dumps(stored.problem)) | {"whole": False}
    assert service.differs(dataclasses.replace(stored, problem=changed))
    desk.answer(order_id, "filled", desk.fill("0.6", "100000"), desk.fill("0.4", "100010"))
    [only] = report(desk, order_id).rounds
    assert (only.planned_quantity, only.filled_quantity) == (1, 1)
    assert (only.expected_price, only.filled_price, only.saved) == (D(100004), D(100004), 0)
    assert {v.venue: v.reason for v in only.venues} == {
        "binance": None, "okx": "not_whole", "kraken": "no_fill_or_kill", "bitfinex": "dearer",
    }  # fmt: skip


def test_what_was_stored_cannot_be_written_again(desk):
    order_id = split_order(desk)
    for role in (desk.database.app, desk.database.engine):
        with psycopg.connect(roles.conninfo(role)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE broker.plans SET saving = 0")
    assert service.plans_of(desk.tenant, order_id)


def test_the_report_of_a_split(desk):
    order_id = split_order(desk)
    venues = [c.venue for c in desk.children(order_id)]
    desk.answer(order_id, "filled", desk.fill("0.6", "100000"), child=venues.index("binance"))
    desk.answer(order_id, "filled", desk.fill("0.4", "99890"), child=venues.index("okx"))
    [first] = report(desk, order_id).rounds
    assert (first.number, first.quantity, first.planned_quantity, first.filled_quantity) == (1, 1, 1, 1)
    assert first.expected_price == D("99960")
    assert first.filled_price == D("99956"), "okx gave a better price than it showed"
    assert first.slippage_bps < 0
    assert (first.best_single.venue, first.best_single.price) == ("binance", D(100000))
    assert first.saved == D("0.4") * 100
    seen = {v.venue: v for v in first.venues}
    assert (seen["okx"].price, seen["okx"].depth, seen["okx"].quantity) == (D(99900), D("0.5"), D("0.4"))
    assert (seen["kraken"].chosen, seen["kraken"].reason) == (False, "dearer")
    hidden = [
        seen["okx"].effective_price,
        seen["okx"].limit_price,
        first.saved_with_fees,
        first.best_single.effective_cost,
    ]
    hidden += [fill.venue_fee for fill in first.fills] + [fill.venue_price for fill in first.fills]
    assert set(hidden) == {None}, "what venues charge us is the desk's"
    [for_desk] = report(desk, order_id, reader=uuid7(), desk_view=True).rounds
    assert for_desk.saved_with_fees == D("0.4") * 100 * D("1.001")
    assert {v.venue: v.limit_price for v in for_desk.venues if v.chosen} == {"binance": D(100000), "okx": D(99900)}
    assert {f.venue_price for f in for_desk.fills} == {D(100000), D(99890)}
    with pytest.raises(NotFound):
        report(desk, order_id, reader=uuid7())
    assert RoundOut.model_validate(api._shown(first)).model_dump(mode="json")["saved"] == "40"


def test_what_is_left_is_planned_again_and_reported_as_another_round(desk):
    order_id = split_order(desk)
    venues = [c.venue for c in desk.children(order_id)]
    later = show(desk, kraken=[("99950", "5")])

    def reroute(order, without):
        return plan(
            later, side="buy", quantity=order.remaining, worst_price=order.protect_price, without=without
        )  # fmt: skip

    desk.answer(order_id, "cancelled", child=venues.index("okx"), reroute=reroute)
    desk.answer(order_id, "filled", desk.fill("0.6", "100000"), child=venues.index("binance"), reroute=reroute)
    desk.answer(order_id, "filled", desk.fill("0.4", "99950"))
    assert desk.order(order_id).status == "filled"
    first, second = report(desk, order_id).rounds
    assert (first.filled_quantity, second.filled_quantity) == (D("0.6"), D("0.4"))
    assert ([v.venue for v in second.venues if v.chosen], second.quantity) == (["kraken"], D("0.4"))
    assert not any(service.differs(stored) for stored in service.plans_of(desk.tenant, order_id))


def test_an_order_that_rests_was_not_routed_yet(desk):
    assert report(desk, desk.place(limit="90000", venue="best")).rounds == []


def test_a_plan_for_many_shows_nobody_the_quantities_of_others(desk):
    order_id, other = split_order(desk), desk.place(limit="90000", venue="best")
    [stored] = service.plans_of(desk.tenant, order_id)
    with desk.as_engine(), desk.tx() as tx:
        service.queries.insert_rounds(tx, plan_id=stored.id, orders=[other])
    [mine] = report(desk, order_id).rounds
    assert (mine.quantity, mine.planned_quantity, mine.best_single.quantity) == (None, None, None)
    assert {v.quantity for v in mine.venues} == {None}
    assert {v.venue for v in mine.venues if v.chosen} == {"binance", "okx"}
    [all_of_it] = report(desk, order_id, desk_view=True).rounds
    assert all_of_it.quantity == 1


def test_funds_guide_where_an_order_goes_and_treasury_hears_of_it(desk):
    funds.report(desk.tenant, "okx", {"USDT": (D(9990), D(9990))})
    service.rooms.forget()
    order_id = split_order(desk)
    assert {c.venue: c.quantity for c in desk.children(order_id)} == {"binance": D("0.9"), "okx": D("0.1")}
    [alert] = desk.alerts()
    assert (alert.venue, alert.asset, alert.needed, alert.usable) == ("okx", "USDT", D(39960), D(9990))


def test_usable_funds_are_read_once_a_second_at_most(desk, monkeypatch):
    rooms, now = service.Rooms(), 1000.0
    monkeypatch.setattr(service.clock, "monotonic", lambda: now)
    assert rooms.copy(desk.tenant, "USDT") is None
    rooms.refresh()
    assert rooms.copy(desk.tenant, "USDT")["okx"] == Room(usable=D(1_000_000), warning_line=D(0))
    funds.report(desk.tenant, "okx", {"USDT": (D(5), D(5))})
    assert rooms.of(desk.tenant, "USDT")["okx"].usable == 1_000_000
    now += service.ROOM_LIVES_S
    assert rooms.of(desk.tenant, "USDT")["okx"].usable == 5
    assert service.Rooms().of(uuid7(), "USDT") == {}

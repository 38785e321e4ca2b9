"""From trigger to child: the owner of a market proposes, the rows decide."""

import threading
from decimal import Decimal

import psycopg

from broker.book import service as book
from broker.book.service import REST_AGAIN_S, Triggered
from kernel import clock, db, roles
from kernel.ids import uuid7
from tests.broker_desk import CASH, leg, nowhere, planned
from wallet_bridge.funds import postings
from wallet_bridge.funds import service as funds

D = Decimal


def at_okx(orders, without):
    return planned() if "okx" in without else planned(leg("okx", wanted(orders), orders[0].protect_price))


def wanted(orders):
    return sum(order.remaining for order in orders)


def _trigger(desk, *order_ids, plan_of=at_okx, tenant=None):
    with desk.as_engine():
        done = book.trigger(tenant=tenant or desk.tenant, order_ids=order_ids, plan_of=plan_of)
    assert desk.broken() == {}
    return done


def _steps(desk, order_id):
    rows = desk.engine.execute(
        "SELECT from_status, to_status FROM broker.transitions WHERE order_id = %s ORDER BY id", [order_id]
    ).fetchall()
    return [to for _, to in rows]


def test_a_trigger_gives_each_resting_order_one_child(desk):
    first, second = (desk.place(limit="90000") for _ in range(2))
    assert _trigger(desk, second, first) == Triggered(working=2, resting=0)
    for order_id in (first, second):
        assert desk.order(order_id).status == "working"
        assert _steps(desk, order_id) == ["accepted", "resting", "triggered", "working"]
        [child] = desk.children(order_id)
        assert (child.venue, child.quantity, child.limit_price, child.status) == ("okx", D("0.5"), D(90000), "intent")
    assert desk.reserved("okx", "USDT") == D(90000)


def test_orders_are_served_in_time_priority_whatever_the_order_of_the_ids(desk):
    """Funds for one only: the older order gets them although it is named last."""
    older, younger = (desk.place(limit="90000") for _ in range(2))
    funds.report(desk.tenant, "okx", {"USDT": (D(45000), D(45000))})
    assert _trigger(desk, younger, older) == Triggered(working=1, resting=1)
    assert (desk.order(older).status, desk.order(younger).status) == ("working", "resting")


def test_only_resting_orders_are_taken(desk):
    resting, working, filled, cancelled = (
        desk.place(limit="90000"),
        desk.place(limit="100000", quantity="0.1"),
        desk.place(limit="100000", quantity="0.1"),
        desk.place(limit="90000", quantity="0.1"),
    )
    desk.answer(filled, "filled", desk.fill("0.1"))
    desk.cancel(cancelled)
    before = [desk.order(o) for o in (working, filled, cancelled)]
    assert [o.status for o in before] == ["working", "filled", "cancelled"]
    assert _trigger(desk, working, filled, cancelled, resting, uuid7()) == Triggered(working=1, resting=0)
    assert [desk.order(o) for o in (working, filled, cancelled)] == before
    assert [len(desk.children(o)) for o in (working, filled, cancelled, resting)] == [1, 1, 0, 1]
    assert _trigger(desk, resting) == Triggered(working=0, resting=0), "a second trigger finds nothing to do"
    assert len(desk.children(resting)) == 1


def test_an_order_that_is_being_cancelled_is_skipped_and_not_waited_for(desk):
    leaving, staying = desk.place(limit="90000"), desk.place(limit="90000")
    with psycopg.connect(roles.conninfo(desk.database.engine)) as cancelling:
        cancelling.execute("SELECT FROM broker.orders WHERE id = %s FOR UPDATE", [leaving])
        done = []
        thread = threading.Thread(target=lambda: done.append(_trigger(desk, leaving, staying)))
        thread.start()
        thread.join(10)
        assert not thread.is_alive(), "the trigger waited for the cancel"
        cancelling.rollback()
    assert done == [Triggered(working=1, resting=0)]
    assert (desk.order(leaving).status, desk.children(leaving)) == ("resting", [])
    assert desk.order(staying).status == "working"
    assert desk.cancel(leaving).status == "cancelled"


def test_a_shortage_returns_the_order_to_rest_with_an_alert(desk):
    order_id = desk.place(limit="90000")
    before = desk.order(order_id)
    funds.report(desk.tenant, "okx", {"USDT": (D(100), D(100))})
    began = clock.wall()
    assert _trigger(desk, order_id) == Triggered(working=0, resting=1)
    order = desk.order(order_id)
    assert (order.status, order.accept_seq) == ("resting", before.accept_seq)
    assert (order.rearm_at - began).total_seconds() >= REST_AGAIN_S
    assert desk.children(order_id) == []
    assert (desk.reserved("okx", "USDT"), desk.held("USDT")) == (0, D(45045))
    [alert] = desk.alerts()
    assert (alert.venue, alert.needed, alert.usable, alert.times) == ("okx", D(45000), D(100), 1)
    funds.report(desk.tenant, "okx", {"USDT": (D(100_000), D(100_000))})
    assert _trigger(desk, order_id) == Triggered(working=1, resting=0)


def test_the_next_venue_takes_what_the_first_cannot_pay(desk):
    order_id = desk.place(limit="90000", venue="best")
    funds.report(desk.tenant, "okx", {"USDT": (D(100), D(100))})

    def both(orders, without):
        return planned(leg("binance" if "okx" in without else "okx", wanted(orders), orders[0].protect_price))

    assert _trigger(desk, order_id, plan_of=both) == Triggered(working=1, resting=0)
    assert desk.children(order_id)[0].venue == "binance"
    assert [a.venue for a in desk.alerts()] == ["okx"], "treasury hears of it although the order went on"


def test_depth_that_is_gone_returns_the_order_to_rest_without_alarm(desk):
    order_id = desk.place(limit="90000")
    assert _trigger(desk, order_id, plan_of=nowhere) == Triggered(working=0, resting=1)
    assert desk.order(order_id).status == "resting"
    assert desk.alerts() == []


def test_a_trigger_of_one_tenant_touches_no_order_of_another(desk):
    other = uuid7()
    owner = desk.known_customer(tenant=other)
    with db.transaction(tenant=other) as tx:
        postings.deposit(tx, customer_id=owner, asset="USDT", amount=CASH, key="other")
    mine, theirs = desk.place(limit="90000"), desk.place(limit="90000", tenant=other, owner=owner)
    assert _trigger(desk, mine, theirs) == Triggered(working=1, resting=0)
    assert _trigger(desk, mine, tenant=other) == Triggered(working=0, resting=0)
    with db.transaction(tenant=other) as tx:
        row = tx.one("SELECT status FROM broker.orders WHERE id = :id", id=theirs)
    assert row.status == "resting"
    assert desk.order(theirs) is None, "and the first tenant cannot even see it"


def test_another_tenant_cannot_spend_the_first_ones_funds_at_a_venue(desk):
    other = uuid7()
    owner = desk.known_customer(tenant=other)
    with db.transaction(tenant=other) as tx:
        postings.deposit(tx, customer_id=owner, asset="USDT", amount=CASH, key="other")
    theirs = desk.place(limit="90000", tenant=other, owner=owner)
    assert _trigger(desk, theirs, tenant=other) == Triggered(working=0, resting=1)
    assert desk.reserved("okx", "USDT") == 0

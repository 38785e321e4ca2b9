"""The owner's audit of its stops against the order rows: whatever the book was before it, it holds what waits afterwards, and the same."""

import dataclasses
from decimal import Decimal
from time import monotonic

import pytest

from broker.book import queries as book_queries
from broker.book.compared import STRETCH_BITS
from broker.orders import service as orders
from broker.orders.wishes import Trail
from broker.stops import queries
from broker.stops.service import Stops
from kernel import db
from kernel.ids import uuid7
from markets.instruments import service as instruments
from tests.order_wishes import place

D = Decimal
PATIENCE_S = 30
EVERY_KIND = (
    {"type": "stop", "stop_price": "90000"},
    {"type": "stop", "side": "buy", "stop_price": "110000", "quantity": "0.01"},
    {"type": "stop_limit", "stop_price": "90000", "limit_price": "89000"},
    {"type": "take_profit", "stop_price": "110000"},
    {"type": "trailing_stop", "trail": Trail(amount=D(500))},
    {"type": "trailing_stop", "trail": Trail(fraction=D("0.02"))},
)


@pytest.fixture
def stops(desk):
    with desk.as_engine():
        made = Stops(instruments.get("BTC-USDT"))
        made.rebuild()
    return made


def wait(desk, **fields):
    return place(desk, **{"side": "sell", "quantity": "0.01", **fields})


def audited(desk, stops, *wanted, times=2):
    """Audits until each stretch was looked at, and the rows of these stops are behind the horizon."""
    deadline = monotonic() + PATIENCE_S
    with desk.as_engine():
        while True:
            for _ in range(times):
                stops.audit()
            if set(stops.book.ids()) == set(wanted) or monotonic() > deadline:
                return set(stops.book.ids())


def test_rows_and_book_add_up_to_the_same_for_every_kind_of_stop(desk, stops):
    waiting = [wait(desk, **fields) for fields in EVERY_KIND]
    wait_beside = desk.place(side="sell", quantity="0.01", limit="110000")
    assert audited(desk, stops, *waiting) == set(waiting)
    assert wait_beside not in stops.book
    with desk.as_engine(), db.transaction(repeatable=True) as tx:
        last = (1 << STRETCH_BITS) - 1
        rows = book_queries.stretch(tx, symbol="BTC-USDT", first=0, last=last, kept=queries.WAITS)
    assert rows.sums == stops.book.sums(0)
    assert rows.sums.orders == len(EVERY_KIND)


def test_what_the_book_has_lost_comes_back_with_its_owner(desk, stops):
    stop = wait(desk, type="stop", stop_price="90000")
    audited(desk, stops, stop)
    assert stops.book.remove(stop)
    assert audited(desk, stops, stop) == {stop}
    assert stops.book.tenant_of(stop) == desk.tenant


def test_a_stretch_that_is_missing_as_a_whole_comes_back(desk, stops):
    first, second = (wait(desk, type="stop", stop_price="90000") for _ in range(2))
    moved = "UPDATE broker.orders SET accept_seq = %s, xid = pg_current_xact_id() WHERE id = %s"
    desk.engine.execute(moved, [5 << STRETCH_BITS, second])
    audited(desk, stops, first, second)
    assert stops.book.remove(second)
    assert audited(desk, stops, first, second, times=3) == {first, second}


def test_a_stop_that_waits_no_more_leaves(desk, stops):
    gone, stays = (wait(desk, type="stop", stop_price="90000") for _ in range(2))
    audited(desk, stops, gone, stays)
    ghost = stops.book._index[gone]
    orders.cancel_order(tenant=desk.tenant, owner=desk.owner, order_id=gone)
    audited(desk, stops, stays)
    stops.book.add(ghost)
    assert audited(desk, stops, stays) == {stays}
    stops.book.add(dataclasses.replace(ghost, id=uuid7()))  # nobody ever placed this one
    assert audited(desk, stops, stays) == {stays}


@pytest.mark.parametrize(
    "wrong", [{"stop": D(89_999)}, {"rising": True}, {"stop": None, "amount": D(90_000), "best": D(1)}]
)
def test_a_stop_that_waits_for_something_else_is_put_right(desk, stops, wrong):
    stop = wait(desk, type="stop", stop_price="90000")
    audited(desk, stops, stop)
    right = stops.book._index[stop]
    stops.book.add(dataclasses.replace(right, **wrong))
    audited(desk, stops, stop)
    assert stops.book._index[stop] == right


def test_a_repair_takes_no_best_price_back(desk, stops):
    """The rows are up to a second behind what a trailing stop has followed."""
    trailing, lost = (
        wait(desk, type="trailing_stop", trail=Trail(amount=D(500))),
        wait(desk, type="stop", stop_price="90000"),
    )
    audited(desk, stops, trailing, lost)
    stops.book.add(dataclasses.replace(stops.book._index[trailing], best=D(105_000)))
    stops.book.remove(lost)
    assert audited(desk, stops, trailing, lost) == {trailing, lost}
    assert stops.book.best_of(trailing) == D(105_000)


def test_the_turn_of_the_owner_audits_now_and_then(desk, stops, monkeypatch):
    stop = wait(desk, type="stop", stop_price="90000")
    audited(desk, stops, stop)
    stops.book.remove(stop)
    instrument, now = stops.book.instrument, [monotonic()]
    monkeypatch.setattr("broker.stops.service.clock.monotonic", lambda: now[0])
    with desk.as_engine():
        stops.follow(instrument)
        assert stop not in stops.book, "a look at what changed does not find it"
        now[0] += 10
        stops.follow(instrument)
    assert stop in stops.book

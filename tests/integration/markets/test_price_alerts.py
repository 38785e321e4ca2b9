"""Price alerts over HTTP and by their watch: one event for each crossing, whoever looks and however often."""

import threading
from datetime import timedelta
from decimal import Decimal as D

import pytest

from kernel import db
from kernel.roles import conninfo
from markets.price_alerts.service import Watch
from rivermouth import registry

SYMBOL = "BTC-USDT"
ROUTE = "/v1/price-alerts"


def make(house, who="retail", key=None, **changes):
    body = {"symbol": SYMBOL, "direction": "above", "price": "100", **changes}
    headers = house.auth(who) | ({"Idempotency-Key": key} if key else {})
    return house.client.post(ROUTE, json=body, headers=headers)


@pytest.fixture(autouse=True)
def _empty(house):
    with house.sql("superuser") as connection:
        connection.execute("DELETE FROM markets.price_alerts")
        connection.execute("DELETE FROM kernel.outbox")


@pytest.fixture
def as_engine(house):
    """The API of the house runs in this process: the watch works with the engine's role for a while."""

    def run(work):
        house.client.get("/healthz")
        db.configure(house.database.engine, pool_size=4)
        try:
            return work()
        finally:
            db.configure(house.database.app, pool_size=4)

    return run


def walk(as_engine, prices, watch=None):
    def work():
        kept = watch or Watch(SYMBOL)
        if watch is None:
            kept.rebuild()
        return [kept.look(D(price)) for price in prices]

    return as_engine(work)


def events(house):
    with house.sql("superuser") as connection:
        rows = connection.execute(
            "SELECT payload FROM kernel.outbox WHERE topic = 'markets.price_alert_fired.v1' ORDER BY id"
        ).fetchall()
    return [row[0] for row in rows]


def test_an_alert_is_made_read_listed_and_cancelled_by_its_owner_only(house):
    made = make(house, note="take profit", hysteresis="0.02", cooldown_s=60, repeat=True)
    assert made.status_code == 201, made.text
    alert = made.json()
    assert (alert["status"], alert["price"], alert["hysteresis"], alert["fired"]) == ("new", "100", "0.02", 0)
    own, other = house.auth("retail"), house.auth("other")
    assert house.client.get(f"{ROUTE}/{alert['id']}", headers=own).json() == alert
    assert house.client.get(ROUTE, headers=own).json()["items"] == [alert]
    assert house.client.get(ROUTE, headers=other).json()["items"] == []
    for method in ("GET", "DELETE"):
        assert house.client.request(method, f"{ROUTE}/{alert['id']}", headers=other).status_code == 404
    assert house.client.delete(f"{ROUTE}/{alert['id']}", headers=own).status_code == 204
    assert house.client.delete(f"{ROUTE}/{alert['id']}", headers=own).status_code == 404
    assert house.client.get(ROUTE, headers=own).json()["items"] == []


def test_a_key_makes_one_alert(house):
    first, again = make(house, key="alert-1"), make(house, key="alert-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert make(house, key="alert-1", price="101").json()["code"] == "idempotency_conflict"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"price": "0"}, 400, "invalid_request"),
        ({"price": 100}, 400, "invalid_request"),
        ({"direction": "sideways"}, 400, "invalid_request"),
        ({"hysteresis": "0.9"}, 400, "invalid_request"),
        ({"cooldown_s": -1}, 400, "invalid_request"),
        ({"symbol": "BTC-EUR"}, 404, "unknown_symbol"),
    ],
)
def test_what_is_refused(house, changes, status, code):
    answer = make(house, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nobody_has_more_than_a_hundred_live_ones(house):
    with house.sql("superuser") as connection:
        connection.execute(
            """INSERT INTO markets.price_alerts (id, tenant_id, owner_id, symbol, direction, price, hysteresis, cooldown_s, repeat,
                                                 status, created_at, updated_at)
               SELECT gen_random_uuid(), %s, %s, 'BTC-USDT', 'above', 100, 0, 0, false, 'armed', now(), now()
                 FROM generate_series(1, 100)""",
            [house.first, house.ids["retail"]],
        )
    assert make(house).json()["code"] == "too_many_alerts"


def test_one_event_for_each_crossing(house, as_engine):
    alert = make(house, repeat=True, hysteresis="0.01").json()["id"]
    #        armed      fires            not back yet    back    fires     falls far, fires
    prices = ["98", "99", "100", "105", "99.5", "100.5", "98.9", "100.1", "90", "130"]
    assert walk(as_engine, prices) == [0, 0, 1, 0, 0, 0, 0, 1, 0, 1]
    told = events(house)
    assert [(e["alert_id"], e["count"], e["composite"]) for e in told] == [
        (alert, 1, "100"), (alert, 2, "100.1"), (alert, 3, "130"),
    ]  # fmt: skip
    shown = house.client.get(f"{ROUTE}/{alert}", headers=house.auth("retail")).json()
    assert (shown["status"], shown["fired"], shown["last_fired_price"]) == ("waiting", 3, "130")


def test_without_repeat_it_fires_once_and_is_done(house, as_engine):
    alert = make(house, direction="below").json()["id"]
    assert walk(as_engine, ["110", "90", "120", "90"]) == [0, 1, 0, 0]
    assert house.client.get(f"{ROUTE}/{alert}", headers=house.auth("retail")).json()["status"] == "done"


def test_a_price_that_is_passed_already_is_no_crossing(house, as_engine):
    make(house)
    assert walk(as_engine, ["150", "151", "90", "101"]) == [0, 0, 0, 1]


def test_state_outlives_the_owner_and_a_crossing_nobody_saw_is_told_once(house, as_engine):
    make(house, repeat=True)
    assert walk(as_engine, ["90"]) == [0]
    assert walk(as_engine, ["110"]) == [1]  # another owner, after a while without one
    assert walk(as_engine, ["110", "111"]) == [0, 0]
    assert len(events(house)) == 1


def test_two_owners_at_the_same_moment_tell_a_crossing_once(house, as_engine):
    for _ in range(20):
        make(house)

    def work():
        watches = [Watch(SYMBOL), Watch(SYMBOL)]
        watches[0].rebuild()
        watches[0].look(D(90))
        fired = [0, 0]
        for watch in watches:
            watch.rebuild()
        barrier = threading.Barrier(2)

        def run(number):
            barrier.wait()
            fired[number] = watches[number].look(D(200))

        threads = [threading.Thread(target=run, args=(n,)) for n in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return sum(fired)

    assert as_engine(work) == 20
    assert len({e["alert_id"] for e in events(house)}) == len(events(house)) == 20


def test_nothing_fires_while_it_cools_down(house, as_engine):
    make(house, repeat=True, cooldown_s=3600)
    watch = Watch(SYMBOL)
    as_engine(watch.rebuild)
    assert walk(as_engine, ["90", "110", "90", "110"], watch) == [0, 1, 0, 0]
    with house.sql("superuser") as connection:
        connection.execute("UPDATE markets.price_alerts SET last_fired_at = last_fired_at - %s", [timedelta(hours=2)])
    as_engine(watch.rebuild)
    assert walk(as_engine, ["90", "110"], watch) == [0, 1]


def test_alerts_made_and_cancelled_meanwhile_are_followed(house, as_engine):
    watch = Watch(SYMBOL)
    as_engine(watch.rebuild)
    kept, gone = make(house).json()["id"], make(house).json()["id"]
    as_engine(watch.follow)
    assert len(watch.board) == 2
    house.client.delete(f"{ROUTE}/{gone}", headers=house.auth("retail"))
    as_engine(watch.follow)
    assert walk(as_engine, ["90", "110"], watch) == [0, 1]
    assert [e["alert_id"] for e in events(house)] == [kept]


def test_the_schedule_that_tidies_up_runs(house, as_engine):
    as_engine(lambda: registry.SCHEDULES["tidy_markets"].job(None))
    assert conninfo(house.database.engine)

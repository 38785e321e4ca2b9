"""Idempotency keys: one deed per key, twins wait, refusals leave nothing, another body is a conflict."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
import sqlalchemy.exc

from kernel import commands, db
from kernel.errors import Conflict, IdempotencyConflict
from kernel.ids import uuid7

A, B = UUID(int=0xA), UUID(int=0xB)
ALICE, BOB = UUID(int=0xA1), UUID(int=0xB0)
BODY = commands.fingerprint({"x": 1})


@pytest.fixture
def deeds(database):
    """A table that records what was really done."""
    with psycopg.connect(
        database.superuser.replace("postgresql+psycopg://", "postgresql://"), autocommit=True
    ) as admin:
        admin.execute("CREATE TABLE kernel.deeds (id uuid PRIMARY KEY)")
        admin.execute("GRANT SELECT, INSERT ON kernel.deeds TO rivermouth_app")
    db.configure(database.app, pool_size=12)
    yield _count
    db.dispose()


def _count():
    with db.transaction() as tx:
        return tx.scalar("SELECT count(*) FROM kernel.deeds")


def _keys(tenant=A):
    with db.transaction(tenant=tenant) as tx:
        return tx.scalar("SELECT count(*) FROM kernel.http_idempotency")


def _do(tx):
    made = uuid7()
    tx.execute("INSERT INTO kernel.deeds VALUES (:id)", id=made)
    return "deed", made


def _run(key="k", *, tenant=A, principal=ALICE, body=BODY, route="POST /x", fn=_do):
    return commands.run(tenant=tenant, principal=principal, route=route, key=key, fingerprint=body, fn=fn)


def test_a_repeat_answers_the_same_resource_without_doing_it_again(deeds):
    first, second = _run(), _run()
    assert (second.kind, second.id) == ("deed", first.id)
    assert (first.replayed, second.replayed) == (False, True)
    assert deeds() == 1


def test_without_a_key_each_request_is_a_new_one(deeds):
    assert _run(None).id != _run(None).id
    assert deeds() == 2
    assert _keys() == 0


def test_another_body_or_another_route_is_a_conflict(deeds):
    _run()
    for change in ({"body": commands.fingerprint({"x": 2})}, {"route": "POST /y"}):
        with pytest.raises(IdempotencyConflict):
            _run(**change)
    assert deeds() == 1


def test_the_same_key_of_another_principal_or_tenant_is_independent(deeds):
    made = {_run().id, _run(principal=BOB).id, _run(tenant=B).id}
    assert len(made) == deeds() == 3


def test_a_refusal_leaves_the_key_free(deeds):
    def refuse(tx):
        _do(tx)
        raise Conflict

    with pytest.raises(Conflict):
        _run(fn=refuse)
    assert (deeds(), _keys()) == (0, 0)
    assert _run(body=commands.fingerprint({"x": 2})).replayed is False


def test_of_eight_twins_at_once_one_does_it_and_all_get_its_resource(deeds):
    barrier = threading.Barrier(8)

    def twin(_):
        barrier.wait()
        return _run()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(twin, range(8)))
    assert deeds() == 1
    assert len({o.id for o in outcomes}) == 1
    assert sorted(o.replayed for o in outcomes) == [False] + [True] * 7


def test_a_twin_waits_for_the_one_in_flight_and_takes_over_when_that_is_refused(deeds):
    inside, leave = threading.Event(), threading.Event()

    def slow_refusal(tx):
        inside.set()
        leave.wait(60)
        raise Conflict

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(_run, fn=slow_refusal)
        assert inside.wait(60)
        second = pool.submit(_run)
        with pytest.raises(TimeoutError):
            second.result(0.3)
        leave.set()
        with pytest.raises(Conflict):
            first.result(60)
        assert second.result(60).replayed is False
    assert deeds() == 1


def test_an_expired_key_is_new_again(deeds, monkeypatch):
    first = _run()
    real = commands.wall
    monkeypatch.setattr(commands, "wall", lambda: real() + commands.KEPT - timedelta(minutes=1))
    assert _run().replayed is True
    monkeypatch.setattr(commands, "wall", lambda: real() + commands.KEPT + timedelta(minutes=1))
    again = _run(body=commands.fingerprint({"x": 2}))
    assert again.replayed is False
    assert again.id != first.id


@pytest.mark.parametrize("sqlstate", ["40001", "40P01", "55P03"])
def test_what_postgres_asks_to_repeat_is_repeated_in_a_fresh_transaction(deeds, sqlstate):
    tries = []

    def unlucky(tx):
        tries.append(tx)
        made = _do(tx)
        if len(tries) < 3:
            tx.execute(f"DO $$ BEGIN RAISE EXCEPTION 'unlucky' USING ERRCODE = '{sqlstate}'; END $$")
        return made

    assert _run(fn=unlucky).replayed is False
    assert len({id(t) for t in tries}) == 3
    assert deeds() == 1


def test_repeating_has_an_end(deeds):
    tries = []

    def hopeless(tx):
        tries.append(1)
        tx.execute("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$")

    with pytest.raises(sqlalchemy.exc.DBAPIError):
        _run(fn=hopeless)
    assert 2 <= len(tries) <= 20


def test_purging_forgets_expired_keys_of_all_tenants_and_no_others(deeds, database, monkeypatch):
    _run("old", tenant=A), _run("old", tenant=B)
    real = commands.wall
    monkeypatch.setattr(commands, "wall", lambda: real() + commands.KEPT + timedelta(minutes=1))
    _run("new")
    db.configure(database.engine, pool_size=2)
    with db.transaction() as tx:
        assert commands.purge(tx, limit=1) == 1
    with db.transaction() as tx:
        assert commands.purge(tx) == 1
        assert tx.scalar("SELECT array_agg(key) FROM kernel.http_idempotency") == ["new"]


def test_the_order_of_fields_does_not_change_a_fingerprint():
    assert commands.fingerprint({"a": 1, "b": "2"}) == commands.fingerprint({"b": "2", "a": 1})
    assert commands.fingerprint({"a": 1}) != commands.fingerprint({"a": "1"})


# the witness


@pytest.fixture
def told():
    """What the witness heard, in its order; the one that was there before comes back."""
    heard, before = [], commands._witness
    commands.tell(lambda _tx, done: heard.append(done))
    yield heard
    commands.tell(before)


def test_a_command_is_told_once_with_who_what_and_which_resource(deeds, told):
    first = _run()
    _run()
    without_key = _run(key=None)
    assert [(d.principal, d.route, d.fingerprint, d.kind, d.resource) for d in told] == [
        (ALICE, "POST /x", BODY, "deed", outcome.id) for outcome in (first, without_key)
    ]


def test_a_refusal_is_not_told(deeds, told):
    def refuse(_tx):
        raise Conflict

    with pytest.raises(Conflict):
        _run(fn=refuse)
    assert told == []


def test_what_cannot_be_written_down_is_not_done(deeds, told):
    def fail(_tx, _done):
        raise ZeroDivisionError

    commands.tell(fail)
    with pytest.raises(ZeroDivisionError):
        _run()
    assert (deeds(), _keys()) == (0, 0)

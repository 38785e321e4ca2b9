"""Consumers miss nothing and repeat nothing; a lease has one holder; schedules run in due order; the clock only grows."""

from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from kernel import clock, db, events, leases, outbox, roles, schedules
from kernel.ids import uuid7
from kernel.outbox import Consumer
from kernel.schedules import Schedule


@events.event("tests.counted.v1")
@dataclass(frozen=True, slots=True)
class Counted:
    number: int


@pytest.fixture
def engine(database):
    db.configure(database.engine, pool_size=8)
    yield database
    db.dispose()


def _publish(tenant, number):
    with db.transaction(tenant=tenant) as tx:
        outbox.publish(tx, Counted(number), key="k")


def test_a_late_committer_is_not_skipped(engine):
    """The max(id) race: a transaction that began first commits last; its event must still be handled."""
    seen, tenant = [], uuid7()
    consumer = Consumer("t", {"tests.counted.v1": lambda _tx, fact: seen.append(fact.number)})
    with psycopg.connect(roles.conninfo(engine.engine)) as slow:
        slow.execute("SELECT set_config('app.tenant', %s, true)", (str(tenant),))
        slow.execute(
            "INSERT INTO kernel.outbox (id, tenant_id, topic, key, payload) VALUES (%s, %s, 'tests.counted.v1', 'k', '{\"number\": 1}')",
            (uuid7(), tenant),
        )
        _publish(tenant, 2)
        outbox.consume(consumer)
        assert seen == [], "an event above the horizon must wait for the older transaction"
        slow.commit()
    outbox.consume(consumer)
    assert sorted(seen) == [1, 2]
    outbox.consume(consumer)
    assert sorted(seen) == [1, 2], "handled twice"


def test_a_failing_handler_loses_nothing(engine):
    tenant, attempts = uuid7(), []

    def handler(_tx, fact):
        attempts.append(fact.number)
        if len(attempts) == 1:
            raise RuntimeError("killed in the middle")

    consumer = Consumer("t", {"tests.counted.v1": handler})
    _publish(tenant, 7)
    with pytest.raises(RuntimeError):
        outbox.consume(consumer)
    outbox.consume(consumer)
    outbox.consume(consumer)
    assert attempts == [7, 7]


def test_a_cursor_passes_what_concerns_others_and_nothing_else(engine):
    """One who never hears of anything keeps nothing from being deleted, and misses nothing."""
    seen, tenant = [], uuid7()
    busy = Consumer("busy", {"tests.counted.v1": lambda _tx, fact: seen.append(fact.number)})
    idle = Consumer("idle", {"tests.never.v1": lambda *_: None, "tests.nowhere.v1": lambda *_: None})
    assert outbox.waited_for([busy, idle]) == []
    _publish(tenant, 1)
    assert outbox.waited_for([busy, idle]) == [busy, idle], "whoever is new begins"
    outbox.consume(idle)
    assert outbox.waited_for([busy, idle]) == [busy]
    with psycopg.connect(roles.conninfo(engine.engine)) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        _publish(tenant, 2)
        assert outbox.waited_for([busy, idle]) == [busy]
        assert [outbox.consume(busy), outbox.consume(busy)] == [1, 0]
        assert outbox.waited_for([busy, idle]) == [], "nobody passes what an older transaction may still stand before"
    assert outbox.waited_for([busy, idle]) == [busy]
    outbox.consume(busy)
    assert seen == [1, 2]
    with psycopg.connect(roles.conninfo(engine.superuser)) as rows:
        rows.execute("UPDATE kernel.outbox SET published_at = published_at - interval '8 days'")
    outbox.forget_old()
    with db.read_only() as tx:
        assert tx.scalar("SELECT count(*) FROM kernel.outbox") == 1, "of two that both have passed the last one stays"


def test_one_holder_and_a_rising_epoch(engine, monkeypatch):
    first, second = leases.LeaseKeeper(ttl_s=3600), leases.LeaseKeeper(ttl_s=3600)
    for keeper in (first, second):
        keeper.want("market:X")
    first.renew()
    second.renew()
    assert (first.epoch("market:X"), second.epoch("market:X")) == (1, None)
    first.renew()
    assert first.epoch("market:X") == 1, "renewing is not a change of hands"
    later = clock.monotonic() + 3601
    monkeypatch.setattr(leases.clock, "monotonic", lambda: later)
    with db.transaction() as tx:
        tx.execute("UPDATE kernel.leases SET expires_at = expires_at - interval '3601 seconds'")
    assert first.epoch("market:X") is None, "a lease that is not renewed is not held"
    second.renew()
    assert second.epoch("market:X") == 2
    first.renew()
    assert first.epoch("market:X") is None
    second.stop()
    first.renew()
    assert first.epoch("market:X") == 3


def _now():
    with db.read_only() as tx:
        return tx.now


def test_advancing_the_clock_runs_what_falls_due_in_order(engine):
    ran = []
    table = {
        name: Schedule(name, every, lambda due, name=name: ran.append((name, due)), catch_up=True)
        for name, every in (("hourly", timedelta(hours=1)), ("daily", timedelta(days=1)))
    }
    schedules.register(table)
    start = _now()
    advance_id = schedules.request_advance(timedelta(hours=25))
    assert schedules.advance_state(advance_id) == "pending"
    schedules.carry_out_advances(table)
    assert schedules.advance_state(advance_id) == "done"
    assert [name for name, _ in ran].count("hourly") == 25
    assert [name for name, _ in ran].count("daily") == 1
    assert [due for _, due in ran] == sorted(due for _, due in ran)
    assert _now() - start >= timedelta(hours=25)


def test_the_business_clock_never_goes_back(engine):
    with pytest.raises(DBAPIError, match="only grows"), db.transaction() as tx:
        tx.execute("""UPDATE kernel.clock SET "offset" = interval '1 hour'""")
        tx.execute("""UPDATE kernel.clock SET "offset" = interval '0'""")


def test_a_schedule_without_catch_up_runs_once_after_a_pause(engine):
    """With the latest moment that was missed: with the first one, whatever fell due since would wait for the next."""
    ran = []
    table = {"sweep": Schedule("sweep", timedelta(minutes=1), ran.append)}
    schedules.register(table)
    with db.transaction() as tx:
        tx.execute("""UPDATE kernel.clock SET "offset" = interval '3 hours'""")
    began = _now()
    assert schedules.run_due(table) == 1
    assert timedelta(0) <= began - ran[0] < timedelta(minutes=1)
    assert schedules.run_due(table) == 0
    with db.read_only() as tx:
        row = tx.one("SELECT last_run, next_due FROM kernel.schedules WHERE name = 'sweep'")
    assert (row.last_run, row.next_due) == (ran[0], ran[0] + timedelta(minutes=1))


def test_the_days_that_were_missed_come_before_the_hour_of_now(engine):
    """What runs once after a pause works as of now: the days before must have been worked off by then."""
    ran = []
    table = {
        "days": Schedule("days", timedelta(days=1), lambda due: ran.append(("day", due)), catch_up=True),
        "hours": Schedule("hours", timedelta(hours=1), lambda due: ran.append(("hour", due))),
    }
    schedules.register(table)
    with db.transaction() as tx:
        tx.execute("""UPDATE kernel.clock SET "offset" = interval '3 days 90 minutes'""")
    assert schedules.run_due(table) == 4
    assert [name for name, _ in ran] == ["day", "day", "day", "hour"]
    assert sorted(due for _, due in ran) == [due for _, due in ran]


def test_a_schedule_that_fails_keeps_no_other_waiting(engine):
    """Else one check that runs into its time limit would leave every hold and order unexpired, for it is due first for ever."""
    ran = []

    def broken(_due):
        with db.transaction() as tx:
            tx.execute("SELECT 1 / 0")

    table = {
        "a": Schedule("a", timedelta(minutes=1), broken),
        "b": Schedule("b", timedelta(minutes=2), ran.append),
    }
    schedules.register(table)
    with db.transaction() as tx:
        tx.execute("""UPDATE kernel.clock SET "offset" = interval '3 hours'""")
    with pytest.raises(DBAPIError, match="division by zero"):
        schedules.run_due(table)
    assert len(ran) == 1
    table["a"] = Schedule("a", timedelta(minutes=1), ran.append)
    assert schedules.run_due(table) == 1


def test_no_nested_transactions(engine):
    with db.transaction(), pytest.raises(AssertionError), db.transaction():
        pass


def test_read_only_is_enforced(engine):
    with pytest.raises(DBAPIError, match="read-only"), db.read_only() as tx:
        tx.execute("""UPDATE kernel.clock SET "offset" = interval '1 hour'""")


def test_a_hint_is_sent_only_after_a_commit(engine):
    sent = []
    with pytest.raises(RuntimeError), db.transaction() as tx:
        tx.after_commit(lambda: sent.append("lost"))
        raise RuntimeError
    with db.transaction() as tx:
        tx.after_commit(lambda: sent.append("kept"))
        assert sent == []
    assert sent == ["kept"]

"""The door to the outside: sent once, unknown is asked, absence needs proof. The other side here is a small ledger of what it got."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from kernel import clock, db
from kernel.calls import queries, service
from kernel.calls.lane import Lane, Resolving
from kernel.calls.outcomes import Absent, Done, Expired, NotPlaced, Refused, Unknown
from kernel.ids import uuid7
from kernel.leases import LeaseKeeper
from kernel.wakes import Wakes

TENANT = uuid7()


@dataclass
class OtherSide:
    """Scripted answers, and a count of what really arrived."""

    answers: dict = field(default_factory=dict)
    asks: dict = field(default_factory=dict)
    received: list = field(default_factory=list)
    applied: list = field(default_factory=list)
    again: float | None = None
    open: bool = True

    def ready(self):
        return self.open

    async def send(self, call):
        self.received.append(call.ref)
        await asyncio.sleep(0.01)
        return self.answers.get(call.ref, Done({"ref": call.ref}))

    async def ask(self, call):
        script = self.asks.get(call.ref, [Done({"ref": call.ref})])
        return script.pop(0) if len(script) > 1 else script[0]

    def apply(self, tx, call, outcome):
        self.applied.append((call.ref, type(outcome)))
        return self.again


@pytest.fixture
def engine(database, monkeypatch):
    """A machine of tests may stand still for seconds: only a test of pauses and of patience has any."""
    monkeypatch.setattr("kernel.calls.lane.MAX_PAUSE_S", 3600.0)
    db.configure(database.engine, pool_size=8)
    yield
    db.dispose()


RESOLVING = Resolving(guard_s=0.3, negatives=3, every_s=0.05, manual_after_s=600, answer_s=0.2)
PATIENCE_S = 60.0


def _lane(side, *, resolving=RESOLVING, max_in_flight=8):
    keeper = LeaseKeeper(ttl_s=3600)
    lane = Lane(
        "v",
        {"place": side},
        leases=keeper,
        wakes=Wakes(),
        max_in_flight=max_in_flight,
        resolving=resolving,
        poll_s=0.01,
    )
    keeper.renew()
    return lane


def _request(ref, deadline_s=3600.0):
    with db.transaction(tenant=TENANT) as tx:
        service.request(
            tx,
            lane="v",
            kind="place",
            ref=ref,
            payload={"x": "1"},
            deadline=clock.wall() + timedelta(seconds=deadline_s),
        )


def _states():
    with db.transaction() as tx:
        return {row.ref: row.state for row in tx.all("SELECT ref, state FROM kernel.calls")}


def _run(lane, until, seconds=PATIENCE_S):
    async def work():
        task = asyncio.create_task(lane.run())
        deadline = clock.monotonic() + seconds
        while not await asyncio.to_thread(until) and clock.monotonic() < deadline:
            await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(work())


def test_each_intent_is_sent_once_and_settled(engine):
    side = OtherSide(answers={"b": Refused("funds", "no")})
    for ref in "abc":
        _request(ref)
    _run(_lane(side), lambda: set(_states().values()) <= {"done", "refused"})
    assert sorted(side.received) == ["a", "b", "c"]
    assert _states() == {"a": "done", "b": "refused", "c": "done"}
    assert sorted(side.applied) == sorted([("a", Done), ("b", Refused), ("c", Done)], key=lambda p: p[0])


def test_an_unknown_call_is_asked_and_never_sent_again(engine):
    side = OtherSide(
        answers={"a": Unknown("timed out")}, asks={"a": [Unknown("still away"), Absent(True), Done({"found": 1})]}
    )
    _request("a")
    _run(_lane(side), lambda: _states() == {"a": "done"})
    assert side.received == ["a"]
    assert [kind for _, kind in side.applied] == [Unknown, Done]


def test_absence_needs_an_authority_the_guard_and_three_negatives(engine):
    side = OtherSide(answers={"a": Unknown("timed out")}, asks={"a": [Absent(False)] * 3 + [Absent(True)]})
    _request("a")
    began = clock.monotonic()
    _run(_lane(side), lambda: _states() == {"a": "not_placed"})
    assert _states() == {"a": "not_placed"}
    assert side.applied[-1] == ("a", NotPlaced)
    assert clock.monotonic() - began > RESOLVING.guard_s
    with db.transaction() as tx:
        assert tx.scalar("SELECT negatives FROM kernel.calls") >= 3


def test_answers_without_authority_never_conclude(engine):
    side = OtherSide(answers={"a": Unknown("timed out")}, asks={"a": [Absent(False)]})
    _request("a")
    _run(_lane(side), lambda: False, seconds=1.0)
    assert _states() == {"a": "unknown"}


def test_no_evidence_for_too_long_goes_to_people(engine):
    side = OtherSide(answers={"a": Unknown("timed out")}, asks={"a": [Unknown("away")]})
    _request("a")
    _run(
        _lane(side, resolving=Resolving(guard_s=0.1, every_s=0.05, manual_after_s=0.4)),
        lambda: _states() == {"a": "manual"},
    )
    assert _states() == {"a": "manual"}
    assert side.received == ["a"]


def test_a_deadline_that_passed_is_not_sent(engine):
    side = OtherSide()
    _request("late", deadline_s=-1)
    _run(_lane(side), lambda: _states() == {"late": "expired"})
    assert side.received == []
    assert side.applied == [("late", Expired)]


def test_a_closed_breaker_withdraws_at_once(engine):
    side = OtherSide(open=False)
    _request("a")
    _run(_lane(side), lambda: _states() == {"a": "expired"})
    assert side.received == []


def test_a_call_sent_by_a_dead_owner_is_asked_not_sent(engine):
    _request("a")
    with db.transaction() as tx:
        tx.execute("UPDATE kernel.calls SET state = 'sent', sent_at = now(), next_ask_at = now() + interval '1 hour'")
    side = OtherSide()
    _run(_lane(side), lambda: _states() == {"a": "done"})
    assert side.received == []


def test_a_paused_owner_does_not_send(engine, monkeypatch):
    side = OtherSide(asks={"a": [Absent(False)]})
    _request("a")
    lane = _lane(side)
    monkeypatch.setattr("kernel.calls.lane.MAX_PAUSE_S", -1.0)  # every pause is too long
    _run(lane, lambda: _states() == {"a": "unknown"})
    assert side.received == []


def test_without_the_lease_nothing_is_claimed(engine):
    side = OtherSide()
    _request("a")
    lane = _lane(side)
    with db.transaction() as tx:
        tx.execute("UPDATE kernel.leases SET holder = 'somebody else'")
        assert queries.claim(tx, lane="v", limit=9, holder=lane.leases.holder, epoch=1, ask_after_s=1) == []
    assert _states() == {"a": "intent"}


def test_an_open_order_is_asked_until_it_is_finished(engine):
    side = OtherSide(again=0.02)

    def apply(tx, call, outcome):
        side.applied.append(call.ref)
        return 0.02 if len(side.applied) < 4 else None

    side.apply = apply
    _request("a")
    _run(_lane(side), lambda: len(side.applied) >= 4)
    with db.transaction() as tx:
        row = tx.one("SELECT state, next_ask_at, settled_at FROM kernel.calls")
    assert (row.state, row.next_ask_at) == ("done", None)
    assert row.settled_at is not None


def test_a_withdrawn_intent_is_not_sent(engine):
    _request("a")
    with db.transaction(tenant=TENANT) as tx:
        assert service.withdraw(tx, lane="v", kind="place", ref="a")
    side = OtherSide()
    _run(_lane(side), lambda: False, seconds=0.3)
    assert side.received == []


def test_calls_of_long_ago_are_forgotten_where_nothing_asks_about_them(engine, database):
    ids = {}
    for kind in ("mail", "venues.place"):
        for age in ("old", "young", "open"):
            with db.transaction(tenant=TENANT) as tx:
                ids[kind, age] = service.request(tx, lane="lane", kind=kind, ref=age, payload={})
                if age != "open":
                    days = 91 if age == "old" else 89
                    tx.execute(
                        "UPDATE kernel.calls SET state = 'done', settled_at = now() - make_interval(days => :days) WHERE id = :id",
                        days=days,
                        id=ids[kind, age],
                    )
    service.forget_old(["mail"])
    with db.read_only() as tx:
        left = {row.id for row in tx.all("SELECT id FROM kernel.calls")}
    assert left == set(ids.values()) - {ids["mail", "old"]}

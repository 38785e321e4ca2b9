"""Lanes under bad luck: a pause between commit and sending, a change of hands in flight, evidence that comes late."""

import asyncio
import time

from kernel import db
from kernel.calls import queries
from kernel.calls.lane import Resolving
from kernel.calls.outcomes import Absent, Done, Unknown
from tests.integration.kernel import test_calls as calls
from tests.integration.kernel.test_calls import OtherSide, engine

__all__ = ["engine"]


def test_a_pause_right_after_the_claim_is_committed_counts(engine, monkeypatch):
    side = OtherSide(asks={"a": [Absent(False)]})
    calls._request("a")
    lane = calls._lane(side)
    claim = lane._claim

    def frozen_after_the_commit(*args):
        claimed = claim(*args)
        time.sleep(0.4)
        return claimed

    monkeypatch.setattr(lane, "_claim", frozen_after_the_commit)
    monkeypatch.setattr("kernel.calls.lane.MAX_PAUSE_S", 0.3)
    calls._run(lane, lambda: calls._states() == {"a": "unknown"})
    assert side.received == []


def test_taking_over_waits_for_everything_in_flight(engine):
    lane = calls._lane(OtherSide())

    async def work():
        for ref in "abc":
            task = asyncio.create_task(asyncio.sleep(0.02 * (1 + "abc".index(ref))))
            lane._flying[ref] = task
            task.add_done_callback(lambda _done, ref=ref: lane._flying.pop(ref))
        await lane._take_over(7)

    asyncio.run(work())
    assert (lane._flying, lane._epoch) == ({}, 7)


def test_an_order_that_turns_up_after_its_absence_was_proven_is_booked(engine):
    side = OtherSide(answers={"a": Unknown("timed out")}, asks={"a": [Absent(True)]})
    calls._request("a")
    lane = calls._lane(side)
    calls._run(lane, lambda: calls._states() == {"a": "not_placed"})
    with db.read_only() as tx:
        row = tx.one(f"SELECT {queries._COLUMNS} FROM kernel.calls")
    lane._finish(queries._call(row), Done({"late": 1}))
    assert calls._states() == {"a": "done"}
    assert side.applied[-1] == ("a", Done)


def test_a_person_is_called_but_the_venue_is_still_asked(engine):
    """An outage longer than the patience of the resolver must not lose the evidence that comes with the venue's return."""
    side = OtherSide(answers={"a": Unknown("timed out")}, asks={"a": [Unknown("away")]})
    calls._request("a")
    resolving = Resolving(guard_s=0.1, every_s=0.02, manual_after_s=0.2)
    seen = set()

    def through():
        state = calls._states()["a"]
        seen.add(state)
        if state == "manual":
            side.asks["a"] = [Done({"found": 1})]
        return state == "done"

    calls._run(calls._lane(side, resolving=resolving), through)
    assert calls._states() == {"a": "done"}
    assert "manual" in seen


def test_a_restart_after_a_long_time_lets_the_negatives_be_counted(engine):
    side = OtherSide(asks={"a": [Absent(True)]})
    calls._request("a")
    with db.transaction() as tx:
        tx.execute("UPDATE kernel.calls SET state = 'sent', sent_at = now() - interval '1 hour', next_ask_at = now()")
    calls._run(calls._lane(side), lambda: calls._states() in ({"a": "not_placed"}, {"a": "manual"}))
    assert calls._states() == {"a": "not_placed"}

"""kill -9 in small: a few named failpoints, some moments chosen at random, Postgres and Valkey. `./run prove kills` does all of it, and more often.

After each kill under load: `rivermouth check` is clean, what the venues did is what we booked, every order came to an end, no hold is left.
"""

import random

import pytest

from rivermouth.prove import kills
from rivermouth.prove.stack import running

pytestmark = [pytest.mark.crash, pytest.mark.stack]
SHARED = pytest.mark.xdist_group("kills")  # one demo for all that a demo survives


@pytest.fixture
def report():
    return kills.new_report()


@pytest.fixture(scope="module")
def demo():
    with running() as stack:
        yield stack


def _assert_held_up(report, *, kills_done):
    """Every promise held, trading before and after the kill among them, and the process really died that often."""
    assert report.failed == []
    assert [times for _, times, *_ in report.rows] == [kills_done]


@pytest.mark.parametrize(
    "name", ["call.after_claim_commit", "call.after_send", "call.before_outcome_commit", "outbox.before_commit"]
)
def test_the_engine_dies_at_a_named_place(name, report):
    assert name in kills.ENGINE_FAILPOINTS
    with running(env={"RIVERMOUTH_FAILPOINT": f"{name}:3"}) as stack:
        kills.at_failpoint(stack, name, report, load_s=1)
    _assert_held_up(report, kills_done=1)


@SHARED
def test_the_engine_dies_at_random_moments(demo, report):
    kills.random_kills(demo, "engine", 5, report, random.Random(7), lambda: demo.kill("engine"))
    _assert_held_up(report, kills_done=5)


@SHARED
def test_postgres_dies(demo, report):
    kills.random_kills(demo, "postgres", 1, report, random.Random(8), lambda: kills.kill_postgres(demo))
    _assert_held_up(report, kills_done=1)


@SHARED
def test_valkey_loses_everything(demo, report):
    kills.random_kills(demo, "valkey FLUSHALL", 1, report, random.Random(9), lambda: kills.flush(demo))
    _assert_held_up(report, kills_done=1)

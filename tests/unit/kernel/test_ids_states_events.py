"""Ids sort, state tables are complete, events survive JSON."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest

from broker.orders.states import CHILD, ORDER
from kernel import clock, events, ids
from kernel.calls.states import CALL
from kernel.errors import InvalidTransition
from kernel.states import States


def test_uuid7_is_ordered_and_well_formed():
    made = [ids.uuid7() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {u.version for u in made} == {7}


def test_coid_text_fits_every_venue():
    assert ids.coid_text(0) == "rm0"
    assert ids.coid_text(35) == "rmz"
    assert ids.coid_text(36) == "rm10"
    longest = ids.coid_text((1 << 45) - 1)
    assert len(longest) <= 18
    assert longest.isalnum()


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


def test_a_state_without_row_is_refused():
    with pytest.raises(AssertionError):
        States("light", Light, initial={Light.RED}, moves={Light.RED: {Light.GREEN}})


@pytest.mark.parametrize("table", [CALL, ORDER, CHILD], ids=lambda t: t.name)
def test_every_state_is_reachable_and_every_live_state_has_an_end(table):
    reached, frontier = set(table.initial), set(table.initial)
    while frontier:
        frontier = {t for s in frontier for t in table.moves[s]} - reached
        reached |= frontier
    assert reached == set(table.kind)
    for state in table.live:
        seen, frontier = {state}, {state}
        while frontier:
            frontier = {t for s in frontier for t in table.moves[s]} - seen
            seen |= frontier
        assert seen & table.terminal, f"{state} never ends"


def test_terminal_states_do_not_move():
    with pytest.raises(InvalidTransition):
        ORDER.check(ORDER.kind("filled"), ORDER.kind("resting"))


@events.event("tests.something_happened.v1")
@dataclass(frozen=True, slots=True)
class SomethingHappened:
    id: UUID
    amount: Decimal
    at: datetime


def test_events_read_back_exactly():
    fact = SomethingHappened(ids.uuid7(), Decimal("0.000000000000000001"), datetime(2026, 1, 2, tzinfo=UTC))
    written = events.encode(fact)
    assert written["amount"] == "1E-18" or written["amount"] == "0.000000000000000001"
    assert events.decode(events.topic_of(fact), written) == fact


def test_an_id_tells_when_it_was_made():
    before = clock.wall() - timedelta(milliseconds=1)
    assert before <= ids.made_at(ids.uuid7()) <= clock.wall() + timedelta(seconds=1)

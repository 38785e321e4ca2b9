"""A batch is cut where all-or-none begins and ends; the moves of a transfer are one table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.transfers.rules import Segment, segments
from payments.transfers.states import TRANSFER, TransferStatus


@pytest.mark.parametrize(
    ("linked", "expected"),
    [
        ("", []),
        (".", [((0,), False)]),
        ("..", [((0, 1), False)]),
        ("L.", [((0, 1), True)]),
        ("L", [((0,), False)]),  # nothing follows: an item on its own
        (".L..", [((0,), False), ((1, 2), True), ((3,), False)]),
        ("L.L.", [((0, 1), True), ((2, 3), True)]),
        ("LLL", [((0, 1, 2), True)]),
    ],
)
def test_chains_and_the_runs_between(linked, expected):
    assert segments([c == "L" for c in linked], atomic=False) == [Segment(items, whole) for items, whole in expected]


def test_an_atomic_batch_is_one_chain():
    assert segments([False, True, False], atomic=True) == [Segment((0, 1, 2), whole=True)]


@given(st.lists(st.booleans(), max_size=40), st.booleans())
def test_every_item_is_posted_once_and_in_order(linked, atomic):
    made = segments(linked, atomic=atomic)
    assert [place for segment in made for place in segment.items] == list(range(len(linked)))
    for place, tied in enumerate(linked[:-1]):
        if tied:
            assert any(segment.whole and {place, place + 1} <= set(segment.items) for segment in made)


def test_what_is_decided_stays_decided():
    assert TRANSFER.terminal == {TransferStatus.POSTED, TransferStatus.REFUSED, TransferStatus.CANCELLED}
    assert TRANSFER.sources(TransferStatus.REFUSED) == ["scheduled"]

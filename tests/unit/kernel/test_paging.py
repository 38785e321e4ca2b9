"""A page and whether another follows it: a list asks for one item more than it shows, so that a full last page has no cursor."""

import re
from pathlib import Path
from uuid import UUID

import pytest

import kernel
from kernel.paging import cut, decode_cursor

ROOT = Path(kernel.__file__).parent.parent
PARTS = (
    "identity",
    "kernel",
    "payments",
    "markets",
    "broker",
    "lending",
    "earn",
    "wallet_bridge",
    "notices",
    "rivermouth",
)


@pytest.mark.parametrize(
    ("found", "page", "more"),
    [([], [], None), ([1, 2], [1, 2], None), ([1, 2, 3], [1, 2, 3], None), ([1, 2, 3, 4], [1, 2, 3], 3)],
)
def test_a_page_that_is_just_full_is_the_last_one(found, page, more):
    shown, cursor = cut(found, 3, lambda one: one)
    assert shown == page
    assert (cursor and decode_cursor(cursor, int)) == more


def test_a_place_of_several_parts():
    one = UUID(int=7)
    _, cursor = cut([(one, 1), (one, 2)], 1, lambda item: item)
    assert decode_cursor(cursor, UUID, int) == (one, 1)


def test_no_list_takes_a_full_page_for_one_that_is_followed():
    """Each `cut` has what was read with `limit + 1`, and no route counts by itself whether its page is full."""
    seen = 0
    for path in (path for part in PARTS for path in (ROOT / part).rglob("api.py")):
        text = path.read_text()
        cuts = len(re.findall(r"\bcut\(", text))
        seen += cuts
        assert len(re.findall(r"limit=limit \+ 1\b", text)) >= cuts, path
        assert not re.search(r"==\s*limit\b", text), path
    assert seen > 20

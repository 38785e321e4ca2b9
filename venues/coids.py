"""Client order ids: one number per child order, written as each venue wants it.

The number comes from one sequence below 2^45 (Bitfinex takes an integer of that size); elsewhere it is a prefix and base 36. An id is
used once for ever, because no venue promises to refuse it the second time once the first order is closed.
"""

from __future__ import annotations

import re

from kernel.db import Tx
from kernel.ids import coid_text
from venues.capabilities import of

LIMIT = 1 << 45
_OURS = re.compile(r"rm([0-9a-z]{1,9})")


def for_venue(venue: str, number: int) -> str:
    """The text by which the venue knows the order."""
    assert 0 < number < LIMIT, "client order numbers are positive and below 2^45"
    return str(number) if of(venue).coid_digits_only else coid_text(number)


def number_of(venue: str, text: str | None) -> int | None:
    """The number behind a text of ours; None where the text cannot be ours."""
    if not text:
        return None
    if of(venue).coid_digits_only:
        number = int(text) if text.isascii() and text.isdigit() else 0
    else:
        match = _OURS.fullmatch(text)
        number = int(match.group(1), 36) if match else 0
    return number if 0 < number < LIMIT and for_venue(venue, number) == text else None


def take(tx: Tx, count: int = 1) -> list[int]:
    """Fresh numbers from the sequence; they are burnt even if the transaction rolls back."""
    rows = tx.all("SELECT nextval('venues.coid_seq') AS number FROM generate_series(1, :count)", count=count)
    return [row.number for row in rows]

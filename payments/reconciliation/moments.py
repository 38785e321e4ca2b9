"""What an account held around the moment at which somebody else looked at their side of it.

A venue is read while we trade there: its figure is ours of some moment within a few seconds. So it is compared with every balance that
the account had in that window, and the nearest one counts. Anything that still moves says so, and nothing is corrected before it rests.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from kernel.db import Tx
from payments.balances import service as balances
from payments.reconciliation import projection_queries

READING_TAKES = timedelta(seconds=30)
_ENTRIES = 500


@dataclass(frozen=True, slots=True)
class Nearest:
    """`amount`: what we owned there at the moment that fits best; `moving`: the account changed around the reading."""

    amount: Decimal
    now: Decimal
    moving: bool


def nearest(tx: Tx, account_id: int, *, theirs: Decimal, read_at: datetime) -> Nearest:
    """For a debit-normal account (it runs negative)."""
    entries = projection_queries.newest_entries(tx, account_id, limit=_ENTRIES)
    now = -balances.exact(tx, account_id)
    best, held, moving = now, now, False
    for entry in entries:
        if entry.written_at < read_at - READING_TAKES:
            break
        moving = True
        held += entry.amount
        if abs(theirs - held) < abs(theirs - best):
            best = held
    return Nearest(best, now, moving)

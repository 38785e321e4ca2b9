"""Closing days. A day is closed once nothing can be booked into it any more; then its rows are the start of every balance at a time.

`booked_at` is the start of a transaction: for as long as a transaction may live, somebody could still commit into a day that is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kernel import db, log
from kernel.db import Tx
from payments.days import queries

_ACCOUNTS_AT_ONCE = 5_000
_log = log.get("ledger")


@dataclass(frozen=True, slots=True)
class Closed:
    """The days that one run closed."""

    first: date
    last: date


def close_due() -> Closed | None:
    """Close every day that is over, in steps of some thousand accounts; a kill in between is harmless. Only the engine may."""
    with db.read_only() as tx:
        due = queries.due(tx)
    if due.first is None or due.first > due.last or not due.settled:
        return None
    after: int | None = 0
    while after is not None:
        with db.transaction() as tx:
            after = queries.write_days(tx, first=due.first, last=due.last, after=after, limit=_ACCOUNTS_AT_ONCE)
    with db.transaction() as tx:
        queries.close_days(tx, first=due.first, last=due.last)
    _log.info("days_closed", first=due.first.isoformat(), last=due.last.isoformat())
    return Closed(due.first, due.last)


def last_closed(tx: Tx) -> date | None:
    return queries.last_closed(tx)

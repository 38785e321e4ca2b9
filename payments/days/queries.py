"""The next days to close, the rows of a stretch of accounts, and the mark that they are complete."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Row

from kernel.db import Tx

_DUE = """
SELECT coalesce((SELECT max(d.day) + 1 FROM payments.days d),
                (SELECT CAST(min(j.booked_at) AT TIME ZONE 'UTC' AS date) FROM payments.journals j)) AS first,
       CAST((kernel.business_now() - payments.write_limit()) AT TIME ZONE 'UTC' AS date) - 1 AS last,
       payments.is_final(kernel.business_now() - payments.write_limit()) AS settled"""


def due(tx: Tx) -> Row[Any]:
    """From the day after the last closed one to the last that is over; `settled` is False just after a jump of the clock."""
    return tx.one(_DUE)


def write_days(tx: Tx, *, first: date, last: date, after: int, limit: int) -> int | None:
    """The last account that was looked at, None when there was none left."""
    account: int | None = tx.scalar(
        "SELECT payments.write_days(:first, :last, :after, :limit)", first=first, last=last, after=after, limit=limit
    )
    return account


def close_days(tx: Tx, *, first: date, last: date) -> None:
    tx.execute("SELECT payments.close_days(:first, :last)", first=first, last=last)


def last_closed(tx: Tx) -> date | None:
    day: date | None = tx.scalar("SELECT max(day) FROM payments.days")
    return day

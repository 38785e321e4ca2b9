"""Two clocks. *Wall time* is here; *business time* is `tx.now`, read once per transaction from SQL `business_now()`.

Wall time: quote age, leases, `sent_at`, guards of the resolver, login sessions, signatures. Business time: expiries of holds and
orders, `booked_at`, schedules. Nothing else in the product asks for the time.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as midnight
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def wall() -> datetime:
    return datetime.now(UTC)


def utc(moment: datetime) -> datetime:
    """The same moment in UTC; one that no year from 1 to 9999 holds there could be stored, but never read again.

    Raises:
        ValueError: there is no such moment in UTC.
    """
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment lies between the years 1 and 9999 in UTC") from None


def end_of(day: date) -> datetime:
    """When a business day is over: the first moment of the next one, in UTC."""
    return datetime.combine(day + timedelta(days=1), midnight(), UTC)


Moment = Annotated[AwareDatetime, AfterValidator(utc)]


def monotonic() -> float:
    """Seconds since an arbitrary moment; never jumps. For ages and deadlines inside one process."""
    return time.monotonic()


_ahead_s = 0.0


def follow(ahead_s: float) -> None:
    """Tell this process how far business time is ahead of wall time; whoever watches the clock's row repeats it."""
    global _ahead_s  # noqa: PLW0603  one business clock per process
    _ahead_s = ahead_s


def business_monotonic() -> float:
    """As `monotonic`, but advancing a sandbox's clock advances it too: for pauses that belong to business, such as a venue's ban."""
    return time.monotonic() + _ahead_s

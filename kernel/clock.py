"""Two clocks. *Wall time* is here; *business time* is `tx.now`, read once per transaction from SQL `business_now()`.

Wall time: quote age, leases, `sent_at`, guards of the resolver, login sessions, signatures. Business time: expiries of holds and
orders, `booked_at`, schedules. Nothing else in the product asks for the time.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


def wall() -> datetime:
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds since an arbitrary moment; never jumps. For ages and deadlines inside one process."""
    return time.monotonic()

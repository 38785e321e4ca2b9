"""Identifiers: uuidv7 for what we name, base-36 text for the client order ids that venues see.

uuidv7 sorts by wall time, so new rows land at the right edge of every index. Its time is not the booked time of anything.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime
from uuid import UUID

SYSTEM = UUID(int=0)
"""The principal of the product itself inside every tenant."""

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_last_ms = 0
_counter = 0
_lock = threading.Lock()


def uuid7() -> UUID:
    """A version 7 UUID; ids made by one process are strictly increasing (12 bits count within a millisecond)."""
    global _last_ms, _counter  # noqa: PLW0603  the generator's state is the process's
    with _lock:
        now_ms = max(time.time_ns() // 1_000_000, _last_ms)
        if now_ms == _last_ms:
            _counter += 1
            if _counter > 0xFFF:
                now_ms, _counter = now_ms + 1, 0
        else:
            _counter = 0
        _last_ms, count = now_ms, _counter
    random = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return UUID(int=(now_ms << 80) | (0x7 << 76) | (count << 64) | (0b10 << 62) | random)


def floor(at: datetime) -> UUID:
    """The smallest id that could have been made at this wall time: a range of ids is a range of time."""
    return UUID(int=(int(at.timestamp() * 1000) << 80) | (0x7 << 76) | (0b10 << 62))


def made_at(made: UUID) -> datetime:
    """The wall time at which an id of `uuid7` was made."""
    return datetime.fromtimestamp((made.int >> 80) / 1000, UTC)


def coid_text(number: int) -> str:
    """The client order id as letters and digits, at most 18 characters: fits every venue but Bitfinex (digits only)."""
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return "rm" + (digits or "0")

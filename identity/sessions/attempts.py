"""How often a login may fail: counted per e-mail and address in Valkey, in this process alone while Valkey is away.

An attempt is counted before the password is checked, so that parallel guesses cannot slip through, and taken back when it was
right. The window starts at the first failure. Without Valkey each process keeps a count of its own that allows fewer failures:
losing the copy must not open the door, and must not close it either.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass

from kernel import cache, clock

FAILURES = 10
LOCAL_FAILURES = 3
WINDOW_S = 300
REMEMBERED = 10_000

# Count one more; the first one starts the window. Answers the count and the rest of the window in milliseconds.
_COUNT = """
local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {n, redis.call('PTTL', KEYS[1])}
"""
# Take one back, but never below zero and never without a window.
_REFUND = """
local n = tonumber(redis.call('GET', KEYS[1]) or '0')
if n > 1 then return redis.call('DECR', KEYS[1]) end
return redis.call('DEL', KEYS[1])
"""


@dataclass(slots=True)
class _Window:
    count: int
    ends: float


class LocalCounter:
    """The count of one process: bounded in size, a new window forgets the oldest when it is full."""

    def __init__(self) -> None:
        self._windows: dict[str, _Window] = {}
        self._lock = threading.Lock()

    def count(self, key: str, *, now: float) -> tuple[int, float]:
        """Count one more; answers the count and the seconds until the window ends."""
        with self._lock:
            window = self._windows.get(key)
            if window is None or window.ends <= now:
                self._windows.pop(key, None)
                if len(self._windows) >= REMEMBERED:
                    self._windows.pop(next(iter(self._windows)))
                window = self._windows[key] = _Window(0, now + WINDOW_S)
            window.count += 1
            return window.count, window.ends - now

    def refund(self, key: str) -> None:
        with self._lock:
            window = self._windows.get(key)
            if window is not None and window.count > 0:
                window.count -= 1


_local = LocalCounter()


def _key(email: str, address: str) -> str:
    # Hashed, so that no e-mail address is lying about in a cache.
    return "rm:login:" + hashlib.sha256(f"{email}\n{address}".encode()).hexdigest()[:32]


def take(email: str, address: str) -> float | None:
    """Count an attempt. None when it may go ahead, else the seconds to wait."""
    key = _key(email, address)
    try:
        count, rest_ms = cache.client().eval(_COUNT, 1, key, str(WINDOW_S * 1000))
    except cache.ERRORS:
        count, rest_s = _local.count(key, now=clock.monotonic())
        return None if count <= LOCAL_FAILURES else rest_s
    return None if int(count) <= FAILURES else max(int(rest_ms), 1) / 1000


def refund(email: str, address: str) -> None:
    """The attempt was right, or was never checked: it does not count."""
    key = _key(email, address)
    _local.refund(key)
    try:
        cache.client().eval(_REFUND, 1, key)
    except cache.ERRORS:
        return

"""How often a login may fail: counted per e-mail and address and per e-mail alone, in Valkey, in this process while Valkey is away.

An attempt is counted before the password is checked, so that parallel guesses cannot slip through, and taken back when it was
right. The window starts at the first failure. Whoever guesses from many addresses meets the count of the e-mail, which is shared by all
places it never logged in from; its owner's places have their own count only, so nobody locks the owner out by guessing. Without Valkey
each process keeps counts of its own that allow fewer failures: losing the copy must not open the door, and must not close it either.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass

from kernel import cache, clock
from kernel.rates import network

FAILURES = 10
LOCAL_FAILURES = 3
OF_ALL_PLACES = 30
LOCAL_OF_ALL_PLACES = 10
WINDOW_S = 300
KNOWN_FOR_S = 30 * 86_400
REMEMBERED = 10_000

# Count one more of this place, and of all strange places together; answers how long to wait in milliseconds, 0 when it may go ahead.
_COUNT = """
local function count(key)
    local n = redis.call('INCR', key)
    if n == 1 then redis.call('PEXPIRE', key, ARGV[1]) end
    return n
end
if count(KEYS[1]) > tonumber(ARGV[2]) then return math.max(redis.call('PTTL', KEYS[1]), 1) end
if redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
if count(KEYS[2]) > tonumber(ARGV[3]) then return math.max(redis.call('PTTL', KEYS[2]), 1) end
return 0
"""
# Take one back, but never below zero and never without a window; with a time in ARGV the place is known from now on.
_REFUND = """
local function refund(key)
    local n = tonumber(redis.call('GET', key) or '0')
    if n > 1 then redis.call('DECR', key) else redis.call('DEL', key) end
end
refund(KEYS[1])
if redis.call('EXISTS', KEYS[3]) == 0 then refund(KEYS[2]) end
if ARGV[1] ~= '0' then redis.call('SET', KEYS[3], '', 'EX', ARGV[1]) end
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


def _keys(email: str, address: str) -> tuple[str, str, str]:
    """Of this place, of all places, and whether this place is known. Hashed, so that no e-mail address is lying about in a cache."""
    of_all = "rm:login:{" + hashlib.sha256(email.encode()).hexdigest()[:32] + "}"  # in a cluster they lie together
    place = hashlib.sha256(f"{email}\n{network(address)}".encode()).hexdigest()[:32]
    return f"{of_all}:{place}", of_all, f"{of_all}:{place}:known"


def take(email: str, address: str) -> float | None:
    """Count an attempt. None when it may go ahead, else the seconds to wait."""
    keys = _keys(email, address)
    try:
        rest_ms = cache.client().eval(_COUNT, 3, *keys, str(WINDOW_S * 1000), str(FAILURES), str(OF_ALL_PLACES))
    except cache.ERRORS:
        return _take_here(keys[0], keys[1])
    return int(rest_ms) / 1000 if rest_ms else None


def _take_here(place: str, of_all: str) -> float | None:
    now = clock.monotonic()
    count, rest_s = _local.count(place, now=now)
    if count > LOCAL_FAILURES:
        return rest_s
    count, rest_s = _local.count(of_all, now=now)
    return rest_s if count > LOCAL_OF_ALL_PLACES else None


def refund(email: str, address: str, *, known: bool = False) -> None:
    """The attempt was never checked, so it does not count; or it was right: then this place is known from now on."""
    keys = _keys(email, address)
    for key in keys[:2]:
        _local.refund(key)
    try:
        cache.client().eval(_REFUND, 3, *keys, str(KNOWN_FOR_S if known else 0))
    except cache.ERRORS:
        return

"""Rate budgets of a venue key, shared by all processes: token buckets in Valkey, with the last 30 % kept for trading.

One script call takes tokens atomically, by the server's own clock. If Valkey is away, each process falls back to a local bucket of a
quarter of the size: slower, but several processes together stay within what the venue allows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

from kernel import clock, log
from kernel.cache import ERRORS
from venues.accounts import VenueAccount
from venues.capabilities import of

Purpose = Literal["trading", "reading"]
RESERVED_SHARE = 0.3
LOCAL_SHARE = 0.25
SIMULATED_FACTOR = 1000.0
RETRY_SHARED_S = 5.0

_log = log.get("budgets")

TAKE = """
local size, rate, floor, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or size, tonumber(kept[2]) or now
tokens = math.min(size, tokens + math.max(0, now - at) * rate)
local missing = cost + floor - tokens
if missing <= 0 then tokens = tokens - cost end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(size / rate) + 60)
if missing <= 0 then return '0' end
return tostring(missing / rate)
"""


class Scripts(Protocol):
    """The part of the asyncio client of Valkey that is needed."""

    def eval(self, script: str, numkeys: int, *keys_and_args: str) -> Awaitable[bytes | str]: ...


class LocalBucket:
    """The fallback of one process."""

    def __init__(self, size: float, per_s: float, *, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._size, self._per_s, self._monotonic = size, per_s, monotonic
        self._tokens, self._at = size, monotonic()

    def take(self, floor: float, cost: float = 1.0) -> float:
        """Take `cost` tokens if `floor` remain: 0, or the seconds to wait (then nothing was taken)."""
        now = self._monotonic()
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._per_s)
        self._at = now
        missing = cost + floor - self._tokens
        if missing > 0:
            return missing / self._per_s
        self._tokens -= cost
        return 0.0


class Budget:
    """The budget of one account. `shared` is None where the process has no Valkey."""

    def __init__(
        self, account: VenueAccount, shared: Scripts | None, *, monotonic: Callable[[], float] = clock.monotonic
    ) -> None:
        row, factor = of(account.venue), SIMULATED_FACTOR if account.simulated else 1.0
        self._size, self._per_s = row.burst * factor, row.per_s * factor
        self._key = f"rm:budget:{account.venue}:{account.fingerprint}"
        self._shared, self._monotonic = shared, monotonic
        self._local = LocalBucket(self._size * LOCAL_SHARE, self._per_s * LOCAL_SHARE, monotonic=monotonic)
        self._away_until = 0.0

    async def take(self, purpose: Purpose) -> float:
        """Take one request: 0, or the seconds to wait (then nothing was taken)."""
        share = 0.0 if purpose == "trading" else RESERVED_SHARE
        if self._shared is not None and self._monotonic() >= self._away_until:
            arguments = (str(self._size), str(self._per_s), str(self._size * share), "1")
            try:
                return float(await self._shared.eval(TAKE, 1, self._key, *arguments))
            except ERRORS as error:
                self._away_until = self._monotonic() + RETRY_SHARED_S
                _log.warning("shared_budget_away", key=self._key, error=str(error))
        return self._local.take(self._size * LOCAL_SHARE * share)

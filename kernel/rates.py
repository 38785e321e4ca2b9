"""How often somebody may ask: moving windows in Valkey, shared by all API processes, for a few classes of requests.

What is counted is a user or an API key; only who is nobody yet is counted by address, and an IPv6 address by its network of 64 bits, which
is what one customer of a provider has. Without Valkey each process keeps windows of its own: losing the copy must not open the door, and
must not close it either. Somebody who was refused is remembered until there is room again, so that a flood costs no look at Valkey.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache as once
from types import MappingProxyType
from typing import ClassVar

import redis
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from kernel import cache, clock, log
from kernel.errors import DomainError
from kernel.metrics import RATE_REFUSALS
from kernel.settings import settings


class Rate(StrEnum):
    """What is counted together."""

    LOGINS = "logins"  # whatever opens a session, per address
    STRANGERS = "strangers"  # keys and tokens that are none, per address
    OPEN = "open"  # what anybody may ask, per address
    READS = "reads"
    WRITES = "writes"
    EXPORTS = "exports"  # files that are made from much of the ledger
    STREAMS = "streams"  # websockets that are opened, per address


DEFAULTS: Mapping[Rate, str] = MappingProxyType(
    {
        Rate.LOGINS: "60/minute",
        Rate.STRANGERS: "120/minute",
        Rate.OPEN: "1200/minute",
        Rate.READS: "6000/minute",
        Rate.WRITES: "1800/minute",
        Rate.EXPORTS: "60/hour",
        Rate.STREAMS: "120/minute",
    }
)
OFF = "off"
ROOMY = ",".join(f"{rate}=1000000/minute" for rate in Rate)
"""For whoever measures or proves something else from one address."""
REMEMBERED = 10_000
AWAY_S = 1.0
"""How long nobody asks a Valkey that did not answer."""
_PREFIX = "rm:rate"
_NETWORK_BITS = 64
_log = log.get("rates")


class TooManyRequests(DomainError):
    """More than you may ask in this time; `Retry-After` says when there is room again."""

    code: ClassVar[str] = "too_many_requests"
    status: ClassVar[int] = 429


class RatesMalformed(ValueError):
    """RIVERMOUTH_RATE_LIMITS is not `class=number/unit` or `class=off`, separated by commas."""


@once
def read(text: str) -> Mapping[Rate, RateLimitItem | None]:
    """The limit of each class, None where there is none: the defaults, and what this text says instead.

    Raises:
        RatesMalformed: with the part that is not understood.
    """
    wanted: dict[Rate, str] = dict(DEFAULTS)
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, _, limit = (word.strip() for word in part.partition("="))
        if name not in set(Rate) or not limit:
            raise RatesMalformed(f"{RatesMalformed.__doc__} Not understood: {part}")
        wanted[Rate(name)] = limit
    try:
        return {rate: None if limit == OFF else parse(limit) for rate, limit in wanted.items()}
    except ValueError as error:
        raise RatesMalformed(f"{RatesMalformed.__doc__} {error}") from None


def network(address: str | None) -> str:
    """Whom an address stands for: itself, or its network of 64 bits."""
    with suppress(ValueError):
        found = ipaddress.ip_address((address or "").partition("%")[0])
        if isinstance(found, ipaddress.IPv6Address):
            if found.ipv4_mapped is not None:
                return str(found.ipv4_mapped)
            return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))
    return address or ""


def take(rate: Rate, who: str) -> None:
    """Count one request of somebody.

    Raises:
        TooManyRequests: it is one too many, with the time to wait.
    """
    limit = read(settings().rate_limits)[rate]
    if limit is None:
        return
    now = clock.monotonic()
    until = _refused.get((limit, rate, who), now)
    if until <= now:
        wait_s = _windows.wait_s(limit, rate, who, now=now)
        if wait_s is None:
            return
        until = now + wait_s
        if len(_refused) >= REMEMBERED:
            _refused.clear()
        _refused[limit, rate, who] = until
        _log.info("rate_refused", rate=rate.value, who=who)
    RATE_REFUSALS.labels(rate.value).inc()
    raise TooManyRequests(retry_after_s=int(until - now) + 1)


_refused: dict[tuple[RateLimitItem, Rate, str], float] = {}


def forget() -> None:
    """Begin anew, in this process."""
    _refused.clear()
    _windows.forget()


@dataclass(slots=True)
class _Shared:
    client: redis.Redis
    limiter: MovingWindowRateLimiter


class _Windows:
    """The windows of all processes, or this one's own while Valkey is away."""

    def __init__(self) -> None:
        self._shared: _Shared | None = None
        self._own: MovingWindowRateLimiter | None = None
        self._away_until = float("-inf")

    def forget(self) -> None:
        self.__init__()  # type: ignore[misc]

    def wait_s(self, limit: RateLimitItem, rate: Rate, who: str, *, now: float) -> float | None:
        """Count one more; None when it fits, else the seconds until one does."""
        if cache.configured() and now >= self._away_until:
            try:
                return _hit(self._of_all(), limit, rate, who)
            except cache.ERRORS as error:
                self._away_until = clock.monotonic() + AWAY_S
                _log.warning("rates_counted_here", error=str(error)[:200])
        return self._here(limit, rate, who)

    def _of_all(self) -> MovingWindowRateLimiter:
        client = cache.client()
        if self._shared is None or self._shared.client is not client:
            storage = RedisStorage("redis://", connection_pool=client.connection_pool, key_prefix=_PREFIX)
            self._shared = _Shared(client, MovingWindowRateLimiter(storage))
        return self._shared.limiter

    def _here(self, limit: RateLimitItem, rate: Rate, who: str) -> float | None:
        if self._own is None:
            self._own = MovingWindowRateLimiter(MemoryStorage())
        storage = self._own.storage
        assert isinstance(storage, MemoryStorage)
        if len(storage.events) >= REMEMBERED and limit.key_for(rate.value, who) not in storage.events:
            who = "everybody else"  # a crowd shares a window rather than that nobody is counted
        return _hit(self._own, limit, rate, who)


def _hit(limiter: MovingWindowRateLimiter, limit: RateLimitItem, rate: Rate, who: str) -> float | None:
    if limiter.hit(limit, rate.value, who):
        return None
    opens = limiter.get_window_stats(limit, rate.value, who).reset_time
    return max(opens - clock.wall().timestamp(), 0.0)


_windows = _Windows()

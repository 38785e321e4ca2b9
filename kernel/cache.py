"""Valkey: copies and wake-ups, nothing else. Losing it loses nothing; everything it holds is written again by its owner.

A failing PUBLISH is swallowed and counted, because the poll is the truth. Reading a copy that is not there is the caller's case.
"""

from __future__ import annotations

import contextlib
from typing import Any

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.retry import Retry

from kernel import log

_client: redis.Redis | None = None
_url: str | None = None
_log = log.get("cache")

ERRORS = (redis.RedisError, OSError)


def configure(url: str) -> None:
    global _client, _url  # noqa: PLW0603  one client per process
    _url = url
    _client = redis.Redis.from_url(url, socket_timeout=1.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 1))


def configured() -> bool:
    """False in a process that was given no Valkey."""
    return _client is not None


def client() -> redis.Redis:
    assert _client is not None, "kernel.cache.configure() was not called"
    return _client


def async_client() -> redis.asyncio.Redis:
    """A new asyncio client; the caller closes it. It reconnects by itself."""
    assert _url is not None, "kernel.cache.configure() was not called"
    return redis.asyncio.Redis.from_url(_url, socket_connect_timeout=1.0, health_check_interval=15)


def publish(channel: str, message: str = "") -> None:
    """Wake whoever listens; a hint that may be lost."""
    if _client is None:
        return
    try:
        _client.publish(channel, message)
    except ERRORS as error:
        _log.warning("publish_failed", channel=channel, error=str(error))


def get(key: str) -> bytes | None:
    """The copy under `key`, or None where there is none or Valkey is away."""
    try:
        value: Any = client().get(key)
    except ERRORS:
        return None
    return value  # type: ignore[no-any-return]


def first(key: str, *, seconds: int) -> bool:
    """Whether nobody has said this within so many seconds. True as well where Valkey cannot tell: only for what may happen twice."""
    if _client is None:
        return True
    try:
        return bool(_client.set(key, b"", nx=True, ex=seconds))
    except ERRORS as error:
        _log.warning("first_unknown", key=key, error=str(error))
        return True


def put(key: str, value: str | bytes) -> None:
    """Write a copy; one that could not be written is missing until its owner writes the next."""
    if _client is None:
        return
    try:
        _client.set(key, value)
    except ERRORS as error:
        _log.warning("copy_failed", key=key, error=str(error))


def close() -> None:
    global _client  # noqa: PLW0603
    if _client is not None:
        with contextlib.suppress(*ERRORS):
            _client.close()
    _client = None

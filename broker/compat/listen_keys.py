"""Listen keys: a name that a line may be opened with to hear one customer's events; it lives an hour, and longer when it is kept alive.

They stand in Valkey and nowhere else: one that was lost with it is made again by its bot, as one that has run out.
"""

from __future__ import annotations

import re
import secrets

from broker.compat.errors import Refusal, unavailable
from kernel import cache

LIFE_S = 3_600
_SHAPE = re.compile(r"[0-9a-f]{64}", re.ASCII)


def looks_like_one(text: object) -> bool:
    return isinstance(text, str) and _SHAPE.fullmatch(text) is not None


def _named(listen_key: str) -> str:
    return f"rm:listen-key:{listen_key}"


def _of(api_key: str) -> str:
    return f"rm:listen-key-of:{api_key}"


def create(api_key: str) -> str:
    """The listen key of an API key, for another hour; there is one at a time.

    Raises:
        Refusal: Valkey is away.
    """
    try:
        known = cache.client().get(_of(api_key))
        listen_key = known.decode() if isinstance(known, bytes) else secrets.token_hex(32)
        cache.client().set(_named(listen_key), api_key, ex=LIFE_S)
        cache.client().set(_of(api_key), listen_key, ex=LIFE_S)
    except cache.ERRORS:
        raise unavailable() from None
    return listen_key


def keep_alive(api_key: str, listen_key: str | None) -> None:
    """Another hour.

    Raises:
        Refusal: it is not a living listen key of this API key.
    """
    _require(api_key, listen_key)
    create(api_key)


def end(api_key: str, listen_key: str | None) -> None:
    """End it now; lines that were opened with it are told within seconds.

    Raises:
        Refusal: it is not a living listen key of this API key.
    """
    _require(api_key, listen_key)
    try:
        cache.client().delete(_of(api_key), _named(listen_key or ""))
    except cache.ERRORS:
        raise unavailable() from None


def _require(api_key: str, listen_key: str | None) -> None:
    if not looks_like_one(listen_key) or api_key_of(listen_key or "") != api_key:
        raise Refusal(-1125, "This listenKey does not exist.")


def api_key_of(listen_key: str) -> str | None:
    """Whose events it opens; None for one that lives no more.

    Raises:
        Refusal: Valkey is away.
    """
    try:
        found = cache.client().get(_named(listen_key))
    except cache.ERRORS:
        raise unavailable() from None
    return found.decode() if isinstance(found, bytes) else None

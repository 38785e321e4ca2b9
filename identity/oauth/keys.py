"""A partner's public keys: given to us once, or fetched from where the partner keeps them, and remembered for a while.

Fetched without a transaction, from the address that was judged, without following anything, read to a small bound. An unknown key may be
a new one, so it is looked for once more, but not more often than a minute apart, whoever asks.
"""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from joserfc.jwk import KeySet

from identity.oauth import rules
from identity.oauth.errors import OAuthClientInvalid
from identity.oauth.queries import ClientRow
from kernel import clock, log, outside
from kernel.db import assert_no_transaction
from kernel.outside import Target, UrlRefused
from kernel.settings import settings

KEPT_S = 300.0
PAUSE_S = 60.0
TIMEOUT_S = 3.0
MOST_BYTES = 64 * 1024
REMEMBERED = 1_000
_log = log.get("oauth")


@dataclass(frozen=True, slots=True)
class _Fetched:
    keys: KeySet | None
    at: float


class Keys:
    """The keys of all partners, as this process knows them."""

    def __init__(self) -> None:
        self._known: dict[UUID, _Fetched] = {}
        self._locks: dict[UUID, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, client: ClientRow, *, kid: str) -> KeySet | None:
        """Keys of this partner; None while they cannot be had."""
        if client.jwks is not None:
            return rules.read_keys(client.jwks)
        with self._lock:
            if len(self._locks) >= REMEMBERED:
                self._known.clear()
                self._locks.clear()
            lock = self._locks.setdefault(client.id, threading.Lock())
        with lock:
            known = self._known.get(client.id)
            age_s = clock.monotonic() - known.at if known else KEPT_S
            fresh = known is not None and age_s < KEPT_S and (age_s < PAUSE_S or _has(known.keys, kid))
            if not fresh:
                known = self._known[client.id] = _Fetched(_fetch(client), clock.monotonic())
        return known.keys if known else None


def _has(keys: KeySet | None, kid: str) -> bool:
    return keys is not None and any(key.kid == kid for key in keys.keys)


def _fetch(client: ClientRow) -> KeySet | None:
    assert client.jwks_url is not None
    try:
        return rules.read_keys(get_json(client.jwks_url))
    except (OAuthClientInvalid, UrlRefused, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        _log.warning("keys_not_fetched", client=client.key, error=type(error).__name__)
        return None


def get_json(url: str) -> Any:
    """What lies at an address that somebody gave us.

    Raises:
        UrlRefused: it leads inside.
        ValueError, OSError, httpx.HTTPError: there is no such answer.
    """
    assert_no_transaction()
    chosen = settings()
    allowed = chosen.private_webhook_targets if chosen.sandbox else frozenset()
    target = outside.read_url(url, plain=chosen.sandbox, allowed=allowed)
    address = _judged(target, allowed)
    host = f"[{address}]" if ":" in address else address
    with httpx.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT_S) as client:
        request = client.build_request(
            "GET",
            f"{target.scheme}://{host}:{target.port}{target.path}",
            headers={"Host": target.authority, "Accept": "application/json", "Accept-Encoding": "identity"},
            extensions={"sni_hostname": target.host},
        )
        answer = client.send(request, stream=True)
        try:
            return json.loads(_read(answer))
        finally:
            answer.close()


def _judged(target: Target, allowed: frozenset[str]) -> str:
    literal = outside.literal_address(target.host)
    if literal is not None:
        found = [str(literal)]
    else:
        entries = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        found = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
    if not found:
        raise OSError("the name cannot be resolved")
    for address in found:
        outside.require_outside(address, target.port, allowed=allowed)
    return found[0]


def _read(answer: httpx.Response) -> bytes:
    if answer.status_code != httpx.codes.OK:
        raise ValueError("not 200")
    deadline = clock.monotonic() + TIMEOUT_S
    body = bytearray()
    for part in answer.iter_raw():
        body += part
        if len(body) > MOST_BYTES or clock.monotonic() > deadline:
            raise ValueError("too much, or too slow")
    return bytes(body)


KEYS = Keys()

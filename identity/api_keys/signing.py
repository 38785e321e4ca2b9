"""Signed requests of programs: the headers they bring, and the text that the signature covers.

A signature covers everything that decides what a request does: method, path and query as they were sent, the body's digest, the time, a
nonce, window and realm where they are named. So it is worth nothing for another route, another body, other money or a second time.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from starlette.requests import Request

from identity.api_keys.errors import SignatureInvalid
from identity.api_keys.rules import DEFAULT_WINDOW_MS
from kernel import origin

VERSION = "RM1"
SAFE_METHODS = frozenset({"GET", "HEAD"})
KEY, TIMESTAMP, NONCE, WINDOW, SIGNATURE = (
    "rivermouth-key", "rivermouth-timestamp", "rivermouth-nonce", "rivermouth-window", "rivermouth-signature",
)  # fmt: skip
REALM = "rivermouth-realm"
_TIMESTAMP = re.compile(r"[0-9]{13}", re.ASCII)
_WINDOW = re.compile(r"[0-9]{1,5}", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a request says about its sender; nothing of it is believed yet."""

    key: str
    method: str
    payload: bytes
    signature: str
    timestamp_ms: int
    window_ms: int
    nonce: str
    address: str


def text(
    *,
    method: str,
    path: str,
    query: str,
    body: bytes,
    timestamp: str,
    nonce: str,
    window: str | None = None,
    realm: str | None = None,
) -> bytes:
    """Seven lines: version, method, path, query, SHA-256 of the body in hex, timestamp, nonce. UTF-8, no line end after the last.

    Then `window=…` and `realm=…`, a line each, of a request that names them.

    Args:
        path: as in the request line, percent-encoded, without query.
        query: as in the request line, without `?`; empty when there is none.
        timestamp: milliseconds since 1970, in decimal.
    """
    digest = hashlib.sha256(body).hexdigest()
    lines = [VERSION, method.upper(), path, query, digest, timestamp, nonce]
    lines += [f"{name}={value}" for name, value in (("window", window), ("realm", realm)) if value is not None]
    return "\n".join(lines).encode()


async def read(request: Request) -> SignedRequest | None:
    """The signed request, or None for one that brings no key.

    Raises:
        SignatureInvalid: a header is missing, there twice or not of its shape, or a session comes along.
    """
    if not request.headers.getlist(KEY):
        return None
    if "authorization" in request.headers:
        raise SignatureInvalid
    key, timestamp, nonce, signature = (_one(request, name) for name in (KEY, TIMESTAMP, NONCE, SIGNATURE))
    named, realm = (_one(request, name) if name in request.headers else None for name in (WINDOW, REALM))
    window = str(DEFAULT_WINDOW_MS) if named is None else named
    if not (_TIMESTAMP.fullmatch(timestamp) and _NONCE.fullmatch(nonce) and _WINDOW.fullmatch(window)):
        raise SignatureInvalid
    return SignedRequest(
        key=key,
        method=request.method,
        payload=text(
            method=request.method,
            path=request.scope["raw_path"].decode("latin-1"),
            query=request.scope["query_string"].decode("latin-1"),
            body=await request.body(),
            timestamp=timestamp,
            nonce=nonce,
            window=named,
            realm=realm,
        ),
        signature=signature,
        timestamp_ms=int(timestamp),
        window_ms=int(window),
        nonce=nonce,
        address=origin.address_of(request),
    )


def _one(request: Request, name: str) -> str:
    values = request.headers.getlist(name)
    if len(values) != 1:
        raise SignatureInvalid
    return values[0]

"""What is signed, how, and the headers it travels in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Generator

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def text_to_sign(
    method: str,
    path: str,
    query: str,
    body: bytes,
    timestamp_ms: int,
    nonce: str,
    *,
    window_ms: int | None = None,
    realm: str | None = None,
) -> bytes:
    """Seven lines, and one each for a window and a realm that are sent. `path` and `query` stand as they are sent: percent-encoded."""
    digest = hashlib.sha256(body).hexdigest()
    lines = ["RM1", method.upper(), path, query, digest, str(timestamp_ms), nonce]
    lines += [f"{name}={value}" for name, value in (("window", window_ms), ("realm", realm)) if value is not None]
    return "\n".join(lines).encode()


def sign(secret: str, text: bytes) -> str:
    """HMAC-SHA256 in hex; Ed25519 in base64 where the secret is a private key as PEM."""
    if "-----BEGIN" not in secret:
        return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    private = load_pem_private_key(secret.encode(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise TypeError("the private key is not an Ed25519 key")
    return base64.b64encode(private.sign(text)).decode()


def signed_headers(
    key: str,
    secret: str,
    *,
    method: str,
    path: str,
    query: str,
    body: bytes,
    window_ms: int | None = None,
    realm: str | None = None,
) -> dict[str, str]:
    """The headers of one request; each call makes a nonce of its own, so a repeat is signed anew."""
    now_ms, nonce = time.time_ns() // 1_000_000, secrets.token_urlsafe(18)
    text = text_to_sign(method, path, query, body, now_ms, nonce, window_ms=window_ms, realm=realm)
    named = {"Rivermouth-Window": window_ms, "Rivermouth-Realm": realm}
    return {
        "Rivermouth-Key": key,
        "Rivermouth-Timestamp": str(now_ms),
        "Rivermouth-Nonce": nonce,
        "Rivermouth-Signature": sign(secret, text),
        **{name: str(value) for name, value in named.items() if value is not None},
    }


class KeyAuth(httpx.Auth):
    """Signs what httpx is about to send, as it will be sent, `Rivermouth-Realm` included. `window_ms`: where five seconds are too short."""

    requires_request_body = True

    def __init__(self, key: str, secret: str, *, window_ms: int | None = None) -> None:
        self._key, self._secret, self._window_ms = key, secret, window_ms

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        signed = signed_headers(
            self._key,
            self._secret,
            method=request.method,
            path=path,
            query=query,
            body=request.content,
            window_ms=self._window_ms,
            realm=request.headers.get("Rivermouth-Realm"),
        )
        request.headers.update(signed)
        yield request

"""Sessions of browsers: an HttpOnly cookie that no script reads, and a token that proves that a request was made by our own page.

The cookie is given only to a page of this very host (its `Origin` says so). Requests that change something must carry the CSRF token in a
header; it is derived from the session's secret, so nothing about it is stored and it ends with the session.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from identity.sessions.errors import CsrfTokenMissing

COOKIE = "rivermouth_session"
CSRF_HEADER = "Rivermouth-CSRF"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def csrf_token(session_token: str) -> str:
    """HMAC-SHA-256 keyed with the session's token; who knows it knows nothing of the key."""
    digest = hmac.new(session_token.encode(), b"rivermouth csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def from_our_page(connection: HTTPConnection) -> bool:
    """Whether a browser says that a page of this very host asks."""
    origin = connection.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == connection.headers.get("host")


def token_of(connection: HTTPConnection) -> str | None:
    """The session that a browser sends along.

    Raises:
        CsrfTokenMissing: the request changes something and does not prove that our own page made it.
    """
    token = connection.cookies.get(COOKIE)
    if token is None or connection.scope.get("method", "GET") in SAFE_METHODS:
        return token
    if not hmac.compare_digest(connection.headers.get(CSRF_HEADER, "").encode(), csrf_token(token).encode()):
        raise CsrfTokenMissing
    return token


def give(response: Response, connection: HTTPConnection, token: str, *, seconds: int) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=seconds,
        httponly=True,
        samesite="strict",
        secure=connection.url.scheme == "https",
    )


def take(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")

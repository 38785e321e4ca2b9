"""Which pages of other origins a browser lets call this API: those that the deployment and its tenants name, and no other.

Such a page brings a token of its own; cookies are never sent along, and no answer is readable without a token. The list is read
again every few seconds.
"""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from identity.tenants import service as tenants
from kernel import clock, log

READ_EVERY_S = 10.0
MAX_AGE_S = 600
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HEADERS = (
    "Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id", "Rivermouth-Realm",
    "Rivermouth-Key", "Rivermouth-Timestamp", "Rivermouth-Nonce", "Rivermouth-Window", "Rivermouth-Signature",
)  # fmt: skip
EXPOSED = ("X-Request-Id", "Retry-After", "Content-Disposition")
_log = log.get("http")


class CrossOrigin(CORSMiddleware):
    """Starlette's answers about origins, with a list that changes while the process runs."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, allow_methods=METHODS, allow_headers=HEADERS, expose_headers=EXPOSED, max_age=MAX_AGE_S)
        self._allowed: frozenset[str] = frozenset()
        self._read_at = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asks = scope["type"] == "http" and any(name == b"origin" for name, _ in scope["headers"])
        if asks and clock.monotonic() - self._read_at >= READ_EVERY_S:
            self._read_at = clock.monotonic()  # once, however many ask
            try:
                self._allowed = await asyncio.to_thread(tenants.allowed_origins)
            except SQLAlchemyError as error:
                _log.warning("origins_not_read", error=str(error)[:200])
        await super().__call__(scope, receive, send)

    def is_allowed_origin(self, origin: str) -> bool:
        return origin in self._allowed

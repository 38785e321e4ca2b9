"""Which pages of other origins a browser lets call this API: those that the deployment and its tenants name, and no other.

Such a page brings a token of its own; cookies are never sent along, and no answer is readable without a token. A page that a tenant
named reads the answers to that tenant's tokens and to none of another's; one that the deployment named, everybody's. The list is read
again every few seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from identity.tenants import service as tenants
from kernel import clock, log
from kernel import origin as request_origin
from kernel.settings import settings

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
        self._allowed: Mapping[str, frozenset[UUID]] = {}
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
        """What a preflight is told, and what comes before anybody is known: whether somebody named it."""
        return origin in settings().allowed_origins or self._names(origin, _tenant())

    def _names(self, origin: str, tenant: UUID | None) -> bool:
        named = self._allowed.get(origin, frozenset())
        return bool(named) if tenant is None else tenant in named


def _tenant() -> UUID | None:
    """Whose the caller is, once that is known; Starlette asks again when the answer begins."""
    caller = request_origin.current()
    return None if caller is None else caller.tenant

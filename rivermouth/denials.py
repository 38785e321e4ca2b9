"""Who asks for what is not theirs is written down: each 404 to somebody who is logged in becomes an entry `request.denied` of the audit.

Nobody learns from the answer whether the thing exists; the entry says what was asked for, by whom and from where. Who asks for thousands of
ids fills no table: each process writes at most twenty entries a minute about one principal, and the next says how many were left out.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from identity.audit import service as audit
from kernel import clock, db, log, origin
from kernel.origin import Origin

PER_MINUTE = 20
_WINDOW_S = 60.0
_PEOPLE = 10_000
_log = log.get("denials")


@dataclass(slots=True)
class _Window:
    began: float
    written: int = 0
    left_out: int = 0


class Allowance:
    """How many entries about one principal are left in this minute, in this process."""

    def __init__(self) -> None:
        self._windows: OrderedDict[UUID, _Window] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, principal: UUID) -> int | None:
        """How many were left out before this one; None when this one is left out as well."""
        now = clock.monotonic()
        with self._lock:
            window = self._windows.pop(principal, None)
            if window is None or now - window.began >= _WINDOW_S:
                window = _Window(now, left_out=window.left_out if window else 0)
            self._windows[principal] = window
            while len(self._windows) > _PEOPLE:
                self._windows.popitem(last=False)
            if window.written >= PER_MINUTE:
                window.left_out += 1
                return None
            window.written += 1
            left_out, window.left_out = window.left_out, 0
            return left_out


class Denials:
    """Writes after the answer is on its way: who asks waits for nothing, and learns nothing from the time it takes."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._allowance = Allowance()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 0

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self.app(scope, receive, watch)
        came_from = origin.current()
        if status != 404 or came_from is None or came_from.principal is None or came_from.tenant is None:
            return
        asked = {name: str(value) for name, value in scope.get("path_params", {}).items()}
        if asked and not any(_is_id(value) for value in asked.values()):
            return  # the name of a market, a product or a day: the same for everybody
        left_out = self._allowance.take(came_from.principal)
        if left_out is not None:
            route = f"{scope['method']} {getattr(scope.get('route'), 'path', '')}"
            await anyio.to_thread.run_sync(_write, came_from, route, asked, left_out)


def _write(came_from: Origin, route: str, asked: dict[str, str], left_out: int) -> None:
    resource = "/".join(value[:64] for value in asked.values()) or "in the body"
    try:
        with db.transaction(tenant=came_from.tenant) as tx:
            audit.record(tx, "request.denied", kind="request", resource=resource, route=route, left_out=left_out)
    except SQLAlchemyError as error:
        _log.error("denial_not_written", route=route, error=str(error)[:200])


def _is_id(value: str) -> bool:
    if value.isascii() and value.isdigit():
        return True
    try:
        UUID(value)
    except ValueError:
        return False
    return True

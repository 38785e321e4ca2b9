"""One websocket: a writer, a listener and the limits of both; what is said on it is the business of its kinds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.websockets import WebSocket

from identity.auth import Principal
from kernel import clock, log, rates
from kernel.metrics import STREAM_CUTS
from rivermouth.stream import requests
from rivermouth.stream.sending import CloseCode, Outgoing

MESSAGES_PER_S, MESSAGES_AT_ONCE = 20.0, 60.0
START_WITHIN_S = 10.0
_log = log.get("stream")


class Line:
    """`serve` runs until the client or the server has had enough."""

    def __init__(self, socket: WebSocket, principal: Principal | None = None) -> None:
        self.principal = principal
        self.place = rates.network(socket.client.host if socket.client else None)
        self.out = Outgoing(socket)
        self.leave: dict[str, Callable[[], None]] = {}
        self._socket = socket
        self._allowance, self._spoke_at = MESSAGES_AT_ONCE, clock.monotonic()

    def session_ended(self) -> None:
        self.out.end(CloseCode.SESSION_ENDED)

    async def hear(self, text: str) -> None:
        """One message of the client; the next is read when this one is done."""
        raise NotImplementedError

    def beside(self) -> list[Coroutine[Any, Any, None]]:
        """What runs as long as the connection."""
        return [self._expect_a_purpose()]

    async def serve(self) -> None:
        writer = asyncio.create_task(self.out.write(), name="stream:write")
        listener = asyncio.create_task(self._listen(), name="stream:listen")
        others = [asyncio.create_task(work, name="stream:beside") for work in self.beside()]
        try:
            await asyncio.wait([writer, listener], return_when=asyncio.FIRST_COMPLETED)
            if listener.done() and not listener.cancelled() and listener.exception() is not None:
                _log.error("stream_failed", error=repr(listener.exception()), exc_info=listener.exception())
                self.out.end(CloseCode.FAILED)
            if self.out.cut is not None:
                await writer  # it still has to say why
                STREAM_CUTS.labels(self.out.cut.name.lower()).inc()
        finally:
            for task in (writer, listener, *others):
                task.cancel()
            await asyncio.gather(writer, listener, *others, return_exceptions=True)
            for leave in self.leave.values():
                leave()

    async def _listen(self) -> None:
        while self.out.cut is None:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None or len(text) > requests.MAX_MESSAGE:
                self.out.end(CloseCode.TOO_LARGE)
            elif not self._may_speak():
                self.out.end(CloseCode.TOO_MANY_MESSAGES)
            else:
                await self.hear(text)

    def _may_speak(self) -> bool:
        now = clock.monotonic()
        refilled = self._allowance + (now - self._spoke_at) * MESSAGES_PER_S
        self._allowance, self._spoke_at = min(refilled, MESSAGES_AT_ONCE) - 1, now
        return self._allowance >= 0

    async def _expect_a_purpose(self) -> None:
        """Whoever neither logs in nor listens to anything goes."""
        await asyncio.sleep(START_WITHIN_S)
        if self.principal is None and not self.leave:
            self.out.end(CloseCode.IDLE)

"""Websocket sessions of the simulated venues: one queue and one writer per client, faults of a stream included.

A dialect says what to do with a text and with an event of the core; order of sending is the order of the queue.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from venues.simulator.core import StreamsCut, VenueCore, VenueEvent


class SocketSet:
    """The open sockets of one process, closed when it stops."""

    def __init__(self) -> None:
        self._open: set[web.WebSocketResponse] = set()

    def add(self, socket: web.WebSocketResponse) -> None:
        self._open.add(socket)

    def discard(self, socket: web.WebSocketResponse) -> None:
        self._open.discard(socket)

    def all(self) -> list[web.WebSocketResponse]:
        return list(self._open)


SOCKETS = web.AppKey("sockets", SocketSet)
_QUEUE = 20_000
_BROKEN = frozenset({"bad_json"})
_SLOW = frozenset({"slow"})


class Session:
    """One connected client. `state` belongs to the dialect: subscriptions, login."""

    def __init__(self, core: VenueCore) -> None:
        self.core = core
        self.state: dict[str, Any] = {}
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()

    def send(self, message: Any) -> None:
        """Queue a message: text as it is, anything else as JSON."""
        if self._queue.qsize() > _QUEUE:
            self.close()
            return
        text = message if isinstance(message, str) else json.dumps(message, separators=(",", ":"))
        self._queue.put_nowait(text)

    def close(self) -> None:
        self._queue.put_nowait(None)

    async def write_to(self, socket: web.WebSocketResponse) -> None:
        faults, venue = self.core.faults, self.core.venue
        while (text := await self._queue.get()) is not None:
            slow = faults.take(venue, "stream", _SLOW, pushed=True)
            if slow is not None:
                await asyncio.sleep(slow.delay_ms / 1000)
            if faults.take(venue, "stream", _BROKEN, pushed=True):
                text = text[: max(1, len(text) // 2)]
            await socket.send_str(text)
        await socket.close()


async def serve(
    request: web.Request,
    core: VenueCore,
    *,
    on_text: Callable[[Session, str], None],
    on_event: Callable[[Session, VenueEvent], None],
) -> web.WebSocketResponse:
    """Run one session until the client leaves or a fault cuts it."""
    socket = web.WebSocketResponse(heartbeat=30)
    await socket.prepare(request)
    session = Session(core)
    request.app[SOCKETS].add(socket)

    def pass_on(event: VenueEvent) -> None:
        if isinstance(event, StreamsCut):
            session.close()
        else:
            on_event(session, event)

    unsubscribe = core.subscribe(pass_on)
    writer = asyncio.create_task(session.write_to(socket))
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                on_text(session, message.data)
    finally:
        unsubscribe()
        request.app[SOCKETS].discard(socket)
        writer.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await writer
    return socket

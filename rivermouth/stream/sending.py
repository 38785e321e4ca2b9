"""What goes to one client: bounded queues, one writer, and what happens to somebody who reads too slowly.

Prices are conflated: of a state only the newest waits, of a list of trades the newest few. Events of one's own are never dropped: whoever
lets too many of them wait is cut off and resumes by number. Answers come first, then events, then prices.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from enum import IntEnum

from starlette.websockets import WebSocket, WebSocketDisconnect

MAX_EVENTS = 1_000
MAX_ANSWERS = 500
KEPT_OF_A_LIST = 100
SEND_WITHIN_S = 10.0
CLOSE_WITHIN_S = 1.0


class CloseCode(IntEnum):
    """Why the server ended a connection; the range is the one that RFC 6455 leaves to applications."""

    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    UNKNOWN = 4404
    IDLE = 4408
    SESSION_ENDED = 4410
    TOO_LARGE = 4413
    TOO_MANY_MESSAGES = 4429
    SLOW_READER = 4430
    FAILED = 4500
    FULL = 4503
    RESTARTED = 1012


class Outgoing:
    """Everything that waits for one client."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._answers: deque[str] = deque()
        self._events: deque[str] = deque()
        self._prices: dict[str, deque[str]] = {}
        self._wake = asyncio.Event()
        self._drained = asyncio.Event()
        self.cut: CloseCode | None = None
        self.conflated = 0

    def answer(self, frame: str) -> None:
        """The answer to a request of the client."""
        self._answers.append(frame)
        if len(self._answers) > MAX_ANSWERS:
            self.end(CloseCode.SLOW_READER)
        self._wake.set()

    def event(self, frame: str) -> None:
        """Something that must arrive."""
        self._events.append(frame)
        if len(self._events) > MAX_EVENTS:
            self.end(CloseCode.SLOW_READER)
        self._wake.set()

    def price(self, channel: str, frame: str, *, kept: int = 1) -> None:
        """Something that the next one may replace; `kept` of them wait at most."""
        waiting = self._prices.get(channel)
        if waiting is None:
            waiting = self._prices[channel] = deque(maxlen=kept)
        elif len(waiting) == kept:
            self.conflated += 1
        waiting.append(frame)
        self._wake.set()

    def forget(self, channel: str) -> None:
        """Nothing more of this channel: the client does not want it any longer."""
        self._prices.pop(channel, None)

    def end(self, code: CloseCode) -> None:
        """Close the connection as soon as the writer gets there."""
        if self.cut is None:
            self.cut = code
        self._wake.set()
        self._drained.set()

    async def drained(self) -> None:
        """Return once the waiting events have been sent: whoever brings many of them brings them in pieces."""
        while self._events and self.cut is None:
            self._drained.clear()
            await self._drained.wait()

    async def write(self) -> None:
        """Send until the connection ends; returns then."""
        try:
            while self.cut is None:
                await self._wake.wait()
                self._wake.clear()
                while self.cut is None and (frame := self._next()) is not None:
                    async with asyncio.timeout(SEND_WITHIN_S):
                        await self._socket.send({"type": "websocket.send", "text": frame})
        except TimeoutError:
            self.end(CloseCode.SLOW_READER)
        except (WebSocketDisconnect, RuntimeError, OSError):
            self.end(CloseCode.IDLE)  # it is gone; nobody will read the code
            return
        with suppress(TimeoutError, WebSocketDisconnect, RuntimeError, OSError):
            async with asyncio.timeout(CLOSE_WITHIN_S):
                assert self.cut is not None
                if self.cut is not CloseCode.SLOW_READER:
                    while self._answers:  # among them the one that says what was wrong
                        await self._socket.send({"type": "websocket.send", "text": self._answers.popleft()})
                await self._socket.close(self.cut, self.cut.name.lower())

    def _next(self) -> str | None:
        if self._answers:
            return self._answers.popleft()
        if self._events:
            frame = self._events.popleft()
            if not self._events:
                self._drained.set()
            return frame
        for channel, waiting in self._prices.items():
            frame = waiting.popleft()
            del self._prices[channel]  # and to the end of the line, so that a busy channel does not starve the others
            if waiting:
                self._prices[channel] = waiting
            return frame
        return None

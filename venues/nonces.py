"""One signed request at a time where the venue wants its nonce to rise, the important ones first.

A nonce is written into a request when it is signed; two requests under way may overtake each other on their connections, and the venue
refuses the one that arrives late. So such a key has a gate. Orders pass before questions, questions before lists.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import IntEnum


class Urgency(IntEnum):
    ORDER = 0
    QUESTION = 1
    LIST = 2


class Gate:
    """Lets `width` holders in at once, waiting ones by urgency and then by arrival."""

    def __init__(self, width: int) -> None:
        self._free = width
        self._numbers = itertools.count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def passing(self, urgency: Urgency) -> AsyncIterator[None]:
        await self._enter(urgency)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, urgency: Urgency) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was our turn already: hand it on
                self._leave()
            raise

    def _leave(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

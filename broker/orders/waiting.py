"""Waiting for an order's outcome without holding a thread or a transaction: one subscription per process, one future per waiter.

The message is a hint. Whoever waits looks at the order once more at the deadline, so a lost message costs time and nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from broker.execution.states import CHANNEL
from kernel.wakes import Wakes


class Outcomes:
    """Futures by order id, set by the announcements of the engine."""

    def __init__(self, wakes: Wakes) -> None:
        self._waiters: dict[str, asyncio.Event] = {}
        wakes.on(CHANNEL, self._announced)

    def _announced(self, order_id: str) -> None:
        waiter = self._waiters.get(order_id)
        if waiter is not None:
            waiter.set()

    @contextmanager
    def expect(self, order_id: UUID) -> Iterator[asyncio.Event]:
        """Start listening before the order exists, so that no announcement is missed."""
        waiter = self._waiters[str(order_id)] = asyncio.Event()
        try:
            yield waiter
        finally:
            self._waiters.pop(str(order_id), None)


async def wait(waiter: asyncio.Event, timeout_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await waiter.wait()

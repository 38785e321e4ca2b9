"""Group commit: journals that stand alone share one commit. What queued while the last commit ran goes into the next; no timer.

Each lane has one connection and one batch in flight, of one tenant and one realm. A caller alone waits for its own commit and nothing
else; under load the batches grow by themselves, and with them what one commit carries. A batch that the database refuses as a whole is
posted one by one, so that an item can only spoil itself. When the connection breaks, the batch is sent once more: its keys make that
harmless. If that fails too the outcome is unknown, and whoever asked repeats the request with its key.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError

from kernel import db
from kernel.errors import DomainError, Unavailable
from kernel.metrics import GROUP_COMMIT
from payments.chart import JournalIn
from payments.errors import OutcomeUnknown
from payments.journal import service
from payments.journal.service import Posted

__all__ = ["GroupCommit", "OutcomeUnknown", "Posted"]

_WORTH_SHARING = 16
_Group = tuple[UUID, str]
_Answer = Posted | Exception


@dataclass(slots=True)
class _Item:
    journal: JournalIn
    answer: asyncio.Future[Posted]


@dataclass(slots=True)
class _Lane:
    """One thread at a time works with it; the connection stays open between batches."""

    connection: Connection | None = field(default=None)

    def post(self, tenant: UUID, journals: Sequence[JournalIn]) -> list[_Answer]:
        try:
            return [*self._post_safely(tenant, journals)]
        except (DomainError, DBAPIError) as error:
            if len(journals) == 1 or isinstance(error, OutcomeUnknown):
                return [error] * len(journals)
        return [self.post(tenant, [journal])[0] for journal in journals]

    def _post_safely(self, tenant: UUID, journals: Sequence[JournalIn]) -> list[Posted]:
        for _ in range(2):
            try:
                if self.connection is None:
                    self.connection = db.engine().connect()
                return service.post_batch(tenant=tenant, journals=journals, on=self.connection)
            except (DBAPIError, PendingRollbackError) as error:
                if not self._broken(error):
                    raise
                self.close()
        raise OutcomeUnknown(retry_after_s=1)

    def _broken(self, error: DBAPIError | PendingRollbackError) -> bool:
        """Whether the connection is gone; a value that the driver cannot send is not that, though it has no code of the server either."""
        if self.connection is None or self.connection.invalidated or self.connection.closed:
            return True
        gone = (OperationalError, InterfaceError)
        return isinstance(error, PendingRollbackError) or (isinstance(error, gone) and db.sqlstate(error) is None)

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()


class GroupCommit:
    """One per process, living on one event loop. `submit` from its coroutines, `submit_blocking` from its threads."""

    def __init__(self, lanes: int = 2, cap: int = 500) -> None:
        self._cap = cap
        self._lanes = [_Lane() for _ in range(lanes)]
        self._queues: OrderedDict[_Group, deque[_Item]] = OrderedDict()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self._idle = 0
        self._wake: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._threads: ThreadPoolExecutor

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._stopping = False
        self._threads = ThreadPoolExecutor(len(self._lanes), thread_name_prefix="group-commit")
        self._tasks = [asyncio.create_task(self._run(lane), name="group-commit") for lane in self._lanes]

    async def stop(self) -> None:
        """Post what is queued, then end."""
        self._stopping = True
        self._wake.set()
        await asyncio.gather(*self._tasks)
        for lane in self._lanes:
            lane.close()
        self._threads.shutdown()

    async def submit(self, tenant: UUID, journal: JournalIn) -> Posted:
        """Wait until the journal is committed or refused: `ok`, `exists`, or why not. A cancelled wait recalls nothing.

        Raises:
            OutcomeUnknown: the database went away; repeat with the same key.
        """
        if self._stopping:
            raise Unavailable
        item = _Item(journal, self._loop.create_future())
        self._queues.setdefault((tenant, journal.realm), deque()).append(item)
        self._wake.set()
        return await item.answer

    def submit_blocking(self, tenant: UUID, journal: JournalIn, *, timeout_s: float = 30.0) -> Posted:
        """`submit` for a thread that is not the loop's own."""
        waiting = asyncio.run_coroutine_threadsafe(self.submit(tenant, journal), self._loop)
        try:
            return waiting.result(timeout_s)
        except TimeoutError:
            waiting.cancel()
            raise OutcomeUnknown(retry_after_s=1) from None

    async def _run(self, lane: _Lane) -> None:
        while True:
            tenant, items = self._take()
            if tenant is None:
                if self._stopping:
                    return
                self._wake.clear()
                self._idle += 1
                await self._wake.wait()
                self._idle -= 1
                continue
            GROUP_COMMIT.observe(len(items))
            journals = [item.journal for item in items]
            answers: Sequence[_Answer]
            try:
                answers = await self._loop.run_in_executor(self._threads, lane.post, tenant, journals)
            except Exception as error:  # noqa: BLE001  whatever it is, each caller gets an answer and the lane lives on
                answers = [error] * len(items)
            for item, answer in zip(items, answers, strict=True):
                _settle(item.answer, answer)

    def _take(self) -> tuple[UUID | None, list[_Item]]:
        """What is queued of the group that waits longest, at most `cap`; a twin of a key in it waits for the next batch.

        Lanes that are idle share it: one writes its statement while the database works for the other.
        """
        if not self._queues:
            return None, []
        group, queue = self._queues.popitem(last=False)
        share = min(self._cap, max(_WORTH_SHARING, -(-len(queue) // (1 + self._idle))))
        taken: list[_Item] = []
        later: deque[_Item] = deque()
        keys: set[tuple[UUID, str]] = set()
        while queue and len(taken) < share:
            item = queue.popleft()
            key = (item.journal.principal, item.journal.key)
            if key in keys:
                later.append(item)
            else:
                keys.add(key)
                taken.append(item)
        later.extend(queue)
        if later:
            self._queues[group] = later
        return group[0], taken


def _settle(waiting: asyncio.Future[Posted], answer: _Answer) -> None:
    if waiting.done():  # cancelled: nobody asks any more
        return
    if isinstance(answer, Exception):
        waiting.set_exception(answer)
    else:
        waiting.set_result(answer)

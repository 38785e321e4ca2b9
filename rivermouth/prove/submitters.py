"""What callers were told, to be asked for again afterwards; and sixty-four tasks that post through group commit and remember it.

An answer that never came is no answer: the same request is sent with the same key until there is one, as a client would do it.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import Self
from uuid import UUID

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from kernel import clock, roles
from kernel.errors import DomainError
from kernel.ids import uuid7
from payments.chart import JournalIn, move
from payments.journal.group import GroupCommit

ANSWERED = {"ok", "exists"}
REPLAYED_AT_ONCE = 64


class Told:
    """Every request that was answered, with the journal it was answered with."""

    def __init__(self, tenant: UUID) -> None:
        self.tenant = tenant
        self.acknowledged: dict[str, UUID] = {}
        self._requests: dict[str, JournalIn] = {}

    def remember(self, request: JournalIn, journal_id: UUID) -> None:
        self._requests[request.key] = request
        self.acknowledged[request.key] = journal_id

    def lost(self, engine_url: str) -> list[str]:
        """Acknowledged keys that the journal does not know, or knows as another journal."""
        with psycopg.connect(roles.conninfo(engine_url)) as connection:
            found: dict[str, UUID] = dict(
                connection.execute(
                    """SELECT k.key, j.journal_id FROM payments.journal_keys k JOIN payments.journals j USING (journal_id)
                        WHERE k.tenant_id = %s""",
                    (self.tenant,),
                ).fetchall()
            )
        return [key for key, journal_id in self.acknowledged.items() if found.get(key) != journal_id]

    def replay(self) -> list[str]:
        """Ask for everything again with its key; the keys whose answer is not the first one are what is wrong."""
        return asyncio.run(self._replay())

    async def _replay(self) -> list[str]:
        group, wrong, keys = GroupCommit(), list[str](), list(self.acknowledged)
        await group.start()

        async def ask() -> None:
            while keys:
                key = keys.pop()
                posted = await group.submit(self.tenant, self._requests[key])
                if (posted.status, posted.journal_id) != ("exists", self.acknowledged[key]):
                    wrong.append(key)

        await asyncio.gather(*(ask() for _ in range(REPLAYED_AT_ONCE)))
        await group.stop()
        return wrong


class Submitters:
    """They run on a thread with an event loop of its own while the block lasts; an answer that is missing is waited for."""

    def __init__(
        self, told: Told, *, payers: Sequence[int], payees: Sequence[int], count: int = 64, seed: int = 1
    ) -> None:
        self.told = told
        self.answers: Counter[str] = Counter()
        self._payers, self._payees, self._count = payers, payees, count
        self._rng = random.Random(seed)
        self._stop = threading.Event()
        self._given_up = False
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), name="submitters")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        self._given_up = failed is not None  # whoever fails meanwhile may have lost the database for good
        self._stop.set()
        self._thread.join()

    def wait_for(self, more: int, *, within_s: float = 120.0) -> bool:
        """Until so many more were acknowledged than now."""
        wanted, deadline = len(self.told.acknowledged) + more, clock.monotonic() + within_s
        while len(self.told.acknowledged) < wanted:
            if clock.monotonic() > deadline:
                return False
            self._stop.wait(0.02)
        return True

    async def _main(self) -> None:
        group = GroupCommit()
        await group.start()
        await asyncio.gather(*(self._submit_until_told(group) for _ in range(self._count)))
        await group.stop()

    async def _submit_until_told(self, group: GroupCommit) -> None:
        while not self._stop.is_set():
            payer, payee = self._rng.choice(self._payers), self._rng.choice(self._payees)
            if payer == payee:
                continue
            key, amount = f"s/submitted:{uuid7()}", Decimal(self._rng.randint(1, 900)) / 100
            request = JournalIn(key=key, kind="transfer", lines=move(payer, payee, amount))
            await self._until_answered(group, request)

    async def _until_answered(self, group: GroupCommit, request: JournalIn) -> None:
        while not self._given_up:
            try:
                posted = await group.submit(self.told.tenant, request)
            except (DomainError, SQLAlchemyError):
                self.answers["no answer"] += 1
                await asyncio.sleep(0.05)
                continue
            self.answers[posted.status] += 1
            if posted.status in ANSWERED and posted.journal_id is not None:
                self.told.remember(request, posted.journal_id)
            return

"""Channels of one's own events: each entry exactly once and in order, whatever gets lost on the way.

A copy from Valkey is passed on when it is the next number; anything else (a gap, a start, a resume) is read from Postgres. Once a second
the numbers of all channels that somebody reads here are compared with the heads in Postgres, so a lost copy costs a second at most.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from kernel import db, feeds, log
from kernel.wakes import Wakes
from rivermouth.stream.sending import Outgoing

COMPARE_EVERY_S = 1.0
PAGE = 500
_log = log.get("stream")

Owner = tuple[UUID, UUID]
"""(tenant, owner)"""


class Reading:
    """One client's place in one channel: `seq` is the last number that was handed over."""

    def __init__(self, owner: Owner, channel: str, out: Outgoing, take: Callable[[feeds.Entry], None]) -> None:
        self.owner, self.channel = owner, channel
        self.seq = 0
        self._out, self._take = out, take
        self._wanted = 0
        self._catching_up: asyncio.Task[None] | None = None

    def start(self, seq: int) -> None:
        """Go on behind this number; 0 is the beginning."""
        self.seq = seq

    def offer(self, entry: feeds.Entry) -> None:
        """A copy arrived, or the head is known to be this far."""
        if self._catching_up is None and entry.seq == self.seq + 1:
            self._hand_over(entry)
        elif entry.seq > self.seq:
            self.reach(entry.seq)

    def reach(self, seq: int) -> None:
        """Numbers up to this one exist: read what is missing."""
        self._wanted = max(self._wanted, seq)
        if self._wanted > self.seq and self._catching_up is None:
            self._catching_up = asyncio.create_task(self._catch_up(), name=f"catch-up:{self.channel}")

    def _hand_over(self, entry: feeds.Entry) -> None:
        self.seq = entry.seq
        self._take(entry)

    async def _catch_up(self) -> None:
        try:
            while self._wanted > self.seq and self._out.cut is None:
                page = await asyncio.to_thread(self._page)
                for entry in page:
                    if entry.seq > self.seq:
                        self._hand_over(entry)
                if not page:
                    return  # forgotten meanwhile, or announced by somebody whose commit is not seen yet: the comparison asks again
                await self._out.drained()
        except SQLAlchemyError as error:
            _log.warning("history_not_read", error=str(error)[:200])
        finally:
            self._catching_up = None

    def _page(self) -> list[feeds.Entry]:
        tenant, owner = self.owner
        with db.read_only(tenant=tenant) as tx:
            return feeds.after(tx, owner, self.channel, self.seq, limit=PAGE)

    def stop(self) -> None:
        if self._catching_up is not None:
            self._catching_up.cancel()


class OwnEvents:
    """All places of this process."""

    def __init__(self, wakes: Wakes) -> None:
        self._readings: defaultdict[Owner, set[Reading]] = defaultdict(set)
        self._heard: set[Callable[[Owner], None]] = set()
        wakes.on(feeds.CHANNEL, self._copy_arrived)

    def add(self, reading: Reading) -> None:
        self._readings[reading.owner].add(reading)

    def remove(self, reading: Reading) -> None:
        reading.stop()
        mine = self._readings[reading.owner]
        mine.discard(reading)
        if not mine:
            del self._readings[reading.owner]

    def on_news(self, listener: Callable[[Owner], None]) -> None:
        """Call it whenever an owner has news, whoever reads them."""
        self._heard.add(listener)

    def _copy_arrived(self, message: str) -> None:
        owner = feeds.address_of(message)
        for listener in self._heard:
            listener(owner)
        if owner not in self._readings:
            return
        for channel, entry in feeds.read(message).entries:
            for reading in list(self._readings.get(owner, ())):
                if reading.channel == channel:
                    reading.offer(entry)

    async def compare(self) -> None:
        """For ever: look whether a copy got lost."""
        while True:
            await asyncio.sleep(COMPARE_EVERY_S)
            try:
                await self._compare_once()
            except SQLAlchemyError as error:
                _log.warning("heads_not_read", error=str(error)[:200])

    async def _compare_once(self) -> None:
        tenants: defaultdict[UUID, list[UUID]] = defaultdict(list)
        for tenant, owner in self._readings:
            tenants[tenant].append(owner)
        for tenant, owners in tenants.items():
            heads = await asyncio.to_thread(_heads, tenant, owners)
            for (owner, channel), seq in heads.items():
                for reading in _of_channel(self._readings.get((tenant, owner), ()), channel):
                    reading.reach(seq)


def _heads(tenant: UUID, owners: list[UUID]) -> dict[tuple[UUID, str], int]:
    with db.read_only(tenant=tenant) as tx:
        return feeds.heads(tx, owners)


def _of_channel(readings: Iterable[Reading], channel: str) -> list[Reading]:
    return [reading for reading in readings if reading.channel == channel]

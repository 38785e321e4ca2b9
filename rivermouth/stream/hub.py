"""What all connections of one process share: one look at each market, one subscription of Valkey, one list of who is connected."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from identity.auth import Principal
from identity.sessions import service as sessions
from kernel import log
from kernel.metrics import STREAM_CLIENTS
from kernel.settings import settings
from kernel.wakes import Wakes
from rivermouth.stream.binance import BinanceStreams
from rivermouth.stream.copies import Copies
from rivermouth.stream.money import Money
from rivermouth.stream.own import OwnEvents
from rivermouth.stream.prices import Prices
from rivermouth.stream.spreads import Spreads

MAX_CONNECTIONS = 5_000
SESSIONS_EVERY_S = 2.0
_log = log.get("stream")


class Guest(Protocol):
    """A connection, as far as the process must know it."""

    principal: Principal | None
    place: str

    def session_ended(self) -> None: ...


class Hub:
    """Made once per API process, in its lifespan."""

    def __init__(self, wakes: Wakes) -> None:
        self.copies = Copies(wakes)
        self.prices = Prices(wakes, self.copies)
        self.events = OwnEvents(wakes)
        self.spreads = Spreads()
        self.binance = BinanceStreams(wakes, self.copies, self.spreads)
        self.money = Money()
        self.events.on_news(self.money.news)
        self._guests: set[Guest] = set()
        self._places: Counter[str] = Counter()

    def admit(self, guest: Guest) -> bool:
        """False when the process has as many connections as it serves well, or this address as many as one may have."""
        if len(self._guests) >= MAX_CONNECTIONS or self._places[guest.place] >= settings().streams_per_address:
            return False
        self._guests.add(guest)
        self._places[guest.place] += 1
        STREAM_CLIENTS.set(len(self._guests))
        return True

    def dismiss(self, guest: Guest) -> None:
        if guest in self._guests:
            self._guests.remove(guest)
            self._places[guest.place] -= 1
            self._places += Counter()  # forgets whom nobody is left of
        STREAM_CLIENTS.set(len(self._guests))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Hub]:
        parts = (self.copies.run, self.events.compare, self.money.run, self.spreads.run, self._watch_sessions)
        tasks = [asyncio.create_task(_keep(part), name=f"stream:{part.__name__}") for part in parts]
        try:
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.copies.close()

    async def _watch_sessions(self) -> None:
        """A connection ends with its session: logged out, expired or disabled, within seconds."""
        while True:
            await asyncio.sleep(SESSIONS_EVERY_S)
            tenants: defaultdict[UUID, list[Guest]] = defaultdict(list)
            for guest in self._guests:
                if guest.principal is not None:
                    tenants[guest.principal.tenant_id].append(guest)
            for tenant, guests in tenants.items():
                known = {g: g.principal.session_id for g in guests if g.principal is not None}
                try:
                    live = await asyncio.to_thread(sessions.still_live, tenant, list(known.values()))
                except SQLAlchemyError as error:  # nobody is cut off because the database is away
                    _log.warning("sessions_not_read", error=str(error)[:200])
                    continue
                for guest, session_id in known.items():
                    if session_id not in live:
                        guest.session_ended()


async def _keep(part: object) -> None:
    """A part that fails starts again: the others, and the connections, go on."""
    while True:
        try:
            await part()  # type: ignore[operator]
        except Exception:  # noqa: BLE001  whatever it was, the next round may do better
            _log.error("stream_part_failed", part=getattr(part, "__name__", ""), exc_info=True)
            await asyncio.sleep(0.5)

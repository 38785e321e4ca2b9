"""The engine's part of controls: every process watches them; one owner carries out switches and takes markouts; another reads open orders.

The watcher also keeps the venues' pauses and the business clock of this process, so that a ban ends in every process when it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from broker.controls import memory, sweeping
from broker.controls import service as controls
from broker.controls.states import Scope
from broker.listings import service as listings
from broker.toxicity import service as toxicity
from kernel import clock, db, log
from kernel.leases import LeaseKeeper
from kernel.wakes import Wakes
from venues import pauses
from venues.gateway import VenueGateway, VenueUnreachable
from venues.health import VenueHealth

WATCH_EVERY_S = 0.4
CARRY_OUT_EVERY_S = 0.25
LISTINGS_EVERY_S = 30.0
_log = log.get("controls")


class ControlsWatch:
    """What this process knows of controls and of the venues' pauses."""

    def __init__(self, wakes: Wakes, healths: Mapping[str, VenueHealth], *, tenant: UUID) -> None:
        self._wakes, self._healths, self._tenant = wakes, healths, tenant

    def look(self) -> None:
        """Read everything once; the first look comes before anything is sent."""
        with db.transaction() as tx:
            pauses.follow_clock(tx)
        memory.watch()
        known = memory.of(self._tenant)
        closed = {
            window.target: (window.ends_at - known.now).total_seconds()
            for window in known.windows
            if window.scope is Scope.VENUE and window.live(known.now)
        }
        with db.transaction() as tx:
            pauses.exchange(tx, self._healths, closed=closed)

    async def run(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.look)
            except DBAPIError as error:
                _log.warning("database_away", owner="controls", error=str(error.orig))
            await self._wakes.wait(memory.CHANNEL, WATCH_EVERY_S)


async def carry_out(leases: LeaseKeeper, wakes: Wakes, *, tenant: UUID) -> None:
    """Cancel what a `cancel_all` says, and take the markouts that are due."""
    leases.want("controls")
    while True:
        if leases.epoch("controls") is not None:
            try:
                await asyncio.to_thread(_sweep_all, tenant)
                await asyncio.to_thread(toxicity.measure)
            except DBAPIError as error:
                _log.warning("database_away", owner="controls", error=str(error.orig))
        await wakes.wait("rm:controls-work", CARRY_OUT_EVERY_S)


def _sweep_all(house: UUID) -> None:
    for tenant in memory.tenants() | {house}:
        while controls.has_cancel_all(tenant) and sweeping.sweep(tenant):
            pass


async def read_listings(
    leases: LeaseKeeper, *, tenant: UUID, gateways: Mapping[str, VenueGateway], symbols: Sequence[str]
) -> None:
    """Read what each venue lists as open on our account, twice a minute, for reconciliation."""
    name = f"listings:{tenant}"
    leases.want(name)
    while True:
        if leases.epoch(name) is not None:
            try:
                for gateway in gateways.values():
                    await _read(tenant, gateway, symbols)
            except DBAPIError as error:
                _log.warning("database_away", owner=name, error=str(error.orig))
        await asyncio.sleep(LISTINGS_EVERY_S if leases.epoch(name) is not None else 1.0)


async def _read(tenant: UUID, gateway: VenueGateway, symbols: Sequence[str]) -> None:
    for symbol in symbols:
        began = clock.monotonic()
        try:
            listed = await gateway.open_orders(symbol)
        except VenueUnreachable as error:
            _log.warning("open_orders_not_read", venue=gateway.venue, symbol=symbol, error=str(error)[:200])
            return
        await asyncio.to_thread(
            listings.store, tenant, venue=gateway.venue, symbol=symbol, listed=listed, took_s=clock.monotonic() - began
        )

"""The owner of the watch over loans: a look at every tick of the markets, at most a fifth of the time of one core.

And the reader of what a venue says that it has lent us, for reconciliation.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kernel import cache, clock, leases, log
from kernel.db import Tx
from kernel.leases import LeaseKeeper
from kernel.metrics import LOAN_LEVELS, LOANS_MARKED, LOANS_WATCHED
from kernel.wakes import Wakes
from lending.funding import readings
from lending.funding.states import Adapter
from lending.liquidation import service as liquidations
from lending.watch import rescue
from lending.watch.service import Watcher
from markets.quotes import service as quotes
from venues.bitfinex_funding import BitfinexFunding
from venues.gateway import VenueUnreachable

LEASE = "lending-watch"
LOOK_S = 0.25
LEAST_REST_S, MOST_REST_S = 0.1, 5.0
IDLE_REST_S = 1.0
"""While nobody has a loan: how late the first one may be seen."""
REST = 4
"""A tick that took a second is followed by so many seconds of rest."""
FUNDING_EVERY_S = 60.0
_log = log.get("lending.watch")


async def watch_loans(keeper: LeaseKeeper, wakes: Wakes) -> None:
    """Under a lease; whoever takes over reads the whole book first."""
    keeper.want(LEASE)
    owned: int | None = None
    watcher: Watcher | None = None
    while True:
        epoch = keeper.epoch(LEASE)
        if epoch is None or epoch != owned:
            owned, watcher = epoch, None if epoch is None else _begin(keeper, epoch)
        if watcher is not None:
            began = clock.monotonic()
            try:
                await asyncio.to_thread(_step, watcher)
            except (DBAPIError, *cache.ERRORS) as error:
                _log.warning("watch_interrupted", error=repr(error)[:300])
                await asyncio.sleep(0.5)
            least = LEAST_REST_S if len(watcher.memory) else IDLE_REST_S
            await asyncio.sleep(min(max(REST * (clock.monotonic() - began), least), MOST_REST_S))
        await wakes.wait(quotes.CHANGED, LOOK_S)


def _begin(keeper: LeaseKeeper, epoch: int) -> Watcher:
    def held(tx: Tx) -> bool:
        return leases.still_held(tx, name=LEASE, holder=keeper.holder, epoch=epoch)

    return Watcher(begin=liquidations.begin, rescue=rescue.top_up, held=held)


def _step(watcher: Watcher) -> None:
    with LOANS_MARKED.time():
        tally = watcher.step()
    LOANS_WATCHED.set(len(watcher.memory))
    LOAN_LEVELS.labels("changed").inc(tally.changed)
    LOAN_LEVELS.labels("sale_begun").inc(tally.begun)
    LOAN_LEVELS.labels("sale_not_begun").inc(len(tally.kept))


async def read_funding(keeper: LeaseKeeper, *, tenant: UUID, desk: BitfinexFunding) -> None:
    """Read once a minute what is taken there, of each asset that a line has."""
    name = f"funding:{tenant}"
    keeper.want(name)
    while True:
        if keeper.epoch(name) is not None:
            try:
                for asset in await asyncio.to_thread(readings.assets_of, tenant, Adapter.BITFINEX):
                    taken = await desk.taken(asset)
                    await asyncio.to_thread(readings.store, tenant, Adapter.BITFINEX, asset, taken)
            except (DBAPIError, VenueUnreachable) as error:
                _log.warning("funding_not_read", error=repr(error)[:300])
        await asyncio.sleep(FUNDING_EVERY_S if keeper.epoch(name) is not None else 1.0)

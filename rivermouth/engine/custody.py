"""The owners of what the custodian is told and tells: the lane that asks, and the reader of its events."""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import DBAPIError

from kernel import log
from kernel.calls.lane import Lane
from kernel.leases import LeaseKeeper
from kernel.settings import settings
from kernel.wakes import Wakes
from wallet_bridge.custody import calls, reading, service
from wallet_bridge.custody.client import Client, CustodianAway

EVENTS = "custodian-events"
_POLL_S = 1.0
_log = log.get("custody")


def lane(client: Client, leases: LeaseKeeper, wakes: Wakes) -> Lane:
    kind = calls.CustodyCalls(client)
    return Lane(
        service.LANE,
        dict.fromkeys(service.KINDS, kind),
        leases=leases,
        wakes=wakes,
        max_in_flight=calls.AT_ONCE,
        resolving=calls.RESOLVING.scaled(settings().resolver_scale),
        poll_s=settings().lane_poll_s,
    )


async def read_events(client: Client, leases: LeaseKeeper, wakes: Wakes) -> None:
    """For ever; the cursor decides, so two readers do no harm."""
    leases.want(EVENTS)
    while True:
        read = 0
        try:
            if leases.epoch(EVENTS) is not None:
                read = await reading.read(client)
                await asyncio.to_thread(service.try_again)
        except CustodianAway as error:
            await reading.trouble(error)
        except DBAPIError as error:
            _log.warning("database_away", owner=EVENTS, error=str(error.orig))
        if read < reading.AT_ONCE:
            await wakes.wait(service.WAKE, _POLL_S)

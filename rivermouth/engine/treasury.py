"""The owner of a venue's withdrawals: the lane that sends each once, and the watch over what the venue offers and what has come there.

Both use the key that may withdraw, whose nonce is counted here; so the watch follows the lane's lease.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from kernel import clock, log
from kernel.calls.lane import Lane
from kernel.leases import LeaseKeeper
from kernel.settings import settings
from kernel.wakes import Wakes
from venues.capabilities import of
from venues.ccxt_gateway import CcxtGateway
from venues.ccxt_moves import CcxtMoves
from venues.gateway import VenueUnreachable
from venues.moves import DepositAddress
from wallet_bridge.moves import arriving, calls, service

RAILS_EVERY_S, RAILS_AGAIN_S, ADDRESS_AGAIN_S = 600.0, 5.0, 15.0
ARRIVALS_EVERY_S = 10.0
_log = log.get("treasury")


class Read(Enum):
    """How much of what a venue offers could be read."""

    NOTHING_KNOWN = "nothing_known"  # of what lies there: there is nothing to ask for yet
    ADDRESS_MISSING = "address_missing"
    WHOLE = "whole"


class Desk(CcxtMoves):
    """The moves of a gateway, for a lane."""

    def __init__(self, gateway: CcxtGateway) -> None:
        super().__init__(gateway)

    def ready(self) -> bool:
        """Always: what cannot be sent while the venue is away is refused by the gateway, unsent, and the transfer has failed."""
        return True


def lane(desk: Desk, *, tenant: UUID, venue: str, leases: LeaseKeeper, wakes: Wakes) -> Lane:
    return Lane(
        service.lane_of(tenant, venue),
        {service.CALL: calls.WithdrawCalls(desk)},
        leases=leases,
        wakes=wakes,
        max_in_flight=of(venue).max_in_flight,
        poll_s=settings().lane_poll_s,
        resolving=calls.RESOLVING.scaled(settings().resolver_scale),
        measured_as=f"{venue}:withdraw",
    )


async def watch(desk: Desk, *, tenant: UUID, venue: str, leases: LeaseKeeper) -> None:
    """For ever: what it offers now and then, what has come there while something is on its way."""
    lease, next_rails, missed = f"lane:{service.lane_of(tenant, venue)}", 0.0, 0
    while True:
        if leases.epoch(lease) is not None:
            try:
                if clock.monotonic() >= next_rails:
                    told = await read_rails(desk, tenant=tenant, venue=venue)
                    missed = missed + 1 if told is Read.ADDRESS_MISSING else 0
                    next_rails = clock.monotonic() + pause_s(told, missed=missed)
                await read_arrivals(desk, tenant=tenant, venue=venue)
            except VenueUnreachable as error:
                _log.warning("venue_unreachable", venue=venue, error=str(error)[:200])
            except DBAPIError as error:
                _log.warning("database_away", owner=lease, error=str(error.orig))
        await asyncio.sleep(max(ARRIVALS_EVERY_S * settings().resolver_scale, 0.2))


def pause_s(told: Read, *, missed: int) -> float:
    """Until what it offers is read again. `missed`: how often in a row an address was missing; each time the pause is twice as long."""
    if told is Read.ADDRESS_MISSING:
        return min(ADDRESS_AGAIN_S * (1 << min(missed - 1, 10)), RAILS_EVERY_S)
    return RAILS_EVERY_S if told is Read.WHOLE else RAILS_AGAIN_S


async def read_rails(desk: Desk, *, tenant: UUID, venue: str) -> Read:
    """An address that could not be read stays as it was."""
    assets = await asyncio.to_thread(arriving.wanted_assets, tenant, venue)
    if not assets:
        return Read.NOTHING_KNOWN
    offers, told = await desk.offers(assets), Read.WHOLE
    addresses: dict[tuple[str, str], DepositAddress] = {}
    for offer in offers:
        if offer.deposits:
            try:
                addresses[offer.asset, offer.network] = await desk.address(offer.asset, offer.network)
            except VenueUnreachable as error:
                told = Read.ADDRESS_MISSING
                _log.warning("address_not_read", venue=venue, asset=offer.asset, error=str(error)[:200])
    await asyncio.to_thread(arriving.store, tenant, venue, offers, addresses)
    return told


async def read_arrivals(desk: Desk, *, tenant: UUID, venue: str) -> None:
    for asset, since in (await asyncio.to_thread(arriving.coming, tenant, venue)).items():
        deposits = await desk.deposits(asset, since)
        await asyncio.to_thread(arriving.came, tenant, venue, deposits)

"""The owner of a venue's withdrawals: the lane that sends each once, and the watch over what the venue offers and what has come there.

Both use the key that may withdraw, whose nonce is counted here; so the watch follows the lane's lease.
"""

from __future__ import annotations

import asyncio
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

RAILS_EVERY_S, RAILS_AGAIN_S = 600.0, 5.0
ARRIVALS_EVERY_S = 10.0
_log = log.get("treasury")


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
    lease, next_rails = f"lane:{service.lane_of(tenant, venue)}", 0.0
    while True:
        if leases.epoch(lease) is not None:
            try:
                if clock.monotonic() >= next_rails:
                    told = await read_rails(desk, tenant=tenant, venue=venue)
                    next_rails = clock.monotonic() + (RAILS_EVERY_S if told else RAILS_AGAIN_S)
                await read_arrivals(desk, tenant=tenant, venue=venue)
            except VenueUnreachable as error:
                _log.warning("venue_unreachable", venue=venue, error=str(error)[:200])
            except DBAPIError as error:
                _log.warning("database_away", owner=lease, error=str(error.orig))
        await asyncio.sleep(max(ARRIVALS_EVERY_S * settings().resolver_scale, 0.2))


async def read_rails(desk: Desk, *, tenant: UUID, venue: str) -> bool:
    """False while nothing is known of what lies there."""
    assets = await asyncio.to_thread(arriving.wanted_assets, tenant, venue)
    if not assets:
        return False
    offers = await desk.offers(assets)
    addresses: dict[tuple[str, str], DepositAddress] = {}
    for offer in offers:
        if offer.deposits:
            try:
                addresses[offer.asset, offer.network] = await desk.address(offer.asset, offer.network)
            except VenueUnreachable as error:
                _log.warning("address_not_read", venue=venue, asset=offer.asset, error=str(error)[:200])
    await asyncio.to_thread(arriving.store, tenant, venue, offers, addresses)
    return True


async def read_arrivals(desk: Desk, *, tenant: UUID, venue: str) -> None:
    for asset, since in (await asyncio.to_thread(arriving.coming, tenant, venue)).items():
        deposits = await desk.deposits(asset, since)
        await asyncio.to_thread(arriving.came, tenant, venue, deposits)

"""The simulator as one aiohttp application: four venues, the control API, and the clock that moves prices."""

import asyncio
import contextlib
import importlib
import importlib.util
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from aiohttp import WSCloseCode, web

from venues.simulator.control import Control
from venues.simulator.core import VenueCore
from venues.simulator.faults import Faults, fault_middleware
from venues.simulator.listings import VENUES
from venues.simulator.moves import World
from venues.simulator.prices import PriceSource
from venues.simulator.sockets import SOCKETS, SocketSet
from venues.simulator.storage import Storage

TICK_S = 0.5
_GRACE_S = 1


@dataclass(frozen=True, slots=True)
class Simulator:
    """The parts of one running simulator."""

    app: web.Application
    cores: dict[str, VenueCore]
    faults: Faults
    prices: PriceSource


def build(*, data: Path | None = None, recording: Iterable[Decimal] | None = None, tick_s: float = TICK_S) -> Simulator:
    """Assemble the application; `tick_s` 0 leaves every price where it is put."""
    faults = Faults()
    cores = {
        venue: VenueCore(venue, faults, storage=None if data is None else Storage(data / f"{venue}.jsonl"))
        for venue in VENUES
    }
    prices = PriceSource(cores, recording=recording)
    dialects = _dialects()
    world = World({venue: (core, core.moves) for venue, core in cores.items()})
    app = web.Application(middlewares=[_delivering(world), fault_middleware(dialects, faults)], client_max_size=2**20)
    app[SOCKETS] = SocketSet()
    app.add_routes(Control(cores, faults, prices).routes())
    for venue, dialect in dialects.items():
        app.add_routes(dialect.routes(cores[venue], faults))
    if tick_s:
        app.cleanup_ctx.append(_ticking(prices, tick_s))
    app.on_shutdown.append(_hang_up)
    return Simulator(app, cores, faults, prices)


def _dialects() -> dict[str, Any]:
    names = {venue: f"venues.simulator.dialects.{venue}" for venue in VENUES}
    return {
        venue: importlib.import_module(name)
        for venue, name in names.items()
        if importlib.util.find_spec(name) is not None
    }


def _delivering(world: World) -> Any:
    """Who asks a venue sees what has arrived by then."""

    @web.middleware
    async def middleware(request: web.Request, handler: Any) -> web.StreamResponse:
        world.deliver()
        answer: web.StreamResponse = await handler(request)
        return answer

    return middleware


def _ticking(prices: PriceSource, tick_s: float) -> Any:
    async def run() -> None:
        while True:
            await asyncio.sleep(tick_s)
            prices.tick()

    async def context(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(run())
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    return context


async def _hang_up(app: web.Application) -> None:
    for socket in app[SOCKETS].all():
        await socket.close(code=WSCloseCode.GOING_AWAY)


async def start(simulator: Simulator, *, host: str = "127.0.0.1", port: int = 0) -> tuple[web.AppRunner, int]:
    """Listen on the loopback interface; the port that was taken is returned."""
    runner = web.AppRunner(simulator.app, access_log=None, shutdown_timeout=_GRACE_S)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    return runner, int(runner.addresses[0][1])

"""A running simulator for tests: in a thread of this process, on a free port.

with start_simulator() as simulator:
    simulator.url, simulator.control("POST", "/control/prices", {...}), simulator.cores["binance"]
"""

import asyncio
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from venues.simulator import server
from venues.simulator.core import VenueCore
from venues.simulator.faults import Faults


@dataclass(frozen=True)
class RunningSimulator:
    url: str
    cores: dict[str, VenueCore]
    faults: Faults

    def control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the control API; the parsed answer, or an HTTPError for 4xx."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def orders(self, venue: str, client_order_id: str | None = None) -> list[dict[str, Any]]:
        """What the venue really accepted."""
        query = f"?client_order_id={client_order_id}" if client_order_id else ""
        return self.control("GET", f"/control/venues/{venue}/orders{query}")["items"]

    def pin(self, symbol: str, price: str, venue: str = "all") -> Any:
        return self.control("POST", "/control/prices", {"symbol": symbol, "price": price, "venue": venue})

    def fault(self, venue: str, kind: str, **more: Any) -> str:
        """Inject a fault, for one call unless `count` or `seconds` says more; its id."""
        if "seconds" not in more:
            more.setdefault("count", 1)
        return self.control("POST", "/control/faults", {"venue": venue, "kind": kind, **more})["id"]

    def hits(self, fault_id: str) -> int:
        return self.control("GET", f"/control/faults/{fault_id}")["hits"]

    def reset(self) -> None:
        self.control("POST", "/control/reset", {})


@contextmanager
def start_simulator(*, data: Path | None = None, tick_s: float = 0.2) -> Iterator[RunningSimulator]:
    """Every start has fresh cores; with `data` they remember what an earlier one kept there."""
    ready = threading.Event()
    running: dict[str, Any] = {}

    async def serve() -> None:
        simulator = server.build(data=data, tick_s=tick_s)
        runner, port = await server.start(simulator)
        running.update(stop=asyncio.Event(), loop=asyncio.get_running_loop(), port=port, simulator=simulator)
        ready.set()
        await running["stop"].wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="simulator", daemon=True)
    thread.start()
    assert ready.wait(60), "the simulator did not start"
    parts = running["simulator"]
    try:
        yield RunningSimulator(f"http://127.0.0.1:{running['port']}", parts.cores, parts.faults)
    finally:
        running["loop"].call_soon_threadsafe(running["stop"].set)
        thread.join(10)

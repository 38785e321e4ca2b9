"""The engine's half of the sandbox: lock-step with the simulator, so that a test never has to guess when a price has arrived.

The API sets a price at the simulator and publishes a request; this answers when the feeds show it, the composite is made and every
order that it triggered has come to rest or to an end.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kernel import cache, clock, log
from kernel.db import read_only
from kernel.wakes import Wakes
from rivermouth.engine.shard import MarketShard
from rivermouth.sandbox.channels import REPLIES, REQUESTS
from venues.ccxt_feed import Feed
from venues.ccxt_gateway import CcxtGateway

SETTLE_WITHIN_S = 20.0
_log = log.get("sandbox")


class SandboxEngine:
    """Handles one request at a time per message; a lost message is repeated by the API."""

    def __init__(
        self,
        shards: Mapping[str, MarketShard],
        feeds: Mapping[str, Feed],
        gateways: Mapping[str, CcxtGateway],
        wakes: Wakes,
    ) -> None:
        self._shards, self._feeds, self._gateways = shards, feeds, gateways
        self._running: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        wakes.on(REQUESTS, self._received)

    async def run(self) -> None:
        await asyncio.Event().wait()

    def _received(self, message: str) -> None:
        request = json.loads(message)
        if request["id"] in self._running or not self._mine(request):
            return
        self._running.add(request["id"])
        task = asyncio.create_task(self._handle(request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _mine(self, request: dict[str, Any]) -> bool:
        """What is about a market is its owner's to answer; while nobody owns it, the API asks again."""
        shard = self._shards.get(request.get("symbol", ""))
        return shard is None or shard.leases.epoch(shard.lease) is not None

    async def _handle(self, request: dict[str, Any]) -> None:
        try:
            if request["op"] == "reset":
                for gateway in self._gateways.values():
                    gateway.health.reset()
                answer: dict[str, Any] = {"ok": True}
            else:
                answer = await self._settle(request)
        except Exception as error:  # noqa: BLE001  the API must get an answer
            _log.error("sandbox_request_failed", error=repr(error), exc_info=True)
            answer = {"ok": False, "detail": repr(error)}
        cache.publish(REPLIES, json.dumps({"id": request["id"], **answer}))
        self._running.discard(request["id"])

    async def _settle(self, request: dict[str, Any]) -> dict[str, Any]:
        """Wait until the shard's books show the mids asked for, and what they triggered is through."""
        shard = self._shards[request["symbol"]]
        wanted = {venue: Decimal(mid) for venue, mid in request["mids"].items()}
        deadline = clock.monotonic() + SETTLE_WITHIN_S
        next_poll = 0.0
        while True:
            late = shard.state.late(wanted)
            if not late and shard.ready:
                break
            if clock.monotonic() > deadline:
                return {"ok": False, "detail": f"no sign of the price from {', '.join(sorted(late))}"}
            if clock.monotonic() >= next_poll:
                await asyncio.gather(
                    *(self._feeds[venue].poll_now(shard.symbol) for venue in late if venue in self._feeds)
                )
                next_poll = clock.monotonic() + 0.25
            await asyncio.sleep(0.002)
        if request.get("clear"):
            shard.state.clear()
        await shard.turn()
        await self._drain(shard, min(deadline, clock.monotonic() + request.get("drain_s", 3.0)))
        view = shard.view
        return {"ok": True, "composite": view.summary() if view else None}

    async def _drain(self, shard: MarketShard, deadline: float) -> None:
        """Until no order of the market is on its way; what comes back to rest is looked at again."""
        while clock.monotonic() < deadline:
            if await asyncio.to_thread(_working, shard.symbol) == 0 and await shard.turn() == 0:
                rearms_in_s = shard.rearms_in_s()
                if rearms_in_s is None:
                    return
                await asyncio.sleep(min(rearms_in_s, 0.05))
            await asyncio.sleep(0.005)


def _working(symbol: str) -> int:
    with read_only() as tx:
        return int(
            tx.scalar(
                "SELECT count(*) FROM broker.orders WHERE symbol = :symbol AND status IN ('triggered', 'working')",
                symbol=symbol,
            )
        )

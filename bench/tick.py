"""Tick to trigger: from a venue's book message to our order at the venue, beside a bare asyncio loop that does only the network parts.

Both stand on the same running demo and its simulator. One observer reads the venue's best prices and its order events over websockets, so
that both ends of the measured time come from one clock: book message that crosses the limit → venue's report of the new order.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

import aiohttp

from rivermouth.prove.stack import Stack, running

ROUNDS, SYMBOL, HIGH, LIMIT, LOW = 15, "BTC-USDT", "60000", "59900", "59800"
KEY, SECRET = "sim-binance-key", "sim-binance-secret"
PATIENCE_S = 60.0


def _signed(params: dict[str, Any]) -> dict[str, Any]:
    full = {**params, "timestamp": int(time.time() * 1000)}
    return {**full, "signature": hmac.new(SECRET.encode(), urlencode(full).encode(), hashlib.sha256).hexdigest()}


class Observer:
    """Sees when the ask crosses the limit and when the venue has a new order; `on_cross` is the bare contender's whole strategy."""

    def __init__(self, session: aiohttp.ClientSession, simulator: str) -> None:
        self.session, self.simulator = session, simulator
        self.crossed = self.ordered = 0.0
        self.armed = False
        self.arrived = asyncio.Event()
        self.on_cross: Callable[[], Awaitable[None]] | None = None

    async def books(self, ready: asyncio.Event) -> None:
        async with self.session.ws_connect(f"{self.simulator}/binance/ws") as socket:
            await socket.send_json({"method": "SUBSCRIBE", "params": ["btcusdt@bookTicker"], "id": 1})
            ready.set()
            async for message in socket:
                body = json.loads(message.data)
                if self.armed and "a" in body and float(body["a"]) <= float(LIMIT):
                    self.armed, self.crossed = False, time.perf_counter()
                    if self.on_cross is not None:
                        await self.on_cross()

    async def orders(self, ready: asyncio.Event) -> None:
        async with self.session.ws_connect(f"{self.simulator}/binance/ws-api") as socket:
            params = {"apiKey": KEY, "timestamp": int(time.time() * 1000)}
            text = "&".join(f"{name}={params[name]}" for name in sorted(params))
            signature = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
            call = {
                "id": 1,
                "method": "userDataStream.subscribe.signature",
                "params": {**params, "signature": signature},
            }
            await socket.send_json(call)
            ready.set()
            async for message in socket:
                event = json.loads(message.data).get("event") or {}
                if event.get("e") == "executionReport" and event.get("x") == "NEW" and self.crossed:
                    self.ordered = time.perf_counter()
                    self.arrived.set()

    async def price(self, price: str) -> None:
        body = {"symbol": SYMBOL, "price": price, "venue": "all"}
        async with self.session.post(f"{self.simulator}/control/prices", json=body) as answer:
            answer.raise_for_status()

    async def bare_order(self) -> None:
        params = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "IOC", "quantity": "0.001"}
        body = urlencode(_signed({**params, "price": LIMIT, "newClientOrderId": f"bare{time.time_ns()}"}))
        headers = {"X-MBX-APIKEY": KEY, "Content-Type": "application/x-www-form-urlencoded"}
        async with self.session.post(f"{self.simulator}/binance/api/v3/order", data=body, headers=headers) as answer:
            answer.raise_for_status()
            await answer.read()

    async def fall(self) -> float:
        """Let the price fall through the limit; milliseconds until the venue has the order."""
        self.crossed, self.armed = 0.0, True
        self.arrived.clear()
        await self.price(LOW)
        await asyncio.wait_for(self.arrived.wait(), PATIENCE_S)
        return (self.ordered - self.crossed) * 1e3


async def _measure(stack: Stack) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"bare: network only": [], "product: resting limit order": []}
    async with aiohttp.ClientSession() as session:
        observer = Observer(session, stack.urls()["simulator"])
        ready = [asyncio.Event(), asyncio.Event()]
        tasks = [asyncio.create_task(observer.books(ready[0])), asyncio.create_task(observer.orders(ready[1]))]
        await asyncio.gather(*(event.wait() for event in ready))
        for _ in range(ROUNDS):
            for name in random.sample(list(times), 2):
                await asyncio.to_thread(stack.price, SYMBOL, HIGH)
                order = None
                if name.startswith("bare"):
                    observer.on_cross = observer.bare_order
                else:
                    observer.on_cross = None
                    order = await asyncio.to_thread(_rest, stack)
                times[name].append(await observer.fall())
                if order is not None:
                    await asyncio.to_thread(stack.retail.finished, order)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return times


def _rest(stack: Stack) -> str:
    order = stack.retail.order(
        symbol=SYMBOL, side="buy", type="limit", quantity="0.001", limit_price=LIMIT, venue="binance"
    )
    assert order["status"] == "resting", order
    time.sleep(0.3)  # until the owner of the market has read it
    return str(order["id"])


def main() -> int:
    with running() as stack:
        stack.price(SYMBOL, HIGH)
        times = asyncio.run(_measure(stack))
        print(f"tick to trigger: {ROUNDS} rounds, load {os.getloadavg()[0]:.1f}")
        bare = statistics.median(times["bare: network only"])
        print(f"{'contender':34} {'median ms':>10} {'best':>8} {'worst':>8} {'ratio':>8}")
        for name, taken in times.items():
            middle = statistics.median(taken)
            print(f"{name:34} {middle:10.1f} {min(taken):8.1f} {max(taken):8.1f} {middle / bare:8.1f}")
        return 1 if stack.broken_invariants() else 0


if __name__ == "__main__":
    sys.exit(main())

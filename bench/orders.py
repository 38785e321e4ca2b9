"""Orders per second through the API with an instantly answering simulator, beside a bare endpoint that inserts one row.

Ratios of the same run only: each round runs every contender once, in shuffled order; medians over rounds; the spread shows the noise.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable

import httpx
import psycopg

from kernel import roles
from rivermouth.prove.stack import Stack, free_port, running

ROUNDS, SECONDS, CLIENTS = 3, 4.0, 16


async def _drive(
    send: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]], base: str, headers: dict[str, str]
) -> tuple[float, list[float], int]:
    """Closed loop: requests per second, seconds each took, and how many were refused."""
    took: list[float] = []
    refused = 0
    stop = time.monotonic() + SECONDS

    async def one(client: httpx.AsyncClient) -> None:
        nonlocal refused
        while time.monotonic() < stop:
            began = time.monotonic()
            answer = await send(client)
            took.append(time.monotonic() - began)
            refused += answer.status_code >= 400

    async with httpx.AsyncClient(
        base_url=base, headers=headers, timeout=30, limits=httpx.Limits(max_connections=CLIENTS)
    ) as client:
        began = time.monotonic()
        await asyncio.gather(*(one(client) for _ in range(CLIENTS)))
    return len(took) / (time.monotonic() - began), took, refused


def _contenders(
    stack: Stack, bare: str
) -> dict[str, tuple[str, dict[str, str], Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]]]:
    headers = {"Authorization": stack.retail.http.headers["Authorization"]}
    body = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.00015", "venue": "binance"}
    resting = {**body, "type": "limit", "limit_price": "40000"}
    return {
        "bare: framework only": (bare, {}, lambda c: c.post("/nothing", json=body)),
        "bare: one row inserted": (bare, {}, lambda c: c.post("/insert", json=body)),
        "read own balances": (stack.base, headers, lambda c: c.get("/v1/balances")),
        "limit order, rests (accept only)": (stack.base, headers, lambda c: c.post("/v1/orders", json=resting)),
        "market order, hedged and filled": (stack.base, headers, lambda c: c.post("/v1/orders", json=body)),
    }


def main() -> int:
    with running() as stack:
        stack.price("BTC-USDT", "60000")
        stack.admin.post("/v1/sandbox/deposits", {"email": stack.retail.email, "asset": "USDT", "amount": "50000000"})
        superuser = stack.urls()["owner"]
        with psycopg.connect(roles.conninfo(superuser), autocommit=True) as connection:
            connection.execute("CREATE SCHEMA bench")
            connection.execute(
                "CREATE TABLE bench.bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body jsonb NOT NULL)"
            )
        port = free_port()
        env = {**os.environ, "BENCH_DATABASE": roles.conninfo(superuser)}
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "bench.bare:app", "--port", str(port), "--log-level", "error"], env=env
        )
        try:
            bare = f"http://127.0.0.1:{port}"
            _wait_for(bare)
            _measure(stack, bare)
        finally:
            server.terminate()
            server.wait()
        return 1 if stack.broken_invariants() else 0


def _wait_for(base: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(base, timeout=5)
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _measure(stack: Stack, bare: str) -> None:
    contenders = _contenders(stack, bare)
    rates: dict[str, list[float]] = {name: [] for name in contenders}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    refusals = dict.fromkeys(contenders, 0)
    for _ in range(ROUNDS):
        for name in random.sample(list(contenders), len(contenders)):
            base, headers, send = contenders[name]
            rate, took, refused = asyncio.run(_drive(send, base, headers))
            rates[name].append(rate)
            times[name] += took
            refusals[name] += refused
    yardstick = rates["bare: one row inserted"]
    print(
        f"orders: {CLIENTS} clients in a closed loop, {ROUNDS} rounds of {SECONDS:.0f} s, load {os.getloadavg()[0]:.1f}"
    )
    print(
        f"{'contender':36} {'per s':>8} {'spread':>8} {'ratio to one row':>17} {'p50 ms':>8} {'p99 ms':>8} {'refused':>8}"
    )
    for name, values in rates.items():
        ratio = statistics.median(v / y for v, y in zip(values, yardstick, strict=True))
        ordered = sorted(times[name])
        p50, p99 = ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.99)] * 1e3
        spread = (max(values) - min(values)) / statistics.median(values)
        print(
            f"{name:36} {statistics.median(values):8.0f} {spread:7.0%} {ratio:17.2f} {p50:8.1f} {p99:8.1f} {refusals[name]:8d}"
        )
    _shares({name: statistics.median(values) for name, values in rates.items()})


def _shares(rates: dict[str, float]) -> None:
    """Where a market order's time goes, from the differences of time per request."""
    cost = {name: 1 / rate for name, rate in rates.items()}
    whole = cost["market order, hedged and filled"]
    framework = cost["bare: framework only"]
    accept = cost["limit order, rests (accept only)"]
    print(
        f"share of a market order: framework {framework / whole:.0%}, accepting (database) {(accept - framework) / whole:.0%}, "
        f"lane, venue and booking {(whole - accept) / whole:.0%}"
    )


if __name__ == "__main__":
    sys.exit(main())

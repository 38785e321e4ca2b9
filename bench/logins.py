"""Orders beside logins at the configured cost of Argon2: the same orders with a flood of logins and without, in one run.

Rounds alternate; ratios of the same run only. The flood names another account with each guess, so that no count of failures spares
the machine any work: what bounds it is the gate before Argon2 alone.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import time
from collections import Counter

import httpx

from identity.principals import passwords
from rivermouth.prove.stack import Stack, running

ROUNDS, SECONDS, CLIENTS, GUESSERS = 4, 5.0, 8, 16
ORDER = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.00015", "venue": "binance"}


async def _orders(client: httpx.AsyncClient, end: float) -> list[float]:
    took = []
    while time.monotonic() < end:
        began = time.monotonic()
        answer = await client.post("/v1/orders", json=ORDER)
        answer.raise_for_status()
        took.append(time.monotonic() - began)
    return took


async def _guesses(client: httpx.AsyncClient, end: float, numbers: itertools.count[int], seen: Counter[int]) -> None:
    while time.monotonic() < end:
        body = {"email": f"nobody{next(numbers)}@bench.example", "password": "wrong"}
        seen[(await client.post("/v1/sessions", json=body)).status_code] += 1


async def _round(stack: Stack, *, flood: bool, numbers: itertools.count[int], seen: Counter[int]) -> list[float]:
    headers = {"Authorization": stack.retail.http.headers["Authorization"]}
    limits = httpx.Limits(max_connections=CLIENTS + GUESSERS)
    async with (
        httpx.AsyncClient(base_url=stack.base, headers=headers, timeout=60, limits=limits) as trading,
        httpx.AsyncClient(base_url=stack.base, timeout=60, limits=limits) as guessing,
    ):
        end = time.monotonic() + SECONDS
        guesses = [_guesses(guessing, end, numbers, seen) for _ in range(GUESSERS if flood else 0)]
        done = await asyncio.gather(*(_orders(trading, end) for _ in range(CLIENTS)), *guesses)
    return [seconds for took in done[:CLIENTS] for seconds in took or ()]


def main() -> int:
    with running() as stack:
        stack.price("BTC-USDT", "60000")
        stack.admin.post("/v1/sandbox/deposits", {"email": stack.retail.email, "asset": "USDT", "amount": "50000000"})
        numbers, seen = itertools.count(), Counter[int]()
        took: dict[bool, list[list[float]]] = {False: [], True: []}
        for number in range(ROUNDS):
            for flood in (False, True) if number % 2 == 0 else (True, False):
                took[flood].append(asyncio.run(_round(stack, flood=flood, numbers=numbers, seen=seen)))
        _print(took, seen)
        return 1 if stack.broken_invariants() else 0


def _print(took: dict[bool, list[list[float]]], seen: Counter[int]) -> None:
    cost = f"m={passwords.MEMORY_KIB} KiB, t={passwords.ROUNDS}, p={passwords.LANES}, {passwords.AT_ONCE} at once"
    print(
        f"logins: {CLIENTS} traders, {GUESSERS} guessers, {ROUNDS} rounds of {SECONDS:.0f} s, load {os.getloadavg()[0]:.1f}; {cost}"
    )
    print(f"{'orders':28} {'per s':>8} {'p50 ms':>8} {'p99 ms':>8}")
    for flood, name in ((False, "without logins"), (True, "beside the flood of logins")):
        each = sorted(seconds for one in took[flood] for seconds in one)
        rate = statistics.median(len(one) / SECONDS for one in took[flood])
        print(f"{name:28} {rate:8.0f} {each[len(each) // 2] * 1e3:8.1f} {each[int(len(each) * 0.99)] * 1e3:8.1f}")
    ratio = statistics.median(len(with_) / len(without) for with_, without in zip(took[True], took[False], strict=True))
    checked, turned_away = seen[401] / (ROUNDS * SECONDS), seen[429] / (ROUNDS * SECONDS)
    print(
        f"orders beside the flood: {ratio:.2f} of those without; {checked:.0f} passwords checked and {turned_away:.0f} turned away per s"
    )
    print(f"answers to logins: {dict(sorted(seen.items()))}")


if __name__ == "__main__":
    raise SystemExit(main())

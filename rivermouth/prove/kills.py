"""kill -9 at every named failpoint and at random moments under load; also Postgres, Valkey, the simulator. Then the books are swept.

After each kill the supervisor starts the process again; the proof waits until nothing is on its way and compares venues and ledger.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Self

import httpx
import redis

from rivermouth.prove.agreement import compare, wait_until_quiet
from rivermouth.prove.report import Report
from rivermouth.prove.stack import Client, Stack, running

ENGINE_FAILPOINTS = (
    "call.before_claim_commit",
    "call.after_claim_commit",
    "call.before_send",
    "call.after_send",
    "call.before_outcome_commit",
    "call.after_outcome_commit",
    "call.after_ask",
    "outbox.before_commit",
    "outbox.after_commit",
    "trigger.before_commit",
    "trigger.after_commit",
    "fold.after_commit",
)
LIQUIDATION_FAILPOINTS = ("liquidation.before_commit", "liquidation.after_commit")
"""Only a liquidation passes these: tests/concurrency kills a process at each pass of them."""
LENDING_FAILPOINTS = (
    "lending.accrue.before_commit",
    "lending.accrue.after_commit",
    "lending.day.before_commit",
    "lending.day.after_commit",
)
"""Only the day's work of lending passes these: tests/integration/lending kills a process at each of them."""
EARN_FAILPOINTS = (
    "earn.payout.before_commit",
    "earn.payout.after_commit",
    "earn.renewal.before_commit",
    "earn.renewal.after_commit",
)
"""Only the payout of earn passes these: tests/concurrency kills a process at each of them."""
WALLET_FAILPOINTS = ("wallet.event.before_commit", "wallet.event.after_commit")
"""Only what the custodian tells passes these: tests/integration/wallet and `prove withdrawals` kill the reader at each of them."""
CUSTODIAN_FAILPOINTS = (
    "custody.block.before_commit",
    "custody.block.after_commit",
    "custody.taken.before_commit",
    "custody.taken.after_commit",
    "custody.sign.before_commit",
    "custody.sign.after_commit",
    "custody.send.before",
    "custody.send.after",
    "custody.sent.before_commit",
    "custody.sent.after_commit",
    "custody.replaced.before_commit",
    "custody.replaced.after_commit",
    "custody.located.before_commit",
    "custody.located.after_commit",
    "custody.cancelled.before_commit",
    "custody.cancelled.after_commit",
)
"""Of another program, on the way of a payment: `prove withdrawals` kills it at each of them; its keeper's are in its own tests."""
TREASURY_FAILPOINTS = ("treasury.arrival.before_commit", "treasury.arrival.after_commit")
"""Only the arrival of a transfer between venues passes these: tests/integration/treasury kills a watch at each of them."""
PRICES = ("58900", "60000", "61100", "60000")  # through the resting orders of the load and back


class Load:
    """Customers who place, rest and cancel, until told to stop; an answer that never came counts as unknown."""

    def __init__(self, stack: Stack, *, seed: int, workers: int = 4) -> None:
        self._stop, self.outcomes = threading.Event(), Counter[str]()
        # Logged in before anything is killed: a worker that cannot log in would be no load.
        clients = [Client(stack.base, stack.retail.email, timeout_s=15) for _ in range(workers)]
        self._threads = [
            threading.Thread(target=self._work, args=(client, random.Random(seed + n)), daemon=True)
            for n, client in enumerate(clients)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=60)

    def trades(self, *, within_s: float = 60.0) -> bool:
        """Wait for another order to be filled from now on; False when none was."""
        before = self.outcomes["filled"]
        return _wait_for(lambda: self.outcomes["filled"] > before, within_s=within_s)

    def _work(self, client: Client, rng: random.Random) -> None:
        while not self._stop.is_set():
            try:
                outcome = self._one(client, rng)
                self.outcomes[outcome] += 1
                if outcome == "market_halted":
                    time.sleep(0.1)  # the market's owner is coming back: leave it the processor
            except httpx.HTTPError:
                self.outcomes["no answer"] += 1
                time.sleep(0.1)

    @staticmethod
    def _one(client: Client, rng: random.Random) -> str:
        venue = rng.choice(["best", "best", "binance", "okx", "kraken", "bitfinex"])
        body = {
            "symbol": "BTC-USDT",
            "side": rng.choice(["buy", "sell"]),
            "type": "market",
            "quantity": "0.0003",
            "venue": venue,
        }
        if rng.random() < 0.3:
            body |= {
                "type": "limit",
                "limit_price": rng.choice(["59000", "60200"])
                if body["side"] == "buy"
                else rng.choice(["59800", "61000"]),
            }
        answer = client.call("POST", "/v1/orders", body)
        if answer.is_success and answer.json()["status"] == "resting" and rng.random() < 0.7:
            client.call("DELETE", f"/v1/orders/{answer.json()['id']}")
        return answer.json().get("status") if answer.is_success else str(answer.json().get("code"))


def prove(*, kills: int = 100, folder: Path | None = None, seed: int = 20261121) -> int:
    report = new_report()
    for name in ENGINE_FAILPOINTS:
        with running(env={"RIVERMOUTH_FAILPOINT": f"{name}:3"}) as stack:
            at_failpoint(stack, name, report)
    with running() as stack:
        rng = random.Random(seed)
        random_kills(stack, "engine", kills, report, rng, lambda: stack.kill("engine"))
        random_kills(stack, "api", max(1, kills // 10), report, rng, lambda: stack.kill("api"))
        random_kills(stack, "postgres", max(1, kills // 10), report, rng, lambda: kill_postgres(stack))
        random_kills(stack, "valkey FLUSHALL", max(1, kills // 5), report, rng, lambda: flush(stack))
        random_kills(stack, "valkey", max(1, kills // 10), report, rng, lambda: stack.kill("valkey"))
        random_kills(stack, "simulator", max(1, kills // 20), report, rng, lambda: stack.kill("simulator"))
    return report.finish(folder)


def new_report() -> Report:
    columns = ("what is killed", "times", "orders under way", "after", "venues = ledger")
    return Report("kills", "kill -9 anywhere", columns)


def kill_postgres(stack: Stack) -> None:
    os.kill(stack.pids()["postgres"], signal.SIGKILL)


def flush(stack: Stack) -> None:
    redis.Redis.from_url(stack.urls()["redis"]).flushall()


def _wait_for(condition: Callable[[], bool], *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def at_failpoint(stack: Stack, name: str, report: Report, *, load_s: float = 6.0) -> None:
    """Load a stack that was started with this failpoint: its engine kills itself there once, the supervisor starts it again."""
    stack.price("BTC-USDT", "60000")
    if name == "call.after_ask":
        stack.fault("binance", "drop_after_accept", count=20)
    marker = stack.data / f"failpoint-{name}.done"
    report.require(not marker.exists(), f"{name}: the engine died there before there was any load")
    with Load(stack, seed=1) as load:
        for price in PRICES if name.startswith("trigger") else ():
            time.sleep(load_s / len(PRICES))
            # The engine may die while it settles the price: then the answer is a 503, and the next price comes all the same.
            stack.admin.call("POST", "/v1/sandbox/prices", {"symbol": "BTC-USDT", "price": price})
        time.sleep(load_s)
        died = _wait_for(marker.exists, within_s=30)
        report.require(load.trades(), f"{name}: nothing was traded after the engine came back")
    _sweep(stack, f"engine at `{name}`", 1 if died else 0, load, report)
    report.require(died, f"{name}: the engine never died there")


def random_kills(
    stack: Stack, what: str, times: int, report: Report, rng: random.Random, kill: Callable[[], None]
) -> None:
    stack.wait_ready()
    stack.price("BTC-USDT", "60000")
    done = 0
    with Load(stack, seed=rng.randrange(10**6)) as load:
        report.require(load.trades(), f"{what}: nothing was traded before the first kill")
        for _ in range(times):
            time.sleep(rng.uniform(0.05, 1.0))
            try:
                kill()
                done += 1
            except (ProcessLookupError, KeyError, redis.RedisError):
                time.sleep(0.5)
            if what != "valkey FLUSHALL":
                time.sleep(0.3)  # long enough that readiness speaks of the new process
                stack.wait_ready(within_s=120)
        report.require(load.trades(), f"{what}: nothing was traded after the last kill")
    stack.wait_ready(within_s=120)
    _sweep(stack, what, done, load, report)
    report.require(done == times, f"{what}: {done} of {times} kills reached their process")


def _sweep(stack: Stack, what: str, times: int, load: Load, report: Report) -> None:
    stack.wait_ready(within_s=120)
    stack.reset()
    busy = wait_until_quiet([stack.retail], within_s=90)
    for order in stack.retail.get("/v1/orders?status=resting&limit=200")["items"]:
        stack.retail.call("DELETE", f"/v1/orders/{order['id']}")
    busy += wait_until_quiet([stack.retail], within_s=30)
    held = {asset: row["held"] for asset, row in stack.retail.balances().items() if Decimal(row["held"]) != 0}
    agreement = compare(stack, [stack.retail])
    code, text = stack.check()
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(load.outcomes.items()))
    report.row(what, times, outcomes, "check clean" if code == 0 else "check BROKEN", agreement.text())
    report.require(code == 0, f"{what}: {text[-400:]}")
    report.require(agreement.holds, f"{what}: {agreement.text()}")
    report.require(not busy, f"{what}: {len(busy)} orders never came to an end")
    report.require(not held, f"{what}: holds left behind {held}")

"""Two engines on one database: kill -9 of the one that owns BTC-USDT and binance while 200 orders are open; the other goes on.

Each round kills whichever engine owns both, with orders at rest, orders on their way to a slow venue and orders that the next price
starts. What is measured is how long nobody owned them; what is demanded is that the other takes over, that every order comes to an end
and that no venue has had anything twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path

import psycopg

from kernel import roles
from rivermouth.prove.agreement import compare, wait_until_quiet
from rivermouth.prove.report import Report
from rivermouth.prove.stack import Client, Stack, running

OWNED = ("market:BTC-USDT", "lane:binance")
OPEN_ORDERS = 200
IN_FLIGHT = 12
# A machine that stands still for a moment must not count as a death: the times of production, not the short ones of other proofs.
SETTINGS = {"RIVERMOUTH_LEASE_TTL_S": "5", "RIVERMOUTH_VENUE_TIMEOUT_S": "4"}


def prove(*, kills: int = 10, folder: Path | None = None) -> int:
    report = new_report()
    with running(env=SETTINGS) as stack:
        for number in range(kills):
            one_kill(stack, report, number=number, orders=OPEN_ORDERS)
    return report.finish(folder)


def new_report() -> Report:
    columns = ("kill", "open orders", "nobody owned them for", "first fill after", "filled", "check", "venues = ledger")
    notes = ["leases live 5 s, as they do where nobody says otherwise"]
    return Report("two-engines", "two engines on one database, one is killed", columns, notes=notes)


@contextmanager
def second_engine(stack: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """Another engine beside the demo's own: the same code, the same addresses."""
    urls, mark = stack.urls(), stack.data.parent / f"second-{time.monotonic_ns()}.ready"
    environment = {
        **stack.env,
        "RIVERMOUTH_MODE": "sandbox",
        "RIVERMOUTH_DATABASE_URL": urls["engine"],
        "RIVERMOUTH_REDIS_URL": urls["redis"],
        "RIVERMOUTH_SIMULATOR_URL": urls["simulator"],
        "RIVERMOUTH_READY_FILE": str(mark),
    }
    with (stack.data.parent / "second-engine.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rivermouth", "engine"], env=environment, stdout=log, stderr=log
        )
    try:
        if not wait_for(mark.exists, within_s=240):
            raise AssertionError("the second engine does not come up")
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(condition: Callable[[], bool], *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def owners(stack: Stack) -> dict[str, int]:
    """Process ids of whoever holds the leases in question right now."""
    with psycopg.connect(roles.conninfo(stack.urls()["engine"]), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT name, holder FROM kernel.leases WHERE expires_at > clock_timestamp()"
        ).fetchall()
    held = {name: int(holder.split(":")[1]) for name, holder in rows}
    return {wanted: pid for wanted in OWNED for name, pid in held.items() if name.startswith(wanted)}


def one_kill(stack: Stack, report: Report, *, number: int, orders: int) -> None:
    stack.wait_ready(within_s=120)
    stack.price("BTC-USDT", "60000")
    before = set(owners(stack).values())
    with second_engine(stack) as second:
        report.require(len(before) == 1, f"kill {number}: the pair had {len(before)} owners")
        placed = _rest(stack.retail, orders - IN_FLIGHT)
        stack.fault("binance", "slow", delay_ms=1500, count=IN_FLIGHT)
        senders = _send_slowly(stack)
        wait_for(lambda: len(stack.retail.get("/v1/orders?status=working&limit=200")["items"]) > 0, within_s=20)
        [victim] = before
        with stack.nobody_restarts():
            os.kill(victim, signal.SIGKILL)
            died = time.monotonic()
            taken = wait_for(lambda: _taken(stack, victim), within_s=60)
            gap = time.monotonic() - died
            heirs = set(owners(stack).values())
        report.require(taken, f"kill {number}: nobody took over")
        report.require(heirs == {second.pid}, f"kill {number}: {heirs} took over, not the one that ran on")
        for sender in senders:
            sender.join(timeout=60)
        filled_after = _first_fill(stack, died)
        report.require(filled_after is not None, f"kill {number}: nothing was traded afterwards")
        stack.reset()
        # The heir's own book starts what rests: the price falls through half of the limits.
        stack.admin.call("POST", "/v1/sandbox/prices", {"symbol": "BTC-USDT", "price": "59400"})
        _sweep(stack, report, number, placed + IN_FLIGHT, f"{gap:.1f} s", filled_after)


def _taken(stack: Stack, victim: int) -> bool:
    with suppress(psycopg.Error):
        now = owners(stack)
        return len(now) == len(OWNED) and victim not in now.values()
    return False


def _rest(client: Client, count: int) -> int:
    """Limits below the market, half of them within reach of the next price."""
    for n in range(count):
        limit = "59500" if n % 2 == 0 else "55000"
        body = {"symbol": "BTC-USDT", "side": "buy", "type": "limit", "quantity": "0.0002", "limit_price": limit}
        answer = client.call("POST", "/v1/orders", {**body, "venue": "binance" if n % 3 == 0 else "best"})
        answer.raise_for_status()
    return count


def _send_slowly(stack: Stack) -> list[threading.Thread]:
    """Market orders that are on the wire when the engine dies."""
    client = Client(stack.base, stack.retail.email, timeout_s=30)
    body = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.0003", "venue": "binance"}

    def send() -> None:
        client.call("POST", "/v1/orders", body)

    threads = [threading.Thread(target=send, daemon=True) for _ in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    return threads


def _first_fill(stack: Stack, died: float) -> float | None:
    """Seconds from the kill to a new order filled at binance."""
    body = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.0003", "venue": "binance"}
    while time.monotonic() - died < 90:
        answer = stack.retail.call("POST", "/v1/orders", body)
        if answer.is_success and stack.retail.finished(answer.json()["id"], within_s=60)["status"] == "filled":
            return time.monotonic() - died
        time.sleep(0.2)
    return None


def _sweep(stack: Stack, report: Report, number: int, orders: int, gap: str, filled_after: float | None) -> None:
    stack.wait_ready(within_s=120)
    started = wait_for(lambda: not _resting_at(stack, "59500"), within_s=60)
    report.require(started, f"kill {number}: orders that the price reached still rest")
    busy = wait_until_quiet([stack.retail], within_s=90)
    for order in stack.retail.get("/v1/orders?status=resting&limit=200")["items"]:
        stack.retail.call("DELETE", f"/v1/orders/{order['id']}")
    busy += wait_until_quiet([stack.retail], within_s=30)
    held = {asset: row["held"] for asset, row in stack.retail.balances().items() if Decimal(row["held"]) != 0}
    agreement = compare(stack, [stack.retail])
    code, text = stack.check()
    filled = len(stack.retail.get("/v1/orders?status=filled&limit=200")["items"])
    after = "never" if filled_after is None else f"{filled_after:.1f} s"
    report.row(number + 1, orders, gap, after, filled, "clean" if code == 0 else "BROKEN", agreement.text())
    report.require(code == 0, f"kill {number}: {text[-400:]}")
    report.require(agreement.holds, f"kill {number}: {agreement.text()}")
    report.require(not busy, f"kill {number}: {len(busy)} orders never came to an end")
    report.require(not held, f"kill {number}: holds left behind {held}")


def _resting_at(stack: Stack, limit: str) -> bool:
    items = stack.retail.get("/v1/orders?status=resting&limit=200")["items"]
    return any(Decimal(order["limit_price"]) == Decimal(limit) for order in items)

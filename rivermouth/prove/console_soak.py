"""The console left open for an hour on a busy market: its memory stays flat, lost sockets lose no order event, and painting keeps up.

One tab stays in the trade room, another walks through every room of the customer again and again. After each minute Chromium is told to
collect garbage; what is left then is compared, the first minutes (caches, compiled code) aside.
"""

from __future__ import annotations

import json
import random
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from rivermouth.prove import pages, painting
from rivermouth.prove.report import Report
from rivermouth.prove.screens import ROOMS
from rivermouth.prove.stack import Client, Stack, running
from rivermouth.prove.stream_crowd import SYMBOL

WARM_UP = 1 / 4  # of the samples
GROWTH = 1.05  # of the last quarter over the first after the warm-up
SPARE_BYTES = 1_000_000
LOST_EVERY = 5  # minutes
CHANGES_PER_S = 20
TROUBLES_OF_A_LOST_SOCKET = ("WebSocket", "ERR_")


def prove(*, minutes: int = 60, folder: Path | None = None) -> int:
    report = Report("console-soak", "the console on a busy market", ("what", "figure", "beside it"))
    with running() as stack, pages.browser() as browser:
        painted = _visit(browser, stack)
        painted.login(f"/trade/{SYMBOL}")
        painting.prove(stack, report, painted, seconds=15)
        painted.close()
        stack.wait_ready()
        _Soak(browser, stack, report).run(minutes)
    return report.finish(folder)


def _visit(browser: Browser, stack: Stack) -> pages.Visit:
    base = f"http://localhost:{urlsplit(stack.base).port}"
    visit = pages.Visit(browser, base, "retail", language="en", theme="dark", width=1680, height=1000)
    visit.page.add_init_script(painting.INSTRUMENT)
    return visit


@dataclass(slots=True)
class _Samples:
    heap: list[float] = field(default_factory=list)
    nodes: list[float] = field(default_factory=list)
    listeners: list[float] = field(default_factory=list)

    def take(self, visit: pages.Visit) -> None:
        counted = painting.counters(visit.page)
        self.heap.append(counted["JSHeapUsedSize"])
        self.nodes.append(counted["Nodes"])
        self.listeners.append(counted["JSEventListeners"])


def quarters(samples: list[float]) -> tuple[float, float]:
    """Medians of the first quarter after the warm-up and of the last."""
    size = max(int(len(samples) * WARM_UP), 1)
    return statistics.median(samples[size : 2 * size]), statistics.median(samples[-size:])


class _Soak:
    def __init__(self, browser: Browser, stack: Stack, report: Report) -> None:
        self._stack, self._report = stack, report
        self._staying, self._walking = _visit(browser, stack), _visit(browser, stack)
        self._orders: list[str] = []
        self._updates = 0
        self._losses = 0

    def run(self, minutes: int) -> None:
        self._staying.login(f"/trade/{SYMBOL}")
        self._walking.login(f"/trade/{SYMBOL}")
        staying, walking = _Samples(), _Samples()
        began = time.monotonic()
        with _busy(self._stack):
            for minute in range(minutes):
                self._live(minute)
                self._walk()
                rest = began + (minute + 1) * 60 - time.monotonic()
                self._staying.page.wait_for_timeout(max(rest, 0) * 1000)
                staying.take(self._staying)
                walking.take(self._walking)
                if minute % 10 == 0:
                    print(
                        f"minute {minute}: {staying.heap[-1] / 1e6:.1f} MB, {walking.heap[-1] / 1e6:.1f} MB", flush=True
                    )
            self._updates = self._staying.page.evaluate("() => rivermouthSeen.arrived")
        rate = self._updates / (time.monotonic() - began)
        self._report.row("time", f"{minutes} min", f"{rate:.1f} updates of prices a second")
        self._report.require(rate > CHANGES_PER_S / 4, f"only {rate:.1f} updates a second: that is no busy market")
        self._memory("tab in the trade room", staying)
        self._memory("tab that walks through the rooms", walking)
        self._events()
        self._troubles()
        self._staying.close()
        self._walking.close()

    def _live(self, minute: int) -> None:
        """A life beside the prices: an order rests and goes, another is filled; now and then the socket is lost between the two."""
        retail = self._stack.retail
        resting = retail.order(
            symbol=SYMBOL, side="buy", type="limit", quantity="0.002", limit_price=str(40_000 + minute), venue="best"
        )
        if minute % LOST_EVERY == LOST_EVERY - 1:
            self._staying.page.evaluate("() => { for (const one of rivermouthSeen.sockets) one.close(); }")
            self._losses += 1
        side = "buy" if minute % 2 == 0 else "sell"
        market = retail.order(symbol=SYMBOL, side=side, type="market", quantity="0.001", venue="best")
        retail.call("DELETE", f"/v1/orders/{resting['id']}")
        self._orders += [resting["id"], market["id"]]

    def _walk(self) -> None:
        page = self._walking.page
        for path in dict(ROOMS)["retail"]:
            page.locator(f"nav a[href='/{path.split('/')[1]}']").first.click()
            page.locator("main h1").first.wait_for()
            page.wait_for_timeout(300)

    def _memory(self, tab: str, samples: _Samples) -> None:
        first, last = quarters(samples.heap)
        nodes, listeners = quarters(samples.nodes), quarters(samples.listeners)
        self._report.row(
            f"{tab}: heap after collection, second quarter of the time → last quarter",
            f"{first / 1e6:.2f} MB → {last / 1e6:.2f} MB ({last / first - 1:+.1%})",
            f"nodes {nodes[0]:.0f} → {nodes[1]:.0f}, listeners {listeners[0]:.0f} → {listeners[1]:.0f}",
        )
        self._report.require(
            last <= first * GROWTH + SPARE_BYTES, f"{tab}: the heap grew from {first:.0f} to {last:.0f}"
        )
        self._report.require(nodes[1] <= nodes[0] * GROWTH + 200, f"{tab}: nodes grew from {nodes[0]} to {nodes[1]}")

    def _events(self) -> None:
        """Over all sockets of the tab each number of the customer's events came, none is missing, and every order came to its end."""
        retail = self._stack.retail
        states = {name: retail.finished(name)["status"] for name in self._orders}
        self._staying.page.wait_for_timeout(3000)
        frames = [json.loads(one) for one in self._staying.page.evaluate("() => rivermouthSeen.frames")]
        told: dict[str, Any] = {}
        for channel in ("orders", "fills"):
            numbers = [f["seq"] for f in frames if f.get("channel") == channel and f.get("type") == "update"]
            missing = set(range(numbers[0], numbers[-1] + 1)) - set(numbers) if numbers else {0}
            self._report.require(not missing, f"{channel}: {len(missing)} events are missing")
            self._report.require(numbers == sorted(numbers), f"{channel}: events out of order")
            told[channel] = len(set(numbers))
        last = {
            f["data"]["id"]: f["data"]["status"]
            for f in frames
            if f.get("channel") == "orders" and f.get("type") == "update"
        }
        wrong = {name: (state, last.get(name)) for name, state in states.items() if last.get(name) != state}
        self._report.require(not wrong, f"orders whose end the tab was not told: {wrong}")
        self._report.row(
            f"sockets lost and resumed: {self._losses}",
            f"{told['orders']} order events, {told['fills']} fills",
            "none missing, in order",
        )

    def _troubles(self) -> None:
        troubles = [*self._staying.troubles, *self._walking.troubles]
        found = [one for one in troubles if not any(known in one for known in TROUBLES_OF_A_LOST_SOCKET)]
        self._report.require(not found, f"errors in the console: {found[:3]}")


@contextmanager
def _busy(stack: Stack) -> Iterator[None]:
    """The sandbox's price moves twenty times a second, all venues and the whole engine behind it."""
    stop = threading.Event()
    client = Client(stack.base, stack.admin.email)

    def move() -> None:
        rng, price, began, moved = random.Random(7), 60_000, time.monotonic(), 0
        while not stop.is_set():
            price += rng.choice((-3, -2, -1, 1, 2, 3)) if 59_000 < price < 61_000 else 1 if price < 60_000 else -1
            client.post("/v1/sandbox/prices", {"symbol": SYMBOL, "price": str(price)})
            moved += 1
            stop.wait(max(began + moved / CHANGES_PER_S - time.monotonic(), 0))

    def run() -> None:
        try:
            move()
        except Exception as error:  # noqa: BLE001  said at the end; a quiet market would prove nothing
            ended.append(error)

    ended: list[Exception] = []
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=60)
    if ended:
        raise ended[0]

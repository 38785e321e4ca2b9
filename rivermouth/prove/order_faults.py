"""Every fault kind at every operation under every kind of order, random cases each; then bans and maintenance that nobody may disturb.

The venues themselves are the oracle: each venue order they know is one of ours, once, and each execution they made is one that we booked.
Orders of all kinds run side by side, so a drill lasts as long as its slowest order.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from rivermouth.prove.order_flows import FLOWS, HIGH, LOW, MARKET, SYMBOL, passed
from rivermouth.prove.order_oracle import VENUES, Oracle, wait_for
from rivermouth.prove.report import Report
from rivermouth.prove.silence import silence, wait_synced
from rivermouth.prove.stack import TERMINAL, Stack, running

WIRE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("drop_before_accept", {}),
    ("drop_after_accept", {}),
    ("http_503", {}),
    ("http_429", {"retry_after_s": 1}),
    ("http_418", {"retry_after_s": 1}),
    ("bad_json", {}),
    ("maintenance", {}),
    ("slow", {"delay_ms": 700}),
)
AT_ONCE = 16
END_WITHIN_S = 180.0
STARTED_WITHIN_S = 5.0
REFILL_EVERY_S = 0.5
HIT_WITHIN_S = 25.0  # balances are read every 15 s
NOT_NOW = {"market_halted", "venue_unavailable", "no_liquidity", "venue_balance_low", "price_changed"}
IN_FULL = ("market", "named", "best", "limit", "stop", "oco")  # the short form runs all flows
DEAD = tuple(row for row in WIRE if row[0] in {"drop_after_accept", "http_503", "maintenance"})
STREAMING, POLLED = ("binance", "okx"), ("kraken", "bitfinex")


@dataclass(frozen=True, slots=True)
class Drill:
    """One kind at one operation; at `ask` answers of orders are lost beside it, so that there is something to ask."""

    kind: str
    operation: str
    more: dict[str, Any] = field(default_factory=dict)
    venues: tuple[str, ...] = VENUES

    @property
    def per_order(self) -> bool:
        """Met by every third order; the others last for the whole drill."""
        return self.operation in {"place", "ask"}

    @property
    def lasting(self) -> dict[str, Any]:
        return {"count": 40} if self.operation == "stream" else {}

    def __str__(self) -> str:
        return f"{self.kind} at {self.operation}"


DRILLS = (
    *(Drill(kind, where, more) for where in ("place", "ask", "balances") for kind, more in WIRE),
    *(Drill(kind, "book", more, POLLED) for kind, more in WIRE),
    *(Drill(kind, "stream", more, STREAMING) for kind, more in WIRE),
    *(Drill(kind, "any", more, pair) for kind, more in DEAD for pair in (("binance", "kraken"), ("okx", "bitfinex"))),
    *(Drill(kind, "place") for kind in ("partial_fill", "no_balance")),
    Drill("stale_book", "book"),
    Drill("sequence_gap", "stream", {}, STREAMING),
)
SILENT = tuple((venue, why) for venue in VENUES for why in ("ban", "maintenance"))
SHORT = (
    Drill("drop_after_accept", "place"),
    Drill("http_503", "ask"),
)


def prove(*, cases: int = 50, folder: Path | None = None, drills: Sequence[Drill] = DRILLS, seed: int = 20) -> int:
    """`cases` random orders per flow for every drill, then the silences."""
    report = Report(
        "order-faults",
        "faults under every kind of order",
        (
            "kind",
            "operation",
            "venues",
            "orders",
            "hits",
            "seconds",
            "outcomes",
            "over several venues",
            "venues' executions = ours",
        ),
    )
    with running(env={"RIVERMOUTH_RESOLVER_SCALE": "0.2"}) as stack:
        _fund(stack)
        flows = [*IN_FULL]
        report.notes += [
            f"{cases} random orders for each of the flows {', '.join(flows)}, {AT_ONCE} at a time; every third meets the fault",
            "books are thin, so that many an order goes to several venues",
            "a tenth is cancelled right after placing; what rests is started by a price that passes both ways",
            "what we send fills or ends at once, so no cancellation is ever sent: nothing to drill at `cancel`",
        ]
        oracle = Oracle(stack)
        for index, drill in enumerate(drills):
            print(f"[{index + 1}/{len(drills)}]", end=" ", flush=True)
            run_drill(stack, oracle, drill, flows=flows, cases=cases, rng=random.Random(seed + index), report=report)
        for venue, why in SILENT:  # one at a time: of four venues three must show prices
            silence(stack, {venue: why}, report)
        _finally(stack, oracle, report)
    return report.finish(folder)


def _fund(stack: Stack) -> None:
    for asset, amount in (("USDT", "2000000"), ("BTC", "40")):
        stack.admin.post("/v1/sandbox/deposits", {"email": stack.retail.email, "asset": asset, "amount": amount})


def _finally(stack: Stack, oracle: Oracle, report: Report) -> None:
    """Once more from the first order on: nothing may have changed behind our back."""
    oracle.everything()
    verdict = oracle.compare()
    report.notes.append(
        f"in the end {verdict.venue_orders} venue orders and {verdict.executions} executions agree one to one: {verdict.holds}"
    )
    report.require(verdict.holds, f"in the end: {verdict.text()}")
    _nothing_left(stack, report, "in the end")
    code, text = stack.check()
    report.require(code == 0, f"rivermouth check: {text[-500:]}")
    oracle.close()


def _nothing_left(stack: Stack, report: Report, name: str) -> None:
    """Without open orders nothing is held, the house has no position, and every invariant holds."""
    report.require(
        wait_for(lambda: all(Decimal(b["held"]) == 0 for b in stack.retail.balances().values()), within_s=30),
        f"{name}: still held {[b for b in stack.retail.balances().values() if Decimal(b['held'])]}",
    )
    traded = stack.client("treasury").get("/v1/treasury/exposure")
    positions = [(row["asset"], row["trading"]) for row in traded["assets"] if Decimal(row["trading"])]
    report.require(not positions, f"{name}: the house has {positions}")
    broken = stack.broken_invariants()
    report.require(not broken, f"{name}: invariants {broken}")


def run_drill(
    stack: Stack, oracle: Oracle, drill: Drill, *, flows: Sequence[str], cases: int, rng: random.Random, report: Report
) -> None:
    """Place everything under the fault, let the price pass, wait for the end, and ask the venues."""
    began = time.monotonic()
    stack.reset()
    stack.price(SYMBOL, str(MARKET))
    wait_synced(stack)
    oracle.mark()
    oracle.door.thin()
    if drill.operation == "stream":  # a pinned price pushes nothing that a fault could meet
        stack.admin.post("/v1/sandbox/prices", {"symbol": SYMBOL, "free": True})
    faults = [] if drill.per_order else [(v, _add(stack, v, drill, **drill.lasting)) for v in drill.venues]
    wanted = [(flow, rng.random()) for flow in flows for _ in range(cases)]
    rng.shuffle(wanted)
    with _refilled(oracle, drill), ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [pool.submit(_one, stack, drill, flow, random.Random(luck), i) for i, (flow, luck) in enumerate(wanted)]
        told = [job.result() for job in jobs]
    faults += [fault for _, found in told for fault in found]
    if drill.operation != "stream":
        _pass_the_price(stack, oracle, drill, faults, cases)
    hits = _hits(stack, drill, faults)
    for _, fault in faults:
        stack.admin.call("DELETE", f"/v1/sandbox/faults/{fault}")
    quiet = wait_for(lambda: oracle.at_work() == 0, within_s=END_WITHIN_S)
    verdict = oracle.compare()
    _cancel_rest(stack)
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(Counter(status for status, _ in told).items()))
    report.row(
        drill.kind, drill.operation, ", ".join(drill.venues), len(wanted), hits, f"{time.monotonic() - began:.0f}",
        outcomes, verdict.spread, verdict.text(),
    )  # fmt: skip
    report.require(hits > 0, f"{drill}: never hit")
    report.require(verdict.holds, f"{drill}: {verdict.text()}")
    report.require(quiet, f"{drill}: {oracle.at_work()} orders never came to an end")
    _nothing_left(stack, report, str(drill))


def _add(stack: Stack, venue: str, drill: Drill, **bounded: Any) -> str:
    return stack.fault(venue, drill.kind, operation=drill.operation, **bounded, **drill.more)


Told = tuple[str, list[tuple[str, str]]]


def _one(stack: Stack, drill: Drill, flow: str, rng: random.Random, index: int) -> Told:
    """Place one order and sometimes cancel it at once; what the desk said first, and the faults that were waiting for it."""
    venue, faults = rng.choice(drill.venues), []
    if drill.per_order and index % 3 == 0:
        if drill.operation == "ask":
            faults.append((venue, stack.fault(venue, "drop_after_accept", operation="place", count=1)))
        faults.append((venue, _add(stack, venue, drill, count=1)))
    path, terms = FLOWS[flow](rng, venue)
    answer = stack.retail.call("POST", path, {"symbol": SYMBOL, **terms})
    if drill.per_order and not answer.is_success and answer.json()["code"] in NOT_NOW:
        time.sleep(1.2)  # a pause that another order's fault has brought is over by then
        answer = stack.retail.call("POST", path, {"symbol": SYMBOL, **terms})
    told = answer.json()
    if not answer.is_success:
        return str(told["code"]), faults
    placed = told.get("orders", [told])
    if rng.random() < 0.1:
        stack.retail.call("DELETE", f"/v1/orders/{placed[0]['id']}")
    return str(placed[0]["status"]), faults


@contextmanager
def _refilled(oracle: Oracle, drill: Drill) -> Iterator[None]:
    """Thin books are eaten; the market refills them, again and again, as long as it is pinned (a free one does so itself)."""
    stop = threading.Event()

    def refill() -> None:
        while not stop.wait(REFILL_EVERY_S):
            with suppress(httpx.HTTPError):
                oracle.door.refill(str(MARKET))

    thread = threading.Thread(target=refill, daemon=True)
    if drill.operation != "stream":
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if thread.ident is not None:
            thread.join()


def _pass_the_price(stack: Stack, oracle: Oracle, drill: Drill, faults: list[tuple[str, str]], cases: int) -> None:
    """Through the resting orders on both sides, with faults waiting for what that starts."""
    if drill.per_order:
        count = max(cases // 8, 1)
        faults.extend((venue, _add(stack, venue, drill, count=count)) for venue in drill.venues)
    for price in (LOW, HIGH, str(MARKET)):
        stack.admin.call("POST", "/v1/sandbox/prices", {"symbol": SYMBOL, "price": price})
        if price != str(MARKET):
            wait_for(lambda at=int(price): not _waiting(stack, at), within_s=STARTED_WITHIN_S, every_s=0.5)  # type: ignore[misc]
            oracle.door.refill(price)


def _waiting(stack: Stack, price: int) -> bool:
    """Whether an order still rests that this price should have started; some try again after a second."""
    resting = stack.retail.get("/v1/orders?status=resting&limit=200")["items"]
    return any(passed(order, price) for order in resting)


def _hits(stack: Stack, drill: Drill, faults: list[tuple[str, str]]) -> int:
    """How often the drill was met; what is read on a schedule gets its time."""
    deadline = time.monotonic() + HIT_WITHIN_S
    while True:
        listed = {row["id"]: row for row in stack.admin.get("/v1/sandbox/faults")["items"]}
        found = [listed[fault] for _, fault in faults if fault in listed]
        hits = sum(int(row["hits"]) for row in found if row["kind"] == drill.kind)
        met = {row["venue"] for row in found if row["hits"]}
        if (hits and (drill.per_order or len(met) == len(drill.venues))) or time.monotonic() > deadline:
            return hits
        time.sleep(0.5)


def _cancel_rest(stack: Stack) -> None:
    stack.retail.call("DELETE", f"/v1/orders?symbol={SYMBOL}")
    wait_for(
        lambda: (
            not any(
                o["status"] not in TERMINAL for o in stack.retail.get("/v1/orders?status=resting&limit=200")["items"]
            )
        ),
        within_s=30,
    )

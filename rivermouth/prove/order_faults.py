"""Every fault kind at every operation under every kind of order, random cases each; then a ban and a maintenance that nobody may disturb.

The venues themselves are the oracle: each venue order they know is one of ours, once, with the fills that we booked. A silent venue must
stay silent: not one request until business time says that it is over, also not from an engine that was killed in between.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from rivermouth.prove.agreement import compare, wait_until_quiet
from rivermouth.prove.report import Report
from rivermouth.prove.stack import TERMINAL, Stack, running

VENUES = ("binance", "okx", "kraken", "bitfinex")
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
MARKET, HIGH, LOW = 60_000, "60600", "59400"
END_WITHIN_S = 180.0
WATCH_S = 6.0
NOT_NOW = {"market_halted", "venue_unavailable", "no_liquidity", "venue_balance_low", "price_changed"}


@dataclass(frozen=True, slots=True)
class Drill:
    """One kind at one operation; at `ask` answers of orders are lost beside it, so that there is something to ask."""

    kind: str
    operation: str
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def per_order(self) -> bool:
        return self.operation in {"place", "ask", "cancel"}


DRILLS = (
    *(Drill(kind, where, more) for where in ("place", "ask", "balances", "book", "stream") for kind, more in WIRE),
    *(Drill(kind, "place") for kind in ("partial_fill", "no_balance")),
    Drill("stale_book", "book"),
    Drill("sequence_gap", "stream"),
    *(Drill(kind, "cancel", more) for kind, more in WIRE[:3]),
)
SHORT = (
    Drill("drop_after_accept", "place"),
    Drill("http_503", "ask"),
    Drill("http_418", "place", {"retry_after_s": 1}),
    Drill("slow", "place", {"delay_ms": 700}),
)

Body = dict[str, Any]


def _market(rng: random.Random, venue: str) -> Body:
    return {"type": "market", "side": rng.choice(("buy", "sell")), "venue": venue}


def _best(rng: random.Random, _venue: str) -> Body:
    return {"type": "market", "side": rng.choice(("buy", "sell")), "venue": "best"}


def _ioc(rng: random.Random, venue: str) -> Body:
    side = rng.choice(("buy", "sell"))
    limit = MARKET + rng.randint(-20, 120) * (1 if side == "buy" else -1)
    return {"type": "limit", "time_in_force": "ioc", "side": side, "limit_price": str(limit), "venue": venue}


def _limit(rng: random.Random, venue: str) -> Body:
    """Rests, and is started when the price passes."""
    side = rng.choice(("buy", "sell"))
    limit = MARKET + rng.randint(200, 500) * (-1 if side == "buy" else 1)
    return {"type": "limit", "side": side, "limit_price": str(limit), "venue": rng.choice((venue, "best"))}


def _stop(rng: random.Random, venue: str) -> Body:
    side = rng.choice(("buy", "sell"))
    stop = MARKET + rng.randint(200, 500) * (1 if side == "buy" else -1)
    return {"type": "stop", "side": side, "stop_price": str(stop), "venue": rng.choice((venue, "best"))}


FLOWS: dict[str, Callable[[random.Random, str], Body]] = {
    "market": _market,
    "best": _best,
    "ioc": _ioc,
    "limit": _limit,
    "stop": _stop,
}


def prove(*, cases: int = 50, folder: Path | None = None, drills: Sequence[Drill] = DRILLS, seed: int = 20) -> int:
    """`cases` random orders per flow for every drill, then the silences."""
    report = Report(
        "order-faults",
        "faults under every kind of order",
        ("kind", "operation", "venue", "orders", "hits", "seconds", "outcomes", "venue list = our fills"),
    )
    with running(env={"RIVERMOUTH_RESOLVER_SCALE": "0.2"}) as stack:
        flows = offered(stack)
        report.notes.append(
            f"{cases} random orders for each of the flows {', '.join(flows)}; every third meets the fault"
        )
        report.notes.append(
            "a tenth is cancelled right after placing; resting ones start when the price passes both ways"
        )
        report.notes.append(
            "what we send fills or ends at once, so no cancellation is ever sent: 0 hits there are right"
        )
        for index, drill in enumerate(drills):
            run_drill(
                stack,
                drill,
                VENUES[index % 4],
                flows=flows,
                cases=cases,
                rng=random.Random(seed + index),
                report=report,
            )
        for venue in ("kraken", "binance"):
            silence(stack, venue, "ban", report)
        silence(stack, "okx", "maintenance", report)
        broken = stack.broken_invariants()
        report.require(not broken, f"invariants: {broken}")
        code, text = stack.check()
        report.require(code == 0, f"rivermouth check: {text[-500:]}")
    return report.finish(folder)


def offered(stack: Stack) -> list[str]:
    """The flows that this product takes; an order type that it does not know yet is left out and missing from the report."""
    known = []
    for name, make in FLOWS.items():
        body = {"symbol": "BTC-USDT", "quantity": "0.0002", **make(random.Random(1), "binance")}
        answer = stack.retail.call("POST", "/v1/orders", body)
        if answer.is_success or answer.json()["code"] in NOT_NOW:
            known.append(name)
        if answer.is_success and answer.json()["status"] not in TERMINAL:
            stack.retail.call("DELETE", f"/v1/orders/{answer.json()['id']}")
    return known


def run_drill(
    stack: Stack, drill: Drill, venue: str, *, flows: Sequence[str], cases: int, rng: random.Random, report: Report
) -> None:
    """Place everything under the fault, let the price pass, wait for the end, and ask the venues."""
    venue = {"stream": "binance", "book": "kraken"}.get(drill.operation, venue)  # streamed and polled books
    began = time.monotonic()
    stack.reset()
    stack.price("BTC-USDT", str(MARKET))
    _wait_synced(stack)
    if drill.operation == "stream":  # a pinned price pushes nothing that a fault could meet
        stack.admin.post("/v1/sandbox/prices", {"symbol": "BTC-USDT", "free": True})
    faults = [] if drill.per_order else [_add(stack, venue, drill, 20 if drill.operation == "stream" else None)]
    wanted = [(flow, rng.random()) for flow in flows for _ in range(cases)]
    rng.shuffle(wanted)
    with ThreadPoolExecutor(8) as pool:
        jobs = [
            pool.submit(_one, stack, drill, venue, flow, random.Random(f"{luck}"), index)
            for index, (flow, luck) in enumerate(wanted)
        ]
        told = [job.result() for job in jobs]
    faults += [fault for _, found in told for fault in found]
    if drill.operation != "stream":
        _pass_the_price(stack, drill, venue, faults, cases)
    hits = sum(int(stack.admin.get(f"/v1/sandbox/faults/{fault}")["hits"]) for fault in faults)
    for fault in faults:
        stack.admin.call("DELETE", f"/v1/sandbox/faults/{fault}")
    busy = wait_until_quiet([stack.retail], within_s=END_WITHIN_S)
    seconds = time.monotonic() - began
    agreement = compare(stack, [stack.retail])
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(Counter(status for status, _ in told).items()))
    report.row(drill.kind, drill.operation, venue, len(wanted), hits, f"{seconds:.0f}", outcomes, agreement.text())
    name = f"{drill.kind} at {drill.operation}"
    if drill.operation != "cancel":
        report.require(hits > 0 or drill.operation == "balances", f"{name}: never hit")
    report.require(agreement.holds, f"{name}: {agreement.text()}")
    report.require(not busy, f"{name}: {len(busy)} orders never came to an end")
    _cancel_rest(stack)


def _add(stack: Stack, venue: str, drill: Drill, count: int | None) -> str:
    bounded = {} if count is None else {"count": count}
    return stack.fault(venue, drill.kind, operation=drill.operation, **bounded, **drill.more)


def _one(stack: Stack, drill: Drill, venue: str, flow: str, rng: random.Random, index: int) -> tuple[str, list[str]]:
    faults = []
    if drill.per_order and index % 3 == 0:
        if drill.operation == "ask":
            faults.append(stack.fault(venue, "drop_after_accept", operation="place", count=1))
        faults.append(_add(stack, venue, drill, 1))
    body = {"symbol": "BTC-USDT", "quantity": f"0.000{rng.randint(2, 9)}", **FLOWS[flow](rng, venue)}
    answer = stack.retail.call("POST", "/v1/orders", body)
    told = answer.json()
    if answer.is_success and rng.random() < 0.1:
        stack.retail.call("DELETE", f"/v1/orders/{told['id']}")
    return str(told["status"] if answer.is_success else told["code"]), faults


def _pass_the_price(stack: Stack, drill: Drill, venue: str, faults: list[str], cases: int) -> None:
    """Through the resting orders on both sides, with faults waiting for what that starts."""
    if drill.per_order:
        faults.append(_add(stack, venue, drill, max(cases // 3, 1)))
    for price in (LOW, HIGH, str(MARKET)):
        answer = stack.admin.call("POST", "/v1/sandbox/prices", {"symbol": "BTC-USDT", "price": price})
        if not answer.is_success:  # a fault keeps a venue from showing it: the others have moved
            time.sleep(1.0)


def _cancel_rest(stack: Stack) -> None:
    for order in stack.retail.get("/v1/orders?status=resting&limit=200")["items"]:
        stack.retail.call("DELETE", f"/v1/orders/{order['id']}")


def _wait_synced(stack: Stack) -> None:
    deadline = time.monotonic() + END_WITHIN_S
    while time.monotonic() < deadline:
        venues = stack.retail.get("/v1/markets/BTC-USDT/quotes")["venues"]
        if all(v["state"] == "SYNCED" for v in venues):
            return
        time.sleep(0.2)


# Silence -------------------------------------------------------------------------------------------------------------------------


def silence(stack: Stack, venue: str, why: str, report: Report, *, kill: bool = True) -> None:
    """Two hours of business time in which the venue is not called once, from its first word to its end."""
    began = time.monotonic()
    stack.reset()
    _wait_synced(stack)
    fault = _begin(stack, venue, why)
    _until(lambda: not _open(stack, venue), f"{why}: nobody noticed")
    time.sleep(2.5)  # what was on its way when the word came
    calls = [_calls(stack, venue)]
    order = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.0002"}
    denied = stack.retail.call("POST", "/v1/orders", {**order, "venue": venue})
    elsewhere = stack.retail.call("POST", "/v1/orders", {**order, "venue": "best"})
    time.sleep(WATCH_S)
    calls.append(_calls(stack, venue))
    if kill:
        stack.kill("engine")
        time.sleep(1.0)
        stack.wait_ready(within_s=END_WITHIN_S)
        time.sleep(WATCH_S)
        calls.append(_calls(stack, venue))
    advance(stack, 3600)
    time.sleep(WATCH_S / 2)
    calls.append(_calls(stack, venue))
    report.require(len(set(calls)) == 1, f"{why} at {venue}: called meanwhile, {calls}")
    report.require(not denied.is_success, f"{why} at {venue}: an order was taken for it")
    report.require(elsewhere.is_success, f"{why} at {venue}: best did not go elsewhere: {elsewhere.text[:200]}")
    stack.admin.call("DELETE", f"/v1/sandbox/faults/{fault}")
    advance(stack, 3700)
    _until(lambda: _calls(stack, venue) > calls[0], f"{why}: never called again")
    _wait_synced(stack)
    filled = _trade(stack, {**order, "venue": venue})
    report.require(filled == "filled", f"{why} at {venue}: {filled} after its end")
    code = denied.json().get("code", denied.status_code)
    told = f"{code} there, {elsewhere.json().get('status')} elsewhere, {filled} after it"
    seconds = f"{time.monotonic() - began:.0f}"
    report.row(f"{why} of two hours", "all", venue, 3, calls[-1] - calls[0], seconds, told, "not one call")


def _begin(stack: Stack, venue: str, why: str) -> str:
    if why == "ban":
        return stack.fault(venue, "http_418", operation="any", count=1, retry_after_s=7200)
    now = stack.admin.get("/v1/sandbox/clock")["business_now"]
    body = {"scope": "venue", "target": venue, "ends_at": _later(now, 7200), "reason": "announced by the venue"}
    stack.admin.post("/v1/controls/windows", body)
    return stack.fault(venue, "maintenance", operation="any")


def _later(moment: str, seconds: int) -> str:
    return (datetime.fromisoformat(moment) + timedelta(seconds=seconds)).isoformat()


def _open(stack: Stack, venue: str) -> bool:
    venues = stack.admin.get("/v1/controls")["venues"]
    return bool(next(v["open"] for v in venues if v["venue"] == venue))


def _calls(stack: Stack, venue: str) -> int:
    return int(stack.admin.get(f"/v1/sandbox/venues/{venue}/calls")["calls"])


def advance(stack: Stack, seconds: int) -> None:
    """Advance business time and wait until what fell due has run."""
    asked = stack.admin.post("/v1/sandbox/clock", {"advance": f"PT{seconds}S"})
    _until(lambda: stack.admin.get(f"/v1/sandbox/clock/{asked['id']}")["state"] == "done", "the clock stands")


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + END_WITHIN_S
    while not _tried(holds):
        if time.monotonic() > deadline:
            raise AssertionError(otherwise)
        time.sleep(0.1)


def _tried(holds: Callable[[], bool]) -> bool:
    try:
        return holds()
    except httpx.HTTPError:
        return False


def _trade(stack: Stack, body: Body) -> str:
    """The end of a market order; while prices come back it may be denied for a moment."""
    deadline = time.monotonic() + END_WITHIN_S
    while True:
        answer = stack.retail.call("POST", "/v1/orders", body)
        if answer.is_success:
            return str(stack.retail.finished(answer.json()["id"])["status"])
        if time.monotonic() > deadline:
            return str(answer.json()["code"])
        time.sleep(0.5)

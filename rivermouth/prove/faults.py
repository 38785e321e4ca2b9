"""Each fault kind at each operation it applies to, with many orders: the venues' lists and our fills agree one to one.

A drill that was never hit proves nothing and fails. Nothing is sent twice; unknown orders resolve without a human where evidence exists.
"""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rivermouth.prove.agreement import compare, wait_until_quiet
from rivermouth.prove.report import Report
from rivermouth.prove.stack import Stack, running

VENUES = ("binance", "okx", "kraken", "bitfinex")


@dataclass(frozen=True, slots=True)
class Drill:
    """One kind at one operation. Faults at `ask` need orders whose answers were lost, so that there is something to ask."""

    kind: str
    operation: str
    more: dict[str, Any] = field(default_factory=dict)
    beside: str | None = None


_LIMITED = {"retry_after_s": 1}
_EVERYWHERE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("drop_before_accept", {}),
    ("drop_after_accept", {}),
    ("http_503", {}),
    ("http_429", _LIMITED),
    ("http_418", _LIMITED),
    ("bad_json", {}),
    ("maintenance", {}),
)
DRILLS = (
    *(Drill(kind, "place", more) for kind, more in _EVERYWHERE),
    Drill("slow", "place", {"delay_ms": 3000}),
    Drill("partial_fill", "place"),
    Drill("no_balance", "place"),
    *(Drill(kind, "ask", more, beside="drop_after_accept") for kind, more in _EVERYWHERE),
    Drill("slow", "ask", {"delay_ms": 500}, beside="drop_after_accept"),
    *(Drill(kind, where, more) for where in ("balances", "book", "stream") for kind, more in _EVERYWHERE),
    *(Drill("slow", where, {"delay_ms": 500}) for where in ("balances", "book", "stream")),
    Drill("stale_book", "book"),
    Drill("stale_book", "stream"),
    Drill("sequence_gap", "stream"),
    Drill("maintenance", "any"),
    Drill("drop_after_accept", "any"),
)


def prove(*, orders: int = 200, folder: Path | None = None, drills: tuple[Drill, ...] = DRILLS) -> int:
    report = Report(
        "faults",
        "faults at the venues",
        ("kind", "operation", "venue", "orders", "hits", "outcomes", "venue list = our fills"),
    )
    report.notes.append(
        f"{orders} orders per drill, named venue, 8 at a time; the resolver's waiting times at half their real values"
    )
    with running(env={"RIVERMOUTH_RESOLVER_SCALE": "0.5"}) as stack:
        for index, drill in enumerate(drills):
            _drill(stack, drill, VENUES[index % len(VENUES)], orders, report)
        broken = stack.broken_invariants()
        report.require(not broken, f"invariants: {broken}")
        code, text = stack.check()
        report.require(code == 0, f"rivermouth check: {text[-500:]}")
    return report.finish(folder)


def _drill(stack: Stack, drill: Drill, venue: str, orders: int, report: Report) -> None:
    venue = {"stream": "binance", "book": "kraken"}.get(drill.operation, venue)  # streamed and polled books
    stack.reset()
    stack.price("BTC-USDT", "60000")
    if drill.operation == "stream":  # a pinned price pushes nothing that a fault could meet
        stack.admin.post("/v1/sandbox/prices", {"symbol": "BTC-USDT", "free": True})
    lasting = [] if _per_order(drill) else [_lasting(stack, drill, venue)]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda index: _order(stack, drill, venue, index), range(orders)))
    statuses, faults = Counter(status for status, _ in told), [fault for _, fault in told if fault] + lasting
    hits = _hits(stack, faults)
    for fault in faults:  # the drill is over: what was not met must not meet the questions about it
        stack.admin.call("DELETE", f"/v1/sandbox/faults/{fault}")
    busy = wait_until_quiet([stack.retail], within_s=180)
    agreement = compare(stack, [stack.retail])
    outcomes = ", ".join(f"{name} {count}" for name, count in sorted(statuses.items()))
    report.row(drill.kind, drill.operation, venue, orders, hits, outcomes, agreement.text())
    name = f"{drill.kind} at {drill.operation}"
    report.require(hits > 0, f"{name}: never hit")
    report.require(agreement.holds, f"{name}: {agreement.text()}")
    report.require(not busy, f"{name}: {len(busy)} orders never came to an end")


def _per_order(drill: Drill) -> bool:
    """Faults at placing and asking meet every third order: more, and the venue's breaker would rightly open and end the drill."""
    return drill.operation in {"place", "ask"}


def _lasting(stack: Stack, drill: Drill, venue: str) -> str:
    """Faults of books, streams and balances last until the drill removes them; a stream breaks a number of times."""
    bounded = {"count": 20} if drill.operation == "stream" else {}
    return stack.fault(venue, drill.kind, operation=drill.operation, **bounded, **drill.more)


def _hits(stack: Stack, faults: list[str]) -> int:
    """How often the drill was met; what is read on a schedule (balances: every 15 s) gets its time."""
    deadline = time.monotonic() + 25
    while True:
        hits = sum(int(stack.admin.get(f"/v1/sandbox/faults/{fault}")["hits"]) for fault in faults)
        if hits or time.monotonic() > deadline:
            return hits
        time.sleep(0.5)


def _order(stack: Stack, drill: Drill, venue: str, index: int) -> tuple[str, str | None]:
    """Place one order; every third meets the fault. Returns what the answer said, and the fault."""
    fault = None
    if _per_order(drill) and index % 3 == 0:
        if drill.beside:
            stack.fault(venue, drill.beside, operation="place", count=1)
        fault = stack.fault(venue, drill.kind, operation=drill.operation, count=1, **drill.more)
    body = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.0002", "venue": venue}
    answer = stack.retail.call("POST", "/v1/orders", body)
    told = answer.json()
    return str(told["status"] if answer.is_success else told["code"]), fault

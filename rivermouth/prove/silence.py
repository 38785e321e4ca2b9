"""A venue that wants silence gets it: two hours of business time without one call, from its first word to its end.

Neither orders, questions, lists and polls nor new streams; also not from an engine that was killed in between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from rivermouth.prove.report import Report
from rivermouth.prove.stack import Stack

SETTLE_S, WATCH_S = 3.0, 6.0
END_WITHIN_S = 180.0
ADVANCED_WITHIN_S = 600.0  # a day of business time is some three hundred runs of schedules

Body = dict[str, Any]


def wait_synced(stack: Stack, symbol: str = "BTC-USDT") -> None:
    """Until every venue shows fresh prices, or the time is up."""
    deadline = time.monotonic() + END_WITHIN_S
    while time.monotonic() < deadline:
        venues = stack.retail.get(f"/v1/markets/{symbol}/quotes")["venues"]
        if all(v["state"] == "SYNCED" for v in venues):
            return
        time.sleep(0.2)


def silence(stack: Stack, wanted: Mapping[str, str], report: Report, *, kill: bool = True) -> None:
    """Two hours of business time in which some venues are not called once; `wanted`: venue → ban or maintenance."""
    began = time.monotonic()
    stack.reset()
    wait_synced(stack)
    faults = [_begin(stack, venue, why) for venue, why in wanted.items()]
    _until(lambda: not any(_open(stack, venue) for venue in wanted), f"{wanted}: nobody noticed")
    time.sleep(SETTLE_S)  # what was on its way when the word came
    calls = [_calls(stack, wanted)]
    order = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.0002"}
    denied = {venue: stack.retail.call("POST", "/v1/orders", {**order, "venue": venue}) for venue in wanted}
    elsewhere = stack.retail.call("POST", "/v1/orders", {**order, "venue": "best"})
    time.sleep(WATCH_S)
    calls.append(_calls(stack, wanted))
    if kill:
        stack.kill("engine")
        time.sleep(1.0)
        stack.wait_ready(within_s=END_WITHIN_S)
        time.sleep(WATCH_S)
        calls.append(_calls(stack, wanted))
    advance(stack, 3600)
    time.sleep(WATCH_S / 2)
    calls.append(_calls(stack, wanted))
    report.require(elsewhere.is_success, f"{wanted}: best did not go elsewhere: {elsewhere.text[:200]}")
    for fault in faults:
        stack.admin.call("DELETE", f"/v1/sandbox/faults/{fault}")
    advance(stack, 3700)
    for venue in wanted:
        _until(lambda v=venue: _calls(stack, [v]) > [calls[0][list(wanted).index(v)]], f"{venue}: never called again")  # type: ignore[misc]
    wait_synced(stack)
    for number, (venue, why) in enumerate(wanted.items()):
        counts = [each[number] for each in calls]
        name = f"{why} at {venue}"
        report.require(len(set(counts)) == 1, f"{name}: called meanwhile, {counts}")
        report.require(not denied[venue].is_success, f"{name}: an order was taken for it")
        filled = _trade(stack, {**order, "venue": venue})
        report.require(filled == "filled", f"{name}: {filled} after its end")
        code = denied[venue].json().get("code", denied[venue].status_code)
        told = f"{code} there, {elsewhere.json().get('status')} elsewhere, {filled} after it"
        seconds = f"{time.monotonic() - began:.0f}"
        outcome = "not one call" if len(set(counts)) == 1 else f"calls {counts}"
        report.row(f"{why} of two hours", "all", venue, 3, counts[-1] - counts[0], seconds, told, "", outcome)


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


def _calls(stack: Stack, venues: Iterable[str]) -> list[int]:
    return [int(stack.admin.get(f"/v1/sandbox/venues/{venue}/calls")["calls"]) for venue in venues]


def advance(stack: Stack, seconds: int) -> None:
    """Advance business time and wait until what fell due has run."""
    asked = stack.admin.post("/v1/sandbox/clock", {"advance": f"PT{seconds}S"})
    _until(
        lambda: stack.admin.get(f"/v1/sandbox/clock/{asked['id']}")["state"] == "done",
        "the clock stands",
        ADVANCED_WITHIN_S,
    )


def _until(holds: Callable[[], bool], otherwise: str, within_s: float = END_WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
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

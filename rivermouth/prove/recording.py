"""Recorded market data through the whole product: hundreds of resting orders, and fills that an independent calculation predicts.

The calculation knows only the recording and the venue's half spread: a buy at L fills at the first bar whose ask is at or below L, at that
ask; a sell mirrors. It shares no code with the product's triggers.
"""

from __future__ import annotations

import csv
import os
import random
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from rivermouth.prove.agreement import compare, wait_until_quiet
from rivermouth.prove.report import Report
from rivermouth.prove.stack import Stack, running

LAST_ROWS = 5_000  # the second trigger mode sees the first days
NAME = "btc-usdt-1m-2022-01-01_18.csv"


def prove(*, rows: int = 25_979, orders: int = 300, folder: Path | None = None, seed: int = 7) -> int:
    recordings = os.environ.get("RIVERMOUTH_RECORDINGS")
    report = Report(
        "recording",
        "recorded market data",
        ("trigger", "rows", "orders", "predicted to fill", "filled", "wrong", "bars per second"),
    )
    report.notes.append(
        f"source: {NAME} from RIVERMOUTH_RECORDINGS" if recordings else f"source: {NAME} of the seeded generator"
    )
    for trigger, most in (("executable", rows), ("last", min(rows, LAST_ROWS))):
        with running() as stack:
            replay(stack, trigger, most, orders, random.Random(seed), report)
    return report.finish(folder)


def replay(stack: Stack, trigger: str, rows: int, orders: int, rng: random.Random, report: Report) -> None:
    """Rest orders around the first bars, play the rows, and compare each order with the prediction."""
    closes = _closes(stack)[:rows]
    stack.admin.call("PATCH", "/v1/markets/BTC-USDT", {"trigger": trigger}).raise_for_status()
    stack.price("BTC-USDT", str(closes[0]))
    time.sleep(2.5)  # the engine looks at the market's modes once a second
    half = _half_spread(stack, closes[0])
    placed = [_place(stack, closes, half, rng) for _ in range(orders)]
    began = time.monotonic()
    play = stack.admin.post("/v1/sandbox/prices", {"symbol": "BTC-USDT", "recording": NAME, "rows": rows})
    while play["state"] == "playing":
        time.sleep(1)
        play = stack.admin.get(f"/v1/sandbox/prices/plays/{play['id']}")
    seconds = time.monotonic() - began
    report.require(play["state"] == "done" and play["played"] == len(closes), f"{trigger}: the play ended as {play}")
    wait_until_quiet([stack.retail], within_s=30)
    wrong, predicted, filled = [], 0, 0
    for order in placed:
        expected = _expected(order, closes, half)
        now = stack.retail.get(f"/v1/orders/{order['id']}")
        predicted += expected is not None
        filled += now["status"] == "filled"
        price = Decimal(now["average_price"]) if now["average_price"] else None
        if (now["status"] == "filled") != (expected is not None) or price != expected:
            wrong.append(f"{order['side']} {order['limit_price']}: {now['status']} at {price}, predicted {expected}")
    report.row(trigger, len(closes), orders, predicted, filled, len(wrong), f"{len(closes) / seconds:.0f}")
    report.require(not wrong, f"{trigger}: {wrong[:5]}")
    report.require(0 < predicted < orders, f"{trigger}: {predicted} predicted fills prove little")
    agreement = compare(stack, [stack.retail, stack.client("retail2")])  # whoever else traded here before
    report.require(agreement.holds, f"{trigger}: venues and ledger differ: {agreement.text()}")
    report.require(not stack.broken_invariants(), f"{trigger}: invariants")


def _closes(stack: Stack) -> list[Decimal]:
    """Read the file itself, with nothing of the product's reader."""
    folder = os.environ.get("RIVERMOUTH_RECORDINGS")
    path = Path(folder) / NAME if folder else None
    if path is None or not path.is_file():
        stack.admin.post(
            "/v1/sandbox/prices", {"symbol": "BTC-USDT", "recording": NAME, "rows": 1}
        )  # makes the generator write it
        path = stack.data / "recordings" / NAME
    with path.open(newline="") as file:
        return [Decimal(row["close"]) for row in csv.DictReader(file)]


def _half_spread(stack: Stack, price: Decimal) -> Decimal:
    binance = next(v for v in stack.retail.get("/v1/markets/BTC-USDT/quotes")["venues"] if v["venue"] == "binance")
    half = Decimal(binance["ask"]) - price
    assert half == price - Decimal(binance["bid"]) > 0, binance
    return half


def _place(stack: Stack, closes: list[Decimal], half: Decimal, rng: random.Random) -> Any:
    start, low, high = closes[0], min(closes), max(closes)
    if rng.random() < 0.5:
        limit, side = low + (start - low) * Decimal(str(round(rng.uniform(-0.3, 0.999), 4))), "buy"
        limit = min(limit, start - half - 1)
    else:
        limit, side = start + (high - start) * Decimal(str(round(rng.uniform(0.001, 1.3), 4))), "sell"
        limit = max(limit, start + half + 1)
    order = stack.retail.order(
        symbol="BTC-USDT",
        side=side,
        type="limit",
        quantity="0.0005",
        limit_price=str(limit.quantize(Decimal("0.01"))),
        venue="binance",
    )
    assert order["status"] == "resting", order
    return order


def _expected(order: Any, closes: list[Decimal], half: Decimal) -> Decimal | None:
    limit = Decimal(order["limit_price"])
    for close in closes:
        if order["side"] == "buy" and close + half <= limit:
            return close + half
        if order["side"] == "sell" and close - half >= limit:
            return close - half
    return None

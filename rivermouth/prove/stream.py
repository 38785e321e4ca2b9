"""The live stream: a reader that is killed and resumes misses nothing; one API process serves many clients, slow ones among them."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from rivermouth.prove import stream_crowd
from rivermouth.prove.agreement import all_orders, wait_until_quiet
from rivermouth.prove.kills import Load, flush
from rivermouth.prove.report import Report
from rivermouth.prove.stack import Stack, running
from rivermouth.prove.stream_reader import seen

CATCH_UP_S = 120.0


def prove(*, kills: int = 100, clients: int = 500, seconds: float = 20.0, folder: Path | None = None) -> int:
    report = Report("stream", "the live stream", ("what", "times", "result"))
    with running() as stack:
        resumed(stack, report, kills=kills)
    stream_crowd.crowd(report, clients=clients, seconds=seconds)
    return report.finish(folder)


def resumed(stack: Stack, report: Report, *, kills: int, seed: int = 5) -> None:
    """Kill the reader at random moments under load, now and then what feeds it as well; compare what it saw with what happened."""
    rng = random.Random(seed)
    stack.price("BTC-USDT", "60000")
    with tempfile.TemporaryDirectory(prefix="rm-stream-") as name:
        reader = _Reader(stack, Path(name))
        with Load(stack, seed=seed, workers=2) as load:
            for number in range(kills):
                reader.start()
                time.sleep(rng.uniform(0.3, 0.9))
                reader.kill()
                if number % 25 == 12:
                    stack.kill("engine")
                elif number % 10 == 5:
                    flush(stack)
            report.require(load.trades(), "orders are still filled after the kills")
        busy = wait_until_quiet([stack.retail], within_s=180)
        report.require(not busy, f"{len(busy)} orders never came to an end")
        reader.start()
        differences = _settled(stack, reader)
        reader.kill()
        events = {channel: len(reader.frames(channel)) for channel in ("orders", "fills")}
        report.row("reader killed and resumed under load", kills, f"{events['orders']} orders, {events['fills']} fills")
        report.row("engine killed beside it, Valkey flushed", f"{(kills + 12) // 25}, {(kills + 4) // 10}", "")
        report.require(not differences, f"what was seen differs: {differences}")
        report.require(events["fills"] > 0, "there were fills to see")
        report.row("each event once, in order, and nothing missing", sum(events.values()), differences or "holds")


class _Reader:
    """The process that is killed, and the files that outlive it."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._address = stack.base.replace("http", "ws", 1) + "/v1/stream"
        self._token = str(stack.retail.http.headers["Authorization"]).removeprefix("Bearer ")
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "rivermouth.prove.stream_reader"]
        self._process = subprocess.Popen([*command, self._address, self._token, str(self._folder)])

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def frames(self, channel: str) -> list[Any]:
        return seen(self._folder / channel)


def _settled(stack: Stack, reader: _Reader) -> list[str]:
    """What still differs once the reader had time to catch up."""
    deadline = time.monotonic() + CATCH_UP_S
    while (found := differences(stack, reader)) and time.monotonic() < deadline:
        time.sleep(1)
    return found


def differences(stack: Stack, reader: _Reader) -> list[str]:
    """Numbers without gap or repetition, every fill once, every order's states in order down to the one it is in."""
    found = []
    truth = all_orders(stack.retail)
    for channel in ("orders", "fills"):
        numbers = [frame["seq"] for frame in reader.frames(channel)]
        if numbers != list(range(1, len(numbers) + 1)):
            found.append(f"{channel}: numbers are not 1…n")
    told = Counter((f["data"]["order_id"], f["data"]["venue"], f["data"]["trade_id"]) for f in reader.frames("fills"))
    happened = Counter((order["id"], fill["venue"], fill["trade_id"]) for order in truth for fill in order["fills"])
    if told != happened:
        found.append(f"fills: {len(happened - told)} missing, {len(told - happened)} too many")
    steps = defaultdict[str, list[Any]](list)
    for frame in reader.frames("orders"):
        steps[frame["data"]["id"]].append(frame["data"])
    if steps.keys() != {order["id"] for order in truth}:
        found.append(f"orders: told of {len(steps)}, there are {len(truth)}")
    wrong = [order["id"] for order in truth if steps[order["id"]] and not _in_order(steps[order["id"]], order)]
    if wrong:
        found.append(f"orders: {len(wrong)} told out of order or not to the end, first {wrong[0]}")
    return found


def _in_order(steps: list[Any], order: Any) -> bool:
    versions = [step["version"] for step in steps if step["version"] is not None]
    last = next(step for step in reversed(steps) if step["event"] != "filled")
    return (
        steps[0]["event"] == "accepted"
        and versions == sorted(set(versions))
        and (last["status"], last["filled_quantity"]) == (order["status"], order["filled_quantity"])
        and sum(step["event"] == "filled" for step in steps) == len(order["fills"])
    )

"""The simulator as a process: what it accepted before kill -9 is there after the next start."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from tests.contract.test_binance_dialect import SYMBOL, binance, buy


@contextmanager
def process(data: Path, *arguments: str) -> Iterator[SimpleNamespace]:
    command = [sys.executable, "-m", "venues.simulator", "--port", "0", "--data", str(data), *arguments]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."})
    try:
        yield SimpleNamespace(pid=child.pid, child=child, url=child.stdout.readline().split()[1])
    finally:
        child.kill()
        child.wait(60)
        child.stdout.close()


def listed(url: str) -> list:
    with urllib.request.urlopen(f"{url}/control/venues/binance/orders", timeout=60) as answer:
        return json.load(answer)["items"]


def test_orders_and_funds_survive_a_kill(tmp_path):
    async def trade(url: str, coid: str):
        async with binance(SimpleNamespace(url=url)) as exchange:
            await buy(exchange, coid, price="65000")
            await exchange.create_order(SYMBOL, "limit", "buy", "0.1", "50000", {"newClientOrderId": f"{coid}-rest"})
            return (await exchange.fetch_balance())["USDT"]

    with process(tmp_path) as first:
        funds = asyncio.run(trade(first.url, "before"))
        seen = listed(first.url)
        os.kill(first.pid, signal.SIGKILL)
        first.child.wait(60)

    async def look(url: str):
        async with binance(SimpleNamespace(url=url)) as exchange:
            order = await exchange.cancel_order(None, SYMBOL, {"origClientOrderId": "before-rest"})
            assert order["status"] == "canceled"
            return (await exchange.fetch_balance())["USDT"]

    with process(tmp_path) as second:
        assert listed(second.url) == seen
        assert len(seen) == 2
        after = asyncio.run(look(second.url))
        assert (after["total"], after["used"]) == (funds["total"], "0.00000000")


def test_a_recording_is_played_and_a_signal_ends_the_process(tmp_path):
    path = tmp_path / "minutes.csv"
    path.write_text("timestamp,open,high,low,close,volume\n2022-01-01 00:00:00,777,777,777,777,1\n", encoding="utf-8")
    with process(tmp_path / "data", "--recording", str(path)) as running:
        with urllib.request.urlopen(f"{running.url}/control/prices", timeout=60) as answer:
            shown = json.load(answer)
        assert shown["BTC-USDT"]["binance"]["last"].startswith("77")
        running.child.send_signal(signal.SIGTERM)
        assert running.child.wait(60) == 0

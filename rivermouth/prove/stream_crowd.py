"""Many clients on one API process: an owner that writes twenty times a second, readers that keep up, and some that do not read at all."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import httpx
import redis
from websockets.asyncio.client import ClientConnection, connect

from kernel import clock, db
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from markets.shard import MarketState
from rivermouth.data_directory import Addresses, DataDirectory
from rivermouth.prove.report import Report
from rivermouth.prove.stack import free_port
from rivermouth.servers import embedded_for_this_command
from venues.books import BookState, VenueBook

SYMBOL = "BTC-USDT"
PER_SECOND = 20
LEVELS = 20
PATIENCE_S = 60.0
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Crowd:
    """What the readers saw together."""

    updates: list[int] = field(default_factory=list)
    delays_ms: list[float] = field(default_factory=list)
    finished: int = 0
    disordered: int = 0
    lost: int = 0


class Owner:
    """Writes the market's copy as its owner would, each time with another price; the last one is 77777."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.Redis.from_url(redis_url)
        self._state = MarketState(instruments.get(SYMBOL), venues=("binance", "kraken", "okx"), poll_s=1.0)
        self._stop, self._ended = threading.Event(), threading.Event()
        self.written = 0

    def write(self, price: Decimal) -> None:
        now, mono = clock.wall(), clock.monotonic()
        for venue in ("binance", "kraken", "okx"):
            bids = tuple((price - n, Decimal("0.5")) for n in range(1, LEVELS + 1))
            asks = tuple((price + n, Decimal("0.5")) for n in range(1, LEVELS + 1))
            self._state.on_book(
                VenueBook(
                    venue=venue, symbol=SYMBOL, bids=bids, asks=asks, last=price, volume_24h=None, sequence=self.written,
                    received_mono=mono, received_at=now, state=BookState.SYNCED,
                )
            )  # fmt: skip
        self._redis.set(quotes.key(SYMBOL), quotes.encode(self._state.tick(mono, now)))
        self._redis.publish(quotes.CHANGED, SYMBOL)
        self.written += 1

    def run(self) -> None:
        began = clock.monotonic()
        while not self._stop.is_set():
            self.write(Decimal(60_000 + self.written % 50))
            self._stop.wait(max(began + self.written / PER_SECOND - clock.monotonic(), 0))
        until = clock.monotonic() + PATIENCE_S
        while not self._ended.is_set() and clock.monotonic() < until:
            self.write(Decimal(77_777))  # a jump is watched for a while, so it is said again until all have it
            self._ended.wait(0.2)

    def stop(self) -> None:
        self._stop.set()

    def end(self) -> None:
        self._ended.set()


@contextmanager
def serving() -> Iterator[tuple[str, Addresses, int]]:
    """One API process on servers of its own: (address, addresses, process id)."""
    with tempfile.TemporaryDirectory(prefix="rm-crowd-") as name:
        directory = DataDirectory.open(Path(name))
        with embedded_for_this_command(directory, None) as addresses:
            port = free_port()
            env = {**os.environ, "RIVERMOUTH_DATABASE_URL": str(addresses.app), "RIVERMOUTH_REDIS_URL": addresses.redis}
            env |= {"RIVERMOUTH_DATA_DIR": name, "RIVERMOUTH_MODE": "sandbox", "RIVERMOUTH_LOG_LEVEL": "WARNING"}
            log = (Path(name) / "api.log").open("wb")
            api = subprocess.Popen(
                [sys.executable, "-m", "rivermouth", "api", "--port", str(port)], env=env, stderr=log
            )
            try:
                _wait_for(f"http://127.0.0.1:{port}/healthz")
                yield f"ws://127.0.0.1:{port}/v1/stream", addresses, api.pid
            finally:
                api.terminate()
                api.wait(timeout=60)


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(address, timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the API did not start")


def crowd(report: Report, *, clients: int, seconds: float) -> None:
    """The same crowd twice: by itself, and beside one client that reads nothing."""
    with serving() as (address, addresses, pid):
        db.configure(str(addresses.app), pool_size=2)
        try:
            for slow in (0, 1):
                _round(report, address, addresses.redis, pid, clients=clients, seconds=seconds, slow=slow)
        finally:
            db.dispose()


def _round(report: Report, address: str, redis_url: str, pid: int, *, clients: int, seconds: float, slow: int) -> None:
    owner, seen = Owner(redis_url), Crowd()
    owner.write(Decimal(60_000))
    thread = threading.Thread(target=owner.run, daemon=True)
    cpu = _cpu_s(pid)
    idle = [_reads_nothing(address) for _ in range(slow)]
    try:
        wall_s = asyncio.run(_listen(address, owner, thread, seen, clients=clients, seconds=seconds))
    finally:
        owner.stop()
        owner.end()
        thread.join(PATIENCE_S)
        for one in idle:
            one.close()
    used, memory = _cpu_s(pid) - cpu, _memory_mb(pid)
    name = f"{clients} clients at {PER_SECOND} updates a second" + (f", {slow} more that reads nothing" if slow else "")
    sent, updates = sum(seen.updates), sorted(seen.updates)
    delays = sorted(seen.delays_ms) or [0.0]
    report.row(
        name,
        f"{owner.written} written in {wall_s:.0f} s",
        f"{sent} frames, {sent / wall_s:.0f} a second; a client got {updates[0]} to {updates[-1]};"
        f" delay p50 {delays[len(delays) // 2]:.0f} ms, p99 {delays[len(delays) * 99 // 100]:.0f} ms;"
        f" API {used / wall_s:.2f} cores, {memory} MB",
    )
    report.require(seen.finished == clients, f"{name}: {clients - seen.finished} never had the newest price")
    report.require(seen.lost == 0, f"{name}: {seen.lost} lost their connection")
    report.require(seen.disordered == 0, f"{name}: {seen.disordered} frames went back")


async def _listen(
    address: str, owner: Owner, thread: threading.Thread, seen: Crowd, *, clients: int, seconds: float
) -> float:
    sockets = []
    for start in range(0, clients, 50):
        opening = (
            connect(address, compression=None, proxy=None, open_timeout=60) for _ in range(min(50, clients - start))
        )
        sockets += await asyncio.gather(*opening)
    ready = asyncio.Event()
    readers = [asyncio.create_task(_read(one, seen, ready)) for one in sockets]
    thread.start()
    began = time.monotonic()
    ready.set()
    await asyncio.sleep(seconds)
    owner.stop()
    await asyncio.wait(readers, timeout=PATIENCE_S)
    wall_s = time.monotonic() - began
    owner.end()
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    await asyncio.gather(*(one.close() for one in sockets), return_exceptions=True)
    return wall_s


async def _read(one: ClientConnection, seen: Crowd, ready: asyncio.Event) -> None:
    await ready.wait()
    await one.send(json.dumps({"op": "subscribe", "channels": [f"quotes:{SYMBOL}"]}))
    got, last = 0, 0
    try:
        async for text in one:
            assert isinstance(text, str)
            if '"data"' not in text:
                continue
            got += 1
            seq = int(text[text.index('"seq":') + 6 : text.index(',"type"')])
            seen.disordered += seq < last
            last = seq
            if got % 20 == 0:
                seen.delays_ms.append(_age_ms(text))
            if '"price":"77777"' in text or '"last":"77777"' in text:
                seen.finished += 1
                break
        else:
            seen.lost += 1
    finally:
        seen.updates.append(got)


def _age_ms(text: str) -> float:
    made = json.loads(text)["data"]["composite"]["as_of"]
    return (clock.wall() - datetime.fromisoformat(made)).total_seconds() * 1000


def _reads_nothing(address: str) -> socket.socket:
    """A handshake and a subscription by hand, then not another byte is read."""
    host, port = address.removeprefix("ws://").split("/")[0].split(":")
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    one.connect((host, int(port)))
    one.sendall(
        f"GET /v1/stream HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    one.recv(2_048)
    body = json.dumps({"op": "subscribe", "channels": [f"quotes:{SYMBOL}", f"book:{SYMBOL}"]}).encode()
    one.sendall(bytes([0x81, 0x80 | len(body), 0, 0, 0, 0]) + body)  # masked with zeros
    return one


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def _memory_mb(pid: int) -> int:
    line = next(row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) // 1024

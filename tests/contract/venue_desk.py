"""What the contract tests share: a simulator, a gateway on it, and orders that fill fully, partly or not at all."""

import asyncio
import itertools
import socket
import time
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal

from kernel.clock import wall
from venues.accounts import simulated_account
from venues.ccxt_gateway import CcxtGateway
from venues.gateway import PlaceOrder

D = Decimal
TIMEOUT_S = 20.0  # long: only a test about slow answers may run into it, not a machine that stands still for a moment
_numbers = itertools.count(time.time_ns() // 1_000_000)


def next_coid():
    return next(_numbers)


@asynccontextmanager
async def gateway_of(simulator, venue, *, timeout_s=TIMEOUT_S, label=None):
    gateway = CcxtGateway(simulated_account(venue, simulator.url), timeout_s=timeout_s)
    try:
        await gateway.load()
        yield gateway
    finally:
        await gateway.close()


def with_gateway(simulator, venue, use, **options):
    """Run `await use(gateway)` in a loop of its own."""

    async def run():
        async with gateway_of(simulator, venue, **options) as gateway:
            return await use(gateway)

    return asyncio.run(run())


def thin_book(simulator, venue, asks=(("60003", "0.4"),), bids=(("59997", "0.4"),)):
    levels = [["ask", *level] for level in asks] + [["bid", *level] for level in bids]
    simulator.control("POST", "/control/books", {"venue": venue, "symbol": "BTC-USDT", "levels": levels})


def order(side="buy", quantity="0.01", limit=None, *, coid=None, sent_at=None):
    price = limit or ("61000" if side == "buy" else "59000")
    return PlaceOrder(
        symbol="BTC-USDT",
        side=side,
        quantity=D(quantity),
        limit_price=D(price),
        coid_number=coid or next_coid(),
        sent_at=sent_at or wall(),
    )


@contextmanager
def loopback_only(monkeypatch):
    """Every address that any socket connects to or that any name is looked up for."""
    seen = []
    connect, lookup = socket.socket.connect, asyncio.BaseEventLoop.getaddrinfo
    sock_connect = asyncio.selector_events.BaseSelectorEventLoop.sock_connect

    def noting_connect(self, address):
        seen.append(address)
        return connect(self, address)

    async def noting_sock_connect(self, sock, address):
        seen.append(address)
        return await sock_connect(self, sock, address)

    async def noting_lookup(self, host, *args, **kwargs):
        seen.append((host, 0))
        return await lookup(self, host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", noting_connect)
    monkeypatch.setattr(asyncio.selector_events.BaseSelectorEventLoop, "sock_connect", noting_sock_connect)
    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", noting_lookup)
    yield seen

"""Unmodified ccxt clients of a running simulator: only keys, urls and documented options are given."""

import asyncio
import base64
from collections.abc import Awaitable, Callable
from typing import Any

import ccxt.async_support
import ccxt.pro

from tests.simulator_server import RunningSimulator

BTC = "BTC/USDT"
PATIENCE_S = 90  # a machine may stand still for a while; no test waits this long when all is well


def _with_exact_numbers(exchange: Any) -> Any:
    exchange.number = str
    return exchange


def okx(simulator: RunningSimulator, *, pro: bool = False, **keys: str) -> Any:
    api = {"rest": f"{simulator.url}/okx", "ws": f"{simulator.url.replace('http', 'ws', 1)}/okx/ws/v5"}
    config = {
        "apiKey": "sim-okx-key",
        "secret": "sim-okx-secret",
        "password": "sim-pass",
        "enableRateLimit": False,
        "timeout": PATIENCE_S * 1000,
        "options": {"fetchMarkets": {"types": ["spot"]}},
        "urls": {"api": api},
        **keys,
    }
    return _with_exact_numbers((ccxt.pro if pro else ccxt.async_support).okx(config))


def kraken(simulator: RunningSimulator, **keys: str) -> Any:
    base = f"{simulator.url}/kraken"
    config = {
        "apiKey": "sim-kraken-key",
        "secret": base64.b64encode(b"sim-kraken-secret").decode(),
        "enableRateLimit": False,
        "timeout": PATIENCE_S * 1000,
        "urls": {"api": {"public": base, "private": base}},
        **keys,
    }
    return _with_exact_numbers(ccxt.async_support.kraken(config))


def bitfinex(simulator: RunningSimulator, **keys: str) -> Any:
    base = f"{simulator.url}/bitfinex"
    config = {
        "apiKey": "sim-bitfinex-key",
        "secret": "sim-bitfinex-secret",
        "enableRateLimit": False,
        "timeout": PATIENCE_S * 1000,
        "urls": {"api": {"public": base, "private": base}},
        **keys,
    }
    return _with_exact_numbers(ccxt.async_support.bitfinex(config))


def call(exchange: Any, body: Callable[[Any], Awaitable[Any]]) -> Any:
    """Run `body` with the client in an event loop of its own and close the client."""

    async def run() -> Any:
        try:
            return await body(exchange)
        finally:
            await exchange.close()

    return asyncio.run(run())


def levels(simulator: RunningSimulator, venue: str, *rows: tuple[str, str, str]) -> None:
    """Give the BTC-USDT book of one venue exactly these (side, price, quantity) levels."""
    body = {"venue": venue, "symbol": "BTC-USDT", "levels": [list(row) for row in rows]}
    simulator.control("POST", "/control/books", body)

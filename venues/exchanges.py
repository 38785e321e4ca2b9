"""Unmodified ccxt exchanges, set up so that they are exact, send once, and cannot reach a host that nobody named.

`number=str` keeps amounts exact; the library's own retries and rate limiter are off (a retry once doubled an order); Binance is told
to read spot markets only, because its other calls go to further hosts with the key in the header. With an own address *every* address
of the exchange is replaced, also those of calls that we never make. An answer that is not what the venue answers is an error: the library
would read it as an empty list, and an empty list is how a venue says that it has no such order.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import ccxt
import ccxt.async_support as rest
import ccxt.pro as streaming

from venues.accounts import VenueAccount

_OPTIONS: dict[str, dict[str, Any]] = {
    "binance": {
        "fetchMarkets": {"types": ["spot"]},
        "fetchCurrencies": False,
        "fetchMargins": False,
        "defaultType": "spot",
        "warnOnFetchOpenOrdersWithoutSymbol": False,
    },
    "okx": {"fetchMarkets": {"types": ["spot"]}, "defaultType": "spot"},
    "kraken": {},
    "bitfinex": {},
}


_ENVELOPES = {"kraken": "result", "okx": "data"}
"""What a venue wraps every good answer in; Binance and Bitfinex answer bare."""

Fetch = Callable[..., Awaitable[Any]]


def rest_exchange(account: VenueAccount, *, timeout_s: float, session: aiohttp.ClientSession) -> Any:
    """An exchange for orders and account data over `session`, which the caller owns and closes."""
    config = _config(account, timeout_s, signed=True) | {"session": session}
    return _guarded(getattr(rest, account.venue)(config), account)


def public_exchange(account: VenueAccount, *, timeout_s: float, session: aiohttp.ClientSession) -> Any:
    """An exchange for polled market data over `session`: no key leaves with it."""
    config = _config(account, timeout_s, signed=False) | {"session": session}
    return _guarded(getattr(rest, account.venue)(config), account)


def streaming_exchange(account: VenueAccount, *, timeout_s: float) -> Any:
    """An exchange for market data by websocket, with connections of its own: no key leaves with it."""
    return _guarded(getattr(streaming, account.venue)(_config(account, timeout_s, signed=False)), account)


def ccxt_symbol(symbol: str) -> str:
    return symbol.replace("-", "/")


def our_symbol(symbol: str) -> str:
    return symbol.replace("/", "-")


def _config(account: VenueAccount, timeout_s: float, *, signed: bool) -> dict[str, Any]:
    config: dict[str, Any] = {
        "number": str,
        "enableRateLimit": False,
        "timeout": int(timeout_s * 1000),
        "options": {**_OPTIONS[account.venue], **_withdrawing(account), "maxRetriesOnFailure": 0},
    }
    if signed:
        config |= {"apiKey": account.api_key, "secret": account.secret, "password": account.password or ""}
    return config


def _withdrawing(account: VenueAccount) -> dict[str, Any]:
    """Fees and open networks of Binance are in a call that only the key that may withdraw needs."""
    return {"fetchCurrencies": True} if account.withdraws and account.venue == "binance" else {}


def _guarded(exchange: Any, account: VenueAccount) -> Any:
    exchange.fetch = _understood(exchange.fetch, envelope=_ENVELOPES.get(account.venue))
    assert exchange.options["maxRetriesOnFailure"] == 0, "the library must never repeat a request"
    assert exchange.number is str, "amounts must arrive as exact strings"
    if account.base_url is not None:
        rest_url = account.base_url + ("/api/v3" if account.venue == "binance" else "")
        exchange.urls = {"api": _replaced(exchange.urls["api"], rest_url, account.ws_url or "ws://127.0.0.1:9")}
        if account.venue == "binance" and account.ws_url is not None and "ws" in exchange.urls["api"]:
            exchange.urls["api"]["ws"] |= {"ws-api": _replaced({"spot": ""}, account.ws_url + "-api", "")}
    return exchange


def _understood(fetch: Fetch, *, envelope: str | None) -> Fetch:
    """The library's own request, whose good answers are JSON and bear what the venue wraps every good answer in.

    Raises (the returned function):
        ccxt.BadResponse: the answer is cut off, a page of some proxy, or another venue's.
    """

    async def understood(*arguments: Any, **named: Any) -> Any:
        answer = await fetch(*arguments, **named)
        if not isinstance(answer, dict | list):
            raise ccxt.BadResponse("the answer is not JSON")
        if envelope is not None and (not isinstance(answer, dict) or envelope not in answer):
            raise ccxt.BadResponse(f"the answer has no {envelope!r}")
        return answer

    return understood


def _replaced(urls: Any, rest_url: str, ws_url: str, *, inside_ws: bool = False) -> Any:
    if not isinstance(urls, dict):
        return ws_url if inside_ws else rest_url
    return {key: _replaced(value, rest_url, ws_url, inside_ws=inside_ws or key == "ws") for key, value in urls.items()}

"""The exchange for asyncio."""

from __future__ import annotations

from typing import Any

import ccxt.async_support

from rivermouth_ccxt.exchange import Rivermouth


class AsyncCalls(Rivermouth):
    """What async and pro share."""

    async def fetch_status(self, params: dict[str, Any] | None = None) -> Any:
        """Whether it answers."""
        return self._status(await self.publicGetPing(params or {}))

    async def fetch_trading_fees(self, params: dict[str, Any] | None = None) -> Any:
        """What trading costs this customer, by symbol."""
        await self.load_markets()
        return self._fees(await self.privateGetAccount(params or {}))

    async def fetch_trading_fee(self, symbol: str, params: dict[str, Any] | None = None) -> Any:
        """What trading costs this customer in one market."""
        fees = await self.fetch_trading_fees(params)
        return fees[self.market(symbol)["symbol"]]


class rivermouth(AsyncCalls, ccxt.async_support.binance):  # noqa: N801  ccxt's classes carry the exchange's id
    """`ccxt.async_support.rivermouth`."""

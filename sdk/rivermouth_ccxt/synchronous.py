"""The exchange for programs that wait."""

from __future__ import annotations

from typing import Any

import ccxt

from rivermouth_ccxt.exchange import Rivermouth


class rivermouth(Rivermouth, ccxt.binance):  # noqa: N801  ccxt's classes carry the exchange's id
    """`ccxt.rivermouth`."""

    def fetch_status(self, params: dict[str, Any] | None = None) -> Any:
        """Whether it answers."""
        return self._status(self.publicGetPing(params or {}))

    def fetch_trading_fees(self, params: dict[str, Any] | None = None) -> Any:
        """What trading costs this customer, by symbol."""
        self.load_markets()
        return self._fees(self.privateGetAccount(params or {}))

    def fetch_trading_fee(self, symbol: str, params: dict[str, Any] | None = None) -> Any:
        """What trading costs this customer in one market."""
        return self.fetch_trading_fees(params)[self.market(symbol)["symbol"]]

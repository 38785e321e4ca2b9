"""What is special about Rivermouth among ccxt's exchanges: where it is, and what it has. The dialect is Binance's, spot only.

A capability that is not named here is off, so that no call leaves for an address that is not Rivermouth's: ccxt's Binance has hundreds
that do.
"""

from __future__ import annotations

import os
from typing import Any

ID = "rivermouth"
HOME = "http://localhost:8000"

TRUE = (
    "spot",
    "cancelAllOrders",
    "cancelOrder",
    "createLimitBuyOrder",
    "createLimitOrder",
    "createLimitSellOrder",
    "createMarketBuyOrder",
    "createMarketBuyOrderWithCost",
    "createMarketOrder",
    "createMarketSellOrder",
    "createOrder",
    "createPostOnlyOrder",
    "createStopLimitOrder",
    "createStopMarketOrder",
    "createStopOrder",
    "createTriggerOrder",
    "editOrder",
    "fetchBalance",
    "fetchBidsAsks",
    "fetchCanceledAndClosedOrders",
    "fetchCanceledOrders",
    "fetchClosedOrder",
    "fetchClosedOrders",
    "fetchL2OrderBook",
    "fetchLastPrices",
    "fetchMarkets",
    "fetchMyTrades",
    "fetchOHLCV",
    "fetchOpenOrder",
    "fetchOpenOrders",
    "fetchOrder",
    "fetchOrderBook",
    "fetchOrders",
    "fetchOrderTrades",
    "fetchStatus",
    "fetchTicker",
    "fetchTickers",
    "fetchTime",
    "fetchTrades",
    "fetchTradingFee",
    "fetchTradingFees",
    "privateAPI",
    "publicAPI",
)
WATCHED = (
    "ws",
    "watchBalance",
    "watchBidsAsks",
    "watchMyTrades",
    "watchOHLCV",
    "watchOrderBook",
    "watchOrders",
    "watchTicker",
    "watchTickers",
    "watchTrades",
)
INTERVALS = ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "1w")


def addresses(home: str, known: dict[str, Any]) -> dict[str, Any]:
    """Every address that ccxt's Binance knows, on our host: none of them may be Binance's."""
    compat = home.rstrip("/") + "/compat/binance"
    stream = "ws" + compat.removeprefix("http")
    ours: dict[str, Any] = {name: f"{compat}/{name}" for name, address in known.items() if isinstance(address, str)}
    return {
        **ours,
        "public": f"{compat}/api/v3",
        "private": f"{compat}/api/v3",
        "v1": f"{compat}/api/v1",
        "ws": {
            **dict.fromkeys(known.get("ws", {}), f"{stream}/ws"),
            "spot": f"{stream}/ws",
            "ws-api": {**dict.fromkeys(known.get("ws", {}).get("ws-api", {}), f"{stream}/ws-api/v3")},
        },
    }


class Rivermouth:
    """Mixed in before one of ccxt's Binance classes."""

    watches = False

    def __init__(self, config: dict[str, Any] | None = None) -> None:
        """Take `baseUrl` from the configuration or from RIVERMOUTH_URL."""
        given = dict(config or {})
        self._home = str(given.pop("baseUrl", None) or os.environ.get("RIVERMOUTH_URL") or HOME)
        super().__init__(given)

    def describe(self) -> Any:
        """Start from Binance's description, and leave of it what there is here."""
        above = super().describe()
        features = {"spot": above["features"]["spot"], "swap": {"linear": None, "inverse": None}}
        features["future"] = features["swap"]
        described = self.deep_extend(
            above,
            {
                "id": ID,
                "name": "Rivermouth",
                "countries": [],
                "certified": False,
                "rateLimit": 10,
                "urls": {
                    "logo": "",
                    "www": self._home,
                    "referral": "",
                    "doc": [self._home + "/docs"],
                    "api_management": self._home,
                    "fees": self._home,
                },
                "fees": {"trading": {"maker": 0.001, "taker": 0.001, "tierBased": True, "percentage": True}},
                "options": {
                    "defaultType": "spot",
                    "fetchCurrencies": False,
                    "fetchMargins": False,
                    "fetchMarkets": {"types": ["spot"]},
                    "broker": {"spot": "x-rm"},
                    "warnOnFetchOpenOrdersWithoutSymbol": False,
                    "watchTicker": {"name": "ticker"},
                },
            },
        )
        described["urls"]["api"] = addresses(self._home, above["urls"]["api"])
        described["urls"].pop("test", None)
        described["has"] = dict.fromkeys(above["has"], False) | dict.fromkeys(TRUE, True)
        if self.watches:
            described["has"] |= dict.fromkeys(WATCHED, True)
        described["features"] = features
        described["timeframes"] = {name: name for name in INTERVALS}
        return described

    def parse_order_book(
        self, orderbook: Any, symbol: str, timestamp: int | None = None, *rest: Any, **more: Any
    ) -> Any:
        """Our books tell their time; ccxt.pro needs the first of a stream without."""
        if timestamp is None and not self.watches:
            timestamp = self.safe_integer(orderbook, "E")
        return super().parse_order_book(orderbook, symbol, timestamp, *rest, **more)

    def _fees(self, account: Any) -> dict[str, Any]:
        """One rate for all markets: that of the customer's tier."""
        rates = self.safe_dict(account, "commissionRates", {})
        maker, taker = self.safe_number(rates, "maker"), self.safe_number(rates, "taker")
        return {
            symbol: {
                "info": rates,
                "symbol": symbol,
                "maker": maker,
                "taker": taker,
                "percentage": True,
                "tierBased": True,
            }
            for symbol in self.symbols
        }

    @staticmethod
    def _status(told: Any) -> dict[str, Any]:
        return {"status": "ok", "updated": None, "eta": None, "url": None, "info": told}

"""Binance spot over REST: `/api/v3` as ccxt and bots call it, on the simulated core."""

import json
from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from aiohttp import web

from kernel import clock
from kernel.ids import uuid7
from kernel.money import InvalidAmount, parse_amount
from venues.simulator.core import SimOrder, SimReject, VenueCore
from venues.simulator.dialects import binance_wire as wire
from venues.simulator.dialects.binance_auth import BinanceError, refusal, signed_account
from venues.simulator.dialects.binance_moves import BinanceMoves
from venues.simulator.dialects.binance_streams import stream_routes
from venues.simulator.faults import RIGHTS, Fault, Faults
from venues.simulator.shapes import Side, TimeInForce

_API = "/binance/api/v3"
_OPERATIONS = {
    ("POST", "order"): "place",
    ("POST", "order/cancelReplace"): "place",
    ("DELETE", "order"): "cancel",
    ("DELETE", "openOrders"): "cancel",
    ("GET", "order"): "ask",
    ("GET", "openOrders"): "ask",
    ("GET", "allOrders"): "ask",
    ("GET", "myTrades"): "ask",
    ("GET", "account"): "balances",
    ("GET", "depth"): "book",
    ("GET", "trades"): "book",
    ("GET", "aggTrades"): "book",
    ("GET", "klines"): "book",
    ("GET", "ticker/24hr"): "book",
    ("GET", "ticker/bookTicker"): "book",
    ("GET", "ticker/price"): "book",
    ("POST", "capital/withdraw/apply"): "withdraw",
    ("GET", "capital/withdraw/history"): "moves",
    ("GET", "capital/deposit/hisrec"): "moves",
}
_SIDES: dict[str, Side] = {"BUY": "buy", "SELL": "sell"}
_TIMES: dict[str, TimeInForce] = {"GTC": "gtc", "IOC": "ioc", "FOK": "fok"}
_MAX_ROWS = 1000

Params = dict[str, str]
Public = Callable[[Params], Any]
Signed = Callable[[str, Params], Any]


def operation_of(request: web.Request) -> str | None:
    if request.path.startswith("/binance/ws"):
        return "stream"
    return _OPERATIONS.get((request.method, request.path.removeprefix(_API + "/")))


def fault_response(kind: str, fault: Fault) -> web.Response:
    if kind == "maintenance":
        page = "<html><head><title>503 Service Temporarily Unavailable</title></head></html>"
        return web.Response(status=503, text=page, content_type="text/html")
    if kind == "http_503":
        text = "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
        return web.json_response({"code": -1007, "msg": text}, status=503)
    until = int(clock.wall().timestamp()) + (fault.retry_after_s or 0)
    if kind == "http_418":
        text = f"Way too much request weight used; IP banned until {until * 1000}."
        return web.json_response({"code": -1003, "msg": text}, status=418)
    return web.json_response({"code": -1003, "msg": "Too much request weight used."}, status=429)


def routes(core: VenueCore, faults: Faults) -> list[web.RouteDef]:
    return [*Binance(core).routes(), *stream_routes(core, faults)]


class Binance:
    """The REST endpoints; each answers from the core and decides nothing."""

    def __init__(self, core: VenueCore) -> None:
        self._core = core
        self._symbols = {wire.symbol_of(symbol): symbol for symbol in core.specs}
        self._weights: Counter[int] = Counter()
        self._orders: Counter[int] = Counter()

    def routes(self) -> list[web.RouteDef]:
        public: dict[str, Public] = {
            "ping": lambda _: {},
            "time": lambda _: {"serverTime": self._core.now_ms()},
            "exchangeInfo": self.exchange_info,
            "depth": self.depth,
            "trades": self.trades,
            "aggTrades": self.aggregate_trades,
            "klines": self.klines,
            "ticker/24hr": self.day_tickers,
            "ticker/bookTicker": self.book_tickers,
            "ticker/price": self.price_tickers,
        }
        signed: list[tuple[str, str, Signed]] = [
            ("GET", "account", self.account),
            ("POST", "order", self.place),
            ("POST", "order/test", self.test),
            ("POST", "order/cancelReplace", self.cancel_replace),
            ("GET", "order", self.order),
            ("DELETE", "order", self.cancel),
            ("GET", "openOrders", self.open_orders),
            ("DELETE", "openOrders", self.cancel_all),
            ("GET", "allOrders", self.all_orders),
            ("GET", "myTrades", self.my_trades),
            ("GET", "asset/tradeFee", self.trade_fee),
            *BinanceMoves(self._core).table(),
        ]
        return [
            *(web.get(f"{_API}/{path}", self._public(act)) for path, act in public.items()),
            *(web.route(method, f"{_API}/{path}", self._signed(act)) for method, path, act in signed),
            web.route("*", "/binance/{rest:(?!ws).*}", _not_found),
        ]

    # --- market data

    def exchange_info(self, _params: Params) -> Any:
        return {
            "timezone": "UTC",
            "serverTime": self._core.now_ms(),
            "rateLimits": [],
            "exchangeFilters": [],
            "symbols": [wire.listing(spec) for spec in self._core.specs.values()],
        }

    def depth(self, params: Params) -> Any:
        return wire.depth(self._core.book(self._symbol(params), _limit(params, 100, 5000)))

    def trades(self, params: Params) -> Any:
        found = self._core.trades(self._symbol(params), _limit(params, 500, _MAX_ROWS))
        return [wire.trade(one) for one in found]

    def aggregate_trades(self, params: Params) -> Any:
        found = self._core.trades(self._symbol(params), _limit(params, 500, _MAX_ROWS))
        since = int(params.get("startTime", 0))
        return [wire.aggregate_trade(one) for one in found if one.time_ms >= since]

    def klines(self, params: Params) -> Any:
        interval_s = wire.INTERVALS_S.get(params.get("interval", ""))
        if interval_s is None:
            raise BinanceError(-1120, "Invalid interval.")
        found = self._core.candles(self._symbol(params), interval_s, _limit(params, 500, _MAX_ROWS))
        since = int(params.get("startTime", 0))
        return [wire.kline(candle, interval_s) for candle in found if candle.time_ms >= since]

    def day_tickers(self, params: Params) -> Any:
        return self._per_symbol(params, lambda symbol: wire.day_ticker(self._core.ticker(symbol)))

    def book_tickers(self, params: Params) -> Any:
        return self._per_symbol(params, lambda symbol: wire.best(self._core.ticker(symbol)))

    def price_tickers(self, params: Params) -> Any:
        return self._per_symbol(
            params,
            lambda symbol: {
                "symbol": wire.symbol_of(symbol),
                "price": wire.text(self._core.ticker(symbol).last),
            },
        )

    def _per_symbol(self, params: Params, render: Callable[[str], Any]) -> Any:
        if "symbol" in params:
            return render(self._symbol(params))
        named = json.loads(params["symbols"]) if "symbols" in params else list(self._symbols)
        return [render(self._symbol({"symbol": name})) for name in named]

    # --- accounts and orders

    def account(self, account: str, _params: Params) -> Any:
        fees = self._core.listing
        commission = {"maker": wire.text(fees.maker_fee), "taker": wire.text(fees.taker_fee)}
        return {
            "makerCommission": int(fees.maker_fee * 10_000),
            "takerCommission": int(fees.taker_fee * 10_000),
            "buyerCommission": 0,
            "sellerCommission": 0,
            "commissionRates": {**commission, "buyer": "0.00000000", "seller": "0.00000000"},
            "canTrade": True,
            "canWithdraw": True,
            "canDeposit": True,
            "updateTime": self._core.now_ms(),
            "accountType": "SPOT",
            "balances": [
                {"asset": asset, "free": wire.text(free), "locked": wire.text(locked)}
                for asset, (free, locked) in self._core.balances(account).items()
            ],
            "permissions": wire.PERMISSIONS,
            "uid": 1,
        }

    def trade_fee(self, _account: str, params: Params) -> Any:
        """Of the wallet's API at the real venue; the library is given one address for all of it."""
        listing = self._core.listing
        rates = {"makerCommission": wire.text(listing.maker_fee), "takerCommission": wire.text(listing.taker_fee)}
        wanted = [self._symbol(params)] if "symbol" in params else list(self._core.specs)
        return [{"symbol": wire.symbol_of(symbol), **rates} for symbol in wanted]

    def place(self, account: str, params: Params) -> Any:
        self._orders[self._core.now_ms() // 10_000] += 1
        return wire.placed(self._place(account, params), params.get("newOrderRespType", "FULL"))

    def test(self, _account: str, params: Params) -> Any:
        self._symbol(params)
        return {}

    def cancel_replace(self, account: str, params: Params) -> Any:
        """Cancel, then place; with STOP_ON_FAILURE nothing is placed when there was nothing to cancel."""
        ids = {
            "symbol": params.get("symbol", ""),
            "orderId": params.get("cancelOrderId", ""),
            "origClientOrderId": params.get("cancelOrigClientOrderId", ""),
        }
        answer: dict[str, Any] = {"newOrderResult": "NOT_ATTEMPTED", "newOrderResponse": None}
        try:
            answer.update(cancelResult="SUCCESS", cancelResponse=self.cancel(account, _given(ids)))
        except BinanceError as error:
            answer.update(cancelResult="FAILURE", cancelResponse=error.body())
            if params.get("cancelReplaceMode") != "ALLOW_FAILURE":
                failed = {"code": -2022, "msg": "Order cancel-replace failed.", "data": answer}
                raise web.HTTPBadRequest(text=json.dumps(failed), content_type="application/json") from error
        answer.update(newOrderResult="SUCCESS", newOrderResponse=self.place(account, params))
        return answer

    def order(self, account: str, params: Params) -> Any:
        found = self._core.find(account, symbol=self._symbol(params), **_ids(params))
        if found is None:
            raise BinanceError(-2013, "Order does not exist.")
        return wire.queried(found)

    def cancel(self, account: str, params: Params) -> Any:
        order = self._core.find(account, symbol=self._symbol(params), **_ids(params))
        if order is None:
            raise BinanceError(-2011, "Unknown order sent.")
        done = self._core.cancel(account, venue_order_id=order.venue_order_id)
        return wire.cancelled(done, params.get("newClientOrderId") or _random_id())

    def open_orders(self, account: str, params: Params) -> Any:
        symbol = self._symbol(params) if "symbol" in params else None
        return [wire.queried(order) for order in self._core.orders(account, symbol, open_only=True)]

    def cancel_all(self, account: str, params: Params) -> Any:
        found = self._core.orders(account, self._symbol(params), open_only=True)
        if not found:
            raise BinanceError(-2011, "Unknown order sent.")
        done = [self._core.cancel(account, venue_order_id=order.venue_order_id) for order in found]
        return [wire.cancelled(order, _random_id()) for order in done]

    def all_orders(self, account: str, params: Params) -> Any:
        found = self._core.orders(account, self._symbol(params), since_ms=_since(params))
        first = int(params.get("orderId", 0))
        rows = [order for order in found if order.venue_order_id >= first and _until(params, order.created_ms)]
        limit = _limit(params, 500, _MAX_ROWS)
        oldest = "startTime" in params or "orderId" in params
        return [wire.queried(order) for order in (rows[:limit] if oldest else rows[-limit:])]

    def my_trades(self, account: str, params: Params) -> Any:
        order_id = int(params["orderId"]) if "orderId" in params else None
        found = self._core.fills(account, self._symbol(params), since_ms=_since(params), venue_order_id=order_id)
        first = int(params.get("fromId", 0))
        rows = [pair for pair in found if pair[1].trade_id >= first and _until(params, pair[1].time_ms)]
        limit = _limit(params, 500, _MAX_ROWS)
        oldest = "startTime" in params or "fromId" in params
        return [wire.my_trade(order, fill) for order, fill in (rows[:limit] if oldest else rows[-limit:])]

    def _place(self, account: str, params: Params) -> SimOrder:
        kind, side = params.get("type", ""), _SIDES.get(params.get("side", ""))
        if side is None:
            raise BinanceError(-1117, "Invalid side.")
        if kind not in wire.ORDER_TYPES:
            raise BinanceError(-1116, "Invalid orderType.")
        limited = kind != "MARKET"
        in_force = _TIMES.get(params.get("timeInForce", "")) if kind == "LIMIT" else "post_only"
        if in_force is None:
            raise BinanceError(-1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed.")
        return self._core.place(
            account,
            symbol=self._symbol(params),
            side=side,
            type="limit" if limited else "market",
            quantity=_amount(params, "quantity"),
            cost=None if limited else _amount(params, "quoteOrderQty"),
            price=_amount(params, "price") if limited else None,
            time_in_force=in_force if limited else "ioc",
            client_order_id=params.get("newClientOrderId") or _random_id(),
        )

    def _symbol(self, params: Params) -> str:
        symbol = self._symbols.get(params.get("symbol", ""))
        if symbol is None:
            raise BinanceError(-1121, "Invalid symbol.")
        return symbol

    # --- requests

    def _public(self, act: Public) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            return self._answer(lambda: act(dict(request.query)))

        return handler

    def _signed(self, act: Signed) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def handler(request: web.Request) -> web.Response:
            body = await request.text()

            def run() -> Any:
                account, params = signed_account(
                    self._core,
                    api_key=request.headers.get("X-MBX-APIKEY", ""),
                    query=request.rel_url.raw_query_string,
                    body=body,
                    right=RIGHTS.get(operation_of(request), "read"),
                )
                return act(account, params)

            return self._answer(run)

        return handler

    def _answer(self, act: Callable[[], Any]) -> web.Response:
        try:
            response = web.json_response(act())
        except SimReject as reject:
            response = _error(refusal(reject))
        except BinanceError as error:
            response = _error(error)
        except (InvalidAmount, ValueError, KeyError):
            response = _error(BinanceError(-1100, "Illegal characters found in a parameter."))
        now = self._core.now_ms()
        self._weights[now // 60_000] += 1
        response.headers["X-MBX-USED-WEIGHT-1M"] = str(self._weights[now // 60_000])
        response.headers["X-MBX-ORDER-COUNT-10S"] = str(self._orders[now // 10_000])
        return response


def _error(error: BinanceError) -> web.Response:
    return web.json_response(error.body(), status=error.status)


async def _not_found(_request: web.Request) -> web.Response:
    return web.Response(status=404, text="<html><body>Not found</body></html>", content_type="text/html")


def _ids(params: Params) -> dict[str, Any]:
    if "orderId" in params:
        return {"venue_order_id": int(params["orderId"])}
    if "origClientOrderId" in params:
        return {"client_order_id": params["origClientOrderId"]}
    raise BinanceError(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!")


def _given(params: Params) -> Params:
    return {name: value for name, value in params.items() if value}


def _amount(params: Params, name: str) -> Decimal | None:
    return parse_amount(params[name]) if name in params else None


def _limit(params: Params, default: int, most: int) -> int:
    return max(1, min(most, int(params.get("limit", default))))


def _since(params: Params) -> int | None:
    return int(params["startTime"]) if "startTime" in params else None


def _until(params: Params, time_ms: int) -> bool:
    return "endTime" not in params or time_ms <= int(params["endTime"])


def _random_id() -> str:
    return uuid7().hex[:22]

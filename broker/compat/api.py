"""Binance's spot REST API, `/compat/binance/api/v3`, as ccxt, freqtrade and others call it. Shapes are Binance's; so are the weights."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request

from broker.compat import asks, listen_keys, market_data, service
from broker.compat.gateway import GatewayRoute, Keyed, Signed, asked, keyed, refusals, signed
from broker.compat.parameters import Parameters
from identity.api_keys.states import Scope
from identity.auth import public
from identity.permissions import Permission

# Public as far as sessions go: a request that needs its sender known is signed, which `signed(…)` judges.
router = APIRouter(
    prefix="/compat/binance/api/v3",
    tags=["bots"],
    dependencies=[public(rate=None)],
    route_class=GatewayRoute,
    responses=refusals(),
)
_SIGNED = refusals(401)


def _described(*names: str) -> dict[str, Any]:
    """The parameters of a route for those who read the document; the gateway reads query and form itself."""
    return {"parameters": [{"name": n, "in": "query", "required": False, "schema": {"type": "string"}} for n in names]}


_SIGNING = ("timestamp", "recvWindow", "signature")
_RANGE = ("startTime", "endTime", "limit")
_ORDER = ("symbol", "side", "type", "timeInForce", "quantity", "quoteOrderQty", "price", "stopPrice")
_ORDER_MORE = ("trailingDelta", "icebergQty", "newClientOrderId", "newOrderRespType", "selfTradePreventionMode")


# --- market data


@router.get("/ping", operation_id="binance_ping")
def ping(_parameters: Annotated[Parameters, asked(1)]) -> dict[str, Any]:
    return {}


@router.get("/time", operation_id="binance_time")
def time(_parameters: Annotated[Parameters, asked(1)]) -> dict[str, Any]:
    return {"serverTime": market_data.now_ms()}


@router.get("/exchangeInfo", operation_id="binance_exchange_info", openapi_extra=_described("symbol", "symbols"))
def exchange_info(parameters: Annotated[Parameters, asked(20)]) -> Any:
    return market_data.exchange_info(parameters)


@router.get("/depth", operation_id="binance_depth", openapi_extra=_described("symbol", "limit"))
def depth(parameters: Annotated[Parameters, asked(5)]) -> Any:
    """What all venues offer, as one book that does not cross."""
    return market_data.depth(parameters)


@router.get("/trades", operation_id="binance_trades", openapi_extra=_described("symbol", "limit"))
def trades(parameters: Annotated[Parameters, asked(25)]) -> Any:
    return market_data.recent_trades(parameters)


@router.get("/aggTrades", operation_id="binance_agg_trades", openapi_extra=_described("symbol", "fromId", *_RANGE))
def aggregate_trades(parameters: Annotated[Parameters, asked(4)]) -> Any:
    return market_data.aggregate_trades(parameters)


@router.get("/klines", operation_id="binance_klines", openapi_extra=_described("symbol", "interval", *_RANGE))
def klines(parameters: Annotated[Parameters, asked(2)]) -> Any:
    return market_data.klines(parameters)


@router.get("/avgPrice", operation_id="binance_avg_price", openapi_extra=_described("symbol"))
def average_price(parameters: Annotated[Parameters, asked(2)]) -> Any:
    """The composite price."""
    return market_data.average_price(parameters)


@router.get("/ticker/24hr", operation_id="binance_ticker_24hr", openapi_extra=_described("symbol", "symbols"))
def day_tickers(parameters: Annotated[Parameters, asked(2)]) -> Any:
    return market_data.day_tickers(parameters)


@router.get("/ticker/price", operation_id="binance_ticker_price", openapi_extra=_described("symbol", "symbols"))
def price_tickers(parameters: Annotated[Parameters, asked(2)]) -> Any:
    return market_data.price_tickers(parameters)


@router.get("/ticker/bookTicker", operation_id="binance_book_ticker", openapi_extra=_described("symbol", "symbols"))
def book_tickers(parameters: Annotated[Parameters, asked(2)]) -> Any:
    return market_data.book_tickers(parameters)


# --- account and orders

Reader = Annotated[Signed, signed(Permission.ORDERS_READ, weight=4)]
Lister = Annotated[Signed, signed(Permission.ORDERS_READ, weight=20)]
Holder = Annotated[Signed, signed(Permission.BALANCES_READ, weight=20)]
Trader = Annotated[Signed, signed(Permission.ORDERS_WRITE, scope=Scope.TRADE, orders=1)]
Canceller = Annotated[Signed, signed(Permission.ORDERS_WRITE, scope=Scope.TRADE)]


@router.get(
    "/account",
    responses=_SIGNED,
    operation_id="binance_account",
    openapi_extra=_described("omitZeroBalances", *_SIGNING),
)
def account(who: Holder) -> Any:
    return service.account(who.caller, who.parameters)


@router.post(
    "/order",
    responses=_SIGNED,
    operation_id="binance_place",
    openapi_extra=_described(*_ORDER, *_ORDER_MORE, *_SIGNING),
)
async def place(request: Request, who: Trader) -> Any:
    """Place an order with venue `best`. One still at work after the wait is NEW, never an error."""
    ask = await asyncio.to_thread(asks.read, who.parameters)
    return await service.place(request.app.state.outcomes, who.caller, ask, key=who.once)


@router.post(
    "/order/test",
    responses=_SIGNED,
    operation_id="binance_test_order",
    openapi_extra=_described(*_ORDER, *_ORDER_MORE, "computeCommissionRates", *_SIGNING),
)
def test_order(who: Canceller) -> Any:
    """Read an order as if it were to be placed: parameters, type and the market's grid."""
    asks.read(who.parameters, more=frozenset({"computeCommissionRates"}))
    return {}


@router.get(
    "/order",
    responses=_SIGNED,
    operation_id="binance_order",
    openapi_extra=_described("symbol", "orderId", "origClientOrderId", *_SIGNING),
)
def order(who: Reader) -> Any:
    return service.order(who.caller, who.parameters)


@router.delete(
    "/order",
    responses=_SIGNED,
    operation_id="binance_cancel",
    openapi_extra=_described("symbol", "orderId", "origClientOrderId", "newClientOrderId", *_SIGNING),
)
async def cancel(request: Request, who: Canceller) -> Any:
    """Cancel; fills win. One that is still at a venue after the wait is PENDING_CANCEL."""
    return await service.cancel(request.app.state.outcomes, who.caller, who.parameters)


@router.post(
    "/order/cancelReplace",
    responses=refusals(401, 409),
    operation_id="binance_cancel_replace",
    openapi_extra=_described(*_ORDER, *_ORDER_MORE, *sorted(service.CANCEL_REPLACE), *_SIGNING),
)
async def cancel_replace(request: Request, who: Trader) -> Any:
    ask = await asyncio.to_thread(asks.read, who.parameters, more=service.CANCEL_REPLACE)
    return await service.cancel_replace(request.app.state.outcomes, who.caller, who.parameters, ask, key=who.once)


@router.get(
    "/openOrders",
    responses=_SIGNED,
    operation_id="binance_open_orders",
    openapi_extra=_described("symbol", *_SIGNING),
)
def open_orders(who: Annotated[Signed, signed(Permission.ORDERS_READ, weight=6)]) -> Any:
    return service.open_orders(who.caller, who.parameters)


@router.delete(
    "/openOrders",
    responses=_SIGNED,
    operation_id="binance_cancel_all",
    openapi_extra=_described("symbol", *_SIGNING),
)
async def cancel_all(request: Request, who: Canceller) -> Any:
    return await service.cancel_all(request.app.state.outcomes, who.caller, who.parameters)


@router.get(
    "/allOrders",
    responses=_SIGNED,
    operation_id="binance_all_orders",
    openapi_extra=_described("symbol", "orderId", *_RANGE, *_SIGNING),
)
def all_orders(who: Lister) -> Any:
    return service.all_orders(who.caller, who.parameters)


@router.get(
    "/myTrades",
    responses=_SIGNED,
    operation_id="binance_my_trades",
    openapi_extra=_described("symbol", "orderId", "fromId", *_RANGE, *_SIGNING),
)
def my_trades(who: Lister) -> Any:
    return service.my_trades(who.caller, who.parameters)


# --- listen keys: one's own events on a market line

Listener = Annotated[Keyed, keyed(Permission.ORDERS_READ)]


@router.post("/userDataStream", responses=_SIGNED, operation_id="binance_listen_key")
def create_listen_key(who: Listener) -> Any:
    """A listen key for an hour, the same one while it lives: `/compat/binance/ws/<listenKey>`."""
    return {"listenKey": listen_keys.create(who.key)}


@router.put(
    "/userDataStream",
    responses=_SIGNED,
    operation_id="binance_keep_listen_key",
    openapi_extra=_described("listenKey"),
)
def keep_listen_key(who: Listener) -> Any:
    listen_keys.keep_alive(who.key, who.parameters.text("listenKey"))
    return {}


@router.delete(
    "/userDataStream",
    responses=_SIGNED,
    operation_id="binance_end_listen_key",
    openapi_extra=_described("listenKey"),
)
def end_listen_key(who: Listener) -> Any:
    listen_keys.end(who.key, who.parameters.text("listenKey"))
    return {}

"""Binance's words for what the core knows: symbols, orders, fills, market data. Pure translation, no requests."""

from decimal import Decimal
from typing import Any

from kernel.money import canonical
from venues.simulator.core import Book, Candle, SimFill, SimOrder, SymbolSpec, Ticker, Trade

PERMISSIONS = ["SPOT"]
ORDER_TYPES = ["LIMIT", "LIMIT_MAKER", "MARKET"]
STATUS = {
    "open": "NEW",
    "partially_filled": "PARTIALLY_FILLED",
    "filled": "FILLED",
    "cancelled": "CANCELED",
    "expired": "EXPIRED",
    "rejected": "REJECTED",
}
INTERVALS_S = {
    "1m": 60,
    "3m": 180,
    "5m": 300,
    "15m": 900,
    "30m": 1800,
    "1h": 3600,
    "2h": 7200,
    "4h": 14400,
    "1d": 86400,
}
_DAY_MS = 86_400_000


def symbol_of(symbol: str) -> str:
    return symbol.replace("-", "")


def text(amount: Decimal | None) -> str:
    """Eight decimals, as Binance writes amounts; more only where the exact value has more."""
    exact = canonical(amount or Decimal(0))
    whole, _, fraction = exact.partition(".")
    return f"{whole}.{fraction.ljust(8, '0')}"


def order_type(order: SimOrder) -> str:
    if order.type == "market":
        return "MARKET"
    return "LIMIT_MAKER" if order.time_in_force == "post_only" else "LIMIT"


def time_in_force(order: SimOrder) -> str:
    return {"ioc": "IOC", "fok": "FOK"}.get(order.time_in_force, "GTC") if order.type == "limit" else "GTC"


def _order(order: SimOrder) -> dict[str, Any]:
    return {
        "symbol": symbol_of(order.symbol),
        "orderId": order.venue_order_id,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "price": text(order.price),
        "origQty": text(order.quantity),
        "executedQty": text(order.filled_quantity),
        "origQuoteOrderQty": text(order.requested_cost),
        "cummulativeQuoteQty": text(order.cost),
        "status": STATUS[order.status],
        "timeInForce": time_in_force(order),
        "type": order_type(order),
        "side": order.side.upper(),
        "workingTime": order.created_ms,
        "selfTradePreventionMode": "NONE",
    }


def placed(order: SimOrder, response_type: str) -> dict[str, Any]:
    """The answer to a new order: ACK, RESULT or FULL (with its fills)."""
    if response_type == "ACK":
        names = ("symbol", "orderId", "orderListId", "clientOrderId")
        whole = _order(order)
        return {**{name: whole[name] for name in names}, "transactTime": order.created_ms}
    answer = {**_order(order), "transactTime": order.updated_ms}
    if response_type == "FULL":
        answer["fills"] = [
            {
                "price": text(fill.price),
                "qty": text(fill.quantity),
                "commission": text(fill.fee),
                "commissionAsset": fill.fee_asset,
                "tradeId": fill.trade_id,
            }
            for fill in order.fills
        ]
    return answer


def queried(order: SimOrder) -> dict[str, Any]:
    return {
        **_order(order),
        "stopPrice": text(None),
        "icebergQty": text(None),
        "time": order.created_ms,
        "updateTime": order.updated_ms,
        "isWorking": True,
    }


def cancelled(order: SimOrder, cancel_id: str) -> dict[str, Any]:
    return {
        **_order(order),
        "origClientOrderId": order.client_order_id,
        "clientOrderId": cancel_id,
        "transactTime": order.updated_ms,
    }


def my_trade(order: SimOrder, fill: SimFill) -> dict[str, Any]:
    return {
        "symbol": symbol_of(order.symbol),
        "id": fill.trade_id,
        "orderId": order.venue_order_id,
        "orderListId": -1,
        "price": text(fill.price),
        "qty": text(fill.quantity),
        "quoteQty": text(fill.price * fill.quantity),
        "commission": text(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": fill.time_ms,
        "isBuyer": order.side == "buy",
        "isMaker": fill.maker,
        "isBestMatch": True,
    }


def listing(spec: SymbolSpec) -> dict[str, Any]:
    tick, step = canonical(spec.tick or Decimal(0)), canonical(spec.step)
    lot = {"minQty": canonical(spec.min_quantity), "maxQty": "9000", "stepSize": step}
    return {
        "symbol": symbol_of(spec.symbol),
        "status": "TRADING",
        "baseAsset": spec.base,
        "quoteAsset": spec.quote,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ORDER_TYPES,
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "permissions": PERMISSIONS,
        "permissionSets": [PERMISSIONS],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000", "tickSize": tick},
            {"filterType": "LOT_SIZE", **lot},
            {"filterType": "MARKET_LOT_SIZE", "minQty": "0", "maxQty": "1000", "stepSize": "0"},
            {
                "filterType": "NOTIONAL",
                "minNotional": canonical(spec.min_notional),
                "applyMinToMarket": True,
                "maxNotional": "9000000",
                "applyMaxToMarket": False,
                "avgPriceMins": 5,
            },
        ],
    }


def depth(book: Book) -> dict[str, Any]:
    return {
        "lastUpdateId": book.sequence,
        "bids": [[text(price), text(quantity)] for price, quantity in book.bids],
        "asks": [[text(price), text(quantity)] for price, quantity in book.asks],
    }


def day_ticker(ticker: Ticker) -> dict[str, Any]:
    change = ticker.last - ticker.open
    return {
        "symbol": symbol_of(ticker.symbol),
        "priceChange": text(change),
        "priceChangePercent": percent(change, ticker.open),
        "weightedAvgPrice": text(ticker.last),
        "prevClosePrice": text(ticker.open),
        "lastPrice": text(ticker.last),
        "lastQty": text(ticker.last_quantity),
        "bidPrice": text(ticker.bid),
        "bidQty": text(ticker.bid_quantity),
        "askPrice": text(ticker.ask),
        "askQty": text(ticker.ask_quantity),
        "openPrice": text(ticker.open),
        "highPrice": text(ticker.high),
        "lowPrice": text(ticker.low),
        "volume": text(ticker.volume),
        "quoteVolume": text(ticker.quote_volume),
        "openTime": ticker.time_ms - _DAY_MS,
        "closeTime": ticker.time_ms,
        "firstId": 1,
        "lastId": 100_000,
        "count": 100_000,
    }


def best(ticker: Ticker) -> dict[str, str]:
    return {
        "symbol": symbol_of(ticker.symbol),
        "bidPrice": text(ticker.bid),
        "bidQty": text(ticker.bid_quantity),
        "askPrice": text(ticker.ask),
        "askQty": text(ticker.ask_quantity),
    }


def percent(change: Decimal, of: Decimal) -> str:
    return canonical((change * 100 / of).quantize(Decimal("0.001"))) if of else "0"


def trade(one: Trade) -> dict[str, Any]:
    return {
        "id": one.trade_id,
        "price": text(one.price),
        "qty": text(one.quantity),
        "quoteQty": text(one.price * one.quantity),
        "time": one.time_ms,
        "isBuyerMaker": one.side == "sell",
        "isBestMatch": True,
    }


def aggregate_trade(one: Trade) -> dict[str, Any]:
    return {
        "a": one.trade_id,
        "p": text(one.price),
        "q": text(one.quantity),
        "f": one.trade_id,
        "l": one.trade_id,
        "T": one.time_ms,
        "m": one.side == "sell",
        "M": True,
    }


def kline(candle: Candle, interval_s: int) -> list[Any]:
    prices = [text(price) for price in (candle.open, candle.high, candle.low, candle.close)]
    turnover = candle.volume * candle.close
    closes = candle.time_ms + interval_s * 1000 - 1
    half = text(candle.volume / 2)
    return [candle.time_ms, *prices, text(candle.volume), closes, text(turnover), 60, half, text(turnover / 2), "0"]


def depth_update(symbol: str, book: dict[str, Any], *, now_ms: int) -> dict[str, Any]:
    """A `depthUpdate` from first and last update id and changed levels."""
    return {"e": "depthUpdate", "E": now_ms, "s": symbol_of(symbol), **book}


def book_ticker_event(ticker: Ticker, sequence: int) -> dict[str, Any]:
    return {
        "u": sequence,
        "s": symbol_of(ticker.symbol),
        "b": text(ticker.bid),
        "B": text(ticker.bid_quantity),
        "a": text(ticker.ask),
        "A": text(ticker.ask_quantity),
    }


def mini_ticker_event(ticker: Ticker) -> dict[str, Any]:
    return {
        "e": "24hrMiniTicker",
        "E": ticker.time_ms,
        "s": symbol_of(ticker.symbol),
        "c": text(ticker.last),
        "o": text(ticker.open),
        "h": text(ticker.high),
        "l": text(ticker.low),
        "v": text(ticker.volume),
        "q": text(ticker.quote_volume),
    }


def day_ticker_event(ticker: Ticker) -> dict[str, Any]:
    change = ticker.last - ticker.open
    return {
        **mini_ticker_event(ticker),
        "e": "24hrTicker",
        "p": text(change),
        "P": percent(change, ticker.open),
        "w": text(ticker.last),
        "x": text(ticker.open),
        "Q": text(ticker.last_quantity),
        "b": text(ticker.bid),
        "B": text(ticker.bid_quantity),
        "a": text(ticker.ask),
        "A": text(ticker.ask_quantity),
        "O": ticker.time_ms - _DAY_MS,
        "C": ticker.time_ms,
        "F": 1,
        "L": 100_000,
        "n": 100_000,
    }


def trade_event(symbol: str, one: Trade) -> dict[str, Any]:
    return {
        "e": "trade",
        "E": one.time_ms,
        "s": symbol_of(symbol),
        "t": one.trade_id,
        "p": text(one.price),
        "q": text(one.quantity),
        "T": one.time_ms,
        "m": one.side == "sell",
        "M": True,
    }

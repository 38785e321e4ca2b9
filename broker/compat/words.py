"""Binance's words for what we know: orders, trades, markets. Amounts are strings with eight decimals at least, as Binance writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from broker.compat.queries import OrderRow, TradeRow
from broker.orders.states import OrderStatus
from broker.stops import rules as stops
from kernel.money import canonical
from markets.instruments.service import Instrument
from markets.instruments.states import MarketStatus

LARGEST = "1000000000"
_DAY_MS = 86_400_000
_PERMISSIONS = ["SPOT"]
_STATUS = {
    OrderStatus.ACCEPTED: "NEW",
    OrderStatus.WORKING: "NEW",
    OrderStatus.RESTING: "NEW",
    OrderStatus.TRIGGERED: "NEW",
    OrderStatus.FILLED: "FILLED",
    OrderStatus.CANCELLED: "CANCELED",
    OrderStatus.EXPIRED: "EXPIRED",
    OrderStatus.REJECTED: "REJECTED",
}
_AT_ONCE = {"ioc", "fok"}
_TIMES = {"ioc": "IOC", "fok": "FOK"}
_STOPS = {"stop", "stop_limit", "take_profit", "trailing_stop"}
TRAILING_BIPS = (10, 2_000)
"""How far a trailing stop may keep behind, in hundredths of a per cent; Binance's own bounds."""


def symbol_of(symbol: str) -> str:
    return symbol.replace("-", "")


def text(amount: Decimal | None) -> str:
    exact = canonical(amount or Decimal(0))
    whole, _, fraction = exact.partition(".")
    return f"{whole}.{fraction.ljust(8, '0')}"


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def status(order: OrderRow) -> str:
    """What is left of an order that wanted everything at once expires; it is cancelled only where somebody asked for it."""
    told = _STATUS[OrderStatus(order.status)]
    if told == "NEW" and order.filled_quantity > 0:
        return "PARTIALLY_FILLED"
    if told == "CANCELED" and order.time_in_force in _AT_ONCE and order.cancel_requested_at is None:
        return "EXPIRED"
    return told


def order_type(kind: str, *, limited: bool, post_only: bool) -> str:
    """Binance's type of an order of ours; a trailing stop is a stop that moves."""
    return {
        "market": "MARKET",
        "limit": "LIMIT_MAKER" if post_only else "LIMIT",
        "stop": "STOP_LOSS",
        "stop_limit": "STOP_LOSS_LIMIT",
        "take_profit": "TAKE_PROFIT_LIMIT" if limited else "TAKE_PROFIT",
        "trailing_stop": "STOP_LOSS",
    }[kind]


def time_in_force(kind: str, told: str) -> str:
    """Binance tells of market orders as GTC, and knows no end by the clock."""
    return "GTC" if kind == "market" else _TIMES.get(told, "GTC")


def trailing_delta(fraction: Decimal | None) -> int | None:
    """A trail in hundredths of a per cent; None for one that is an amount, or finer."""
    bips = None if fraction is None else fraction * 10_000
    return None if bips is None or bips != bips.to_integral_value() else int(bips)


def _stop_price(order: OrderRow) -> Decimal | None:
    """Where the stop is; that of a trailing stop is where it has come to."""
    if order.trail_best is None:
        return order.stop_price
    return stops.trailing_stop(
        order.trail_best,
        amount=order.trail_amount,
        fraction=order.trail_fraction,
        rising=stops.waits_for_rise(side=order.side, kind=order.type),
    )


def _waits(order: OrderRow) -> bool:
    """A stop that was not reached works nowhere yet."""
    return order.type in _STOPS and order.stopped_at is None


def _order(order: OrderRow) -> dict[str, Any]:
    told = {
        "symbol": symbol_of(order.symbol),
        "orderId": order.number,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "price": text(order.limit_price),
        "origQty": text(order.quantity),
        "executedQty": text(order.filled_quantity),
        "origQuoteOrderQty": text(order.quote_quantity),
        "cummulativeQuoteQty": text(order.filled_cost),
        "status": status(order),
        "timeInForce": time_in_force(order.type, order.time_in_force),
        "type": order_type(order.type, limited=order.limit_price is not None, post_only=order.post_only),
        "side": order.side.upper(),
        "workingTime": -1 if _waits(order) else ms(order.stopped_at or order.created_at),
        "selfTradePreventionMode": "NONE",
    }
    if order.type in _STOPS:
        told["stopPrice"] = text(_stop_price(order))
    if (delta := trailing_delta(order.trail_fraction)) is not None:
        told["trailingDelta"] = delta
    if order.display_quantity is not None:
        told["icebergQty"] = text(order.display_quantity)
    return told


def placed(order: OrderRow, trades: Sequence[TradeRow], response_type: str) -> dict[str, Any]:
    """The answer to a new order: ACK, RESULT, or FULL with its fills."""
    whole = _order(order)
    if response_type == "ACK":
        names = ("symbol", "orderId", "orderListId", "clientOrderId")
        return {**{name: whole[name] for name in names}, "transactTime": ms(order.created_at)}
    answer = {**whole, "transactTime": ms(order.updated_at)}
    if response_type == "FULL":
        answer["fills"] = [
            {
                "price": text(trade.price),
                "qty": text(trade.quantity),
                "commission": text(trade.fee),
                "commissionAsset": trade.fee_asset,
                "tradeId": trade.number,
            }
            for trade in trades
        ]
    return answer


def queried(order: OrderRow) -> dict[str, Any]:
    return {
        "stopPrice": text(None),
        "icebergQty": text(None),
        **_order(order),
        "time": ms(order.created_at),
        "updateTime": ms(order.updated_at),
        "isWorking": not _waits(order),
    }


def cancelled(order: OrderRow, cancel_id: str) -> dict[str, Any]:
    """The answer to a cancel; an order that is still at a venue is on its way out."""
    told = _order(order)
    if told["status"] in {"NEW", "PARTIALLY_FILLED"}:
        told["status"] = "PENDING_CANCEL"
    return {
        **told,
        "origClientOrderId": order.client_order_id,
        "clientOrderId": cancel_id,
        "transactTime": ms(order.updated_at),
    }


def my_trade(trade: TradeRow) -> dict[str, Any]:
    return {
        "symbol": symbol_of(trade.symbol),
        "id": trade.number,
        "orderId": trade.order_number,
        "orderListId": -1,
        "price": text(trade.price),
        "qty": text(trade.quantity),
        "quoteQty": text(trade.cost),
        "commission": text(trade.fee),
        "commissionAsset": trade.fee_asset,
        "time": ms(trade.executed_at),
        "isBuyer": trade.side == "buy",
        "isMaker": trade.maker,
        "isBestMatch": True,
    }


def listing(instrument: Instrument, *, base_scale: int, quote_scale: int, order_types: Sequence[str]) -> dict[str, Any]:
    tick, lot = canonical(instrument.tick), canonical(instrument.lot)
    return {
        "symbol": symbol_of(instrument.symbol),
        "status": "TRADING" if instrument.status is MarketStatus.TRADING else "BREAK",
        "baseAsset": instrument.base,
        "quoteAsset": instrument.quote,
        "baseAssetPrecision": base_scale,
        "quotePrecision": quote_scale,
        "quoteAssetPrecision": quote_scale,
        "baseCommissionPrecision": base_scale,
        "quoteCommissionPrecision": quote_scale,
        "orderTypes": list(order_types),
        "icebergAllowed": True,
        "ocoAllowed": False,
        "otoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "permissions": _PERMISSIONS,
        "permissionSets": [_PERMISSIONS],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": LARGEST, "tickSize": tick},
            {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": LARGEST, "stepSize": lot},
            {"filterType": "MARKET_LOT_SIZE", "minQty": lot, "maxQty": LARGEST, "stepSize": lot},
            {
                "filterType": "TRAILING_DELTA",
                "minTrailingAboveDelta": TRAILING_BIPS[0],
                "maxTrailingAboveDelta": TRAILING_BIPS[1],
                "minTrailingBelowDelta": TRAILING_BIPS[0],
                "maxTrailingBelowDelta": TRAILING_BIPS[1],
            },
            {
                "filterType": "NOTIONAL",
                "minNotional": canonical(instrument.min_notional),
                "applyMinToMarket": True,
                "maxNotional": LARGEST,
                "applyMaxToMarket": False,
                "avgPriceMins": 0,
            },
        ],
    }

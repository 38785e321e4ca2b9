"""From ccxt's order and trade structures to our reports, with the raw answer where the library loses something.

Bitfinex's `IOC CANCELED` is read from the raw array, because the library leaves it unmapped and our orders are all IOC. A fill's number
is unique per market only at Binance and OKX, so there it carries the market's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from kernel.clock import wall
from venues.exchanges import our_symbol
from venues.gateway import OrderReport, OrderStatus, VenueBalance, VenueFees, VenueFill, VenueTrade, VenueUnreachable

ZERO = Decimal(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBERED_PER_MARKET = frozenset(("binance", "okx"))
_BITFINEX_STATUS, _BITFINEX_REMAINING, _BITFINEX_ORIGINAL = 13, 6, 7
_STATUSES: dict[str, OrderStatus] = {
    "open": "open",
    "closed": "filled",
    "canceled": "cancelled",
    "expired": "expired",
    "rejected": "cancelled",
}

Raw = Mapping[str, Any]


def report(venue: str, order: Raw, *, coid: str, trades: Iterable[Raw] = (), at: datetime | None = None) -> OrderReport:
    """One order as ccxt gives it (unified, amounts as strings), with `trades`; a fill without a time has the order's."""
    if order.get("timestamp") is not None:
        at = moment(int(order["timestamp"]))
    fills = tuple(_fill(venue, trade, at) for trade in [*(order.get("trades") or ()), *trades] if trade.get("price"))
    filled = _filled(venue, order)
    listed = sum((fill.quantity for fill in fills), ZERO)
    average = _decimal(order.get("average"))
    if fills and listed == filled:
        average = sum((fill.price * fill.quantity for fill in fills), ZERO) / listed
    return OrderReport(
        venue_order_id=order.get("id"),
        client_order_id=order.get("clientOrderId") or coid,
        status=_status(venue, order, filled),
        filled_quantity=filled,
        average_price=average if filled > 0 else None,
        fills=fills,
        fills_complete=listed == filled,
        side=order.get("side"),
        limit_price=_decimal(order.get("price")),
        quantity=_decimal(order.get("amount")),
    )


def trade(venue: str, raw: Raw) -> VenueTrade:
    """One row of the account's trade list."""
    fill = _fill(venue, raw, None)
    return VenueTrade(
        trade_id=fill.trade_id,
        price=fill.price,
        quantity=fill.quantity,
        fee=fill.fee,
        fee_asset=fill.fee_asset,
        executed_at=fill.executed_at,
        symbol=our_symbol(raw["symbol"]),
        side=raw["side"],
        venue_order_id=str(raw["order"]),
    )


def balances(raw: Raw) -> dict[str, VenueBalance]:
    totals, free = raw.get("total") or {}, raw.get("free") or {}
    return {
        asset: VenueBalance(free=Decimal(free.get(asset) or 0), total=Decimal(total))
        for asset, total in totals.items()
        if total is not None
    }


def fees(venue: str, raw: Raw) -> VenueFees:
    """The rates of one market; Kraken tells the volume it counts beside them."""
    maker, taker = _decimal(raw.get("maker")), _decimal(raw.get("taker"))
    if maker is None or taker is None:
        raise VenueUnreachable(f"{venue} told no fees")
    info = raw.get("info")
    told = info.get("volume") if venue == "kraken" and isinstance(info, Mapping) else None
    return VenueFees(maker=maker, taker=taker, volume=_decimal(told))


def last_price(raw: Raw) -> Decimal | None:
    price = _decimal(raw.get("last"))
    return price if price is not None and price > 0 else None


def moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _status(venue: str, order: Raw, filled: Decimal) -> OrderStatus:
    if venue == "bitfinex":
        return _bitfinex_status(str(order["info"][_BITFINEX_STATUS]), order, filled)
    status = _STATUSES.get(str(order.get("status")), "open")
    amount = _decimal(order.get("amount"))
    if status == "filled" and amount is not None and filled < amount:
        return "cancelled"  # closed short of its quantity: an IOC remainder
    return "partially_filled" if status == "open" and filled > 0 else status


def _bitfinex_status(text: str, order: Raw, filled: Decimal) -> OrderStatus:
    if abs(Decimal(str(order["info"][_BITFINEX_REMAINING]))) == 0 and filled > 0:
        return "filled"
    if any(word in text for word in ("CANCELED", "INSUFFICIENT", "RSN_", "EXECUTED")):
        return "cancelled"
    return "partially_filled" if filled > 0 else "open"


def _filled(venue: str, order: Raw) -> Decimal:
    if venue == "bitfinex":
        raw = order["info"]
        return abs(Decimal(str(raw[_BITFINEX_ORIGINAL]))) - abs(Decimal(str(raw[_BITFINEX_REMAINING])))
    return _decimal(order.get("filled")) or ZERO


def _fill(venue: str, raw: Raw, at: datetime | None) -> VenueFill:
    fee = raw.get("fee") or {}
    number = str(raw["id"])
    symbol = raw.get("symbol")
    if venue in _NUMBERED_PER_MARKET and symbol:
        number = f"{our_symbol(symbol)}:{number}"
    stamp = raw.get("timestamp")
    return VenueFill(
        trade_id=number,
        price=Decimal(raw["price"]),
        quantity=Decimal(raw["amount"]),
        fee=_decimal(fee.get("cost")) or ZERO,
        fee_asset=fee.get("currency") or "",
        executed_at=moment(int(stamp)) if stamp is not None else (at or wall()),
    )


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))

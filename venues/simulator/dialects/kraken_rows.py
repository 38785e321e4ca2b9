"""Kraken's rows and names: assets with prefixes, pairs without a dash, ids that look like O6GR4-…, times in seconds."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from kernel.money import canonical
from venues.simulator.core import Candle, Level, SimFill, SimOrder, SymbolSpec, Ticker, Trade
from venues.simulator.dialects.numbers import average_price

Row = dict[str, Any]
_ASSET_IDS = {"BTC": "XXBT", "ETH": "XETH"}
_ALTNAMES = {"BTC": "XBT"}
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ID_DIGITS = 16
_STATES = {"open": "open", "partially_filled": "open", "filled": "closed"}


# --- names


def asset_id(asset: str) -> str:
    return _ASSET_IDS.get(asset, asset)


def altname(asset: str) -> str:
    return _ALTNAMES.get(asset, asset)


def pair_altname(spec: SymbolSpec) -> str:
    return altname(spec.base) + altname(spec.quote)


def pair_id(spec: SymbolSpec) -> str:
    """The prefixed form only where both sides have a prefix: XETHXXBT, but XBTUSDT."""
    if spec.base in _ASSET_IDS and spec.quote in _ASSET_IDS:
        return asset_id(spec.base) + asset_id(spec.quote)
    return pair_altname(spec)


def ws_name(spec: SymbolSpec) -> str:
    return f"{altname(spec.base)}/{altname(spec.quote)}"


def id_text(prefix: str, number: int) -> str:
    """`O` or `T` and 16 digits in three groups."""
    digits = ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    digits = digits.rjust(_ID_DIGITS, "0")
    return f"{prefix}{digits[:5]}-{digits[5:10]}-{digits[10:]}"


def id_number(prefix: str, text: str) -> int | None:
    """The number behind an id, None for a text that is none."""
    digits = text[1:].replace("-", "")
    if not text.startswith(prefix) or len(digits) != _ID_DIGITS or any(digit not in _DIGITS for digit in digits):
        return None
    return int(digits, len(_DIGITS))


def seconds(ms: int) -> Decimal:
    return Decimal(ms) / 1000


def decimals_of(step: Decimal) -> int:
    return max(0, -int(step.normalize().as_tuple().exponent))


# --- market data


def asset(name: str) -> Row:
    return {"aclass": "currency", "altname": altname(name), "decimals": 10, "display_decimals": 8, "status": "enabled"}


def pair(spec: SymbolSpec, taker: Decimal, maker: Decimal) -> Row:
    tick = spec.tick or Decimal(1)
    return {
        "altname": pair_altname(spec),
        "wsname": ws_name(spec),
        "aclass_base": "currency",
        "base": asset_id(spec.base),
        "aclass_quote": "currency",
        "quote": asset_id(spec.quote),
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": decimals_of(tick),
        "lot_decimals": decimals_of(spec.step),
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, taker * 100]],
        "fees_maker": [[0, maker * 100]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": canonical(spec.min_quantity),
        "costmin": canonical(spec.min_notional),
        "tick_size": canonical(tick),
        "status": "online",
    }


def ticker(t: Ticker) -> Row:
    last, average = canonical(t.last), canonical((t.high + t.low) / 2)
    return {
        "a": [canonical(t.ask), _whole(t.ask_quantity), canonical(t.ask_quantity)],
        "b": [canonical(t.bid), _whole(t.bid_quantity), canonical(t.bid_quantity)],
        "c": [last, canonical(t.last_quantity)],
        "v": [canonical(t.volume)] * 2,
        "p": [average] * 2,
        "t": [1, 1],
        "l": [canonical(t.low)] * 2,
        "h": [canonical(t.high)] * 2,
        "o": canonical(t.open),
    }


def _whole(quantity: Decimal) -> str:
    return str(int(quantity))


def levels(side: Iterable[Level], time_ms: int) -> list[list[Any]]:
    return [[canonical(price), canonical(quantity), time_ms // 1000] for price, quantity in side]


def public_trade(trade: Trade) -> list[Any]:
    side = "b" if trade.side == "buy" else "s"
    return [canonical(trade.price), canonical(trade.quantity), seconds(trade.time_ms), side, "l", "", trade.trade_id]


def candle(c: Candle) -> list[Any]:
    prices = [canonical(x) for x in (c.open, c.high, c.low, c.close, (c.high + c.low) / 2)]
    return [c.time_ms // 1000, *prices, canonical(c.volume), 1]


# --- orders


def order(o: SimOrder, spec: SymbolSpec, *, with_trades: bool) -> Row:
    """`price` is the average; a remainder that an IOC left is `canceled` with `vol_exec`."""
    average = average_price(o)
    row: Row = {
        "refid": None,
        "userref": None,
        "cl_ord_id": o.client_order_id,
        "status": _STATES.get(o.status, "canceled"),
        "reason": None,
        "opentm": seconds(o.created_ms),
        "starttm": 0,
        "expiretm": 0,
        "descr": {
            "pair": pair_altname(spec),
            "type": o.side,
            "ordertype": o.type,
            "price": canonical(o.price or Decimal(0)),
            "price2": "0",
            "leverage": "none",
            "order": describe(o, spec),
            "close": "",
        },
        "vol": canonical(o.requested_cost if o.requested_cost is not None else o.quantity),
        "vol_exec": canonical(o.filled_quantity),
        "cost": canonical(o.cost),
        "fee": canonical(sum((fill.fee for fill in o.fills), Decimal(0))),
        "price": canonical(average or Decimal(0)),
        "stopprice": "0.00000000",
        "limitprice": "0.00000000",
        "misc": "",
        "oflags": flags(o),
    }
    if not o.is_open:
        row |= {"closetm": seconds(o.updated_ms)}
    if with_trades:
        row |= {"trades": [id_text("T", fill.trade_id) for fill in o.fills]}
    return row


def flags(o: SimOrder) -> str:
    extra = ",post" if o.time_in_force == "post_only" else ""
    return ("fciq,viqc" if o.requested_cost is not None else "fciq") + extra


def describe(o: SimOrder, spec: SymbolSpec) -> str:
    """`<side> <volume> <pair> @ <type> [<price>]`: clients split it at the blanks."""
    volume = canonical(o.requested_cost if o.requested_cost is not None else o.quantity)
    price = f" {canonical(o.price)}" if o.price is not None else ""
    return f"{o.side} {volume} {pair_altname(spec)} @ {o.type}{price}"


def fill(o: SimOrder, f: SimFill, spec: SymbolSpec) -> Row:
    return {
        "ordertxid": id_text("O", o.venue_order_id),
        "postxid": "",
        "pair": pair_id(spec),
        "time": seconds(f.time_ms),
        "type": o.side,
        "ordertype": o.type,
        "price": canonical(f.price),
        "cost": canonical(f.price * f.quantity),
        "fee": canonical(f.fee),
        "vol": canonical(f.quantity),
        "margin": "0",
        "misc": "",
        "trade_id": f.trade_id,
        "maker": f.maker,
    }

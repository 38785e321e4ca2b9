"""Bitfinex's rows: arrays whose places mean something, signed amounts, USDT spelt UST, numbers as JSON numbers."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from kernel.money import canonical
from venues.simulator.core import Book, Candle, SimFill, SimOrder, SymbolSpec, Ticker, Trade
from venues.simulator.dialects.numbers import average_price

Row = list[Any]
_CODES = {"USDT": "UST"}
_ORDER_PLACES = 32
_LONG = 3
POST_ONLY_FLAG = 4096


# --- names


def code(asset: str) -> str:
    return _CODES.get(asset, asset)


def pair(spec: SymbolSpec) -> str:
    """BTCUST, with a colon where a code is longer than three letters: DOGE:UST."""
    base, quote = code(spec.base), code(spec.quote)
    return f"{base}:{quote}" if max(len(base), len(quote)) > _LONG else base + quote


def symbol(spec: SymbolSpec) -> str:
    return "t" + pair(spec)


def order_type(o: SimOrder) -> str:
    if o.type == "market":
        return "EXCHANGE MARKET"
    return {"ioc": "EXCHANGE IOC", "fok": "EXCHANGE FOK"}.get(o.time_in_force, "EXCHANGE LIMIT")


# --- market data


def ticker(t: Ticker) -> Row:
    """Nothing is quoted by a silent market: null, not 0."""
    change = t.last - t.open
    relative = (change / t.open).quantize(Decimal("0.00000001")) if t.open else Decimal(0)
    top = [t.bid or None, t.bid_quantity or None, t.ask or None, t.ask_quantity or None]
    return [*top, change, relative, t.last, t.volume, t.high, t.low]


def raw_book(book: Book, depth: int) -> list[Row]:
    """R0: single orders; here one order per level, numbered from the best."""
    bids = [[i, price, quantity] for i, (price, quantity) in enumerate(book.bids[:depth], start=1)]
    asks = [[1000 + i, price, -quantity] for i, (price, quantity) in enumerate(book.asks[:depth], start=1)]
    return [*bids, *asks]


def price_book(book: Book, depth: int) -> list[Row]:
    bids = [[price, 1, quantity] for price, quantity in book.bids[:depth]]
    asks = [[price, 1, -quantity] for price, quantity in book.asks[:depth]]
    return [*bids, *asks]


def public_trade(trade: Trade) -> Row:
    amount = trade.quantity if trade.side == "buy" else -trade.quantity
    return [trade.trade_id, trade.time_ms, amount, trade.price]


def candle(c: Candle) -> Row:
    return [c.time_ms, c.open, c.close, c.high, c.low, c.volume]


def config(label: str, specs: Iterable[SymbolSpec]) -> list[Any]:
    """One list per label of the configuration call; empty for what the simulator does not have."""
    listed = list(specs)
    codes = sorted({code(asset) for spec in listed for asset in (spec.base, spec.quote)})
    known: dict[str, list[Any]] = {
        "pub:info:pair": [[pair(spec), _pair_info(spec)] for spec in listed],
        "pub:list:pair:exchange": [pair(spec) for spec in listed],
        "pub:list:currency": codes,
        "pub:map:currency:sym": [["UST", "USDt"]] if "UST" in codes else [],
        "pub:map:currency:label": [[name, name] for name in codes],
    }
    return known.get(label, [])


def _pair_info(spec: SymbolSpec) -> Row:
    return [None, None, None, canonical(spec.min_quantity), "100000", *[None] * 7]


# --- orders


def status(o: SimOrder) -> str:
    """The words of the venue: how it ended, and at which price how much was filled."""
    sign = 1 if o.side == "buy" else -1
    average = average_price(o)
    at = f" @ {canonical(average)}({canonical(sign * o.filled_quantity)})" if average is not None else ""
    if o.status == "filled":
        return f"EXECUTED{at}"
    if o.is_open:
        return f"PARTIALLY FILLED{at}" if at else "ACTIVE"
    if at:
        return f"CANCELED was: PARTIALLY FILLED{at}"
    if o.status == "expired":
        return "FILLORKILL CANCELED" if o.time_in_force == "fok" else "IOC CANCELED"
    return "CANCELED"


def order(o: SimOrder, spec: SymbolSpec) -> Row:
    sign = 1 if o.side == "buy" else -1
    row: Row = [None] * _ORDER_PLACES
    row[0] = o.venue_order_id
    row[2] = client_id(o)
    row[3] = symbol(spec)
    row[4] = o.created_ms
    row[5] = o.updated_ms
    row[6] = sign * o.remaining
    row[7] = sign * o.quantity
    row[8] = order_type(o)
    row[12] = POST_ONLY_FLAG if o.time_in_force == "post_only" else 0
    row[13] = status(o)
    row[16] = o.price or Decimal(0)
    row[17] = average_price(o) or Decimal(0)
    row[18] = row[19] = Decimal(0)
    row[23] = row[24] = 0
    row[28] = "API>BFX"
    return row


def client_id(o: SimOrder) -> int:
    """A `cid` the venue makes up itself is the time of day."""
    return int(o.client_order_id) if o.client_order_id else o.created_ms % 86_400_000


def fill(o: SimOrder, f: SimFill, spec: SymbolSpec) -> Row:
    amount = f.quantity if o.side == "buy" else -f.quantity
    price = o.price if o.price is not None else f.price
    kind, maker = order_type(o), 1 if f.maker else -1
    places = [f.trade_id, symbol(spec), f.time_ms, o.venue_order_id, amount, f.price, kind, price, maker]
    return [*places, -f.fee, code(f.fee_asset), client_id(o)]

"""OKX's rows: how it writes instruments, books, orders, fills and balances. Every number is a string."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from kernel.money import canonical
from venues.simulator.core import Book, Candle, SimFill, SimOrder, SymbolSpec, Ticker, Trade, VenueCore
from venues.simulator.dialects.numbers import average_price

Row = dict[str, Any]
_STATES = {"open": "live", "partially_filled": "partially_filled", "filled": "filled"}


def state_of(order: SimOrder) -> str:
    """OKX ends an unfilled remainder as `canceled`, whoever ended it."""
    return _STATES.get(order.status, "canceled")


def instrument(spec: SymbolSpec, code: int) -> Row:
    return {
        "instType": "SPOT",
        "instId": spec.symbol,
        "instIdCode": code,
        "baseCcy": spec.base,
        "quoteCcy": spec.quote,
        "settleCcy": "",
        "tickSz": canonical(spec.tick or Decimal(1)),
        "lotSz": canonical(spec.step),
        "minSz": canonical(spec.min_quantity),
        "maxLmtSz": "9999999999",
        "maxMktSz": "1000000",
        "state": "live",
        "lever": "",
        "ctVal": "",
        "listTime": "1548133413000",
    }


def levels(side: Iterable[tuple[Decimal, Decimal]]) -> list[list[str]]:
    return [[canonical(price), canonical(quantity), "0", "1"] for price, quantity in side]


def book(shown: Book) -> Row:
    return {
        "asks": levels(shown.asks),
        "bids": levels(shown.bids),
        "ts": str(shown.time_ms),
        "seqId": shown.sequence,
    }


def ticker(t: Ticker) -> Row:
    return {
        "instType": "SPOT",
        "instId": t.symbol,
        "last": canonical(t.last),
        "lastSz": canonical(t.last_quantity),
        "askPx": _or_empty(t.ask),
        "askSz": _or_empty(t.ask_quantity),
        "bidPx": _or_empty(t.bid),
        "bidSz": _or_empty(t.bid_quantity),
        "open24h": canonical(t.open),
        "high24h": canonical(t.high),
        "low24h": canonical(t.low),
        "vol24h": canonical(t.volume),
        "volCcy24h": canonical(t.quote_volume),
        "ts": str(t.time_ms),
    }


def _or_empty(value: Decimal) -> str:
    return canonical(value) if value else ""


def public_trade(symbol: str, trade: Trade) -> Row:
    return {
        "instId": symbol,
        "side": trade.side,
        "sz": canonical(trade.quantity),
        "px": canonical(trade.price),
        "tradeId": str(trade.trade_id),
        "ts": str(trade.time_ms),
    }


def candle(c: Candle, *, confirmed: bool) -> list[str]:
    prices = [canonical(x) for x in (c.open, c.high, c.low, c.close)]
    turnover = canonical(c.volume * c.close)
    return [str(c.time_ms), *prices, canonical(c.volume), turnover, turnover, "1" if confirmed else "0"]


def order(o: SimOrder, spec: SymbolSpec) -> Row:
    last = o.fills[-1] if o.fills else None
    average = average_price(o)
    by_cost = o.requested_cost is not None
    fee_asset = last.fee_asset if last else (spec.base if o.side == "buy" else spec.quote)
    return {
        "instType": "SPOT",
        "instId": o.symbol,
        "ordId": str(o.venue_order_id),
        "clOrdId": o.client_order_id or "",
        "tag": "",
        "px": canonical(o.price) if o.price is not None else "",
        "sz": canonical(o.requested_cost if o.requested_cost is not None else o.quantity),
        "ordType": order_type(o),
        "side": o.side,
        "tdMode": "cash",
        "accFillSz": canonical(o.filled_quantity),
        "fillPx": canonical(last.price) if last else "",
        "fillSz": canonical(last.quantity) if last else "0",
        "fillTime": str(last.time_ms) if last else "",
        "tradeId": str(last.trade_id) if last else "",
        "avgPx": canonical(average) if average is not None else "",
        "state": state_of(o),
        "fee": canonical(-sum((fill.fee for fill in o.fills), Decimal(0))),
        "feeCcy": fee_asset,
        "lever": "",
        "tgtCcy": ("quote_ccy" if by_cost else "base_ccy") if o.type == "market" else "",
        "cTime": str(o.created_ms),
        "uTime": str(o.updated_ms),
    }


def order_type(o: SimOrder) -> str:
    if o.type == "market":
        return "market"
    return "limit" if o.time_in_force == "gtc" else o.time_in_force


def fill(o: SimOrder, f: SimFill) -> Row:
    return {
        "instType": "SPOT",
        "instId": o.symbol,
        "tradeId": str(f.trade_id),
        "ordId": str(o.venue_order_id),
        "clOrdId": o.client_order_id or "",
        "billId": str(f.trade_id),
        "tag": "",
        "fillPx": canonical(f.price),
        "fillSz": canonical(f.quantity),
        "side": o.side,
        "execType": "M" if f.maker else "T",
        "fee": canonical(-f.fee),
        "feeCcy": f.fee_asset,
        "ts": str(f.time_ms),
        "fillTime": str(f.time_ms),
    }


def balances(core: VenueCore, account: str, wanted: set[str]) -> Row:
    now = str(core.now_ms())
    details = [
        {
            "ccy": asset,
            "eq": canonical(free + locked),
            "cashBal": canonical(free + locked),
            "availBal": canonical(free),
            "availEq": canonical(free),
            "frozenBal": canonical(locked),
            "uTime": now,
        }
        for asset, (free, locked) in core.balances(account).items()
        if not wanted or asset in wanted
    ]
    return {"uTime": now, "totalEq": "", "details": details}

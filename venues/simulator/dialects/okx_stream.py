"""OKX over websockets: public books and tickers with a gapless sequence, private login, orders and account.

Each frame states the sequence it follows (`prevSeqId`), so that a client notices a frame that never came.
"""

import hmac
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from aiohttp import web

from venues.simulator.core import (
    BookChanged,
    OrderChanged,
    SimFill,
    SimOrder,
    Traded,
    VenueCore,
    VenueEvent,
)
from venues.simulator.dialects import okx_rows as rows
from venues.simulator.dialects.okx_auth import PASSPHRASE, sign
from venues.simulator.sockets import Session, serve

_CLOCK_S = 30
_DEPTHS = {"books": 400, "books5": 5, "bbo-tbt": 1}
_PUBLIC = frozenset({*_DEPTHS, "tickers", "trades"})
_PRIVATE = frozenset({"orders", "account"})


def routes(core: VenueCore) -> list[web.RouteDef]:
    async def public(request: web.Request) -> web.WebSocketResponse:
        return await serve(request, core, on_text=_on_public_text, on_event=_on_public_event)

    async def private(request: web.Request) -> web.WebSocketResponse:
        return await serve(request, core, on_text=_on_private_text, on_event=_on_private_event)

    return [web.get("/okx/ws/v5/public", public), web.get("/okx/ws/v5/private", private)]


# --- public


def _on_public_text(session: Session, text: str) -> None:
    _on_text(session, text, _PUBLIC)


def _on_public_event(session: Session, event: VenueEvent) -> None:
    if isinstance(event, BookChanged):
        _push_book_change(session, event)
        _push_ticker(session, event.symbol)
    elif isinstance(event, Traded):
        _push_ticker(session, event.symbol)
        if _wants(session, "trades", event.symbol):
            _push(session, "trades", event.symbol, [rows.public_trade(event.symbol, event.trade)])


def _push_book_change(session: Session, change: BookChanged) -> None:
    if _wants(session, "books", change.symbol):
        data = {
            "asks": rows.levels(change.asks),
            "bids": rows.levels(change.bids),
            "ts": str(change.time_ms),
            "checksum": 0,
            "prevSeqId": change.previous_sequence,
            "seqId": change.sequence,
        }
        _push(session, "books", change.symbol, [data], action="update")
    for channel in ("books5", "bbo-tbt"):
        if _wants(session, channel, change.symbol):
            _push_snapshot(session, channel, change.symbol)


def _push_snapshot(session: Session, channel: str, symbol: str) -> None:
    market = session.core.markets[symbol]
    data = rows.book(market.book(_DEPTHS[channel])) | {"checksum": 0}
    if channel == "books":
        _push(session, channel, symbol, [data | {"prevSeqId": -1}], action="snapshot")
    else:
        _push(session, channel, symbol, [data])


def _push_ticker(session: Session, symbol: str) -> None:
    if _wants(session, "tickers", symbol):
        _push(session, "tickers", symbol, [rows.ticker(session.core.ticker(symbol))])


def _push(session: Session, channel: str, symbol: str, data: list[Any], **more: str) -> None:
    session.send({"arg": {"channel": channel, "instId": symbol}, **more, "data": data})


# --- private


def _on_private_text(session: Session, text: str) -> None:
    _on_text(session, text, _PRIVATE)


def _on_private_event(session: Session, event: VenueEvent) -> None:
    account = session.state.get("account")
    if not isinstance(event, OrderChanged) or account is None or event.order.account != account:
        return
    order = _as_it_was(event)
    spec = session.core.specs[order.symbol]
    for arg in session.state.get("args", []):
        if arg["channel"] == "orders" and arg.get("instId") in {None, order.symbol}:
            session.send({"arg": arg, "data": [_order_frame(order, event.fill, rows.order(order, spec))]})
        elif arg["channel"] == "account":
            session.send({"arg": arg, "data": [rows.balances(session.core, account, set())]})


def _as_it_was(event: OrderChanged) -> SimOrder:
    """The order at the time of the event: the core hands out the order as it ended."""
    last = event.fill.trade_id if event.fill else (0 if event.execution == "new" else None)
    if last is None:
        return event.order
    fills = [fill for fill in event.order.fills if fill.trade_id <= last]
    filled = sum((fill.quantity for fill in fills), Decimal(0))
    cost = sum((fill.quantity * fill.price for fill in fills), Decimal(0))
    remaining = filled < event.order.quantity
    return replace(
        event.order,
        fills=fills,
        filled_quantity=filled,
        cost=cost,
        status=("partially_filled" if filled else "open") if remaining else "filled",
    )


def _order_frame(order: SimOrder, fill: SimFill | None, row: rows.Row) -> rows.Row:
    if fill is None:
        return row | {"tradeId": "", "fillPx": "", "fillSz": "0", "fillFee": "0", "fillFeeCcy": "", "execType": ""}
    last = rows.fill(order, fill)
    return row | {"fillFee": last["fee"], "fillFeeCcy": last["feeCcy"], "execType": last["execType"]}


# --- both


def _wants(session: Session, channel: str, symbol: str) -> bool:
    return {"channel": channel, "instId": symbol} in session.state.get("args", [])


def _on_text(session: Session, text: str, channels: frozenset[str]) -> None:
    if text == "ping":
        session.send("pong")
        return
    try:
        message = json.loads(text)
        operation, args = message["op"], [dict(arg) for arg in message["args"]]
    except (ValueError, KeyError, TypeError):
        _error(session, "60012", f"Illegal request: {text}")
        return
    for arg in args:
        if operation == "login":
            _login(session, arg)
        elif operation in {"subscribe", "unsubscribe"}:
            _subscribe(session, arg, channels, on=operation == "subscribe")
        else:
            _error(session, "60012", f"Illegal request: {text}")


def _login(session: Session, arg: dict[str, Any]) -> None:
    key, timestamp = str(arg.get("apiKey", "")), str(arg.get("timestamp", ""))
    secret = session.core.secret_of(key)
    text = f"{timestamp}GET/users/self/verify"
    expected = sign(secret or "", text)
    if secret is None:
        _error(session, "60005", "Invalid apiKey")
    elif arg.get("passphrase") != PASSPHRASE:
        _error(session, "60024", "Wrong passphrase")
    elif not timestamp.isdecimal() or abs(session.core.now_ms() // 1000 - int(timestamp)) > _CLOCK_S:
        _error(session, "60006", "Timestamp request expired")
    elif not hmac.compare_digest(expected, str(arg.get("sign", ""))):
        _error(session, "60007", "Invalid sign")
    else:
        session.state["account"] = key
        session.send({"event": "login", "code": "0", "msg": "", "connId": _connection(session)})


def _subscribe(session: Session, arg: dict[str, Any], channels: frozenset[str], *, on: bool) -> None:
    channel, symbol = arg.get("channel"), arg.get("instId")
    private = channel in _PRIVATE
    known = channel in channels and (symbol in session.core.specs or (private and symbol is None))
    if not known:
        _error(session, "60018", f"The parameter channel or instId is wrong: {json.dumps(arg)}")
        return
    if private and "account" not in session.state:
        _error(session, "60011", "Please log in")
        return
    args = session.state.setdefault("args", [])
    if arg in args:
        args.remove(arg)
    if on:
        args.append(arg)
    session.send({"event": "subscribe" if on else "unsubscribe", "arg": arg, "connId": _connection(session)})
    if not on or private:
        return
    if channel in _DEPTHS:
        _push_snapshot(session, str(channel), str(symbol))
    elif channel == "tickers":
        _push_ticker(session, str(symbol))


def _connection(session: Session) -> str:
    return f"{id(session) & 0xFFFFFFFF:08x}"


def _error(session: Session, code: str, message: str) -> None:
    session.send({"event": "error", "code": code, "msg": message, "connId": _connection(session)})

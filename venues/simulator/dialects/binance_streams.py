"""Binance spot over websockets: public streams by SUBSCRIBE, and the ws-api with a user's own order events.

Every change of a book is sent as it happens, with U = u = its sequence number: the chain a client checks.
"""

import hashlib
import hmac
import json
from typing import Any

from aiohttp import web

from kernel.money import InvalidAmount
from venues.simulator import sockets
from venues.simulator.core import BookChanged, OrderChanged, SimReject, Traded, VenueCore, VenueEvent
from venues.simulator.dialects import binance_wire as wire
from venues.simulator.dialects.binance_auth import BinanceError, check_window, refusal
from venues.simulator.faults import Faults

_FULL_DEPTH = frozenset({"depth", "depth@100ms", "depth@1000ms"})
_PARTIAL = ("depth5", "depth10", "depth20")
_EXECUTIONS = {"new": "NEW", "trade": "TRADE", "cancelled": "CANCELED", "expired": "EXPIRED"}


def stream_routes(core: VenueCore, _faults: Faults) -> list[web.RouteDef]:
    async def public(request: web.Request) -> web.WebSocketResponse:
        return await sockets.serve(request, core, on_text=_on_public_text, on_event=_on_public_event)

    async def user(request: web.Request) -> web.WebSocketResponse:
        return await sockets.serve(request, core, on_text=_on_user_text, on_event=_on_user_event)

    return [
        web.get("/binance/ws", public),
        web.get("/binance/ws/{number}", public),
        web.get("/binance/ws-api", user),
        web.get("/binance/ws-api/{number}", user),
    ]


# --- public streams


def _on_public_text(session: sockets.Session, text: str) -> None:
    try:
        message = json.loads(text)
        method, names = message["method"], message.get("params") or []
    except (ValueError, KeyError, TypeError):
        session.send({"code": 2, "msg": "Invalid request"})
        return
    streams: set[str] = session.state.setdefault("streams", set())
    if method == "SUBSCRIBE":
        streams.update(names)
    elif method == "UNSUBSCRIBE":
        streams.difference_update(names)
    answer = sorted(streams) if method == "LIST_SUBSCRIPTIONS" else None
    session.send({"result": answer, "id": message.get("id")})


def _on_public_event(session: sockets.Session, event: VenueEvent) -> None:
    streams: set[str] | None = session.state.get("streams")
    if not streams or not isinstance(event, BookChanged | Traded):
        return
    name = wire.symbol_of(event.symbol).lower()
    if isinstance(event, Traded):
        if f"{name}@trade" in streams:
            session.send(wire.trade_event(event.symbol, event.trade))
        return
    for stream in streams:
        owner, _, kind = stream.partition("@")
        if owner == name:
            message = _market_message(session.core, kind, event)
            if message is not None:
                session.send(message)


def _market_message(core: VenueCore, kind: str, event: BookChanged) -> dict[str, Any] | None:
    if kind in _FULL_DEPTH:
        levels = {
            "U": event.previous_sequence + 1,
            "u": event.sequence,
            "b": [[wire.text(price), wire.text(quantity)] for price, quantity in event.bids],
            "a": [[wire.text(price), wire.text(quantity)] for price, quantity in event.asks],
        }
        return wire.depth_update(event.symbol, levels, now_ms=event.time_ms)
    market = core.markets[event.symbol]
    if kind.startswith(_PARTIAL):
        return wire.depth(market.book(int(kind.partition("@")[0].removeprefix("depth"))))
    ticker = core.ticker(event.symbol)
    if kind == "bookTicker":
        return wire.book_ticker_event(ticker, event.sequence)
    if kind == "ticker":
        return wire.day_ticker_event(ticker)
    return wire.mini_ticker_event(ticker) if kind == "miniTicker" else None


# --- ws-api: the user's own orders


def _on_user_text(session: sockets.Session, text: str) -> None:
    answer: dict[str, Any] = {"id": None, "status": 200, "rateLimits": []}
    try:
        message = json.loads(text)
        answer["id"] = message.get("id")
        answer["result"] = _call(session, str(message.get("method")), message.get("params") or {})
    except SimReject as reject:
        answer.update(status=400, error=refusal(reject).body())
    except BinanceError as error:
        answer.update(status=error.status, error=error.body())
    except (InvalidAmount, ValueError, AttributeError, TypeError):
        answer.update(status=400, error=BinanceError(-1100, "Illegal characters found.").body())
    session.send(answer)


def _call(session: sockets.Session, method: str, params: dict[str, Any]) -> Any:
    account = _signed_account(session.core, params)
    if method == "userDataStream.subscribe.signature":
        session.state["account"] = account
        return {"subscriptionId": 0}
    if method == "order.status":
        coid, order_id = params.get("origClientOrderId"), params.get("orderId")
        found = session.core.find(
            account,
            venue_order_id=None if order_id is None else int(order_id),
            client_order_id=coid,
        )
        if found is None:
            raise BinanceError(-2013, "Order does not exist.")
        return wire.queried(found)
    raise BinanceError(-1000, "This method is not offered here.")


def _signed_account(core: VenueCore, params: dict[str, Any]) -> str:
    """Ws-api requests are signed over their parameters in alphabetical order."""
    api_key = str(params.get("apiKey", ""))
    secret = core.secret_of(api_key)
    if secret is None:
        raise BinanceError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
    payload = "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature")
    expected = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, str(params.get("signature", ""))):
        raise BinanceError(-1022, "Signature for this request is not valid.")
    check_window(core, {name: str(value) for name, value in params.items()})
    return api_key


def _on_user_event(session: sockets.Session, event: VenueEvent) -> None:
    if not isinstance(event, OrderChanged) or session.state.get("account") != event.order.account:
        return
    session.send({"subscriptionId": 0, "event": _execution_report(event)})
    spec = session.core.specs[event.order.symbol]
    rows = session.core.balances(event.order.account)
    changed = [(asset, *rows[asset]) for asset in (spec.base, spec.quote)]
    session.send(
        {
            "subscriptionId": 0,
            "event": {
                "e": "outboundAccountPosition",
                "E": event.time_ms,
                "u": event.time_ms,
                "B": [{"a": asset, "f": wire.text(free), "l": wire.text(locked)} for asset, free, locked in changed],
            },
        }
    )


def _execution_report(event: OrderChanged) -> dict[str, Any]:
    order, fill = event.order, event.fill
    done = [one for one in order.fills if fill is None or one.trade_id <= fill.trade_id]
    filled = sum((one.quantity for one in done), start=order.quantity * 0) if event.execution != "new" else None
    cost = sum((one.quantity * one.price for one in done), start=order.quantity * 0)
    status = {"new": "open", "cancelled": "cancelled", "expired": "expired"}.get(event.execution)
    if status is None:
        status = "filled" if filled == order.quantity else "partially_filled"
    cancelling = event.execution == "cancelled"
    return {
        "e": "executionReport",
        "E": event.time_ms,
        "s": wire.symbol_of(order.symbol),
        "c": f"cancel-{order.venue_order_id}" if cancelling else order.client_order_id,
        "S": order.side.upper(),
        "o": wire.order_type(order),
        "f": wire.time_in_force(order),
        "q": wire.text(order.quantity),
        "p": wire.text(order.price),
        "P": wire.text(None),
        "F": wire.text(None),
        "g": -1,
        "C": order.client_order_id if cancelling else "",
        "x": _EXECUTIONS[event.execution],
        "X": wire.STATUS[status],
        "r": "NONE",
        "i": order.venue_order_id,
        "l": wire.text(fill.quantity if fill else None),
        "z": wire.text(filled),
        "L": wire.text(fill.price if fill else None),
        "n": wire.text(fill.fee if fill else None),
        "N": fill.fee_asset if fill else None,
        "T": event.time_ms,
        "t": fill.trade_id if fill else -1,
        "w": order.is_open,
        "m": bool(fill and fill.maker),
        "O": order.created_ms,
        "Z": wire.text(None if event.execution == "new" else cost),
        "Y": wire.text(fill.price * fill.quantity if fill else None),
        "Q": wire.text(order.requested_cost),
        "W": order.created_ms,
        "V": "NONE",
    }

"""Bitfinex v2 over REST: JSON arrays, signatures over a rising nonce, refusals as HTTP 500 with a code and a text.

It takes a client order id (`cid`, a 45-bit integer) as often as one likes, bounds no order's validity, and cuts
prices to five significant digits without a word.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from aiohttp import web

from venues.simulator import grid
from venues.simulator.core import SimOrder, SimReject, SymbolSpec, VenueCore
from venues.simulator.dialects import bitfinex_rows as rows
from venues.simulator.dialects.bitfinex_funding import Funding, FundingRefused
from venues.simulator.dialects.bitfinex_moves import BitfinexMoves
from venues.simulator.dialects.memory import Nonces
from venues.simulator.dialects.numbers import decimal_or_none, exact_json
from venues.simulator.faults import RIGHTS, Fault, Faults
from venues.simulator.shapes import OrderType, TimeInForce

BASE = "/bitfinex"
_API = f"{BASE}/v2"
_MAX_CID = 2**45
_DEFAULT_PAGE = 25
_MAX_PAGE = 2500
_AMOUNT_STEP = Decimal("0.00000001")
Body = dict[str, Any]
_SECONDS = {"m": 60, "h": 3600, "D": 86_400}

_TYPES: dict[str, tuple[OrderType, TimeInForce]] = {
    "EXCHANGE LIMIT": ("limit", "gtc"),
    "EXCHANGE MARKET": ("market", "gtc"),
    "EXCHANGE IOC": ("limit", "ioc"),
    "EXCHANGE FOK": ("limit", "fok"),
}
_FAULTS = {
    "http_429": (429, ["error", 11010, "ratelimit: error"]),
    "http_418": (418, ["error", 11010, "ratelimit: error"]),
    "maintenance": (500, ["error", 20060, "maintenance"]),
}
_UNAVAILABLE = {
    "code": 503,
    "error": "temporarily_unavailable",
    "error_description": "Sorry, the service is temporarily unavailable. See https://www.bitfinex.com/ for more info.",
}


class BitfinexError(Exception):
    """A refusal with the venue's number and words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


def operation_of(request: web.Request) -> str | None:
    path = request.path.removeprefix(_API)
    if path in {"/auth/w/order/submit", "/auth/w/funding/offer/submit", "/auth/w/funding/close"}:
        return "place"
    if path == "/auth/w/withdraw":
        return "withdraw"
    if path.startswith("/auth/r/movements"):
        return "moves"
    if path.startswith("/auth/w/order/cancel"):
        return "cancel"
    if path.startswith(("/auth/r/order", "/auth/r/trades", "/auth/r/funding")):
        return "ask"
    if path.startswith(("/book/", "/ticker")):
        return "book"
    return "balances" if path == "/auth/r/wallets" else None


def fault_response(kind: str, _fault: Fault) -> web.Response:
    status, body = _FAULTS.get(kind, (503, _UNAVAILABLE))
    return web.json_response(body, status=status)


def routes(core: VenueCore, faults: Faults) -> list[web.RouteDef]:
    del faults  # the middleware and the core strike; a dialect only translates
    public, private, funding, nonces = _Public(core), _Private(core), Funding(core), Nonces()
    gets: dict[str, Callable[[web.Request], Any]] = {
        "/platform/status": lambda _request: [1],
        "/conf/{labels}": public.config,
        "/ticker/{symbol}": public.ticker,
        "/tickers": public.tickers,
        "/book/{symbol}/{precision}": public.book,
        "/trades/{symbol}/hist": public.trades,
        "/candles/trade:{timeframe}:{symbol}/hist": public.candles,
    }
    posts: dict[str, Callable[[str, web.Request, Body], Any]] = {
        "/auth/r/wallets": private.wallets,
        "/auth/r/summary": private.summary,
        "/auth/w/order/submit": private.submit,
        "/auth/w/order/cancel": private.cancel,
        "/auth/w/order/cancel/multi": private.cancel_many,
        "/auth/r/orders": private.open_orders,
        "/auth/r/orders/hist": private.closed_orders,
        "/auth/r/orders/{symbol}": private.open_orders,
        "/auth/r/orders/{symbol}/hist": private.closed_orders,
        "/auth/r/trades/hist": private.trades,
        "/auth/r/trades/{symbol}/hist": private.trades,
        "/auth/r/order/{symbol}:{id}/trades": private.trades_of_order,
        "/auth/w/funding/offer/submit": funding.submit,
        "/auth/w/funding/offer/cancel": funding.cancel,
        "/auth/w/funding/close": funding.close,
        "/auth/r/funding/offers/{symbol}": funding.open_bids,
        "/auth/r/funding/offers/{symbol}/hist": funding.ended_bids,
        "/auth/r/funding/trades/{symbol}/hist": funding.trades,
        "/auth/r/funding/loans/{symbol}": funding.loans,
        **BitfinexMoves(core).table(),
    }
    return [
        *(web.get(_API + path, _serve_public(answer)) for path, answer in gets.items()),
        *(web.post(_API + path, _serve_signed(core, nonces, answer)) for path, answer in posts.items()),
    ]


def _respond(answer: Callable[[], Any]) -> web.Response:
    status = 200
    try:
        body = answer()
    except BitfinexError as error:
        status, body = 500, ["error", error.code, error.text]
    except FundingRefused as error:
        status, body = 500, ["error", 10001, str(error)]
    return web.Response(text=exact_json(body), status=status, content_type="application/json")


def _serve_public(answer: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
    async def serve(request: web.Request) -> web.Response:
        return _respond(lambda: answer(request))

    return serve


def _serve_signed(
    core: VenueCore, nonces: Nonces, answer: Callable[[str, web.Request, Body], Any]
) -> Callable[[web.Request], Any]:
    async def serve(request: web.Request) -> web.Response:
        text = (await request.read()).decode()

        def run() -> Any:
            account = _authenticate(core, nonces, request, text)
            return answer(account, request, _parsed(text))

        return _respond(run)

    return serve


def _parsed(text: str) -> Body:
    try:
        body = json.loads(text or "{}", parse_float=Decimal)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise BitfinexError(10020, "body: invalid")
    return body


def _authenticate(core: VenueCore, nonces: Nonces, request: web.Request, text: str) -> str:
    key, nonce = request.headers.get("bfx-apikey", ""), request.headers.get("bfx-nonce", "")
    secret = core.secret_of(key)
    if secret is None:
        raise BitfinexError(10100, "apikey: invalid")
    signed = f"/api{request.raw_path.removeprefix(BASE)}{nonce}{text}"
    expected = hmac.new(secret.encode(), signed.encode(), hashlib.sha384).hexdigest()
    if not hmac.compare_digest(expected, request.headers.get("bfx-signature", "")):
        raise BitfinexError(10100, "apikey: digest invalid")
    if not nonces.accept(key, nonce):
        raise BitfinexError(10114, "nonce: small")
    account = core.enter(key, RIGHTS.get(operation_of(request), "read"))
    if account is None:
        raise BitfinexError(10100, "apikey: not permitted")
    return account


def _spec_of(core: VenueCore, name: str) -> SymbolSpec:
    for spec in core.specs.values():
        if rows.symbol(spec) == name:
            return spec
    raise BitfinexError(10020, "symbol: invalid")


def _integer(value: Any, name: str) -> int:
    """Query strings bring text, JSON bodies numbers."""
    if isinstance(value, bool) or not str(value).removeprefix("-").isdecimal():
        raise BitfinexError(10020, f"{name}: invalid")
    return int(value)


class _Public:
    """Market data."""

    def __init__(self, core: VenueCore) -> None:
        self._core = core
        self._moves = BitfinexMoves(core)

    def _spec(self, request: web.Request) -> SymbolSpec:
        return _spec_of(self._core, request.match_info["symbol"])

    def config(self, request: web.Request) -> Any:
        labels = request.match_info["labels"].split(",")
        return [self._config(label) for label in labels]

    def _config(self, label: str) -> list[Any]:
        told = self._moves.config(label)
        return rows.config(label, self._core.specs.values()) if told is None else told

    def ticker(self, request: web.Request) -> Any:
        return rows.ticker(self._core.ticker(self._spec(request).symbol))

    def tickers(self, request: web.Request) -> Any:
        wanted = request.query.get("symbols", "ALL").split(",")
        return [
            [rows.symbol(spec), *rows.ticker(self._core.ticker(spec.symbol))]
            for spec in self._core.specs.values()
            if wanted == ["ALL"] or rows.symbol(spec) in wanted
        ]

    def book(self, request: web.Request) -> Any:
        depth = _integer(request.query.get("len", 25), "len")
        if depth not in {1, 25, 100, 250}:
            raise BitfinexError(10020, "len: invalid")
        book = self._core.book(self._spec(request).symbol, depth)
        raw = request.match_info["precision"] == "R0"
        return rows.raw_book(book, depth) if raw else rows.price_book(book, depth)

    def trades(self, request: web.Request) -> Any:
        query = request.query
        start, end = _integer(query.get("start", 0), "start"), _integer(query.get("end", 2**62), "end")
        trades = [t for t in self._core.trades(self._spec(request).symbol, 10_000) if start <= t.time_ms <= end]
        if query.get("sort", "-1") != "1":
            trades.reverse()
        return [rows.public_trade(t) for t in trades[: _integer(query.get("limit", 120), "limit")]]

    def candles(self, request: web.Request) -> Any:
        query, timeframe = request.query, request.match_info["timeframe"]
        unit = _SECONDS.get(timeframe[-1:])
        if unit is None or not timeframe[:-1].isdecimal():
            raise BitfinexError(10020, "time_interval: invalid")
        start, end = _integer(query.get("start", 0), "start"), _integer(query.get("end", 2**62), "end")
        found = self._core.candles(self._spec(request).symbol, int(timeframe[:-1]) * unit, 10_000)
        candles = [c for c in found if start <= c.time_ms <= end]
        if query.get("sort", "-1") != "1":
            candles.reverse()
        return [rows.candle(c) for c in candles[: _integer(query.get("limit", 100), "limit")]]


class _Private:
    """Account and trading."""

    def __init__(self, core: VenueCore) -> None:
        self._core = core

    def wallets(self, account: str, _request: web.Request, _body: Body) -> Any:
        return [
            ["exchange", rows.code(asset), free + locked, 0, free, None, None]
            for asset, (free, locked) in self._core.balances(account).items()
        ]

    def summary(self, _account: str, _request: web.Request, _body: Body) -> Any:
        maker, taker = self._core.listing.maker_fee, self._core.listing.taker_fee
        return [None, None, None, None, [[maker] * 6, [taker] * 6], None, None, None, None, None]

    # --- placing and cancelling

    def submit(self, account: str, _request: web.Request, body: Body) -> Any:
        order = self._place(account, body)
        return self._notice("on-req", [self._row(order)], "Submitting 1 orders.")

    def _place(self, account: str, body: Body) -> SimOrder:
        spec = _spec_of(self._core, str(body.get("symbol")))
        listed = _TYPES.get(str(body.get("type")))
        amount, price = decimal_or_none(body.get("amount")), decimal_or_none(body.get("price"))
        if listed is None:
            raise BitfinexError(10020, "type: invalid")
        kind, time_in_force = listed
        if not amount or not isinstance(body.get("amount"), str):
            raise BitfinexError(10020, "amount: invalid")
        if kind == "limit" and (price is None or price <= 0):
            raise BitfinexError(10020, "price: invalid")
        if kind == "limit" and _integer(body.get("flags", 0), "flags") & rows.POST_ONLY_FLAG:
            time_in_force = "post_only"
        quantity = abs(amount).quantize(_AMOUNT_STEP, rounding=ROUND_HALF_EVEN)
        try:
            return self._core.place(
                account,
                symbol=spec.symbol,
                side="buy" if amount > 0 else "sell",
                type=kind,
                quantity=quantity,
                price=None if kind == "market" or price is None else grid.floor_price(spec, price),
                time_in_force=time_in_force,
                client_order_id=_client_id(body.get("cid")),
            )
        except SimReject as reject:
            raise _refused_order(reject, spec, quantity) from None

    def cancel(self, account: str, _request: web.Request, body: Body) -> Any:
        number = self._order_to_cancel(account, body)
        try:
            order = self._core.cancel(account, venue_order_id=number)
        except SimReject:
            raise BitfinexError(10001, "Order not found.") from None
        text = f"Submitted for cancellation; waiting for confirmation (ID: {number})."
        return self._notice("oc-req", self._row(order), text)

    def _order_to_cancel(self, account: str, body: Body) -> int:
        """By id, or by `cid` and the UTC date on which it was used."""
        if "id" in body:
            return _integer(body["id"], "id")
        cid, date = _client_id(body.get("cid")), str(body.get("cid_date"))
        for order in self._core.orders(account, open_only=True):
            day = datetime.fromtimestamp(order.created_ms / 1000, tz=UTC).date().isoformat()
            if cid is not None and order.client_order_id == cid and day == date:
                return order.venue_order_id
        raise BitfinexError(10001, "Order not found.")

    def cancel_many(self, account: str, _request: web.Request, body: Body) -> Any:
        ids = {_integer(number, "id") for number in body.get("id", [])}
        cancelled = [
            self._row(self._core.cancel(account, venue_order_id=order.venue_order_id))
            for order in self._core.orders(account, open_only=True)
            if body.get("all") == 1 or order.venue_order_id in ids
        ]
        return self._notice("oc_multi-req", cancelled, f"Submitting {len(cancelled)} order cancellations.")

    def _notice(self, kind: str, content: Any, text: str) -> list[Any]:
        return [self._core.now_ms(), kind, None, None, content, None, "SUCCESS", text]

    # --- asking

    def _row(self, order: SimOrder) -> rows.Row:
        return rows.order(order, self._core.specs[order.symbol])

    def _symbol(self, request: web.Request) -> str | None:
        name = request.match_info.get("symbol")
        return None if name is None else _spec_of(self._core, name).symbol

    def open_orders(self, account: str, request: web.Request, body: Body) -> Any:
        ids = body.get("id")
        orders = self._core.orders(account, self._symbol(request), open_only=True)
        return [self._row(order) for order in reversed(orders) if ids is None or order.venue_order_id in ids]

    def closed_orders(self, account: str, request: web.Request, body: Body) -> Any:
        start, end, limit = _window(body)
        ids = body.get("id")
        orders = [
            order
            for order in self._core.orders(account, self._symbol(request))
            if not order.is_open and start <= order.updated_ms <= end and (ids is None or order.venue_order_id in ids)
        ]
        orders.sort(key=lambda order: (order.updated_ms, order.venue_order_id), reverse=True)
        return [self._row(order) for order in orders[:limit]]

    def trades(self, account: str, request: web.Request, body: Body) -> Any:
        start, end, limit = _window(body)
        found = self._core.fills(account, self._symbol(request), since_ms=start)
        inside = [(order, fill) for order, fill in found if fill.time_ms <= end]
        if body.get("sort", -1) != 1:
            inside.reverse()
        return [rows.fill(o, f, self._core.specs[o.symbol]) for o, f in inside[:limit]]

    def trades_of_order(self, account: str, request: web.Request, _body: Body) -> Any:
        number = _integer(request.match_info["id"], "id")
        found = self._core.fills(account, self._symbol(request), venue_order_id=number)
        return [rows.fill(o, f, self._core.specs[o.symbol]) for o, f in reversed(found)]


def _window(body: Body) -> tuple[int, int, int]:
    start, end = _integer(body.get("start", 0), "start"), _integer(body.get("end", 2**62), "end")
    return start, end, min(_MAX_PAGE, _integer(body.get("limit", _DEFAULT_PAGE), "limit"))


def _client_id(cid: Any) -> str | None:
    if cid is None:
        return None
    if isinstance(cid, bool) or not isinstance(cid, int) or not 0 < cid < _MAX_CID:
        raise BitfinexError(10020, "cid: invalid")
    return str(cid)


def _refused_order(reject: SimReject, spec: SymbolSpec, quantity: Decimal) -> BitfinexError:
    """One number for every refusal; clients tell them apart by the text."""
    pair, least = rows.pair(spec), format(spec.min_quantity, "f")
    texts = {
        "insufficient_funds": f"Invalid order: not enough exchange balance for {quantity} {pair}",
        "lot_size": f"Invalid order: minimum size for {pair} is {least}",
        "min_notional": f"Invalid order: minimum size for {pair} is {least}",
        "price_filter": "price: invalid",
        "post_only_would_match": "Invalid order: post-only order would match",
    }
    return BitfinexError(10001, texts.get(reject.kind, reject.text))

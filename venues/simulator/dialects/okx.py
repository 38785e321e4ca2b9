"""OKX v5 over REST: signed calls with passphrase and `expTime`, one envelope, refusals per item.

An order answers with its id only; whoever wants to know more asks. A client order id is refused for ever after its
first use. Websockets are in `okx_stream`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from aiohttp import web

from venues.simulator.core import SimOrder, SimReject, VenueCore
from venues.simulator.dialects import okx_rows as rows
from venues.simulator.dialects import okx_stream
from venues.simulator.dialects.memory import DeadManTimers
from venues.simulator.dialects.numbers import decimal_or_none
from venues.simulator.dialects.okx_auth import BASE, OkxError, authenticate
from venues.simulator.dialects.okx_moves import OkxMoves
from venues.simulator.faults import RIGHTS, Fault, Faults
from venues.simulator.shapes import Side, TimeInForce

_API = f"{BASE}/api/v5"
_PAGE = 100
_MAX_BATCH = 20
_SECONDS = {"s": 1, "m": 60, "H": 3600, "D": 86_400, "W": 604_800}

_REJECTS = {
    "insufficient_funds": ("51008", "Order failed. Insufficient balance in account"),
    "duplicate_client_order_id": ("51016", "Client order ID already exists."),
    "min_notional": ("51020", "Your order should meet or exceed the minimum order amount."),
    "lot_size": ("51121", "Order quantity must be a multiple of the lot size."),
    "price_filter": ("51000", "Parameter px error"),
    "unknown_symbol": ("51001", "Instrument ID doesn't exist."),
    "post_only_would_match": ("51000", "Parameter ordType error: a post_only order would take liquidity"),
    "unknown_order": ("51400", "Cancellation failed as the order has been filled, canceled or does not exist."),
}
_LATE = (
    "50036",
    "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
)
_OPERATIONS = {
    ("POST", "/trade/batch-orders"): "place",
    ("POST", "/trade/order"): "place",
    ("POST", "/trade/cancel-order"): "cancel",
    ("POST", "/trade/cancel-batch-orders"): "cancel",
    ("GET", "/trade/order"): "ask",
    ("GET", "/trade/orders-pending"): "ask",
    ("GET", "/trade/orders-history"): "ask",
    ("GET", "/trade/orders-history-archive"): "ask",
    ("GET", "/trade/fills"): "ask",
    ("GET", "/trade/fills-history"): "ask",
    ("GET", "/market/books"): "book",
    ("GET", "/market/books-full"): "book",
    ("GET", "/market/ticker"): "book",
    ("GET", "/market/tickers"): "book",
    ("GET", "/account/balance"): "balances",
    ("POST", "/asset/withdrawal"): "withdraw",
    ("GET", "/asset/withdrawal-history"): "moves",
    ("GET", "/asset/deposit-history"): "moves",
}
_FAULTS = {
    "http_503": (503, "50013", "Systems are busy. Please try again later."),
    "http_429": (429, "50011", "Too Many Requests"),
    "http_418": (418, "50011", "Too Many Requests"),
    "maintenance": (503, "50001", "Service temporarily unavailable. Try again later"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One signed call: whose, what, and the deadline its sender gave it."""

    account: str
    payload: Any
    expires_ms: int | None


def operation_of(request: web.Request) -> str | None:
    if request.path.startswith(f"{BASE}/ws/"):
        return "stream"
    return _OPERATIONS.get((request.method, request.path.removeprefix(_API)))


def fault_response(kind: str, _fault: Fault) -> web.Response:
    status, code, message = _FAULTS[kind]
    return web.json_response({"code": code, "msg": message, "data": []}, status=status)


def routes(core: VenueCore, faults: Faults) -> list[web.RouteDef]:
    del faults  # the middleware and the core strike; a dialect only translates
    public, private = _Public(core), _Private(core)
    gets: dict[str, Callable[[dict[str, str]], list[Any]]] = {
        "/public/time": public.time,
        "/public/instruments": public.instruments,
        "/system/status": lambda _query: [],
        "/market/books": public.books,
        "/market/books-full": public.books,
        "/market/ticker": public.ticker,
        "/market/tickers": public.tickers,
        "/market/trades": public.trades,
        "/market/history-trades": public.trades,
        "/market/candles": public.candles,
        "/market/history-candles": public.candles,
    }
    signed: dict[tuple[str, str], Callable[[Call], list[Any]]] = {
        ("GET", "/account/config"): private.config,
        ("GET", "/account/balance"): private.balance,
        ("GET", "/account/trade-fee"): private.trade_fee,
        ("POST", "/trade/batch-orders"): private.place,
        ("POST", "/trade/order"): private.place,
        ("GET", "/trade/order"): private.order,
        ("GET", "/trade/orders-pending"): private.pending,
        ("GET", "/trade/orders-history"): private.history,
        ("GET", "/trade/orders-history-archive"): private.history,
        ("GET", "/trade/fills"): private.fills,
        ("GET", "/trade/fills-history"): private.fills,
        ("POST", "/trade/cancel-order"): private.cancel,
        ("POST", "/trade/cancel-batch-orders"): private.cancel,
        ("POST", "/trade/cancel-all-after"): private.cancel_all_after,
        **OkxMoves(core).table(),
    }
    return [
        *(web.get(_API + path, _serve_public(answer)) for path, answer in gets.items()),
        *(web.route(method, _API + path, _serve_signed(core, answer)) for (method, path), answer in signed.items()),
        *okx_stream.routes(core),
    ]


def _envelope(data: list[Any]) -> web.Response:
    """Trading calls carry a code per item: `1` above when all failed, `2` when some did."""
    failed = sum(1 for item in data if isinstance(item, dict) and item.get("sCode", "0") != "0")
    code = "0" if not failed else ("1" if failed == len(data) else "2")
    message = {"0": "", "1": "All operations failed", "2": "Bulk operation partially succeeded"}[code]
    return web.json_response({"code": code, "msg": message, "data": data})


def _refusal(error: OkxError) -> web.Response:
    return web.json_response({"code": error.code, "msg": error.message, "data": []}, status=error.status)


def _serve_public(answer: Callable[[dict[str, str]], list[Any]]) -> Callable[[web.Request], Any]:
    async def serve(request: web.Request) -> web.Response:
        try:
            return _envelope(answer(dict(request.query)))
        except OkxError as error:
            return _refusal(error)
        except SimReject as reject:
            return _refusal(OkxError(*_REJECTS[reject.kind]))

    return serve


def _serve_signed(core: VenueCore, answer: Callable[[Call], list[Any]]) -> Callable[[web.Request], Any]:
    async def serve(request: web.Request) -> web.Response:
        try:
            body = (await request.read()).decode()
            account = authenticate(core, request, body, RIGHTS.get(operation_of(request), "read"))
            return _envelope(answer(Call(account, _payload(request, body), _expiry(request))))
        except OkxError as error:
            return _refusal(error)
        except SimReject as reject:
            return _refusal(OkxError(*_REJECTS[reject.kind]))

    return serve


def _payload(request: web.Request, body: str) -> Any:
    if request.method == "GET":
        return dict(request.query)
    try:
        return json.loads(body or "{}")
    except ValueError:
        raise OkxError("50002", "JSON syntax error", 400) from None


def _expiry(request: web.Request) -> int | None:
    text = request.headers.get("expTime")
    if text is None:
        return None
    if not text.isdecimal():
        raise OkxError("51000", "Parameter expTime error")
    return int(text)


class _Public:
    """Market data."""

    def __init__(self, core: VenueCore) -> None:
        self._core = core

    def time(self, _query: dict[str, str]) -> list[Any]:
        return [{"ts": str(self._core.now_ms())}]

    def instruments(self, query: dict[str, str]) -> list[Any]:
        if query.get("instType") != "SPOT":
            return []
        specs = enumerate(self._core.specs.values(), start=1)
        wanted = query.get("instId")
        return [rows.instrument(spec, code) for code, spec in specs if wanted in {None, spec.symbol}]

    def books(self, query: dict[str, str]) -> list[Any]:
        depth = min(400, _integer(query, "sz", 1))
        return [rows.book(self._core.book(query.get("instId", ""), depth))]

    def ticker(self, query: dict[str, str]) -> list[Any]:
        return [rows.ticker(self._core.ticker(query.get("instId", "")))]

    def tickers(self, query: dict[str, str]) -> list[Any]:
        if query.get("instType") != "SPOT":
            return []
        return [rows.ticker(self._core.ticker(symbol)) for symbol in self._core.specs]

    def trades(self, query: dict[str, str]) -> list[Any]:
        symbol = query.get("instId", "")
        newest_first = reversed(self._core.trades(symbol, min(500, _integer(query, "limit", _PAGE))))
        return [rows.public_trade(symbol, trade) for trade in newest_first]

    def candles(self, query: dict[str, str]) -> list[Any]:
        bar = query.get("bar", "1m").removesuffix("utc")
        unit = _SECONDS.get(bar[-1:])
        if unit is None or not bar[:-1].isdecimal():
            raise OkxError("51000", "Parameter bar error")
        found = self._core.candles(query.get("instId", ""), int(bar[:-1]) * unit, 1440)
        after, before = _integer(query, "after", 2**62), _integer(query, "before", -1)
        newest = found[-1].time_ms if found else 0
        inside = [c for c in reversed(found) if before < c.time_ms < after]
        limit = min(300, _integer(query, "limit", _PAGE))
        return [rows.candle(c, confirmed=c.time_ms != newest) for c in inside[:limit]]


class _Private:
    """Account and trading."""

    def __init__(self, core: VenueCore) -> None:
        self._core = core
        self._timers = DeadManTimers(self._cancel_all)

    def config(self, call: Call) -> list[Any]:
        return [{"uid": call.account, "acctLv": "1", "posMode": "net_mode"}]

    def balance(self, call: Call) -> list[Any]:
        wanted = {ccy for ccy in str(call.payload.get("ccy", "")).split(",") if ccy}
        return [rows.balances(self._core, call.account, wanted)]

    def trade_fee(self, _call: Call) -> list[Any]:
        listing = self._core.listing
        maker, taker = format(-listing.maker_fee, "f"), format(-listing.taker_fee, "f")
        now = str(self._core.now_ms())
        return [{"instType": "SPOT", "level": "Lv1", "maker": maker, "taker": taker, "ts": now}]

    # --- orders

    def place(self, call: Call) -> list[Any]:
        items = call.payload if isinstance(call.payload, list) else [call.payload]
        if not items or len(items) > _MAX_BATCH or not all(isinstance(item, dict) for item in items):
            raise OkxError("50014", "Parameter instId can not be empty.", 400)
        late = call.expires_ms is not None and self._core.now_ms() > call.expires_ms
        return [_refused(item, *_LATE) if late else self._place_one(call.account, item) for item in items]

    def _place_one(self, account: str, item: dict[str, Any]) -> dict[str, Any]:
        try:
            placed = self._accept(account, item)
        except SimReject as reject:
            return _refused(item, *self._words(reject, item))
        except OkxError as error:
            return _refused(item, error.code, error.message)
        return {
            "ordId": str(placed.venue_order_id),
            "clOrdId": placed.client_order_id or "",
            "tag": str(item.get("tag", "")),
            "ts": str(placed.created_ms),
            "sCode": "0",
            "sMsg": "Order placed",
        }

    def _accept(self, account: str, item: dict[str, Any]) -> SimOrder:
        kind, side = item.get("ordType"), item.get("side")
        coid = str(item.get("clOrdId") or "") or None
        if side not in {"buy", "sell"} or kind not in {"market", "limit", "post_only", "ioc", "fok"}:
            raise OkxError("51000", "Parameter ordType or side error")
        if item.get("tdMode") != "cash":
            raise OkxError("51000", "Parameter tdMode error")
        if coid is not None and not (coid.isascii() and coid.isalnum() and len(coid) <= 32):
            raise OkxError("51000", "Parameter clOrdId error")
        size, price = decimal_or_none(item.get("sz")), decimal_or_none(item.get("px"))
        if size is None or (kind != "market" and price is None):
            raise OkxError("51000", "Parameter sz or px error")
        by_cost = kind == "market" and side == "buy" and item.get("tgtCcy", "quote_ccy") == "quote_ccy"
        return self._core.place(
            account,
            symbol=str(item.get("instId", "")),
            side=cast("Side", side),
            type="market" if kind == "market" else "limit",
            quantity=None if by_cost else size,
            cost=size if by_cost else None,
            price=None if kind == "market" else price,
            time_in_force="gtc" if kind in {"market", "limit"} else cast("TimeInForce", kind),
            client_order_id=coid,
        )

    def _words(self, reject: SimReject, item: dict[str, Any]) -> tuple[str, str]:
        """OKX tells a quantity that is too small from one off the grid."""
        spec = self._core.specs.get(str(item.get("instId")))
        size = decimal_or_none(item.get("sz"))
        too_small = spec is not None and size is not None and size < spec.min_quantity
        return _REJECTS["min_notional" if reject.kind == "lot_size" and too_small else reject.kind]

    def cancel(self, call: Call) -> list[Any]:
        items = call.payload if isinstance(call.payload, list) else [call.payload]
        return [self._cancel_one(call.account, item) for item in items]

    def _cancel_one(self, account: str, item: dict[str, Any]) -> dict[str, Any]:
        number, coid = _ids(item)
        try:
            done = self._core.cancel(account, venue_order_id=number, client_order_id=coid)
        except SimReject as reject:
            return _refused(item, *_REJECTS[reject.kind])
        return {
            "ordId": str(done.venue_order_id),
            "clOrdId": done.client_order_id or "",
            "ts": str(done.updated_ms),
            "sCode": "0",
            "sMsg": "",
        }

    def cancel_all_after(self, call: Call) -> list[Any]:
        seconds = _integer(call.payload, "timeOut", 0)
        if seconds and not 10 <= seconds <= 120:
            raise OkxError("51000", "Parameter timeOut error")
        self._timers.set(call.account, seconds)
        now = self._core.now_ms()
        return [{"triggerTime": str(now + seconds * 1000 if seconds else 0), "tag": "", "ts": str(now)}]

    def _cancel_all(self, account: str) -> None:
        for order in self._core.orders(account, open_only=True):
            self._core.cancel(account, venue_order_id=order.venue_order_id)

    def order(self, call: Call) -> list[Any]:
        number, coid = _ids(call.payload)
        found = self._core.find(
            call.account, venue_order_id=number, client_order_id=coid, symbol=call.payload.get("instId", "")
        )
        if found is None:
            raise OkxError("51603", "Order does not exist")
        return [rows.order(found, self._core.specs[found.symbol])]

    def pending(self, call: Call) -> list[Any]:
        return self._page(call, self._core.orders(call.account, call.payload.get("instId"), open_only=True))

    def history(self, call: Call) -> list[Any]:
        if call.payload.get("instType") is None:
            raise OkxError("50014", "Parameter instType can not be empty.", 400)
        closed = [o for o in self._core.orders(call.account, call.payload.get("instId")) if not o.is_open]
        return self._page(call, closed)

    def _page(self, call: Call, orders: list[SimOrder]) -> list[Any]:
        query = call.payload
        begin, end = _integer(query, "begin", 0), _integer(query, "end", 2**62)
        after, before = _integer(query, "after", 2**62), _integer(query, "before", 0)
        wanted = [
            order
            for order in reversed(orders)
            if query.get("state") in {None, rows.state_of(order)}
            and query.get("ordType") in {None, rows.order_type(order)}
            and begin <= order.created_ms <= end
            and before < order.venue_order_id < after
        ]
        limit = min(_PAGE, _integer(query, "limit", _PAGE))
        return [rows.order(order, self._core.specs[order.symbol]) for order in wanted[:limit]]

    def fills(self, call: Call) -> list[Any]:
        query = call.payload
        number = _integer(query, "ordId", 0) or None
        begin, end = _integer(query, "begin", 0), _integer(query, "end", 2**62)
        after, before = _integer(query, "after", 2**62), _integer(query, "before", 0)
        found = self._core.fills(call.account, query.get("instId"), since_ms=begin, venue_order_id=number)
        inside = [(o, f) for o, f in reversed(found) if f.time_ms <= end and before < f.trade_id < after]
        return [rows.fill(o, f) for o, f in inside[: min(_PAGE, _integer(query, "limit", _PAGE))]]


def _ids(item: dict[str, Any]) -> tuple[int | None, str | None]:
    """The venue's id wins when both are given."""
    number, coid = item.get("ordId"), item.get("clOrdId")
    if not number and not coid:
        raise OkxError("51003", "Either client order ID or order ID is required.")
    if number and not str(number).isdecimal():
        raise OkxError("51000", "Parameter ordId error")
    return (int(number), None) if number else (None, str(coid))


def _refused(item: dict[str, Any], code: str, message: str) -> dict[str, Any]:
    coid = str(item.get("clOrdId") or "")
    return {"ordId": "", "clOrdId": coid, "tag": str(item.get("tag", "")), "sCode": code, "sMsg": message}


def _integer(query: dict[str, Any], name: str, default: int) -> int:
    text = str(query.get(name, default))
    if not text.removeprefix("-").isdecimal():
        raise OkxError("51000", f"Parameter {name} error")
    return int(text)

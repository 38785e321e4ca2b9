"""Kraken over REST: always HTTP 200 with an error list, form bodies signed over a nonce that must rise.

AddOrder answers with the id only and honours `deadline`; a client order id is refused while its order is open.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from aiohttp import web

from venues.simulator.core import SimOrder, SimReject, SymbolSpec, VenueCore
from venues.simulator.dialects import kraken_rows as rows
from venues.simulator.dialects.kraken_auth import BASE, Form, KrakenError, authenticate, parse_form
from venues.simulator.dialects.kraken_moves import KrakenMoves
from venues.simulator.dialects.memory import DeadManTimers, Nonces
from venues.simulator.dialects.numbers import decimal_or_none, exact_json
from venues.simulator.faults import RIGHTS, Fault, Faults
from venues.simulator.shapes import TimeInForce

_API = f"{BASE}/0"
_LATEST_SECOND = 10**12
_PAGE = 50
_MAX_DEADLINE_MS = 60_000
_FREE_TEXT = re.compile(r"[\x21-\x7e]{1,18}")

_REJECTS = {
    "insufficient_funds": "EOrder:Insufficient funds",
    "duplicate_client_order_id": "EOrder:Duplicate cl_ord_id",
    "min_notional": "EOrder:Cost minimum not met",
    "lot_size": "EOrder:Order minimum not met",
    "price_filter": "EOrder:Tick size check failed",
    "unknown_symbol": "EQuery:Unknown asset pair",
    "post_only_would_match": "EOrder:Post only order",
    "unknown_order": "EOrder:Unknown order",
}
_OPERATIONS = {
    "/private/AddOrder": "place",
    "/private/CancelOrder": "cancel",
    "/private/CancelAll": "cancel",
    "/private/QueryOrders": "ask",
    "/private/OpenOrders": "ask",
    "/private/ClosedOrders": "ask",
    "/private/TradesHistory": "ask",
    "/private/QueryTrades": "ask",
    "/public/Depth": "book",
    "/public/Ticker": "book",
    "/private/Balance": "balances",
    "/private/BalanceEx": "balances",
    "/private/Withdraw": "withdraw",
    "/private/WithdrawStatus": "moves",
    "/private/DepositStatus": "moves",
}
_FAULTS = {
    "http_503": (503, "EService:Unavailable"),
    "http_429": (429, "EAPI:Rate limit exceeded"),
    "http_418": (418, "EGeneral:Temporary lockout"),
    "maintenance": (200, "EService:Market in cancel_only mode"),
}


def operation_of(request: web.Request) -> str | None:
    return _OPERATIONS.get(request.path.removeprefix(_API))


def fault_response(kind: str, _fault: Fault) -> web.Response:
    status, text = _FAULTS[kind]
    return web.json_response({"error": [text]}, status=status)


def routes(core: VenueCore, faults: Faults) -> list[web.RouteDef]:
    del faults  # the middleware and the core strike; a dialect only translates
    public, private, nonces = _Public(core), _Private(core), Nonces()
    gets: dict[str, Callable[[Form], Any]] = {
        "Time": public.time,
        "SystemStatus": public.status,
        "Assets": public.assets,
        "AssetPairs": public.pairs,
        "Ticker": public.ticker,
        "Depth": public.depth,
        "Trades": public.trades,
        "OHLC": public.candles,
    }
    posts: dict[str, Callable[[str, Form], Any]] = {
        "Balance": private.balance,
        "BalanceEx": private.balance_ex,
        "TradeVolume": private.trade_volume,
        "GetWebSocketsToken": private.token,
        "AddOrder": private.add_order,
        "CancelOrder": private.cancel_order,
        "CancelAll": private.cancel_all,
        "CancelAllOrdersAfter": private.cancel_all_after,
        "QueryOrders": private.query_orders,
        "OpenOrders": private.open_orders,
        "ClosedOrders": private.closed_orders,
        "TradesHistory": private.trades_history,
        "QueryTrades": private.query_trades,
        **KrakenMoves(core).table(),
    }
    return [
        *(web.get(f"{_API}/public/{name}", _serve_public(answer)) for name, answer in gets.items()),
        *(web.post(f"{_API}/private/{name}", _serve_signed(core, nonces, answer)) for name, answer in posts.items()),
    ]


def _respond(answer: Callable[[], Any]) -> web.Response:
    try:
        body = {"error": [], "result": answer()}
    except KrakenError as error:
        body = {"error": [str(error)]}
    except SimReject as reject:
        body = {"error": [_REJECTS[reject.kind]]}
    return web.Response(text=exact_json(body), content_type="application/json")


def _serve_public(answer: Callable[[Form], Any]) -> Callable[[web.Request], Any]:
    async def serve(request: web.Request) -> web.Response:
        return _respond(lambda: answer(dict(request.query)))

    return serve


def _serve_signed(core: VenueCore, nonces: Nonces, answer: Callable[[str, Form], Any]) -> Callable[[web.Request], Any]:
    async def serve(request: web.Request) -> web.Response:
        body = (await request.read()).decode()

        def run() -> Any:
            form = parse_form(request, body)
            right = RIGHTS.get(operation_of(request), "read")
            return answer(authenticate(core, nonces, request, body, form, right), form)

        return _respond(run)

    return serve


def _spec_of(core: VenueCore, name: str) -> SymbolSpec:
    for spec in core.specs.values():
        if name in {rows.pair_id(spec), rows.pair_altname(spec), rows.ws_name(spec)}:
            return spec
    raise KrakenError("EQuery:Unknown asset pair")


def _specs_of(core: VenueCore, form: Form) -> Iterable[SymbolSpec]:
    names = [name for name in form.get("pair", "").split(",") if name]
    return [_spec_of(core, name) for name in names] if names else core.specs.values()


def _integer(form: Form, name: str, default: int) -> int:
    text = form.get(name, str(default))
    if not text.isdecimal():
        raise KrakenError(f"EGeneral:Invalid arguments:{name}")
    return int(text)


class _Public:
    """Market data."""

    def __init__(self, core: VenueCore) -> None:
        self._core = core

    def time(self, _form: Form) -> Any:
        now = self._core.now_ms()
        rfc = datetime.fromtimestamp(now / 1000, tz=UTC).strftime("%a, %d %b %y %H:%M:%S +0000")
        return {"unixtime": now // 1000, "rfc1123": rfc}

    def status(self, _form: Form) -> Any:
        now = datetime.fromtimestamp(self._core.now_ms() / 1000, tz=UTC)
        return {"status": "online", "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def assets(self, _form: Form) -> Any:
        names = {name for spec in self._core.specs.values() for name in (spec.base, spec.quote)}
        return {rows.asset_id(name): rows.asset(name) for name in sorted(names)}

    def pairs(self, form: Form) -> Any:
        fees = self._core.listing
        return {
            rows.pair_id(spec): rows.pair(spec, fees.taker_fee, fees.maker_fee) for spec in _specs_of(self._core, form)
        }

    def ticker(self, form: Form) -> Any:
        return {rows.pair_id(spec): rows.ticker(self._core.ticker(spec.symbol)) for spec in _specs_of(self._core, form)}

    def depth(self, form: Form) -> Any:
        spec = _spec_of(self._core, form.get("pair", ""))
        book = self._core.book(spec.symbol, min(500, _integer(form, "count", 100)))
        sides = {"asks": rows.levels(book.asks, book.time_ms), "bids": rows.levels(book.bids, book.time_ms)}
        return {rows.pair_id(spec): sides}

    def trades(self, form: Form) -> Any:
        spec = _spec_of(self._core, form.get("pair", ""))
        since_ms = _since_ms(form)
        later = [trade for trade in self._core.trades(spec.symbol, 10_000) if trade.time_ms >= since_ms]
        count = min(1000, _integer(form, "count", 1000))
        trades = later[:count] if since_ms else later[-count:]
        last = f"{trades[-1].time_ms * 1_000_000}" if trades else "0"
        return {rows.pair_id(spec): [rows.public_trade(trade) for trade in trades], "last": last}

    def candles(self, form: Form) -> Any:
        spec = _spec_of(self._core, form.get("pair", ""))
        since = _integer(form, "since", 0)
        candles = self._core.candles(spec.symbol, _integer(form, "interval", 1) * 60, 720)
        wanted = [rows.candle(c) for c in candles if c.time_ms // 1000 > since]
        return {rows.pair_id(spec): wanted, "last": candles[-1].time_ms // 1000 if candles else 0}


class _Private:
    """Account and trading."""

    def __init__(self, core: VenueCore) -> None:
        self._core = core
        self._timers = DeadManTimers(self._cancel_every)

    def balance(self, account: str, _form: Form) -> Any:
        return {rows.asset_id(a): format(free + held, "f") for a, (free, held) in self._core.balances(account).items()}

    def balance_ex(self, account: str, _form: Form) -> Any:
        return {
            rows.asset_id(asset): {"balance": format(free + locked, "f"), "hold_trade": format(locked, "f")}
            for asset, (free, locked) in self._core.balances(account).items()
        }

    def trade_volume(self, _account: str, form: Form) -> Any:
        listing = self._core.listing

        def fees(rate: Decimal) -> Any:
            return {rows.pair_id(s): {"fee": format(rate * 100, "f")} for s in _specs_of(self._core, form)}

        return {
            "currency": "ZUSD",
            "volume": "0.0000",
            "fees": fees(listing.taker_fee),
            "fees_maker": fees(listing.maker_fee),
        }

    def token(self, account: str, _form: Form) -> Any:
        return {"token": f"token-of-{account}", "expires": 900}

    # --- placing and cancelling

    def add_order(self, account: str, form: Form) -> Any:
        spec = _spec_of(self._core, form.get("pair", ""))
        side, kind = form.get("type"), form.get("ordertype")
        if side not in {"buy", "sell"} or kind not in {"limit", "market"}:
            raise KrakenError("EGeneral:Invalid arguments:ordertype")
        volume, price = decimal_or_none(form.get("volume")), decimal_or_none(form.get("price"))
        if volume is None:
            raise KrakenError("EGeneral:Invalid arguments:volume")
        if kind == "limit" and price is None:
            raise KrakenError("EGeneral:Invalid arguments:price")
        by_cost = "viqc" in form.get("oflags", "")
        if not by_cost and volume < spec.min_quantity:
            raise KrakenError("EGeneral:Invalid arguments:volume minimum not met")
        self._check_deadline(form.get("deadline"))
        coid = form.get("cl_ord_id") or None
        _check_coid(coid)
        order = self._core.place(
            account,
            symbol=spec.symbol,
            side="buy" if side == "buy" else "sell",
            type="limit" if kind == "limit" else "market",
            quantity=None if by_cost else volume,
            cost=volume if by_cost else None,
            price=price if kind == "limit" else None,
            time_in_force=_time_in_force(form),
            client_order_id=coid,
        )
        answer = {"descr": {"order": rows.describe(order, spec)}, "txid": [rows.id_text("O", order.venue_order_id)]}
        return answer | ({"cl_ord_id": coid} if coid else {})

    def _check_deadline(self, text: str | None) -> None:
        if text is None:
            return
        try:
            deadline = datetime.fromisoformat(text)
        except ValueError:
            raise KrakenError("EGeneral:Invalid arguments:deadline") from None
        if deadline.tzinfo is None:
            raise KrakenError("EGeneral:Invalid arguments:deadline")
        left_ms = int(deadline.timestamp() * 1000) - self._core.now_ms()
        if left_ms < 0:
            raise KrakenError("EService:Deadline elapsed")
        if left_ms > _MAX_DEADLINE_MS:
            raise KrakenError("EGeneral:Invalid arguments:deadline")

    def cancel_order(self, account: str, form: Form) -> Any:
        coid = form.get("cl_ord_id")
        number = None if coid else rows.id_number("O", form.get("txid", ""))
        if not coid and number is None:
            raise KrakenError("EOrder:Unknown order")
        self._core.cancel(account, venue_order_id=number, client_order_id=coid)
        return {"count": 1}

    def cancel_all(self, account: str, _form: Form) -> Any:
        return {"count": self._cancel_every(account)}

    def _cancel_every(self, account: str) -> int:
        orders = self._core.orders(account, open_only=True)
        for order in orders:
            self._core.cancel(account, venue_order_id=order.venue_order_id)
        return len(orders)

    def cancel_all_after(self, account: str, form: Form) -> Any:
        timeout = _integer(form, "timeout", 0)
        self._timers.set(account, timeout)
        now = self._core.now_ms() // 1000
        moments = (now, now + timeout if timeout else 0)
        current, trigger = (datetime.fromtimestamp(m, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for m in moments)
        return {"currentTime": current, "triggerTime": trigger if timeout else "0"}

    # --- asking

    def query_orders(self, account: str, form: Form) -> Any:
        numbers = [rows.id_number("O", text) for text in form.get("txid", "").split(",")]
        if None in numbers:
            raise KrakenError("EOrder:Invalid order")
        found = [self._core.find(account, venue_order_id=number) for number in numbers]
        return self._listed([order for order in found if order is not None], form)

    def open_orders(self, account: str, form: Form) -> Any:
        coid, start = form.get("cl_ord_id"), _moment_ms(form, "start", 0)
        orders = [
            order
            for order in reversed(self._core.orders(account, open_only=True))
            if coid in {None, order.client_order_id} and order.created_ms >= start
        ]
        return {"open": self._listed(orders, form)}

    def closed_orders(self, account: str, form: Form) -> Any:
        coid = form.get("cl_ord_id")
        start, end = _moment_ms(form, "start", 0), _moment_ms(form, "end", 2**62)
        orders = [
            order
            for order in self._core.orders(account)
            if not order.is_open and coid in {None, order.client_order_id} and start <= order.updated_ms <= end
        ]
        orders.sort(key=lambda order: (order.updated_ms, order.venue_order_id), reverse=True)
        offset = _integer(form, "ofs", 0)
        return {"closed": self._listed(orders[offset : offset + _PAGE], form), "count": len(orders)}

    def _listed(self, orders: Iterable[SimOrder], form: Form) -> Any:
        with_trades = form.get("trades", "").lower() in {"true", "1"}
        return {
            rows.id_text("O", o.venue_order_id): rows.order(o, self._core.specs[o.symbol], with_trades=with_trades)
            for o in orders
        }

    def trades_history(self, account: str, form: Form) -> Any:
        start, end = _moment_ms(form, "start", 0), _moment_ms(form, "end", 2**62)
        found = [(o, f) for o, f in reversed(self._core.fills(account, since_ms=start)) if f.time_ms <= end]
        offset = _integer(form, "ofs", 0)
        page = {
            rows.id_text("T", f.trade_id): rows.fill(o, f, self._core.specs[o.symbol])
            for o, f in found[offset : offset + _PAGE]
        }
        return {"count": len(found), "trades": page}

    def query_trades(self, account: str, form: Form) -> Any:
        wanted = set(form.get("txid", "").split(","))
        return {
            rows.id_text("T", f.trade_id): rows.fill(o, f, self._core.specs[o.symbol])
            for o, f in self._core.fills(account)
            if rows.id_text("T", f.trade_id) in wanted
        }


def _check_coid(coid: str | None) -> None:
    """A UUID, with or without dashes, or up to 18 printable characters."""
    if coid is None or _FREE_TEXT.fullmatch(coid):
        return
    try:
        UUID(coid)
    except ValueError:
        raise KrakenError("EGeneral:Invalid arguments:cl_ord_id") from None


def _time_in_force(form: Form) -> TimeInForce:
    if "post" in form.get("oflags", ""):
        return "post_only"
    words: dict[str, TimeInForce] = {"GTC": "gtc", "IOC": "ioc", "FOK": "fok"}
    word = words.get(form.get("timeinforce", "GTC").upper())
    if word is None:
        raise KrakenError("EGeneral:Invalid arguments:timeinforce")
    return word


def _since_ms(form: Form) -> int:
    """Public trades take whole seconds, or the nanoseconds that `last` answered."""
    since = _integer(form, "since", 0)
    return since // 1_000_000 if since > _LATEST_SECOND else since * 1000


def _moment_ms(form: Form, name: str, default: int) -> int:
    """Kraken counts whole or fractional seconds; `start` may also be an order id, which is not offered here."""
    if name not in form:
        return default
    moment = decimal_or_none(form[name])
    if moment is None:
        raise KrakenError(f"EGeneral:Invalid arguments:{name}")
    return int(moment * 1000)

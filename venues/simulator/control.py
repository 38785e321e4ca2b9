"""The control API: pins, faults, balances, thin books, and the oracle of what each venue really saw.

It has no login and is served on the loopback interface only. Amounts are decimal strings.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from aiohttp import web

from kernel.money import InvalidAmount, canonical, parse_amount
from venues.simulator.core import Level, SimOrder, VenueCore
from venues.simulator.faults import KINDS, OPERATIONS, Fault, Faults
from venues.simulator.prices import PriceSource

Body = dict[str, Any]
_DEFAULT_LEVELS = 20


class Control:
    """Handlers over the cores, the faults and the price source of one process."""

    def __init__(self, cores: dict[str, VenueCore], faults: Faults, prices: PriceSource) -> None:
        self._cores = cores
        self._faults = faults
        self._prices = prices

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/control/prices", _with_body(self.set_prices)),
            web.get("/control/prices", self.get_prices),
            web.post("/control/play-point", _with_body(self.play_point)),
            web.post("/control/free", _with_body(self.free)),
            web.post("/control/faults", _with_body(self.add_fault)),
            web.get("/control/faults", self.list_faults),
            web.get("/control/faults/{id}", self.get_fault),
            web.delete("/control/faults/{id}", self.delete_fault),
            web.post("/control/reset", self.reset),
            web.post("/control/balances", _with_body(self.set_balance)),
            web.get("/control/balances/{venue}", self.get_balances),
            web.get("/control/venues/{venue}/orders", self.get_orders),
            web.get("/control/venues/{venue}/calls", self.get_calls),
            web.post("/control/moves", _with_body(self.set_moves)),
            web.get("/control/addresses/{venue}", self.get_addresses),
            web.get("/control/venues/{venue}/withdrawals", self.get_withdrawals),
            web.post("/control/books", _with_body(self.set_book)),
            web.get("/healthz", self.health),
        ]

    # --- prices

    def set_prices(self, body: Body) -> Any:
        symbol = self._symbol(body)
        price = _positive(body, "price")
        venues = self._venues(body.get("venue") or "all")
        self._prices.pin(symbol, venues, price, exact=bool(body.get("exact")))
        shown = {venue: self._shown(venue, symbol) for venue in venues}
        for view in shown.values():
            view["shown"] = view["mid"] is not None
        return {"seq": self._prices.seq, "venues": shown}

    def play_point(self, body: Body) -> Any:
        return self.set_prices({"symbol": body.get("symbol"), "price": body.get("price"), "venue": "all"})

    def free(self, body: Body) -> Any:
        symbol = self._symbol(body)
        self._prices.free(symbol)
        return {"symbol": symbol, "mode": "generator"}

    async def get_prices(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {symbol: {venue: self._shown(venue, symbol) for venue in self._cores} for symbol in self._prices.symbols}
        )

    def _shown(self, venue: str, symbol: str) -> dict[str, Any]:
        view = self._prices.shown(venue, symbol)
        return {
            "bid": _text(view.bid),
            "ask": _text(view.ask),
            "mid": _text(view.mid),
            "last": _text(view.last),
            "silent": view.silent,
            "mode": self._prices.mode(venue, symbol),
        }

    # --- faults

    def add_fault(self, body: Body) -> Any:
        kind = body.get("kind")
        operation = OPERATIONS.get(body.get("operation") or "place")
        if kind not in KINDS or operation is None:
            raise _Refused(f"kind is one of {', '.join(KINDS)}; operation one of {', '.join(OPERATIONS)}")
        venue = body.get("venue")
        self._venues(venue or "")
        fault = self._faults.add(
            venue=str(venue),
            kind=kind,
            operation=operation,
            count=_whole(body, "count"),
            seconds=_whole(body, "seconds"),
            delay_ms=_whole(body, "delay_ms") or 0,
            retry_after_s=_whole(body, "retry_after_s"),
        )
        return _fault(fault)

    async def list_faults(self, _request: web.Request) -> web.Response:
        return web.json_response({"items": [_fault(fault) for fault in self._faults.list()]})

    async def get_fault(self, request: web.Request) -> web.Response:
        return _fault_or_404(self._faults.find(request.match_info["id"]))

    async def delete_fault(self, request: web.Request) -> web.Response:
        return _fault_or_404(self._faults.remove(request.match_info["id"]))

    async def reset(self, _request: web.Request) -> web.Response:
        self._faults.clear()
        self._prices.reset()
        return web.json_response({"seq": self._prices.seq})

    # --- balances, orders, books

    def set_balance(self, body: Body) -> Any:
        (venue,) = self._venues(body.get("venue") or "", one=True)
        asset, free = str(body.get("asset") or ""), _amount(body, "free")
        if not asset or free < 0:
            raise _Refused("asset and free (not negative) are needed")
        account = str(body.get("account") or main_account(venue))
        self._cores[venue].set_free(account, asset, free)
        return {"venue": venue, "items": self._balances(venue, account)}

    async def get_balances(self, request: web.Request) -> web.Response:
        venue = request.match_info["venue"]
        if venue not in self._cores:
            raise web.HTTPNotFound
        account = request.query.get("account") or main_account(venue)
        return web.json_response({"items": self._balances(venue, account)})

    def _balances(self, venue: str, account: str) -> list[dict[str, str]]:
        rows = self._cores[venue].balances(account)
        return [
            {"asset": asset, "free": canonical(free), "locked": canonical(locked)}
            for asset, (free, locked) in sorted(rows.items())
        ]

    async def get_orders(self, request: web.Request) -> web.Response:
        core = self._cores.get(request.match_info["venue"])
        if core is None:
            raise web.HTTPNotFound
        found = core.every_order(client_order_id=request.query.get("client_order_id"))
        limit = int(request.query.get("limit") or len(found))
        return web.json_response({"items": [_order(order) for order in found[:limit]]})

    async def get_calls(self, request: web.Request) -> web.Response:
        venue = request.match_info["venue"]
        if venue not in self._cores:
            raise web.HTTPNotFound
        return web.json_response({"venue": venue, "calls": self._faults.calls[venue]})

    def set_moves(self, body: Body) -> Any:
        """How long money is on its way, and which networks are closed: `closed` is a list of [deposit|withdraw, asset, network].

        While a venue is `held`, what leaves it arrives nowhere.
        """
        venues = self._venues(body.get("venue") or "all")
        for venue in venues:
            moves = self._cores[venue].moves
            if "delay_ms" in body:
                moves.delay_ms = _whole(body, "delay_ms") or 0
            if "held" in body:
                moves.held = bool(body["held"])
            if "closed" in body:
                moves.closed = {(str(way), str(asset), str(network)) for way, asset, network in body["closed"]}
        return {venue: {"delay_ms": self._cores[venue].moves.delay_ms} for venue in venues}

    async def get_addresses(self, request: web.Request) -> web.Response:
        """Where the venue takes what is sent to our account."""
        venue = request.match_info["venue"]
        core = self._cores.get(venue)
        if core is None:
            raise web.HTTPNotFound
        rails, account = core.moves.rails(), main_account(venue)
        items = [
            {"asset": one.asset, "network": one.network, "address": core.moves.address(account, one.network)}
            for one in rails
        ]
        return web.json_response({"items": items})

    async def get_withdrawals(self, request: web.Request) -> web.Response:
        core = self._cores.get(request.match_info["venue"])
        if core is None:
            raise web.HTTPNotFound
        return web.json_response(
            {
                "items": [
                    {
                        "client_id": one.client_id, "account": one.account, "asset": one.asset, "network": one.network,
                        "amount": canonical(one.amount), "fee": canonical(one.fee), "address": one.address, "txid": one.txid,
                        "state": one.state,
                    }
                    for one in core.moves.every_withdrawal()
                ]
            }
        )  # fmt: skip

    def set_book(self, body: Body) -> Any:
        symbol = self._symbol(body)
        venues = self._venues(body.get("venue") or "")
        for venue in venues:
            market = self._cores[venue].markets[symbol]
            if "depth" in body:
                sizes = [_amount(body, "depth")] * int(body.get("levels") or _DEFAULT_LEVELS)
                market.thin(bids=sizes, asks=list(sizes))
            else:
                bids, asks = _levels(body.get("levels"))
                market.fix_levels(bids=bids, asks=asks)
            self._cores[venue].publish(symbol)
        return {"symbol": symbol, "venues": {venue: self._shown(venue, symbol) for venue in venues}}

    async def health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "venues": sorted(self._cores)})

    # --- what callers name

    def _symbol(self, body: Body) -> str:
        symbol = body.get("symbol")
        if symbol not in self._prices.symbols:
            raise _Refused(f"symbol is one of {', '.join(self._prices.symbols)}")
        return str(symbol)

    def _venues(self, named: str, *, one: bool = False) -> list[str]:
        if named == "all" and not one:
            return list(self._cores)
        if named not in self._cores:
            raise _Refused(f"venue is one of {', '.join(self._cores)}")
        return [named]


class _Refused(Exception):
    """The caller asked for something that does not exist."""


def main_account(venue: str) -> str:
    return f"sim-{venue}-key"


def _with_body(act: Callable[[Body], Any]) -> Callable[[web.Request], Any]:
    """Read a JSON object, answer JSON; what cannot be understood is a 400 that says why."""

    async def handler(request: web.Request) -> web.Response:
        try:
            return web.json_response(act(_object(await request.text())))
        except (json.JSONDecodeError, _Refused, InvalidAmount, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)

    return handler


def _object(text: str) -> Body:
    body = json.loads(text or "{}")
    if not isinstance(body, dict):
        raise _Refused("a JSON object is needed")
    return body


def _amount(body: Body, name: str) -> Decimal:
    return parse_amount(body.get(name))


def _positive(body: Body, name: str) -> Decimal:
    value = _amount(body, name)
    if value <= 0:
        raise _Refused(f"{name} must be positive")
    return value


def _whole(body: Body, name: str) -> int | None:
    value = body.get(name)
    return None if value is None else max(0, int(value))


def _levels(listed: Any) -> tuple[list[Level], list[Level]]:
    if not isinstance(listed, list):
        raise _Refused("levels is a list of [side, price, quantity]")
    sides: dict[str, list[Level]] = {"bid": [], "ask": []}
    for side, price, quantity in listed:
        name = {"buy": "bid", "sell": "ask"}.get(side, side)
        if name not in sides:
            raise _Refused("side is bid or ask")
        sides[name].append((parse_amount(price), parse_amount(quantity)))
    return sides["bid"], sides["ask"]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else canonical(value)


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.id,
        "venue": fault.venue,
        "kind": fault.kind,
        "operation": fault.operation,
        "count": fault.count,
        "delay_ms": fault.delay_ms,
        "retry_after_s": fault.retry_after_s,
        "hits": fault.hits,
    }


def _fault_or_404(fault: Fault | None) -> web.Response:
    if fault is None:
        return web.json_response({"error": "no such fault"}, status=404)
    return web.json_response(_fault(fault))


def _order(order: SimOrder) -> dict[str, Any]:
    created = datetime.fromtimestamp(order.created_ms // 1000, tz=UTC).replace(
        microsecond=order.created_ms % 1000 * 1000
    )
    return {
        "client_order_id": order.client_order_id,
        "venue_order_id": str(order.venue_order_id),
        "symbol": order.symbol,
        "side": order.side,
        "status": order.status,
        "quantity": canonical(order.quantity),
        "filled_quantity": canonical(order.filled_quantity),
        "average_price": _text(order.average_price),
        "limit_price": _text(order.price),
        "time_in_force": order.time_in_force,
        "created_at": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "fills": [
            {
                "trade_id": str(fill.trade_id),
                "price": canonical(fill.price),
                "quantity": canonical(fill.quantity),
                "fee": canonical(fill.fee),
                "fee_asset": fill.fee_asset,
            }
            for fill in order.fills
        ],
    }

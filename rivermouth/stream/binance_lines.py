"""Binance's two kinds of websocket: market streams for everybody, and the ws-api, signed, with orders and one's own events."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from sqlalchemy.exc import SQLAlchemyError
from starlette.websockets import WebSocket

from broker.compat import asks, limits, listen_keys, market_data, service
from broker.compat.errors import Refusal, key_refused, unavailable, unknown_outcome, word
from broker.compat.parameters import Parameters
from broker.orders.waiting import Outcomes
from identity.api_keys import service as api_keys
from identity.api_keys.errors import ApiKeyRefused
from identity.api_keys.service import DEFAULT_WINDOW_MS, Caller
from identity.api_keys.states import Scope
from identity.permissions import Permission
from kernel import log, origin
from kernel.errors import DomainError
from kernel.http.guards import fault_in_json
from rivermouth.stream.binance import UnknownStream
from rivermouth.stream.binance_own import OwnReports
from rivermouth.stream.hub import Hub
from rivermouth.stream.line import Line
from rivermouth.stream.sending import CloseCode

MAX_STREAMS = 200
KEY_EVERY_S = 4.0
_OF_THE_LINE = {"apiKey", "returnRateLimits"}
"""Parameters that are about the connection, not the order."""
_log = log.get("stream")


def _object(text: str) -> dict[str, Any] | None:
    if fault_in_json(text.encode("utf-8", "surrogatepass")) is not None:
        return None
    read = json.loads(text)
    return read if isinstance(read, dict) else None


def _refused(refusal: Refusal) -> dict[str, Any]:
    return {"status": refusal.status, "error": refusal.body()}


def _dump(told: dict[str, Any]) -> str:
    return orjson.dumps(told).decode()


def _has_run_out(listen_key: str) -> bool:
    """False while Valkey is away: nobody is cut off because of it."""
    try:
        return listen_keys.api_key_of(listen_key) is None
    except Refusal:
        return False


class MarketLine(Line):
    """`SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`; `combined` lines name the stream of each event."""

    def __init__(self, hub: Hub, socket: WebSocket, *, combined: bool) -> None:
        super().__init__(socket)
        self._hub, self._combined = hub, combined
        self._address = socket.client.host if socket.client else ""
        self._listened: dict[str, str] = {}  # listen key → API key

    def beside(self) -> list[Coroutine[Any, Any, None]]:
        return [*super().beside(), self._watch_listen_keys()]

    async def follow(self, name: object) -> None:
        """Start a stream.

        Raises:
            UnknownStream: there is none of this name.
        """
        if not isinstance(name, str):
            raise UnknownStream
        if name in self.leave:
            return
        if len(self.leave) >= MAX_STREAMS:
            raise UnknownStream
        if listen_keys.looks_like_one(name):
            await self._listen_to(name)
            return
        await self._hub.binance.join(name, self.out, combined=self._combined)
        self.leave[name] = lambda: self._hub.binance.leave(name, self.out, combined=self._combined)

    async def _listen_to(self, listen_key: str) -> None:
        """The events of whoever made the listen key."""
        try:
            api_key = await asyncio.to_thread(listen_keys.api_key_of, listen_key)
            if api_key is None:
                raise UnknownStream
            caller = await asyncio.to_thread(
                api_keys.authenticate_key, key=api_key, address=self._address, scope=Scope.READ
            )
        except (Refusal, ApiKeyRefused):
            raise UnknownStream from None
        own = OwnReports(self._hub, self.out, self._named(listen_key))
        self.leave[listen_key], self._listened[listen_key] = own.stop, api_key
        await own.start(caller)

    def _named(self, stream: str) -> Callable[[dict[str, Any]], str]:
        return lambda event: _dump({"stream": stream, "data": event} if self._combined else event)

    async def _watch_listen_keys(self) -> None:
        """A listen key that has run out, or whose API key was revoked, tells nothing more."""
        while True:
            await asyncio.sleep(KEY_EVERY_S)
            for listen_key, api_key in list(self._listened.items()):
                if listen_key not in self.leave:
                    del self._listened[listen_key]
                elif not await _still_good(api_key, self._address):
                    self.out.end(CloseCode.SESSION_ENDED)
                elif await asyncio.to_thread(_has_run_out, listen_key):
                    self.leave.pop(listen_key)()
                    told = {"e": "listenKeyExpired", "E": market_data.now_ms(), "listenKey": listen_key}
                    self.out.event(self._named(listen_key)(told))

    async def hear(self, text: str) -> None:
        message = _object(text)
        names = message.get("params", []) if message else None
        if message is None or not isinstance(names, list) or len(names) > MAX_STREAMS:
            self.out.answer(_dump({"error": {"code": 2, "msg": "Invalid request"}, "id": None}))
            return
        number = message.get("id") if isinstance(message.get("id"), int | str) else None
        try:
            self.out.answer(_dump({"result": await self._do(message.get("method"), names), "id": number}))
        except (UnknownStream, SQLAlchemyError):
            self.out.answer(_dump({"error": {"code": 2, "msg": "Invalid request: no such stream"}, "id": number}))

    async def _do(self, method: object, names: list[Any]) -> list[str] | None:
        match method:
            case "SUBSCRIBE":
                for name in names:
                    await self.follow(name)
            case "UNSUBSCRIBE":
                for name in names:
                    if isinstance(name, str) and name in self.leave:
                        self.leave.pop(name)()
            case "LIST_SUBSCRIPTIONS":
                return sorted(self.leave)
            case _:
                raise UnknownStream
        return None


class UserLine(Line):
    """The ws-api. Each request is signed by itself; a subscription goes on until its key is revoked."""

    def __init__(self, hub: Hub, outcomes: Outcomes, socket: WebSocket) -> None:
        super().__init__(socket)
        self._hub, self._outcomes = hub, outcomes
        self._address = socket.client.host if socket.client else ""
        self._key: str | None = None

    def beside(self) -> list[Coroutine[Any, Any, None]]:
        return [self._watch_key()]

    async def hear(self, text: str) -> None:
        message = _object(text)
        number = message.get("id") if message else None
        answer: dict[str, Any] = {"id": number if isinstance(number, int | str) else None, "status": 200}
        writes = bool(message) and str((message or {}).get("method", "")).startswith("order.")
        try:
            if message is None:
                raise Refusal(-1102, "The request is not a JSON object.")  # noqa: TRY301  one answer for all refusals
            with origin.bound(origin.Origin(address=self._address)):
                answer["result"] = await self._do(str(message.get("method")), message.get("params") or {})
        except Refusal as refusal:
            answer |= _refused(refusal)
        except DomainError as error:
            answer |= _refused(word(error))
        except SQLAlchemyError as error:
            _log.warning("database_failed", error=str(error)[:200])
            answer |= _refused(unknown_outcome() if writes else unavailable())
        self.out.answer(_dump({**answer, "rateLimits": []}))

    async def _do(self, method: str, given: object) -> Any:
        if not isinstance(given, dict) or not all(isinstance(v, str | int | bool) for v in given.values()):
            raise Refusal(-1100, "Illegal characters found in a parameter.")
        params = {str(k): str(v).lower() if isinstance(v, bool) else str(v) for k, v in given.items()}
        match method:
            case "ping":
                return {}
            case "time":
                return {"serverTime": market_data.now_ms()}
            case "userDataStream.subscribe.signature":
                caller, _, _ = await self._signed(params, Permission.ORDERS_READ)
                return await self._subscribe(caller, params["apiKey"])
            case "userDataStream.unsubscribe":
                self._unsubscribe()
                return {}
            case "order.place":
                caller, parameters, once = await self._signed(params, Permission.ORDERS_WRITE, Scope.TRADE, orders=1)
                ask = await asyncio.to_thread(asks.read, parameters)
                return await service.place(self._outcomes, caller, ask, key=once)
            case "order.cancel":
                caller, parameters, _ = await self._signed(params, Permission.ORDERS_WRITE, Scope.TRADE)
                return await service.cancel(self._outcomes, caller, parameters)
            case "order.status":
                caller, parameters, _ = await self._signed(params, Permission.ORDERS_READ)
                return await asyncio.to_thread(service.order, caller, parameters)
            case "openOrders.status":
                caller, parameters, _ = await self._signed(params, Permission.ORDERS_READ)
                return await asyncio.to_thread(service.open_orders, caller, parameters)
            case "account.status":
                caller, parameters, _ = await self._signed(params, Permission.BALANCES_READ)
                return await asyncio.to_thread(service.account, caller, parameters)
            case _:
                raise Refusal(-1000, "This method is not offered here.")

    async def _signed(
        self, params: dict[str, str], permission: Permission, scope: Scope = Scope.READ, *, orders: int = 0
    ) -> tuple[Caller, Parameters, str]:
        """Who asks; a request is signed over its parameters in alphabetical order."""
        parameters = Parameters({name: value for name, value in params.items() if name not in _OF_THE_LINE})
        signature, window = parameters.must("signature"), parameters.number("recvWindow")
        payload = "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature").encode()
        caller = await asyncio.to_thread(
            api_keys.authenticate_signed,
            key=params.get("apiKey", ""),
            payload=payload,
            signature=signature,
            timestamp_ms=parameters.must_number("timestamp"),
            recv_window_ms=DEFAULT_WINDOW_MS if window is None else window,
            address=self._address,
            scope=scope,
        )
        if not caller.may(permission):
            raise key_refused()
        await asyncio.to_thread(limits.take, limits.WEIGHT, str(caller.principal_id), 2)
        if orders:
            await asyncio.to_thread(limits.take, limits.ORDERS, str(caller.principal_id), orders)
        once = hashlib.sha256(payload + signature.encode()).hexdigest()
        return caller, parameters, f"compat:{once[:48]}"

    async def _subscribe(self, caller: Caller, key: str) -> dict[str, Any]:
        if self._key is None:
            self._key = key
            own = OwnReports(self._hub, self.out, lambda event: _dump({"subscriptionId": 0, "event": event}))
            self.leave["own"] = own.stop
            await own.start(caller)
        elif key != self._key:
            raise Refusal(-1000, "One key per connection.")
        return {"subscriptionId": 0}

    def _unsubscribe(self) -> None:
        self._key = None
        while self.leave:
            self.leave.popitem()[1]()

    async def _watch_key(self) -> None:
        """A revoked key hears nothing more."""
        while True:
            await asyncio.sleep(KEY_EVERY_S)
            if self._key is None:
                continue
            if not await _still_good(self._key, self._address):
                self.out.end(CloseCode.SESSION_ENDED)


async def _still_good(key: str, address: str) -> bool:
    """Nobody is cut off because the database is away."""
    try:
        await asyncio.to_thread(api_keys.authenticate_key, key=key, address=address, scope=Scope.READ)
    except ApiKeyRefused:
        return False
    except SQLAlchemyError as error:
        _log.warning("keys_not_read", error=str(error)[:200])
    return True

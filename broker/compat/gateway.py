"""The frame around every route of the gateway: who signed, how much it weighs, and refusals in Binance's words.

These routes know no session: a signed one is judged by the key and signature in the request itself. Binance's dialect signs the
parameters alone, neither method nor path, and carries no nonce; so its keys can never move money out, and the very same signed request
is the very same order.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

import psycopg
import sqlalchemy.exc
from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.responses import Response

from broker.compat import limits
from broker.compat.errors import Refusal, bad_signature, fault, key_refused, unavailable, unknown_outcome, word
from broker.compat.parameters import Parameters
from broker.compat.schemas import RefusalOut
from identity.api_keys import service as api_keys
from identity.api_keys.service import DEFAULT_WINDOW_MS, Caller
from identity.api_keys.states import Scope
from identity.permissions import Permission
from kernel import log, origin
from kernel.errors import DomainError

_log = log.get("compat")
_DATABASE = (sqlalchemy.exc.SQLAlchemyError, psycopg.Error)
_SIGNATURE = re.compile(r"(?:^|&)signature=[^&]*")
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived; `payload` is what its signature covers."""

    parameters: Parameters
    payload: bytes
    key: str
    address: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A request of somebody known. `once` names it: the same signed bytes have the same one."""

    caller: Caller
    parameters: Parameters
    once: str


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request of somebody known by the key alone."""

    key: str
    parameters: Parameters


async def read_call(request: Request) -> Call:
    query = request.url.query
    form = (await request.body()).decode("utf-8", "replace")
    return Call(
        parameters=Parameters.read(query, form),
        payload=(_unsigned(query) + _unsigned(form)).encode("utf-8", "replace"),
        key=request.headers.get("x-mbx-apikey", ""),
        address=origin.address_of(request),
    )


def _unsigned(text: str) -> str:
    return _SIGNATURE.sub("", text).removeprefix("&")


AnyCall = Annotated[Call, Depends(read_call)]


def asked(weight: int) -> Any:
    """An open request of this weight; the route gets its `Parameters`."""

    def take(request: Request, call: AnyCall) -> Parameters:
        request.state.weight = limits.take(limits.WEIGHT, call.address, weight)
        return call.parameters

    return Depends(take)


def signed(permission: Permission, *, scope: Scope = Scope.READ, weight: int = 1, orders: int = 0) -> Any:
    """A signed request whose key has this scope and whose owner has this permission; the route gets `Signed`.

    Args:
        orders: how many orders it counts for.
    """

    def authenticate(request: Request, call: AnyCall) -> Signed:
        if not call.key:
            raise Refusal(-2014, "API-key format invalid.", status=401)
        given = call.parameters
        timestamp, window = given.must_number("timestamp"), given.number("recvWindow")
        signature = given.must("signature")
        try:
            caller = api_keys.authenticate_signed(
                key=call.key,
                payload=call.payload,
                signature=signature,
                timestamp_ms=timestamp,
                recv_window_ms=DEFAULT_WINDOW_MS if window is None else window,
                address=call.address,
                scope=scope,
            )
        except UnicodeError:
            raise bad_signature() from None
        if not caller.may(permission):
            raise key_refused()
        who = str(caller.principal_id)
        request.state.weight = limits.take(limits.WEIGHT, who, weight)
        if orders:
            request.state.orders = limits.take(limits.ORDERS, who, orders)
        digest = hashlib.sha256(call.payload + signature.encode()).hexdigest()
        return Signed(caller, given, f"compat:{digest[:48]}")

    return Depends(authenticate)


def keyed(permission: Permission, *, weight: int = 2) -> Any:
    """A request that is known by its key alone, unsigned, because it reveals and changes nothing; the route gets `Keyed`."""

    def authenticate(request: Request, call: AnyCall) -> Keyed:
        if not call.key:
            raise Refusal(-2014, "API-key format invalid.", status=401)
        caller = api_keys.authenticate_key(key=call.key, address=call.address, scope=Scope.READ)
        if not caller.may(permission):
            raise key_refused()
        request.state.weight = limits.take(limits.WEIGHT, str(caller.principal_id), weight)
        return Keyed(call.key, call.parameters)

    return Depends(authenticate)


class GatewayRoute(APIRoute):
    """Answers refusals as `{"code", "msg"}` and tells every bot how much of its budget is used."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()
        writes = "GET" not in (self.methods or ())

        async def handle(request: Request) -> Response:
            try:
                response = await inner(request)
            except Refusal as refusal:
                response = _refused(refusal)
            except DomainError as error:
                response = _refused(word(error))
            except (*_DATABASE, OSError) as error:
                _log.warning("database_failed", path=request.url.path, error=str(error)[:300])
                response = _refused(unknown_outcome() if writes else unavailable())
            except Exception:  # noqa: BLE001  whatever it is, a bot must hear it in words that it knows
                _log.exception("unhandled", path=request.url.path)
                response = _refused(unknown_outcome() if writes else fault())
            state = request.state
            response.headers["X-MBX-USED-WEIGHT-1M"] = str(getattr(state, "weight", 0))
            if hasattr(state, "orders"):
                response.headers["X-MBX-ORDER-COUNT-10S"] = str(state.orders)
            response.headers["Cache-Control"] = "no-store"
            return response

        return handle


def _refused(refusal: Refusal) -> Response:
    headers = {} if refusal.retry_after_s is None else {"Retry-After": str(refusal.retry_after_s)}
    return JSONResponse(refusal.body(), status_code=refusal.status, headers=headers)


def _either() -> dict[str, Any]:
    refusal = {"schema": {"$ref": f"#/components/schemas/{RefusalOut.__name__}"}}
    return {"application/json": refusal, "application/problem+json": {"schema": _PROBLEM}}


def refusals(*more: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route of the gateway; guards that stand before all routes still speak problem+json."""
    texts = {
        400: "Refused, in Binance's codes.",
        401: "No such key, not from here, or not for this (-2014, -2015).",
        409: "Half of a cancel-replace was done (-2021).",
        429: "Too much in too short a time (-1003, -1015); `Retry-After` says how long to wait.",
        500: "A fault of ours, which is logged (-1000).",
        503: "Not available (-1001), or it is unknown whether it was done (-1007): ask before doing it again.",
    }
    first: dict[str, Any] = {"model": RefusalOut, "description": texts[400], "content": _either()}
    others: dict[int | str, dict[str, Any]] = {
        status: {"description": texts[status], "content": _either()} for status in (429, 500, 503, *more)
    }
    return {400: first, **others}

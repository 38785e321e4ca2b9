"""Guards that stand before every route, as plain ASGI: they cost no task of their own and see bodies as they arrive.

`BodyGuard` reads the whole body (1 MiB at most, or what the few `LargerBodies` may, chunked or not) before a route starts, and lets
JSON pass only if it means the same to every reader: UTF-8, no name twice in one object, no NaN, infinity or number that becomes one,
no NUL and no half surrogate (Postgres has no such text), at most 32 levels deep.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message as EmailMessage
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel import log, origin
from kernel.http.problems import internal, problem_response, request_id_of
from kernel.ids import uuid7
from kernel.metrics import HTTP_SECONDS

MAX_DEPTH = 32
_REQUEST_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)
_CONTROL = re.compile(rb"%(0[0-9a-f]|1[0-9a-f]|7f)", re.IGNORECASE)
_log = log.get("http")


class RequestContext:
    """Give each request an id (the caller's, if it is a decent one), in the answer and on every log line; measure it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = _header(scope, b"x-request-id").decode("latin-1")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid7())
        scope.setdefault("state", {})["request_id"] = request_id
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        started = time.perf_counter()
        client = scope.get("client")
        came_from = origin.Origin(request_id=request_id, address=client[0] if client else None)
        with structlog.contextvars.bound_contextvars(request_id=request_id), origin.bound(came_from):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                template = getattr(scope.get("route"), "path", "") or "unrouted"
                HTTP_SECONDS.labels(scope["method"] if template != "unrouted" else "", template, str(status)).observe(
                    time.perf_counter() - started
                )


class LastResort:
    """Whatever no handler knows is a fault of ours: logged with its trace, answered with 500 and the request id."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            _log.exception("unhandled", method=scope["method"], path=scope["path"])
            if started:
                raise
            await internal(scope)(scope, receive, send)


class TextGuard:
    """No control characters in path and query: no route wants one, and Postgres refuses NUL."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (not scope["path"].isprintable() or _CONTROL.search(scope["query_string"])):
            await _refuse(scope, "control characters in the address")(scope, receive, send)
            return
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class LargerBodies:
    """POSTs to paths of this form may carry this much."""

    path: re.Pattern[str]
    max_body: int


class BodyGuard:
    """Hold the whole body, bounded; refuse JSON that different readers would read differently."""

    def __init__(self, app: ASGIApp, max_body: int, larger: Sequence[LargerBodies] = ()) -> None:
        self.app = app
        self.max_body = max_body
        self.larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self._most(scope)
        announced = _header(scope, b"content-length")
        if announced.isdigit() and int(announced) > most:
            await self._too_large(scope, most)(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if len(body) > most:
                await self._too_large(scope, most)(scope, receive, send)
                return
            more = message.get("more_body", False)
        if body and is_json(_header(scope, b"content-type")):
            fault = fault_in_json(bytes(body))
            if fault is not None:
                await _refuse(scope, fault)(scope, receive, send)
                return
        await self.app(scope, _replay(bytes(body), receive), send)

    def _most(self, scope: Scope) -> int:
        if scope["method"] != "POST":
            return self.max_body
        return next((one.max_body for one in self.larger if one.path.fullmatch(scope["path"])), self.max_body)

    def _too_large(self, scope: Scope, most: int) -> Response:
        return problem_response(
            status=413,
            code="body_too_large",
            title="The body is larger than this server reads.",
            detail=f"at most {most} bytes",
            request_id=request_id_of(scope),
            headers={"Connection": "close"},  # the rest of the body is not read
        )


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()  # a disconnect, later
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _refuse(scope: Scope, detail: str) -> Response:
    return problem_response(
        status=400,
        code="invalid_request",
        title="The request is not well formed.",
        detail=detail,
        request_id=request_id_of(scope),
    )


def _header(scope: Scope, name: bytes) -> bytes:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


@lru_cache(256)
def is_json(content_type: bytes) -> bool:
    """Whether the framework behind us will read a body of this type as JSON: asked as it asks, so that no spelling gets past us."""
    message = EmailMessage()
    message["content-type"] = content_type.decode("latin-1")
    subtype = message.get_content_subtype()
    return message.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))


class _Fault(ValueError):
    """What is wrong with a JSON text."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Fault("the same name twice in one JSON object")
    return made


def _no_constant(_name: str) -> Any:
    raise _Fault("NaN and infinity are not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise _Fault("a JSON number that is too large")
    return number


def fault_in_json(body: bytes) -> str | None:
    """What makes this body unfit, in words for its sender; None when it is fine."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite)
    except _Fault as fault:
        return str(fault)
    except RecursionError:
        return "the JSON is nested too deeply"
    except ValueError:
        return "the body is not JSON"
    return _fault_in_value(value)


def _fault_in_value(value: Any) -> str | None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, str):
                if not _is_text(item):
                    return "NUL or half a surrogate pair in a string"
            elif isinstance(item, dict):
                inner.extend(item)
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return None
        level = inner
    return "the JSON is nested too deeply"


def _is_text(value: str) -> bool:
    if value.isascii():
        return "\0" not in value
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value

"""What stands at the very edge of the API: heads of a bounded size, headers that keep browsers careful, few new websockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel import rates
from kernel.http.problems import problem_response, request_id_of
from kernel.rates import Rate, TooManyRequests

MAX_HEAD = 32 * 1024
MAX_AUTHORIZATION = 8 * 1024
MAX_HEADERS = 100
_LINE = 4  # what a header takes on the wire beside its name and value

SAFE_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # An answer of the API is no page: whatever is in it, a browser loads, runs and frames nothing.
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cache-control", b"no-store"),
)
"""Given to every answer that does not say otherwise itself, as pages of the console do."""
TRANSPORT_SECURITY = (b"strict-transport-security", b"max-age=31536000")


class SafeHeaders:
    """Add what is missing of `SAFE_HEADERS`; over https also that only https is good from now on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wanted = (*SAFE_HEADERS, TRANSPORT_SECURITY) if scope["scheme"] == "https" else SAFE_HEADERS

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                said = {name.lower() for name, _ in given}
                message["headers"] = [*given, *(header for header in wanted if header[0] not in said)]
            await send(message)

        await self.app(scope, receive, send_safely)


class HeadGuard:
    """No head that is larger than any client of ours has a reason for, before anything in it is looked at.

    The server has read it by then; that it never reads without an end is the business of `rivermouth.heads`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and (fault := fault_in_head(scope["headers"], _line(scope))):
            await _refuse(head_too_large(scope, fault), scope, receive, send)
            return
        await self.app(scope, receive, send)


def _line(scope: Scope) -> int:
    return len(scope.get("raw_path") or b"") + len(scope.get("query_string", b""))


def fault_in_head(headers: Iterable[tuple[bytes, bytes]], line: int = 0) -> str | None:
    """What is too large, in words for its sender; None when nothing is."""
    count, size = 0, line
    for name, value in headers:
        count += 1
        size += len(name) + len(value) + _LINE
        if name == b"authorization" and len(value) > MAX_AUTHORIZATION:
            return f"at most {MAX_AUTHORIZATION} bytes of Authorization"
    if count > MAX_HEADERS:
        return f"at most {MAX_HEADERS} headers"
    return f"at most {MAX_HEAD} bytes of headers and address" if size > MAX_HEAD else None


def head_too_large(scope: Scope, detail: str) -> Response:
    return problem_response(
        status=431,
        code="head_too_large",
        title="The address and headers are larger than this server reads.",
        detail=detail,
        request_id=request_id_of(scope),
        headers={"Connection": "close"},
    )


class SocketGuard:
    """So many new websockets from one address, whatever they are for; one too many is refused before it is accepted."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            client = scope.get("client")
            try:
                await asyncio.to_thread(rates.take, Rate.STREAMS, rates.network(client[0] if client else None))
            except TooManyRequests as refusal:
                await _refuse(_too_many(scope, refusal), scope, receive, send)
                return
        await self.app(scope, receive, send)


def _too_many(scope: Scope, refusal: TooManyRequests) -> Response:
    return problem_response(
        status=refusal.status,
        code=refusal.code,
        title=refusal.title(),
        request_id=request_id_of(scope),
        extra=refusal.extra,
        headers={"Retry-After": str(refusal.extra["retry_after_s"])},
    )


async def _refuse(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await response(scope, receive, send)
        return
    await receive()  # the handshake
    await send({"type": "websocket.close", "code": 1013})

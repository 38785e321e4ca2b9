"""What really crosses the wire during one call: counted, limited, and read back without trusting the client library.

A client library instance serves many calls at once, so "the last response headers" of the instance belong to anybody. Here every call
opens a scope (a context variable, hence its own per task); the HTTP session's trace hooks write into the scope of the task that sends.
That gives three things: headers for one call alone, proof that nothing was sent, and a second request of a call that may send
only one is stopped before it leaves. Redirects are refused: an order must not wander to another host.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace

import aiohttp
import certifi

from venues.errors import Reply

CONNECTIONS = 64


class SecondSend(RuntimeError):
    """A call that may send one request tried to send another one; it was stopped."""


class Redirected(RuntimeError):
    """The venue answered with a redirect, which is not followed."""


@dataclass(slots=True)
class CallScope:
    """One call. `sent` counts the requests that were handed to the network; `reply` is the last answer."""

    headers: Mapping[str, str] = field(default_factory=dict)
    at_most: int | None = None
    sent: int = 0
    reply: Reply | None = None


_scope: ContextVar[CallScope | None] = ContextVar("venue_call", default=None)


@contextmanager
def call_scope(*, headers: Mapping[str, str] | None = None, at_most: int | None = None) -> Iterator[CallScope]:
    """Watch the requests of one call; `headers` are added to each of them and to nobody else's."""
    scope = CallScope(headers=headers or {}, at_most=at_most)
    token = _scope.set(scope)
    try:
        yield scope
    finally:
        _scope.reset(token)


def session(*, encrypted: bool) -> aiohttp.ClientSession:
    """An HTTP session whose requests report to the scope of their task. Needs a running loop."""
    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(_on_start)
    trace.on_request_redirect.append(_on_redirect)
    trace.on_request_end.append(_on_end)
    trace.on_response_chunk_received.append(_on_chunk)
    context = ssl.create_default_context(cafile=certifi.where()) if encrypted else False
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, ssl=context)
    return aiohttp.ClientSession(connector=connector, trace_configs=[trace], trust_env=False)


async def _on_start(_: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestStartParams) -> None:
    scope = _scope.get()
    if scope is None:
        return
    if scope.at_most is not None and scope.sent >= scope.at_most:
        raise SecondSend(f"stopped a further request to {params.url.path}")
    scope.sent += 1
    scope.reply = None
    params.headers.extend(scope.headers)


async def _on_redirect(
    _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestRedirectParams
) -> None:
    raise Redirected(f"{params.url.host} redirects")


async def _on_end(_: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
    scope = _scope.get()
    if scope is not None:
        body = scope.reply.body if scope.reply else ""
        scope.reply = Reply(params.response.status, body, _seconds(params.response.headers.get("Retry-After")))


async def _on_chunk(
    _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceResponseChunkReceivedParams
) -> None:
    scope = _scope.get()
    if scope is not None:
        body = params.chunk.decode("utf-8", errors="replace")
        known = scope.reply or Reply(0, "")
        scope.reply = Reply(known.status, body, known.retry_after_s)


def _seconds(header: str | None) -> float | None:
    return float(header) if header is not None and header.strip().isdigit() else None

"""What every HTTP route shares: problem+json for each refusal, guards before the routes, pages and idempotency keys.

`install(app)` sets up the handlers and middlewares of an application; the rest are the pieces that route modules use.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware import Middleware

from kernel.http.edges import HeadGuard, SafeHeaders, SocketGuard
from kernel.http.guards import BodyGuard, LargerBodies, LastResort, RequestContext, TextGuard
from kernel.http.keys import IdempotencyKey
from kernel.http.problems import Problem, add_handlers, problem_response, problem_responses
from kernel.paging import InvalidCursor, Page, cut, decode_cursor, encode_cursor

__all__ = [
    "IdempotencyKey",
    "InvalidCursor",
    "LargerBodies",
    "Page",
    "Problem",
    "cut",
    "decode_cursor",
    "encode_cursor",
    "install",
    "middlewares",
    "problem_response",
    "problem_responses",
]

MAX_BODY = 1024 * 1024


def middlewares(
    *, max_body: int = MAX_BODY, larger: Sequence[LargerBodies] = (), outside: Sequence[Middleware] = ()
) -> list[Middleware]:
    """From the outermost in: request id, careful headers, the catch of last resort, what bounds heads, sockets, texts and bodies.

    Args:
        larger: the few addresses whose bodies may be larger, each with its own most.
        outside: what must have its say about refusals too.
    """
    return [
        Middleware(RequestContext),
        Middleware(SafeHeaders),
        *outside,
        Middleware(LastResort),
        Middleware(HeadGuard),
        Middleware(SocketGuard),
        Middleware(TextGuard),
        Middleware(BodyGuard, max_body=max_body, larger=larger),
    ]


def install(app: FastAPI) -> None:
    """Answer every refusal of this application as problem+json."""
    add_handlers(app)

"""What every HTTP route shares: problem+json for each refusal, guards before the routes, pages and idempotency keys.

`install(app)` sets up the handlers and middlewares of an application; the rest are the pieces that route modules use.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware import Middleware

from kernel.http.guards import BodyGuard, LastResort, RequestContext, TextGuard
from kernel.http.keys import IdempotencyKey
from kernel.http.problems import Problem, add_handlers, problem_response, problem_responses
from kernel.paging import InvalidCursor, Page, decode_cursor, encode_cursor

__all__ = [
    "IdempotencyKey",
    "InvalidCursor",
    "Page",
    "Problem",
    "decode_cursor",
    "encode_cursor",
    "install",
    "middlewares",
    "problem_response",
    "problem_responses",
]

MAX_BODY = 1024 * 1024


def middlewares(*, max_body: int = MAX_BODY) -> list[Middleware]:
    """From the outermost in: request id, the catch of last resort, no control characters in the address, small and clean bodies."""
    return [
        Middleware(RequestContext),
        Middleware(LastResort),
        Middleware(TextGuard),
        Middleware(BodyGuard, max_body=max_body),
    ]


def install(app: FastAPI) -> None:
    """Answer every refusal of this application as problem+json."""
    add_handlers(app)

"""Injected trouble: which fault strikes the next call of a venue, and how often each has struck.

A fault waits for calls of one operation and is taken once per call. Faults of the wire (a dropped connection,
a slow or broken answer, a refusal) act in the middleware around every dialect; the others inside the core.
"""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from aiohttp import web

from venues.simulator.listings import Right

Operation = Literal["place", "cancel", "ask", "book", "balances", "stream", "withdraw", "moves", "any"]
OPERATIONS: dict[str, Operation] = {name: name for name in get_args(Operation)}
WIRE_KINDS = frozenset(
    {
        "drop_before_accept",
        "drop_after_accept",
        "http_503",
        "http_429",
        "http_418",
        "slow",
        "bad_json",
        "maintenance",
    }
)
REFUSALS = frozenset({"http_503", "http_429", "http_418", "maintenance"})
OPENING_KINDS = REFUSALS | {"drop_before_accept", "slow"}
# Faults of the core act at one place only, whatever operation was named.
CORE_KINDS: dict[str, Operation] = {
    "partial_fill": "place",
    "no_balance": "place",
    "invisible": "place",
    "sequence_gap": "stream",
    "stale_book": "book",
    "withdraw_refused": "withdraw",
    "withdraw_fails": "withdraw",
    "slow_arrival": "withdraw",
    "short_arrival": "withdraw",
    "late_history": "withdraw",
}
RIGHTS: dict[str | None, Right] = {"place": "trade", "cancel": "trade", "withdraw": "withdraw"}
"""What a key must have been given for an operation; anything else it may read."""
KINDS = tuple(sorted(WIRE_KINDS | set(CORE_KINDS)))


@dataclass(slots=True)
class Fault:
    """For `count` calls, until `until` (monotonic seconds), or until it is removed when neither is set."""

    id: str
    venue: str
    kind: str
    operation: Operation
    count: int | None
    until: float | None
    delay_ms: int
    retry_after_s: int | None
    hits: int = 0

    def active(self, now: float) -> bool:
        if self.until is not None and now >= self.until:
            return False
        return self.count is None or self.hits < self.count


class Faults:
    """All faults of one simulator process."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._numbers = itertools.count(1)
        self.calls: Counter[str] = Counter()  # requests and opened streams per venue, whatever became of them

    def add(
        self,
        *,
        venue: str,
        kind: str,
        operation: Operation = "place",
        count: int | None = None,
        seconds: float | None = None,
        delay_ms: int = 0,
        retry_after_s: int | None = None,
    ) -> Fault:
        fault = Fault(
            id=f"f{next(self._numbers)}",
            venue=venue,
            kind=kind,
            operation=CORE_KINDS.get(kind, operation),
            count=count,
            until=None if seconds is None else time.monotonic() + seconds,
            delay_ms=delay_ms,
            retry_after_s=retry_after_s,
        )
        self._faults[fault.id] = fault
        return fault

    def find(self, fault_id: str) -> Fault | None:
        return self._faults.get(fault_id)

    def remove(self, fault_id: str) -> Fault | None:
        return self._faults.pop(fault_id, None)

    def list(self) -> list[Fault]:
        return list(self._faults.values())

    def clear(self) -> None:
        self._faults.clear()

    def take(
        self, venue: str, operation: str, kinds: frozenset[str] | None = None, *, pushed: bool = False
    ) -> Fault | None:
        """The oldest active fault for this call, counted as a hit; `kinds` narrows what may strike here.

        What a venue pushes unasked (`pushed`) is no call: a counted fault on `any` does not wear out on it,
        one that lasts (a dead venue) strikes it too.
        """
        now = time.monotonic()
        for fault in self._faults.values():
            if fault.venue not in {venue, "all"} or fault.operation not in {operation, "any"}:
                continue
            if pushed and fault.operation == "any" and fault.count is not None:
                continue
            if kinds is not None and fault.kind not in kinds:
                continue
            if fault.active(now):
                fault.hits += 1
                return fault
        return None


class Dialect(Protocol):
    """What a dialect module offers to the server; REST and websocket paths lie under /<venue>."""

    def operation_of(self, request: web.Request) -> str | None:
        """Return place, cancel, ask, book, balances, stream, withdraw, moves, or None for calls no fault touches but `any`."""

    def fault_response(self, kind: str, fault: Fault) -> web.Response:
        """The venue's own answer for http_503, http_429, http_418 and maintenance."""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def fault_middleware(dialects: dict[str, Dialect], faults: Faults) -> Callable[..., Awaitable[web.StreamResponse]]:
    """One middleware for all REST dialects: `dialects` maps a venue to its module."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        venue = request.path.split("/", 2)[1]
        dialect = dialects.get(venue)
        if dialect is None:
            return await handler(request)
        faults.calls[venue] += 1
        operation = dialect.operation_of(request) or "other"
        # The body is read first: a dropped connection is one whose request the venue has received whole.
        await request.read()
        # What a websocket sends is struck where it is sent; here only its opening can be.
        fault = faults.take(venue, operation, OPENING_KINDS if operation == "stream" else WIRE_KINDS)
        if fault is None:
            return await handler(request)
        return await _strike(request, handler, dialect, fault)

    return middleware


async def _strike(request: web.Request, handler: Handler, dialect: Dialect, fault: Fault) -> web.StreamResponse:
    if fault.kind in REFUSALS:
        response = dialect.fault_response(fault.kind, fault)
        if fault.retry_after_s is not None:
            response.headers["Retry-After"] = str(fault.retry_after_s)
        return response
    if fault.kind == "drop_before_accept":
        return _hang_up(request)
    if fault.kind == "slow":
        # Before the venue looks at it: a late order meets the venue's own validity window.
        await asyncio.sleep(fault.delay_ms / 1000)
        return await handler(request)
    answer = await handler(request)
    if fault.kind == "drop_after_accept":
        return _hang_up(request)
    return _truncated(answer)


def _hang_up(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _truncated(answer: web.StreamResponse) -> web.StreamResponse:
    body = answer.body if isinstance(answer, web.Response) else None
    if not isinstance(body, bytes):
        return answer
    return web.Response(status=200, body=body[: max(1, len(body) // 2)], content_type="application/json")

"""Where a piece of work comes from: the request, its address, and who sent it, for whoever writes down what was done.

A request's origin is made before its route and completed by whoever finds out who calls. It is one object that every copy of the
context points to: dependencies and endpoints run in threads with copies, and what one of them sets in its own copy nobody else sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from starlette.requests import HTTPConnection


@dataclass(slots=True)
class Origin:
    """`session_id` or `api_key_id`: what the caller was known by; neither for a request that proves itself otherwise, as a login does."""

    request_id: str | None = None
    address: str | None = None
    principal: UUID | None = None
    roles: tuple[str, ...] = ()
    session_id: UUID | None = None
    api_key_id: UUID | None = None
    tenant: UUID | None = None


def address_of(connection: HTTPConnection) -> str:
    """Where a request comes from, as the connection says or a proxy that the operator named; empty for a socket of this machine."""
    return connection.client.host if connection.client else ""


_current: ContextVar[Origin | None] = ContextVar("origin", default=None)


def current() -> Origin | None:
    """None in work that nobody asked for at this moment: schedules, consumers, the command line."""
    return _current.get()


@contextmanager
def bound(origin: Origin) -> Iterator[Origin]:
    """What is done inside, in any thread, comes from there."""
    token = _current.set(origin)
    try:
        yield origin
    finally:
        _current.reset(token)


def caller(
    *,
    principal: UUID,
    roles: Iterable[str],
    session_id: UUID | None = None,
    api_key_id: UUID | None = None,
    tenant: UUID | None = None,
) -> None:
    """Note who sent the present request; without a request there is nobody to note."""
    origin = _current.get()
    if origin is not None:
        origin.principal, origin.roles = principal, tuple(sorted(roles))
        origin.session_id, origin.api_key_id = session_id, api_key_id
        origin.tenant = tenant

"""Errors that a caller can act on: each has a stable code, an HTTP status and one sentence that explains it.

A programmer's mistake is an assertion, not one of these. A time-out of the outside world is not one either: it is *unknown*.
"""

from __future__ import annotations

from typing import Any, ClassVar


class DomainError(Exception):
    """Base of all refusals; `extra` is shown to the caller beside code and detail, so it must be free of secrets."""

    code: ClassVar[str] = "domain_error"
    status: ClassVar[int] = 400

    def __init__(self, detail: str | None = None, **extra: Any) -> None:
        self.detail = detail or self.title()
        self.extra = extra
        super().__init__(self.detail)

    @classmethod
    def title(cls) -> str:
        """The first line of the class's docstring: what this code means in general."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


class InvalidRequest(DomainError):
    """The request is not well formed."""

    code = "invalid_request"
    status = 400


class Unauthorized(DomainError):
    """A valid session is needed."""

    code = "unauthorized"
    status = 401


class Forbidden(DomainError):
    """Your roles do not permit this."""

    code = "forbidden"
    status = 403


class NotFound(DomainError):
    """There is no such thing, or it is not yours."""

    code = "not_found"
    status = 404


class Conflict(DomainError):
    """The request does not fit the present state."""

    code = "conflict"
    status = 409


class IdempotencyConflict(DomainError):
    """This Idempotency-Key was used before with another request."""

    code = "idempotency_conflict"
    status = 409


class InvalidTransition(DomainError):
    """The thing is in a state that does not allow this step."""

    code = "invalid_transition"
    status = 409


class Unavailable(DomainError):
    """A part that this request needs does not answer at the moment; try again."""

    code = "unavailable"
    status = 503

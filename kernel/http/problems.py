"""Refusals as `application/problem+json` (RFC 9457): a stable `code`, one sentence, and the id of the request.

A refusal never repeats the caller's input: it may hold a password, half a character, or a number that JSON cannot say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

import orjson
import psycopg
import sqlalchemy.exc
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import Response

from kernel import log
from kernel.errors import DomainError

MEDIA_TYPE = "application/problem+json"
BUSY = ("40001", "40P01", "55P03", "57014", "25P03", "25P04")  # conflicts and time limits: the server lives
_AWAY = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.PendingRollbackError,
    sqlalchemy.exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
_MAX_ERRORS = 20
_log = log.get("http")


class FieldError(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    message: str


class Problem(BaseModel):
    """Why a request was refused. `code` is stable and made for programs, `detail` for people."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[FieldError] | None = None


def _default(value: object) -> Any:
    return str(value)


def problem_response(  # one place builds them all
    *,
    status: int,
    code: str,
    title: str,
    detail: str | None = None,
    request_id: str = "",
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = {
        **(extra or {}),
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail or title,
        "request_id": request_id,
    }
    return Response(
        orjson.dumps(body, default=_default),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def request_id_of(scope: Mapping[str, Any]) -> str:
    return str(scope.get("state", {}).get("request_id", ""))


def _domain(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    headers: dict[str, str] = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_s" in error.extra:
        headers["Retry-After"] = str(error.extra["retry_after_s"])
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("request_failed", code=error.code, detail=error.detail)
    return problem_response(
        status=error.status,
        code=error.code,
        title=error.title(),
        detail=error.detail,
        request_id=request_id_of(request.scope),
        extra=error.extra,
        headers=headers,
    )


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [
        {"field": ".".join(_printable(part) for part in e["loc"]), "message": _printable(_sentence(e))}
        for e in error.errors()[:_MAX_ERRORS]
    ]
    return problem_response(
        status=400,
        code="invalid_request",
        title="The request is not well formed.",
        detail="; ".join(f"{e['field']}: {e['message']}" for e in found[:3]),
        request_id=request_id_of(request.scope),
        extra={"errors": found},
    )


def _sentence(error: Any) -> str:
    """What the library says, but for secrets, whose characters it calls items."""
    told = error.get("ctx", {})
    if error["type"] == "too_short" and told.get("field_type") == "Value":
        return f"must have at least {told['min_length']} characters"
    if error["type"] == "too_long" and told.get("field_type") == "Value":
        return f"must have at most {told['max_length']} characters"
    return str(error["msg"])


def _printable(part: object) -> str:
    """Names of unknown fields come from the caller: shortened, and only what every terminal can show."""
    text = "".join(c if c.isprintable() else "?" for c in str(part)[:200])
    return text.encode("utf-8", "replace").decode()


_WORDS = {
    400: ("invalid_request", "The request is not well formed."),
    401: ("unauthorized", "A valid session is needed."),
    403: ("forbidden", "Your roles do not permit this."),
    404: ("not_found", "There is no such thing, or it is not yours."),
    405: ("method_not_allowed", "This address does not know this method."),
    413: ("body_too_large", "The body is larger than this server reads."),
}


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, title = _WORDS.get(error.status_code, (f"http_{error.status_code}", HTTPStatus(error.status_code).phrase))
    return problem_response(
        status=error.status_code,
        code=code,
        title=title,
        request_id=request_id_of(request.scope),
        headers=error.headers or {},
    )


def _database(request: Request, error: Exception) -> Response:
    """Postgres is away, or so busy that it gave this transaction up: both pass, so both are 503. The rest is a fault of ours."""
    original = getattr(error, "orig", None) or error
    state = getattr(original, "sqlstate", None)
    busy = state in BUSY or isinstance(error, sqlalchemy.exc.TimeoutError)
    if not busy and not isinstance(error, _AWAY) and not getattr(error, "connection_invalidated", False):
        _log.error("unhandled", path=request.url.path, exc_info=error)
        return internal(request.scope)
    _log.error("database_failed", sqlstate=state, error=str(original).strip()[:300])
    return problem_response(
        status=503,
        code="database_busy" if busy else "database_unavailable",
        title="The database is busy; try again." if busy else "The database does not answer; try again.",
        request_id=request_id_of(request.scope),
        headers={"Retry-After": "1"},
    )


def internal(scope: Mapping[str, Any]) -> Response:
    """The answer to a fault of ours; the log has the rest under the same id."""
    return problem_response(
        status=500,
        code="internal",
        title="Something went wrong on our side; it is logged under this request id.",
        request_id=request_id_of(scope),
    )


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in (sqlalchemy.exc.DBAPIError, psycopg.Error, *_AWAY):
        app.add_exception_handler(kind, _database)


def problem_responses(*errors: type[DomainError]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: which refusals it answers beside those that every route has."""
    by_status: defaultdict[int, list[type[DomainError]]] = defaultdict(list)
    for error in errors:
        by_status[error.status].append(error)
    return {
        status: {
            "description": "\n".join(f"- `{error.code}`: {error.title()}" for error in listed),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, listed in sorted(by_status.items())
    }

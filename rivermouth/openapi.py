"""The OpenAPI document: every route says all that it may answer, refusals included, so that clients need no guessing.

FastAPI knows the successes. What every route shares is added here from what it declares: any may meet a broken address, a body that
is too large or a database that is away; a permission brings 401 and 403, a thing named in path or body 404, a change 409.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from identity.auth import declared
from identity.permissions import Permission
from kernel.http import Problem
from kernel.http.problems import MEDIA_TYPE, FieldError

_METHODS = ("get", "put", "post", "patch", "delete")
_WORDS = {
    "400": "The request is not well formed (`invalid_request` and its relatives).",
    "401": "A valid session is needed (`unauthorized`).",
    "403": "Your roles do not permit this (`forbidden`).",
    "404": "There is no such thing, or it is not yours (`not_found`).",
    "409": "The request does not fit the present state, or its key was used for another one (`idempotency_conflict`).",
    "413": "The body is larger than 1 MiB (`body_too_large`).",
    "429": "More than you may ask in this time; `Retry-After` says when there is room again (`too_many_requests`).",
    "431": "The address and headers are larger than this server reads (`head_too_large`).",
    "500": "A fault of ours, logged under the request id (`internal`).",
    "503": "A part that this request needs does not answer (`database_unavailable`, `database_busy` and others).",
}


class UndeclaredRoute(RuntimeError):
    """A route says neither which permission it needs nor that it is public."""


def routes(app: FastAPI) -> Iterator[tuple[str, str, frozenset[Permission] | None]]:
    """Every operation of our own: method, path template, what it demands (the empty set: public; None: says nothing)."""
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)  # of the route as included, with what its routers demand
        if isinstance(dependant, Dependant):
            for method in sorted(context.methods or {"WEBSOCKET"}):
                yield method, context.path or "", declared(dependant)


def demand_declarations(app: FastAPI) -> None:
    """Stop the start when a route forgot to say who may call it.

    Raises:
        UndeclaredRoute: with the routes that forgot.
    """
    forgot = [f"{method} {path}" for method, path, demands in routes(app) if demands is None]
    if forgot:
        raise UndeclaredRoute(f"routes that declare neither a permission nor public(): {', '.join(forgot)}")


def document(app: FastAPI) -> dict[str, Any]:
    """Build the document once per process."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
        )
        for method, path, demands in routes(app):
            made["paths"].get(path, {}).get(method.lower(), {})["x-permission"] = sorted(demands or ())
        app.openapi_schema = _complete(made)
    return app.openapi_schema


def _complete(made: dict[str, Any]) -> dict[str, Any]:
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for model in (FieldError, Problem):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        schemas[model.__name__] = schema
    components["schemas"] = dict(sorted(schemas.items()))
    for path, operations in made["paths"].items():
        for method in _METHODS:
            if method in operations:
                _add_refusals(operations[method], path=path, method=method)
    return made


def _add_refusals(operation: dict[str, Any], *, path: str, method: str) -> None:
    responses = operation["responses"]
    if "application/json" in responses.get("422", {}).get("content", {}):
        responses.pop("422")  # the framework's own, which is answered as 400 here
    for status in _statuses(operation, path=path, method=method):
        responses.setdefault(status, {"description": _WORDS[status], "content": _problem()})
    operation["responses"] = dict(sorted(responses.items()))


def _statuses(operation: dict[str, Any], *, path: str, method: str) -> list[str]:
    found = [
        "400",
        "413",
        "429",
        "431",
        "500",
        "503",
    ]  # any request may carry a broken address or a body, or be one too many
    if operation.get("security"):
        found += ["401", "403"]
    if "{" in path or "requestBody" in operation:
        found.append("404")
    if method != "get":
        found.append("409")
    return found


def _problem() -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

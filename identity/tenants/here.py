"""Whose house a request without a permission is in: of a live session, else of the host name, else the deployment's own."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import HTTPConnection

from identity.sessions import cookies
from identity.sessions import service as sessions
from identity.sessions.errors import CsrfTokenMissing
from identity.tenants import service
from kernel.settings import settings


def house_of(connection: HTTPConnection) -> UUID:
    return (
        _tenant_of_caller(connection) or service.of_host(connection.headers.get("host", "")) or settings().house_tenant
    )


def _tenant_of_caller(connection: HTTPConnection) -> UUID | None:
    """Of a live session, however it is sent; a request without one is as good."""
    given = connection.headers.get("authorization", "")
    try:
        token = given[7:] if given[:7].lower() == "bearer " else cookies.token_of(connection)
    except CsrfTokenMissing:
        return None
    session = None if token is None else sessions.authenticate(token)
    return None if session is None else session.principal.tenant_id

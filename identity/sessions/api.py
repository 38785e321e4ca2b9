"""Routes: log in, who am I, log out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from identity.auth import Principal, public, requires
from identity.permissions import Permission, permissions_of
from identity.sessions import cookies, service
from identity.sessions.errors import InvalidCredentials, LoginBusy, SecretNotRepeatable, TooManyAttempts
from identity.sessions.schemas import LoginIn, LoginOut, MeOut
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, problem_responses

router = APIRouter(prefix="/v1", tags=["identity"])


@router.post(
    "/sessions",
    status_code=201,
    dependencies=[public()],
    responses=problem_responses(
        InvalidCredentials, TooManyAttempts, LoginBusy, SecretNotRepeatable, IdempotencyConflict
    ),
    operation_id="login",
)
def login(request: Request, response: Response, body: LoginIn, key: IdempotencyKey) -> LoginOut:
    """Open a session with e-mail and password; a program sends the token as `Authorization: Bearer …`, a browser its cookie."""
    opened = service.login(
        email=body.email,
        password=body.password.get_secret_value(),
        address=request.client.host if request.client else "",
        key=key,
    )
    response.headers["Cache-Control"] = "no-store"
    if not cookies.from_our_page(request):
        return LoginOut(access_token=opened.access_token, expires_at=opened.expires_at)
    cookies.give(response, request, opened.access_token, seconds=int(service.LIFE.total_seconds()))
    return LoginOut(
        access_token=None,
        token_type="cookie",  # noqa: S106  the name of a scheme, no secret
        csrf_token=cookies.csrf_token(opened.access_token),
        expires_at=opened.expires_at,
    )


@router.get("/me", operation_id="me")
def me(request: Request, principal: Annotated[Principal, requires(Permission.ME_READ)]) -> MeOut:
    """Who this session belongs to, and what it may do; a browser's page that was loaded anew finds its CSRF token here."""
    token = None if "authorization" in request.headers else cookies.token_of(request)
    return MeOut(
        id=principal.id,
        tenant_id=principal.tenant_id,
        kind=principal.kind,
        email=principal.email,
        name=principal.name,
        roles=sorted(principal.roles),
        permissions=sorted(permissions_of(principal.roles)),
        realm="demo" if principal.realm == "DEMO" else "real",
        session_expires_at=principal.session_expires_at,
        csrf_token=None if token is None else cookies.csrf_token(token),
    )


@router.delete("/sessions/current", status_code=204, operation_id="logout")
def logout(response: Response, principal: Annotated[Principal, requires(Permission.ME_READ)]) -> None:
    """End this session; its token is worthless from now on."""
    cookies.take(response)
    service.logout(tenant_id=principal.tenant_id, session_id=principal.session_id)

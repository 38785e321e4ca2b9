"""Routes: log in, who am I, log out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, Response

from identity.auth import Principal, public, requires
from identity.permissions import Permission, permissions_of
from identity.sessions import service
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
    """Open a session with e-mail and password; send the token as `Authorization: Bearer …`."""
    opened = service.login(
        email=body.email,
        password=body.password.get_secret_value(),
        address=request.client.host if request.client else "",
        key=key,
    )
    response.headers["Cache-Control"] = "no-store"
    return LoginOut(access_token=opened.access_token, expires_at=opened.expires_at)


@router.get("/me", operation_id="me")
def me(principal: Annotated[Principal, requires(Permission.ME_READ)]) -> MeOut:
    """Who this session belongs to, and what it may do."""
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
    )


@router.delete("/sessions/current", status_code=204, operation_id="logout")
def logout(principal: Annotated[Principal, requires(Permission.ME_READ)]) -> None:
    """End this session; its token is worthless from now on."""
    service.logout(tenant_id=principal.tenant_id, session_id=principal.session_id)

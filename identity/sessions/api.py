"""Routes: log in, go on, who am I, where am I logged in, log out."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from identity.auth import Principal, public, requires
from identity.permissions import Permission, permissions_of
from identity.principals.states import Kind
from identity.security.api import Party, passkeys_offered, text_of
from identity.security.errors import (
    PasskeyInvalid,
    PasskeysNotConfigured,
    SecondFactorInvalid,
    SecondFactorLocked,
    SecondFactorRequired,
)
from identity.security.factors import Proof
from identity.security.schemas import PasskeyAnswerIn, PasskeyOfferOut
from identity.sessions import cookies, service
from identity.sessions.errors import InvalidCredentials, LoginBusy, RefreshRefused, SecretNotRepeatable, TooManyAttempts
from identity.sessions.schemas import LoginIn, LoginMethodsOut, LoginOut, MeOut, RefreshIn, SessionOut
from identity.sessions.service import Device
from kernel import origin
from kernel.errors import IdempotencyConflict, NotFound
from kernel.http import IdempotencyKey, Page, problem_responses
from kernel.rates import Rate
from kernel.settings import settings

router = APIRouter(prefix="/v1", tags=["identity"])
Owner = Annotated[Principal, requires(Permission.SECURITY_WRITE)]


@router.post(
    "/sessions",
    status_code=201,
    dependencies=[public(rate=Rate.LOGINS)],
    responses=problem_responses(
        InvalidCredentials,
        SecondFactorRequired,
        SecondFactorInvalid,
        SecondFactorLocked,
        TooManyAttempts,
        LoginBusy,
        SecretNotRepeatable,
        IdempotencyConflict,
    ),
    operation_id="login",
)
def login(request: Request, response: Response, body: LoginIn, key: IdempotencyKey) -> LoginOut:
    """Open a session with e-mail, password and the second factor of whoever has one.

    A program sends the token as `Authorization: Bearer …`, a browser its cookie.
    """
    device = _device(request)
    opened = service.login(
        email=body.email,
        password=body.password.get_secret_value(),
        device=device,
        proof=Proof(totp=text_of(body.totp), recovery_code=text_of(body.recovery_code)),
        key=key,
    )
    return _opened(request, response, opened, device)


def _device(request: Request) -> Device:
    return Device(
        address=origin.address_of(request),
        user_agent=request.headers.get("user-agent", ""),
        browser=cookies.from_our_page(request),
    )


def _opened(request: Request, response: Response, opened: service.Login, device: Device) -> LoginOut:
    response.headers["Cache-Control"] = "no-store"
    if not device.browser:
        return _tokens(opened)
    cookies.give(response, request, opened.access_token, seconds=int(service.LIFE.total_seconds()))
    return LoginOut(
        access_token=None,
        token_type="cookie",  # noqa: S106  the name of a scheme, no secret
        csrf_token=cookies.csrf_token(opened.access_token),
        expires_at=opened.expires_at,
    )


@router.get("/sessions/methods", dependencies=[public()], operation_id="login_methods")
def login_methods() -> LoginMethodsOut:
    """What a login page may offer besides a password: passkeys need a deployment that tells its address, staff a provider."""
    return LoginMethodsOut(passkeys=passkeys_offered(), staff_login=settings().staff_provider)


@router.post(
    "/sessions/passkey-offers",
    status_code=201,
    dependencies=[public(rate=Rate.LOGINS)],
    responses=problem_responses(PasskeysNotConfigured),
    operation_id="offer_login",
)
def offer_login(party: Party) -> PasskeyOfferOut:
    """Begin a login by passkey, of whoever it is; its answer goes to `POST /v1/sessions/passkey`."""
    offer = service.login_offer(party)
    return PasskeyOfferOut(challenge_id=offer.challenge_id, options=offer.options)


@router.post(
    "/sessions/passkey",
    status_code=201,
    dependencies=[public(rate=Rate.LOGINS)],
    responses=problem_responses(PasskeyInvalid, PasskeysNotConfigured, SecretNotRepeatable, IdempotencyConflict),
    operation_id="login_with_passkey",
)
def login_with_passkey(
    request: Request, response: Response, body: PasskeyAnswerIn, key: IdempotencyKey, party: Party
) -> LoginOut:
    """Open a session with a passkey, which is both factors."""
    device = _device(request)
    opened = service.login_with_passkey(
        challenge_id=body.challenge_id, credential=body.credential, party=party, device=device, key=key
    )
    return _opened(request, response, opened, device)


def _tokens(opened: service.Login | service.Pair) -> LoginOut:
    return LoginOut(
        access_token=opened.access_token,
        expires_at=opened.expires_at,
        refresh_token=opened.refresh_token,
        refresh_expires_at=opened.refresh_expires_at,
    )


@router.post(
    "/sessions/refresh",
    status_code=201,
    dependencies=[public()],
    responses=problem_responses(RefreshRefused),
    operation_id="refresh_session",
)
def refresh(response: Response, body: RefreshIn) -> LoginOut:
    """The next pair of tokens. Each refresh token is good once; whoever lost the answer may ask again within a minute and gets the same.

    A later use tells that the token was copied: the session ends.
    """
    response.headers["Cache-Control"] = "no-store"
    return _tokens(service.refresh(body.refresh_token.get_secret_value()))


@router.get("/sessions", operation_id="list_sessions")
def list_sessions(principal: Owner) -> Page[SessionOut]:
    """Where you are logged in, the session seen last first; all of them, on one page."""
    rows = service.devices(tenant=principal.tenant_id, principal=principal.id)
    return Page(
        items=[
            SessionOut(
                id=row.id,
                created_at=row.created_at,
                last_seen_at=row.last_seen_at,
                expires_at=row.expires_at,
                address=row.address,
                user_agent=row.user_agent,
                current=row.id == principal.session_id,
            )
            for row in rows
        ]
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
        second_factor=principal.second_factor,
        idle_logout_s=_idle_logout_s(principal),
        csrf_token=None if token is None else cookies.csrf_token(token),
    )


def _idle_logout_s(principal: Principal) -> int | None:
    """Staff leave their desks with other people's money on the screen; a customer's telephone locks itself."""
    return settings().staff_idle_s or None if principal.kind is Kind.STAFF else None


@router.delete("/sessions/current", status_code=204, operation_id="logout")
def logout(response: Response, principal: Annotated[Principal, requires(Permission.ME_READ)]) -> None:
    """End this session; its token is worthless from now on."""
    cookies.take(response)
    service.logout(tenant=principal.tenant_id, principal=principal.id, session_id=principal.session_id)


@router.delete("/sessions", status_code=204, operation_id="end_other_sessions")
def end_others(principal: Owner) -> None:
    """End every session of yours but this one."""
    service.kill_others(tenant=principal.tenant_id, principal=principal.id, but=principal.session_id)


@router.delete("/sessions/{id}", status_code=204, operation_id="end_session", responses=problem_responses(NotFound))
def end_session(id: UUID, principal: Owner) -> None:  # noqa: A002  the name of the path's parameter
    """End one session of yours, wherever it is used; within seconds its streams close too."""
    service.kill(tenant=principal.tenant_id, principal=principal.id, session_id=id)

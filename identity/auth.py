"""The one way a route knows who calls: each declares a permission, or that it is public; one that does neither stops the start.

    def place(principal: Annotated[Principal, requires(Permission.ORDERS_WRITE)], …)

401 for no or no live session, 403 for a role that lacks the permission. What belongs to somebody else is 404, which is the
business of the route's query, not of this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.dependencies.models import Dependant
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from identity.api_keys import service as api_keys
from identity.api_keys import signing
from identity.api_keys.queries import LiveKey
from identity.api_keys.rules import permissions_of_scopes
from identity.api_keys.states import Scope
from identity.permissions import Permission, permissions_of
from identity.principals.states import Kind, Realm, Role
from identity.security import step_up
from identity.security.errors import SecondFactorEnrolmentRequired
from identity.sessions import cookies, service
from kernel.errors import Forbidden, Unauthorized
from kernel.settings import settings

__all__ = ["Principal", "Realm", "authenticate", "declared", "public", "requires"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, as far as a use case needs to know.

    For a program with an API key (`key_scopes`) the session is the key; such a principal never gets to a route that is about sessions.
    """

    tenant_id: UUID
    id: UUID
    kind: Kind
    roles: frozenset[Role]
    email: str
    name: str
    realm: Realm
    session_id: UUID
    session_expires_at: datetime
    totp: bool
    passkey: bool
    key_scopes: frozenset[Scope] | None = None

    @property
    def second_factor(self) -> bool:
        return self.totp or self.passkey

    def may(self, permission: Permission) -> bool:
        if self.key_scopes is not None and permission not in permissions_of_scopes(self.key_scopes):
            return False
        return permission in permissions_of(self.roles)


class RealmName(StrEnum):
    """The realms as the header spells them."""

    REAL = "real"
    DEMO = "demo"


_bearer = HTTPBearer(auto_error=False, scheme_name="session", description="The `access_token` of `POST /v1/sessions`.")


_cookie = APIKeyCookie(
    name=cookies.COOKIE,
    auto_error=False,
    scheme_name="browser",
    description="A browser's session; writes need `Rivermouth-CSRF`.",
)


_api_key = APIKeyHeader(
    name="Rivermouth-Key",
    auto_error=False,
    scheme_name="api_key",
    description="A program's key; the request is signed, see the guide on signatures.",
)


def principal_of(session: service.SessionRow, realm: Realm) -> Principal:
    who = session.principal
    return Principal(
        tenant_id=who.tenant_id,
        id=who.id,
        kind=who.kind,
        roles=who.roles,
        email=who.email,
        name=who.name,
        realm=realm,
        session_id=session.id,
        session_expires_at=session.expires_at,
        totp=session.totp,
        passkey=session.passkey,
    )


_WITHOUT_FACTOR = frozenset({Permission.ME_READ, Permission.SECURITY_WRITE})
"""What somebody may do who still has to enrol the second factor that the deployment demands: enrol it."""


def _factor_is_owed(principal: Principal) -> bool:
    return not principal.second_factor and not settings().roles_with_second_factor.isdisjoint(principal.roles)


def authenticate(token: str, *, realm: str = "real") -> Principal | None:
    """Who this token speaks for; None where a request would be answered with 401. For connections that are no requests."""
    session = service.authenticate(token)
    if session is None or realm not in set(RealmName):
        return None
    principal = principal_of(session, Realm[RealmName(realm).name])
    return None if _factor_is_owed(principal) else principal


def _program(live: LiveKey, realm: Realm) -> Principal:
    who = live.principal
    return Principal(
        tenant_id=who.tenant_id,
        id=who.id,
        kind=who.kind,
        roles=who.roles,
        email=who.email,
        name=who.name,
        realm=realm,
        session_id=live.key.id,
        session_expires_at=live.key.expires_at or datetime.max.replace(tzinfo=UTC),
        totp=True,  # what the deployment demands of a role was demanded when the key was made
        passkey=False,
        key_scopes=live.key.scopes,
    )


class _Requires:
    """The dependency of one permission."""

    def __init__(self, permission: Permission, *, proven: bool) -> None:
        self.permission = permission
        self.proven = proven

    def __call__(
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
        _browser: Annotated[str | None, Depends(_cookie)],
        _key: Annotated[str | None, Depends(_api_key)],
        signed: Annotated[signing.SignedRequest | None, Depends(signing.read)],
        realm: Annotated[
            RealmName, Header(alias="Rivermouth-Realm", description="Real money, or play money.")
        ] = RealmName.REAL,
    ) -> Principal:
        if signed is not None:
            program = _program(api_keys.authenticate_request(signed), Realm[realm.name])
            if self.proven or not program.may(self.permission):
                raise Forbidden
            return program
        given = request.headers.getlist("authorization")
        token = cookies.token_of(request) if not given else credentials.credentials if credentials else None
        session = service.authenticate(token) if len(given) <= 1 and token is not None else None
        if session is None:
            raise Unauthorized
        principal = principal_of(session, Realm[realm.name])
        if not principal.may(self.permission):
            raise Forbidden
        if self.permission not in _WITHOUT_FACTOR and _factor_is_owed(principal):
            raise SecondFactorEnrolmentRequired
        if self.proven:
            step_up.require_recent(session)
        return principal


class _Public:
    def __call__(self) -> None:
        """Nothing to check: the declaration is the point."""


def requires(permission: Permission, *, proven: bool = False) -> Any:
    """Demand a live session whose roles have this permission; the route gets the `Principal`.

    Args:
        proven: the person must have proven themselves lately as well (`step_up_required`).
    """
    return Depends(_Requires(permission, proven=proven))


def public() -> Any:
    """Declare that anybody may call this route."""
    return Depends(_Public())


def _walk(dependant: Dependant) -> Iterator[Any]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _walk(inner)


def declared(dependant: Dependant) -> frozenset[Permission] | None:
    """What a route demands: all of these permissions; the empty set when it is public; None when it says nothing."""
    calls = list(_walk(dependant))
    demanded = frozenset(call.permission for call in calls if isinstance(call, _Requires))
    if demanded:
        return demanded
    return frozenset() if any(isinstance(call, _Public) for call in calls) else None

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
from fastapi.requests import HTTPConnection
from fastapi.security import APIKeyCookie, APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from identity.api_keys import misuse, signing
from identity.api_keys import service as api_keys
from identity.api_keys.queries import LiveKey
from identity.api_keys.rules import permissions_of_scopes
from identity.api_keys.states import Scope
from identity.permissions import Permission, permissions_of
from identity.principals.states import Kind, Realm, Role
from identity.security import step_up
from identity.security.errors import SecondFactorEnrolmentRequired
from identity.sessions import cookies, service
from kernel import origin, rates
from kernel.errors import DomainError, Forbidden, Unauthorized
from kernel.rates import Rate
from kernel.settings import settings

__all__ = ["Principal", "Realm", "authenticate", "declared", "public", "requires"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, as far as a use case needs to know.

    For a program with an API key (`key_scopes`) the session is the key; one that a customer connected has a session and scopes as well.
    Neither gets to a route that is about sessions or anything else of the account itself.
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
        key_scopes=session.scopes,
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

    def __init__(self, permission: Permission, *, proven: bool, keys: bool, rate: Rate | None) -> None:
        self.permission = permission
        self.proven = proven
        self.keys = keys
        self.rate = rate

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
        rate = self.rate or (Rate.READS if request.method in cookies.SAFE_METHODS else Rate.WRITES)
        if signed is not None:
            live = _live_key(signed)
            program = _program(live, Realm[realm.name])
            rates.take(rate, str(program.session_id))
            origin.caller(
                principal=program.id, roles=program.roles, api_key_id=program.session_id, tenant=program.tenant_id
            )
            if (self.proven and not self.keys) or not program.may(self.permission):
                misuse.beyond_scope(live, signed)
                raise Forbidden
            return program
        given = request.headers.getlist("authorization")
        token = cookies.token_of(request) if not given else credentials.credentials if credentials else None
        session = service.authenticate(token) if len(given) <= 1 and token is not None else None
        if session is None:
            if token is not None:
                rates.take(Rate.STRANGERS, _place())
            raise Unauthorized
        principal = principal_of(session, Realm[realm.name])
        rates.take(rate, str(principal.id))
        origin.caller(principal=principal.id, roles=principal.roles, session_id=session.id, tenant=principal.tenant_id)
        if not principal.may(self.permission) or (self.proven and session.scopes is not None):
            raise Forbidden
        if self.permission not in _WITHOUT_FACTOR and _factor_is_owed(principal):
            raise SecondFactorEnrolmentRequired
        if self.proven:
            step_up.require_recent(session)
        return principal


def _place() -> str:
    """Where the present request comes from, as far as it is counted."""
    asked = origin.current()
    return rates.network(asked.address if asked is not None else None)


def _live_key(signed: signing.SignedRequest) -> LiveKey:
    try:
        return api_keys.authenticate_request(signed)
    except DomainError:
        rates.take(Rate.STRANGERS, _place())
        raise


class _Public:
    """The declaration that anybody may call; who that is nobody knows, so the address is counted."""

    def __init__(self, rate: Rate | None) -> None:
        self.rate = rate

    def __call__(self, connection: HTTPConnection) -> None:
        if self.rate is not None and connection.scope["type"] == "http":  # sockets are counted where they are accepted
            rates.take(self.rate, _place())


def requires(permission: Permission, *, proven: bool = False, keys: bool = False, rate: Rate | None = None) -> Any:
    """Demand a live session whose roles have this permission; the route gets the `Principal`.

    Args:
        proven: the person must have proven themselves lately as well (`step_up_required`).
        keys: a program's key with the right scope is proof enough: whoever made it proved themselves, and it works from its places only.
        rate: what it counts as; by itself a read or a write.
    """
    return Depends(_Requires(permission, proven=proven, keys=keys, rate=rate))


def public(*, rate: Rate | None = Rate.OPEN) -> Any:
    """Declare that anybody may call this route.

    Args:
        rate: what it counts as for the address it comes from; None where it is counted otherwise, or must always answer.
    """
    return Depends(_Public(rate))


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

"""Use cases of logging in and out, and the question that every request asks: who is this?

A token's tenant never changes, so the process remembers it and asks without a tenant only once per token; whether the session
still lives is asked every time. Sessions are judged by wall time: the sandbox clock does not end them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from identity.principals import passwords
from identity.principals import queries as principal_queries
from identity.principals.service import normal_email
from identity.sessions import attempts, queries, tokens
from identity.sessions.errors import InvalidCredentials, LoginBusy, SecretNotRepeatable, TooManyAttempts
from identity.sessions.queries import SessionRow
from identity.sessions.tenant_memory import TenantMemory
from kernel import commands
from kernel.clock import wall
from kernel.db import Tx, read_only, transaction
from kernel.ids import SYSTEM, uuid7

__all__ = ["Login", "SessionRow", "authenticate", "login", "logout", "purge_sessions", "still_live"]

LIFE = timedelta(hours=12)
KEPT_AFTER_EXPIRY = timedelta(days=30)

_tenants = TenantMemory(100_000)


@dataclass(frozen=True, slots=True)
class Login:
    access_token: str
    expires_at: datetime
    session_id: UUID


def login(*, email: str, password: str, address: str, key: str | None = None) -> Login:
    """Open a session; the token is in the answer and nowhere else.

    Raises:
        InvalidCredentials: unknown e-mail, wrong password or disabled: one answer, one duration.
        TooManyAttempts, LoginBusy: come back later.
        SecretNotRepeatable, IdempotencyConflict: this Idempotency-Key was used before.
    """
    email = normal_email(email)
    wait_s = attempts.take(email, address)
    if wait_s is not None:
        raise TooManyAttempts(retry_after_s=int(wait_s) + 1)
    with read_only() as tx:
        known = principal_queries.lookup_by_email(tx, email)
    # An unknown e-mail walks the same way, in a tenant that does not exist.
    tenant_id, principal_id = known or (SYSTEM, SYSTEM)
    with read_only(tenant=tenant_id) as tx:
        stored = principal_queries.password_hash(tx, principal_id)
    try:
        right = passwords.matches(password, stored)
    except passwords.GateFull:
        attempts.refund(email, address)
        raise LoginBusy(retry_after_s=1) from None
    if not right or stored is None:
        raise InvalidCredentials
    attempts.refund(email, address)
    if passwords.outdated(stored):
        _renew_hash(tenant_id, principal_id, password=password, stored=stored)
    return _open_session(tenant_id, principal_id, email=email, key=key)


def _renew_hash(tenant_id: UUID, principal_id: UUID, *, password: str, stored: str) -> None:
    hashed = passwords.hash_password(password)
    with transaction(tenant=tenant_id) as tx:
        principal_queries.replace_password(tx, principal_id, old=stored, new=hashed)


def _open_session(tenant_id: UUID, principal_id: UUID, *, email: str, key: str | None) -> Login:
    token, session_id, now = tokens.new_token(), uuid7(), wall()

    def insert(tx: Tx) -> tuple[str, UUID]:
        if not queries.insert_if_active(
            tx,
            session_id=session_id,
            principal_id=principal_id,
            token_hash=tokens.token_hash(token),
            now=now,
            expires_at=now + LIFE,
        ):
            raise InvalidCredentials
        return "session", session_id

    outcome = commands.run(
        tenant=tenant_id,
        principal=principal_id,
        route="POST /v1/sessions",
        key=key,
        fingerprint=commands.fingerprint({"email": email}),  # never of the password: this hash is a fast one
        fn=insert,
    )
    if outcome.replayed:
        raise SecretNotRepeatable
    return Login(token, now + LIFE, session_id)


def authenticate(token: str) -> SessionRow | None:
    """The live session of a token, or None for a token that is malformed, unknown, expired, ended or of a disabled principal."""
    if not tokens.looks_right(token):
        return None
    hashed = tokens.token_hash(token)
    tenant_id = _tenants.get(hashed)
    if tenant_id is None:
        with read_only() as tx:
            found = queries.lookup_by_token(tx, hashed)
        if found is None:
            return None
        tenant_id = found[0]
        _tenants.put(hashed, tenant_id)
    with read_only(tenant=tenant_id) as tx:
        return queries.live(tx, hashed, now=wall())


def still_live(tenant_id: UUID, session_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these sessions of one tenant go on: for those who keep a connection open and must end it with its session."""
    with read_only(tenant=tenant_id) as tx:
        return queries.still_live(tx, session_ids, now=wall())


def logout(*, tenant_id: UUID, session_id: UUID) -> None:
    """End a session; ending it again changes nothing."""
    with transaction(tenant=tenant_id) as tx:
        queries.end(tx, session_id, now=wall())


def purge_sessions(tx: Tx, *, limit: int = 1_000) -> int:
    """Remove sessions that expired a month ago; answers how many. Step of a schedule."""
    return queries.delete_expired(tx, before=wall() - KEPT_AFTER_EXPIRY, limit=limit)

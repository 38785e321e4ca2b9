"""Use cases of logging in and out, and the question that every request asks: who is this?

A token's tenant never changes, so the process remembers it and asks without a tenant only once per token; whether the session
still lives is asked every time. Sessions are judged by wall time: the sandbox clock does not end them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from identity.audit import refusals
from identity.principals import passwords
from identity.principals import queries as principal_queries
from identity.principals.service import normal_email
from identity.security import factors, passkeys
from identity.security.errors import PasskeyInvalid
from identity.security.factors import Proof
from identity.security.passkeys import Offer
from identity.security.webauthn_rules import RelyingParty
from identity.sessions import attempts, ending, queries, refreshing, tokens
from identity.sessions.errors import InvalidCredentials, LoginBusy, SecretNotRepeatable, TooManyAttempts
from identity.sessions.events import SessionOpenedElsewhere
from identity.sessions.queries import DeviceRow, SessionRow
from identity.sessions.refreshing import Pair, refresh
from identity.sessions.states import EndReason, TokenKind
from identity.sessions.tenant_memory import TenantMemory
from kernel import commands, outbox
from kernel.clock import wall
from kernel.db import Tx, read_only, transaction
from kernel.errors import NotFound
from kernel.ids import SYSTEM, uuid7

__all__ = [
    "Device",
    "DeviceRow",
    "Login",
    "Pair",
    "SessionRow",
    "authenticate",
    "devices",
    "kill",
    "kill_others",
    "login",
    "login_offer",
    "login_with_passkey",
    "logout",
    "open_proven_elsewhere",
    "proven_password",
    "purge_sessions",
    "purge_tokens",
    "refresh",
    "still_live",
]

LIFE = refreshing.ACCESS_LIFE
_PASSKEY = "passkey"  # stands for the e-mail where nobody gives one
SEEN_EVERY = timedelta(minutes=5)
KEPT_AFTER_EXPIRY = timedelta(days=30)

_tenants = TenantMemory(100_000)


@dataclass(frozen=True, slots=True)
class Device:
    """Where a login comes from. A browser keeps its session in a cookie and gets no refresh token: it logs in again."""

    address: str = ""
    user_agent: str = ""
    browser: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    access_token: str
    expires_at: datetime
    session_id: UUID
    refresh_token: str | None = None
    refresh_expires_at: datetime | None = None


def login(
    *, email: str, password: str, device: Device, proof: Proof = factors.NO_PROOF, key: str | None = None
) -> Login:
    """Open a session; the tokens are in the answer and nowhere else.

    Raises:
        InvalidCredentials: unknown e-mail, wrong password or disabled: one answer, one duration.
        SecondFactorRequired, SecondFactorInvalid, SecondFactorLocked: the password was right.
        TooManyAttempts, LoginBusy: come back later.
        SecretNotRepeatable, IdempotencyConflict: this Idempotency-Key was used before.
    """
    email = normal_email(email)
    tenant_id, principal_id = proven_password(email=email, password=password, address=device.address)
    factors.require_at_login(tenant=tenant_id, principal=principal_id, proof=proof)
    return _open_session(tenant_id, principal_id, who=email, device=device, key=key)


def login_offer(party: RelyingParty) -> Offer:
    """Begin a login by passkey."""
    return passkeys.login_offer(party)


def login_with_passkey(
    *, challenge_id: UUID, credential: dict[str, Any], party: RelyingParty, device: Device, key: str | None = None
) -> Login:
    """Open a session for whoever holds the passkey, which is both factors.

    Raises:
        PasskeyInvalid: unknown, not the answer to this challenge, or of somebody who may not log in.
        SecretNotRepeatable, IdempotencyConflict: this Idempotency-Key was used before.
    """
    tenant_id, principal_id = passkeys.prove_login(challenge_id=challenge_id, credential=credential, party=party)
    try:
        opened = _open_session(tenant_id, principal_id, who=_PASSKEY, device=device, key=key)
    except InvalidCredentials:
        raise PasskeyInvalid from None
    return opened


def open_proven_elsewhere(*, tenant: UUID, principal: UUID, who: str, device: Device) -> Login:
    """A session for somebody whom another house has proven; what is dangerous asks for a proof of ours first.

    Raises:
        InvalidCredentials: not somebody who may log in.
    """
    return _open_session(tenant, principal, who=who, device=device, key=None, proven=False)


def proven_password(*, email: str, password: str, address: str) -> tuple[UUID, UUID]:
    """(tenant, principal) of who knows this password; each failure counts.

    Raises:
        InvalidCredentials, TooManyAttempts, LoginBusy: as for a login.
    """
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
        # In the tenant that does not exist too: an unknown e-mail costs the same time.
        refusals.note(tenant_id, "login.refused", kind="principal", resource=principal_id, subject=email)
        raise InvalidCredentials
    attempts.refund(email, address, known=True)
    if passwords.outdated(stored):
        _renew_hash(tenant_id, principal_id, password=password, stored=stored)
    return tenant_id, principal_id


def _renew_hash(tenant_id: UUID, principal_id: UUID, *, password: str, stored: str) -> None:
    hashed = passwords.hash_password(password)
    with transaction(tenant=tenant_id) as tx:
        principal_queries.replace_password(tx, principal_id, old=stored, new=hashed)


def _open_session(
    tenant_id: UUID, principal_id: UUID, *, who: str, device: Device, key: str | None, proven: bool = True
) -> Login:
    access, refresh_token = (tokens.new_token(kind) for kind in TokenKind)
    session_id, now = uuid7(), wall()
    life = LIFE if device.browser else refreshing.REFRESH_LIFE
    address, agent = device.address[:64], device.user_agent[:256]

    def insert(tx: Tx) -> tuple[str, UUID]:
        elsewhere = address != "" and queries.comes_from_elsewhere(tx, principal_id, address=address)
        if not queries.insert_if_active(
            tx,
            session_id=session_id,
            principal_id=principal_id,
            now=now,
            expires_at=now + life,
            address=address,
            user_agent=agent,
            proven=proven,
        ):
            raise InvalidCredentials
        if elsewhere:
            fact = SessionOpenedElsewhere(principal_id, session_id, address, agent, now)
            outbox.publish(tx, fact, key=str(principal_id))
        if device.browser:
            queries.insert_token(
                tx,
                token_hash=tokens.token_hash(access),
                session_id=session_id,
                kind=TokenKind.ACCESS,
                now=now,
                expires_at=now + LIFE,
            )
        else:
            refreshing.issue(tx, session_id, access=access, refresh=refresh_token, now=now)
        return "session", session_id

    outcome = commands.run(
        tenant=tenant_id,
        principal=principal_id,
        route="POST /v1/sessions",
        key=key,
        fingerprint=commands.fingerprint({"email": who}),  # never of the password: this hash is a fast one
        fn=insert,
    )
    if outcome.replayed:
        raise SecretNotRepeatable
    if device.browser:
        return Login(access, now + LIFE, session_id)
    return Login(access, now + LIFE, session_id, refresh_token, now + life)


def authenticate(token: str) -> SessionRow | None:
    """The live session of an access token, or None for one that is malformed, unknown, expired, ended or of a disabled principal."""
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
    now = wall()
    with read_only(tenant=tenant_id) as tx:
        session = queries.live(tx, hashed, now=now)
    if session is not None and now - session.last_seen_at >= SEEN_EVERY:
        with transaction(tenant=tenant_id) as tx:
            queries.note_seen(tx, session.id, now=now)
    return session


def still_live(tenant_id: UUID, session_ids: Sequence[UUID]) -> set[UUID]:
    """Which of these sessions of one tenant go on: for those who keep a connection open and must end it with its session."""
    with read_only(tenant=tenant_id) as tx:
        return queries.still_live(tx, session_ids, now=wall())


def devices(*, tenant: UUID, principal: UUID) -> list[DeviceRow]:
    """Where somebody is logged in, the session seen last first."""
    with read_only(tenant=tenant) as tx:
        return queries.of_principal(tx, principal, now=wall())


def logout(*, tenant: UUID, principal: UUID, session_id: UUID) -> None:
    """End the caller's own session; ending it again changes nothing."""
    with transaction(tenant=tenant) as tx:
        ending.end(tx, session_id, principal=principal, reason=EndReason.LOGOUT)


def kill(*, tenant: UUID, principal: UUID, session_id: UUID) -> None:
    """End one of somebody's sessions, wherever it is used.

    Raises:
        NotFound: no live session of this principal.
    """
    with transaction(tenant=tenant) as tx:
        if not ending.end(tx, session_id, principal=principal, reason=EndReason.KILLED):
            raise NotFound


def kill_others(*, tenant: UUID, principal: UUID, but: UUID) -> None:
    """End all sessions of somebody but this one."""
    with transaction(tenant=tenant) as tx:
        ending.end_others(tx, principal, but=but, reason=EndReason.KILLED)


def purge_sessions(tx: Tx, *, limit: int) -> int:
    """Remove sessions that expired a month ago, with their tokens; answers how many. Step of a schedule."""
    return queries.delete_expired(tx, before=wall() - KEPT_AFTER_EXPIRY, limit=limit)


def purge_tokens(tx: Tx, *, limit: int) -> int:
    """Remove tokens that expired a month ago while their session goes on; answers how many. Step of a schedule."""
    return queries.delete_expired_tokens(tx, before=wall() - KEPT_AFTER_EXPIRY, limit=limit)

"""Statements on sessions and their tokens; all but the look-up by token run inside one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from identity.api_keys.states import Scope
from identity.principals.queries import PrincipalRow
from identity.sessions.states import EndReason, TokenKind
from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A live session as one access token shows it; `expires_at` is the token's. With `scopes` a program acts for the person."""

    id: UUID
    expires_at: datetime
    last_seen_at: datetime
    proven_at: datetime | None
    totp: bool
    passkey: bool
    principal: PrincipalRow
    scopes: frozenset[Scope] | None = None


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A live session as its owner sees it in the list."""

    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class RefreshRow:
    """A refresh token and the session it belongs to, locked; `live` unless the session ended or the principal may not log in.

    `client_id` is the program that acts by this session, None where a person logged in.
    """

    session_id: UUID
    principal_id: UUID
    expires_at: datetime
    used_at: datetime | None
    salt: bytes | None
    live: bool
    client_id: UUID | None = None


def lookup_by_token(tx: Tx, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """(tenant, principal) of a token in any tenant."""
    row = tx.first("SELECT tenant_id, principal_id FROM identity.principal_by_token(:hash)", hash=token_hash)
    return None if row is None else (row.tenant_id, row.principal_id)


def live(tx: Tx, token_hash: bytes, *, now: datetime) -> SessionRow | None:
    """The session of an access token and who it belongs to, if neither has ended and the principal may still log in."""
    row = tx.first(
        "SELECT s.id AS session_id, t.expires_at, s.last_seen_at, s.proven_at, s.scopes,"
        " EXISTS (SELECT FROM identity.second_factors f WHERE f.principal_id = p.id AND f.totp_secret IS NOT NULL) AS totp,"
        " EXISTS (SELECT FROM identity.passkeys k WHERE k.principal_id = p.id) AS passkey,"
        " p.tenant_id, p.id, p.kind, p.email, p.name, p.roles, p.status"
        " FROM identity.tokens t JOIN identity.sessions s ON s.id = t.session_id"
        " JOIN identity.principals p ON p.id = s.principal_id"
        " WHERE t.token_hash = :hash AND t.tenant_id = :tenant AND t.kind = 'access' AND t.expires_at > :now"
        " AND s.ended_at IS NULL AND p.status = 'active'",
        hash=token_hash,
        tenant=tx.tenant_id,
        now=now,
    )
    if row is None:
        return None
    return SessionRow(
        row.session_id,
        row.expires_at,
        row.last_seen_at,
        row.proven_at,
        row.totp,
        row.passkey,
        PrincipalRow.read(row),
        None if row.scopes is None else frozenset(Scope(name) for name in row.scopes),
    )


def still_live(tx: Tx, session_ids: Sequence[UUID], *, now: datetime) -> set[UUID]:
    rows = tx.all(
        "SELECT s.id FROM identity.sessions s JOIN identity.principals p ON p.id = s.principal_id"
        " WHERE s.tenant_id = :tenant AND s.id = ANY(CAST(:ids AS uuid[])) AND s.ended_at IS NULL AND p.status = 'active'"
        " AND EXISTS (SELECT FROM identity.tokens t WHERE t.session_id = s.id AND t.kind = 'access' AND t.expires_at > :now)",
        tenant=tx.tenant_id,
        ids=list(session_ids),
        now=now,
    )
    return {row.id for row in rows}


def insert_if_active(
    tx: Tx,
    *,
    session_id: UUID,
    principal_id: UUID,
    now: datetime,
    expires_at: datetime,
    address: str,
    user_agent: str,
    proven: bool = True,
) -> bool:
    """False when the principal was disabled since the password was read."""
    row = tx.first(
        "INSERT INTO identity.sessions"
        " (tenant_id, id, principal_id, created_at, last_seen_at, proven_at, expires_at, address, user_agent)"
        " SELECT p.tenant_id, :id, p.id, :now, :now, CASE WHEN :proven THEN :now END, :expires, :address, :agent FROM identity.principals p"
        " WHERE p.id = :principal AND p.tenant_id = :tenant AND p.status = 'active' RETURNING id",
        tenant=tx.tenant_id,
        id=session_id,
        principal=principal_id,
        now=now,
        expires=expires_at,
        address=address,
        agent=user_agent,
        proven=proven,
    )
    return row is not None


def comes_from_elsewhere(tx: Tx, principal_id: UUID, *, address: str) -> bool:
    """Whether sessions of this principal are remembered, none of them from this address; who has logged in nowhere yet is nowhere else."""
    row = tx.one(
        "SELECT coalesce(bool_and(address <> :address), false) AS elsewhere FROM identity.sessions"
        " WHERE tenant_id = :tenant AND principal_id = :principal AND address <> ''",
        tenant=tx.tenant_id,
        principal=principal_id,
        address=address,
    )
    return bool(row.elsewhere)


def insert_token(
    tx: Tx, *, token_hash: bytes, session_id: UUID, kind: TokenKind, now: datetime, expires_at: datetime
) -> None:
    tx.execute(
        "INSERT INTO identity.tokens (tenant_id, token_hash, session_id, kind, created_at, expires_at)"
        " VALUES (:tenant, :hash, :session, :kind, :now, :expires)",
        tenant=tx.tenant_id,
        hash=token_hash,
        session=session_id,
        kind=kind.value,
        now=now,
        expires=expires_at,
    )


def expiry_of(tx: Tx, token_hash: bytes) -> datetime:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT expires_at FROM identity.tokens WHERE tenant_id = :tenant AND token_hash = :hash",
        tenant=tx.tenant_id,
        hash=token_hash,
    )


def lock_refresh(tx: Tx, token_hash: bytes) -> RefreshRow | None:
    """The refresh token, for this transaction alone: of many that use it at once each sees what the one before did."""
    row = tx.first(
        "SELECT t.session_id, s.principal_id, t.expires_at, t.used_at, t.salt, n.client_id,"
        " s.ended_at IS NULL AND p.status = 'active' AS live"
        " FROM identity.tokens t JOIN identity.sessions s ON s.id = t.session_id"
        " JOIN identity.principals p ON p.id = s.principal_id"
        " LEFT JOIN identity.oauth_connections n ON n.id = s.connection_id"
        " WHERE t.tenant_id = :tenant AND t.token_hash = :hash AND t.kind = 'refresh' FOR UPDATE OF t",
        tenant=tx.tenant_id,
        hash=token_hash,
    )
    if row is None:
        return None
    salt = None if row.salt is None else bytes(row.salt)
    return RefreshRow(row.session_id, row.principal_id, row.expires_at, row.used_at, salt, row.live, row.client_id)


def use_refresh(tx: Tx, token_hash: bytes, *, salt: bytes, now: datetime) -> None:
    tx.execute(
        "UPDATE identity.tokens SET used_at = :now, salt = :salt WHERE tenant_id = :tenant AND token_hash = :hash",
        tenant=tx.tenant_id,
        hash=token_hash,
        salt=salt,
        now=now,
    )


def prolong(tx: Tx, session_id: UUID, *, now: datetime, expires_at: datetime) -> None:
    tx.execute(
        "UPDATE identity.sessions SET last_seen_at = :now, expires_at = :expires WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=session_id,
        now=now,
        expires=expires_at,
    )


def note_seen(tx: Tx, session_id: UUID, *, now: datetime) -> None:
    tx.execute(
        "UPDATE identity.sessions SET last_seen_at = :now WHERE tenant_id = :tenant AND id = :id AND last_seen_at < :now",
        tenant=tx.tenant_id,
        id=session_id,
        now=now,
    )


def note_proof(tx: Tx, session_id: UUID, *, now: datetime) -> None:
    """The person just showed the strongest factor enrolled."""
    tx.execute(
        "UPDATE identity.sessions SET proven_at = :now WHERE tenant_id = :tenant AND id = :id AND ended_at IS NULL",
        tenant=tx.tenant_id,
        id=session_id,
        now=now,
    )


def forget_proofs(tx: Tx, principal_id: UUID, *, but: UUID) -> None:
    """What the person's other sessions once proved counts no more."""
    tx.execute(
        "UPDATE identity.sessions SET proven_at = NULL"
        " WHERE tenant_id = :tenant AND principal_id = :principal AND id <> :but AND ended_at IS NULL",
        tenant=tx.tenant_id,
        principal=principal_id,
        but=but,
    )


def of_principal(tx: Tx, principal_id: UUID, *, now: datetime) -> list[DeviceRow]:
    """The live sessions that the person opened, the one seen last first; programs have a list of their own."""
    rows = tx.all(
        "SELECT id, created_at, last_seen_at, expires_at, address, user_agent FROM identity.sessions"
        " WHERE tenant_id = :tenant AND principal_id = :principal AND ended_at IS NULL AND expires_at > :now"
        " AND connection_id IS NULL ORDER BY last_seen_at DESC, id DESC",
        tenant=tx.tenant_id,
        principal=principal_id,
        now=now,
    )
    return [DeviceRow(r.id, r.created_at, r.last_seen_at, r.expires_at, r.address, r.user_agent) for r in rows]


def end(tx: Tx, session_id: UUID, *, principal_id: UUID, reason: EndReason, now: datetime) -> bool:
    """False when there is no such live session of this principal."""
    row = tx.first(
        "UPDATE identity.sessions SET ended_at = :now, end_reason = :reason"
        " WHERE tenant_id = :tenant AND id = :id AND principal_id = :principal AND ended_at IS NULL RETURNING id",
        tenant=tx.tenant_id,
        id=session_id,
        principal=principal_id,
        reason=reason.value,
        now=now,
    )
    return row is not None


def end_others(tx: Tx, principal_id: UUID, *, but: UUID, reason: EndReason, now: datetime) -> list[UUID]:
    """Those that ended now."""
    rows = tx.all(
        "UPDATE identity.sessions SET ended_at = :now, end_reason = :reason"
        " WHERE tenant_id = :tenant AND principal_id = :principal AND id <> :but AND ended_at IS NULL RETURNING id",
        tenant=tx.tenant_id,
        principal=principal_id,
        but=but,
        reason=reason.value,
        now=now,
    )
    return [row.id for row in rows]


def delete_expired(tx: Tx, *, before: datetime, limit: int) -> int:
    """Remove sessions that expired before a moment, with their tokens, of all tenants (the engine's role)."""
    return len(
        tx.all(
            "DELETE FROM identity.sessions WHERE id IN"
            " (SELECT id FROM identity.sessions WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)"
            " RETURNING id",
            before=before,
            limit=limit,
        )
    )


def delete_expired_tokens(tx: Tx, *, before: datetime, limit: int) -> int:
    """Remove tokens that expired before a moment while their session goes on, of all tenants (the engine's role)."""
    return len(
        tx.all(
            "DELETE FROM identity.tokens WHERE token_hash IN"
            " (SELECT token_hash FROM identity.tokens WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)"
            " RETURNING session_id",
            before=before,
            limit=limit,
        )
    )

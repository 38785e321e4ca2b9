"""Statements on sessions; all but the look-up by token run inside one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from identity.principals.queries import PrincipalRow
from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: UUID
    expires_at: datetime
    principal: PrincipalRow


def lookup_by_token(tx: Tx, token_hash: bytes) -> tuple[UUID, UUID] | None:
    """(tenant, principal) of a token in any tenant."""
    row = tx.first("SELECT tenant_id, principal_id FROM identity.principal_by_token(:hash)", hash=token_hash)
    return None if row is None else (row.tenant_id, row.principal_id)


def live(tx: Tx, token_hash: bytes, *, now: datetime) -> SessionRow | None:
    """The session and who it belongs to, if it has not ended and the principal may still log in."""
    row = tx.first(
        "SELECT s.id AS session_id, s.expires_at, p.tenant_id, p.id, p.kind, p.email, p.name, p.roles, p.status"
        " FROM identity.sessions s JOIN identity.principals p ON p.id = s.principal_id"
        " WHERE s.token_hash = :hash AND s.tenant_id = :tenant AND s.ended_at IS NULL AND s.expires_at > :now"
        " AND p.status = 'active'",
        hash=token_hash,
        tenant=tx.tenant_id,
        now=now,
    )
    return None if row is None else SessionRow(row.session_id, row.expires_at, PrincipalRow.read(row))


def still_live(tx: Tx, session_ids: Sequence[UUID], *, now: datetime) -> set[UUID]:
    rows = tx.all(
        "SELECT s.id FROM identity.sessions s JOIN identity.principals p ON p.id = s.principal_id"
        " WHERE s.tenant_id = :tenant AND s.id = ANY(CAST(:ids AS uuid[])) AND s.ended_at IS NULL AND s.expires_at > :now"
        " AND p.status = 'active'",
        tenant=tx.tenant_id,
        ids=list(session_ids),
        now=now,
    )
    return {row.id for row in rows}


def insert_if_active(
    tx: Tx, *, session_id: UUID, principal_id: UUID, token_hash: bytes, now: datetime, expires_at: datetime
) -> bool:
    """False when the principal was disabled since the password was read."""
    row = tx.first(
        "INSERT INTO identity.sessions (tenant_id, id, principal_id, token_hash, created_at, expires_at)"
        " SELECT p.tenant_id, :id, p.id, :hash, :now, :expires FROM identity.principals p"
        " WHERE p.id = :principal AND p.tenant_id = :tenant AND p.status = 'active' RETURNING id",
        tenant=tx.tenant_id,
        id=session_id,
        principal=principal_id,
        hash=token_hash,
        now=now,
        expires=expires_at,
    )
    return row is not None


def end(tx: Tx, session_id: UUID, *, now: datetime) -> None:
    tx.execute(
        "UPDATE identity.sessions SET ended_at = :now WHERE tenant_id = :tenant AND id = :id AND ended_at IS NULL",
        tenant=tx.tenant_id,
        id=session_id,
        now=now,
    )


def delete_expired(tx: Tx, *, before: datetime, limit: int) -> int:
    """Remove sessions that expired before a moment, of all tenants (the engine's role)."""
    return len(
        tx.all(
            "DELETE FROM identity.sessions WHERE id IN"
            " (SELECT id FROM identity.sessions WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)"
            " RETURNING id",
            before=before,
            limit=limit,
        )
    )

"""Statements on logins that are under way at the provider, and on who a member of staff is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class LoginRow:
    """A login that began in one browser; `verifier` and `nonce` tie the provider's answer to it."""

    browser_hash: bytes
    nonce: str
    verifier: str


def insert_login(tx: Tx, *, state_hash: bytes, row: LoginRow, expires_at: datetime) -> None:
    tx.execute(
        "INSERT INTO identity.oidc_logins (tenant_id, state_hash, browser_hash, nonce, verifier, expires_at)"
        " VALUES (:tenant, :state, :browser, :nonce, :verifier, :expires)",
        tenant=tx.tenant_id,
        state=state_hash,
        browser=row.browser_hash,
        nonce=row.nonce,
        verifier=row.verifier,
        expires=expires_at,
    )


def take_login(tx: Tx, state_hash: bytes, *, now: datetime) -> LoginRow | None:
    """The login that began with this state, which is thereby used up."""
    row = tx.first(
        "DELETE FROM identity.oidc_logins WHERE tenant_id = :tenant AND state_hash = :state AND expires_at > :now"
        " RETURNING browser_hash, nonce, verifier",
        tenant=tx.tenant_id,
        state=state_hash,
        now=now,
    )
    return None if row is None else LoginRow(bytes(row.browser_hash), row.nonce, row.verifier)


def delete_expired(tx: Tx, *, before: datetime, limit: int) -> int:
    """Forget logins that nobody finished, of all tenants (the engine's role)."""
    return len(
        tx.all(
            "DELETE FROM identity.oidc_logins WHERE state_hash IN"
            " (SELECT state_hash FROM identity.oidc_logins WHERE expires_at < :before LIMIT :limit) RETURNING nonce",
            before=before,
            limit=limit,
        )
    )


def bind(tx: Tx, *, principal: UUID, issuer: str, subject: str, now: datetime) -> None:
    """The first login says who somebody is at the provider; later ones change nothing."""
    tx.execute(
        "INSERT INTO identity.oidc_subjects (tenant_id, principal_id, issuer, subject, bound_at)"
        " VALUES (:tenant, :principal, :issuer, :subject, :now) ON CONFLICT DO NOTHING",
        tenant=tx.tenant_id,
        principal=principal,
        issuer=issuer,
        subject=subject,
        now=now,
    )


def subject_of(tx: Tx, *, principal: UUID, issuer: str) -> str | None:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT subject FROM identity.oidc_subjects WHERE tenant_id = :tenant AND principal_id = :principal AND issuer = :issuer",
        tenant=tx.tenant_id,
        principal=principal,
        issuer=issuer,
    )

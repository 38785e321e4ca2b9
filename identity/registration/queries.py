"""Statements on registrations; all but the tidying run inside one tenant. The engine reads all columns but the hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    id: UUID
    email: str
    name: str
    language: str


def insert(
    tx: Tx, *, registration_id: UUID, email: str, name: str, language: str, password_hash: str, now: datetime
) -> None:
    tx.execute(
        "INSERT INTO identity.registrations (tenant_id, id, email, name, language, password_hash, asked_at)"
        " VALUES (:tenant, :id, :email, :name, :language, :hash, :now)",
        tenant=tx.tenant_id,
        id=registration_id,
        email=email,
        name=name,
        language=language,
        hash=password_hash,
        now=now,
    )


def get(tx: Tx, registration_id: UUID) -> RegistrationRow | None:
    row = tx.first(
        "SELECT id, email, name, language FROM identity.registrations WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=registration_id,
    )
    return None if row is None else RegistrationRow(row.id, row.email, row.name, row.language)


def newest_waiting(tx: Tx, email: str, *, since: datetime) -> UUID | None:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT id FROM identity.registrations WHERE tenant_id = :tenant AND email = :email"
        " AND principal_id IS NULL AND asked_at > :since ORDER BY id DESC LIMIT 1",
        tenant=tx.tenant_id,
        email=email,
        since=since,
    )


def waiting_hash(tx: Tx, registration_id: UUID) -> str | None:
    """The hash that waits; None when it has become somebody."""
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT password_hash FROM identity.registrations WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=registration_id,
    )


def lock_hash(tx: Tx, registration_id: UUID) -> str | None:
    """The hash that waits, for this transaction alone; None when it has become somebody."""
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT password_hash FROM identity.registrations WHERE tenant_id = :tenant AND id = :id FOR UPDATE",
        tenant=tx.tenant_id,
        id=registration_id,
    )


def become(tx: Tx, registration_id: UUID, *, principal_id: UUID) -> None:
    tx.execute(
        "UPDATE identity.registrations SET principal_id = :principal, password_hash = NULL"
        " WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=registration_id,
        principal=principal_id,
    )


def delete_old(tx: Tx, *, before: datetime, limit: int) -> int:
    """Of all tenants (the engine's role)."""
    return len(
        tx.all(
            "DELETE FROM identity.registrations WHERE id IN"
            " (SELECT id FROM identity.registrations WHERE asked_at < :before ORDER BY asked_at LIMIT :limit) RETURNING id",
            before=before,
            limit=limit,
        )
    )

"""Statements on passkeys and their challenges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.db import AnyRow, Tx


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    id: UUID
    principal_id: UUID
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: datetime
    last_used_at: datetime | None

    @classmethod
    def read(cls, row: AnyRow) -> PasskeyRow:
        return cls(
            row.id, row.principal_id, bytes(row.credential_id), bytes(row.public_key), row.sign_count, row.name,
            row.created_at, row.last_used_at,
        )  # fmt: skip


_READ = (
    "SELECT id, principal_id, credential_id, public_key, sign_count, name, created_at, last_used_at FROM identity.passkeys"
    " WHERE tenant_id = :tenant"
)


def lookup(tx: Tx, credential_id: bytes) -> tuple[UUID, UUID] | None:
    """(tenant, principal) of a passkey in any tenant."""
    row = tx.first("SELECT tenant_id, principal_id FROM identity.principal_by_passkey(:id)", id=credential_id)
    return None if row is None else (row.tenant_id, row.principal_id)


def of_principal(tx: Tx, principal: UUID) -> list[PasskeyRow]:
    """The oldest first."""
    rows = tx.all(_READ + " AND principal_id = :principal ORDER BY id", tenant=tx.tenant_id, principal=principal)
    return [PasskeyRow.read(row) for row in rows]


def lock(tx: Tx, principal: UUID, credential_id: bytes) -> PasskeyRow | None:
    """This person's passkey, for this transaction alone."""
    row = tx.first(
        _READ + " AND principal_id = :principal AND credential_id = :credential FOR UPDATE",
        tenant=tx.tenant_id,
        principal=principal,
        credential=credential_id,
    )
    return None if row is None else PasskeyRow.read(row)


def insert(tx: Tx, row: PasskeyRow) -> bool:
    """False when the credential is registered already, by whomever."""
    found = tx.first(
        "INSERT INTO identity.passkeys"
        " (tenant_id, id, principal_id, credential_id, public_key, sign_count, name, created_at)"
        " VALUES (:tenant, :id, :principal, :credential, :public, :count, :name, :now)"
        " ON CONFLICT (credential_id) DO NOTHING RETURNING id",
        tenant=tx.tenant_id,
        id=row.id,
        principal=row.principal_id,
        credential=row.credential_id,
        public=row.public_key,
        count=row.sign_count,
        name=row.name,
        now=row.created_at,
    )
    return found is not None


def note_use(tx: Tx, passkey: UUID, *, sign_count: int, now: datetime) -> None:
    tx.execute(
        "UPDATE identity.passkeys SET sign_count = :count, last_used_at = :now WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=passkey,
        count=sign_count,
        now=now,
    )


def delete(tx: Tx, principal: UUID, passkey: UUID) -> bool:
    """False when it is no passkey of this principal."""
    row = tx.first(
        "DELETE FROM identity.passkeys WHERE tenant_id = :tenant AND principal_id = :principal AND id = :id RETURNING id",
        tenant=tx.tenant_id,
        principal=principal,
        id=passkey,
    )
    return row is not None


def insert_challenge(
    tx: Tx, *, challenge_id: UUID, principal: UUID | None, purpose: str, challenge: bytes, expires_at: datetime
) -> None:
    tx.execute(
        "INSERT INTO identity.passkey_challenges (tenant_id, id, principal_id, purpose, challenge, expires_at)"
        " VALUES (:tenant, :id, :principal, :purpose, :challenge, :expires)",
        tenant=tx.tenant_id,
        id=challenge_id,
        principal=principal,
        purpose=purpose,
        challenge=challenge,
        expires=expires_at,
    )


def take_challenge(tx: Tx, challenge_id: UUID, *, principal: UUID | None, purpose: str, now: datetime) -> bytes | None:
    """The challenge, which is gone with this; None for one that is unknown, used, too old or meant for something else."""
    row = tx.first(
        "DELETE FROM identity.passkey_challenges WHERE tenant_id = :tenant AND id = :id AND purpose = :purpose"
        " AND principal_id IS NOT DISTINCT FROM CAST(:principal AS uuid) AND expires_at > :now RETURNING challenge",
        tenant=tx.tenant_id,
        id=challenge_id,
        principal=principal,
        purpose=purpose,
        now=now,
    )
    return None if row is None else bytes(row.challenge)


def delete_challenges(tx: Tx, *, before: datetime, limit: int) -> int:
    """Forget challenges nobody answered, of all tenants (the engine's role)."""
    return len(
        tx.all(
            "DELETE FROM identity.passkey_challenges WHERE id IN"
            " (SELECT id FROM identity.passkey_challenges WHERE expires_at < :before LIMIT :limit) RETURNING id",
            before=before,
            limit=limit,
        )
    )

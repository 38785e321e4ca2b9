"""Statements on API keys; all but the look-up by key run inside one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from identity.api_keys.states import Algorithm, Scope
from identity.principals.queries import PrincipalRow
from kernel.db import AnyRow, Tx

LAST_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ApiKeyRow:
    id: UUID
    key: str
    name: str
    scopes: frozenset[Scope]
    ip_allow: tuple[str, ...]
    sealed_secret: bytes | None
    public_key: bytes | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None

    @property
    def algorithm(self) -> Algorithm:
        return Algorithm.HMAC_SHA256 if self.public_key is None else Algorithm.ED25519


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A key that is not revoked, and the active principal it belongs to."""

    key: ApiKeyRow
    principal: PrincipalRow


_COLUMNS = (
    "k.id AS key_id, k.key, k.name AS key_name, k.scopes, CAST(k.ip_allow AS text[]) AS ip_allow, k.sealed_secret,"
    " k.public_key, k.created_at, k.expires_at, k.last_used_at"
)


def _read(row: AnyRow) -> ApiKeyRow:
    return ApiKeyRow(
        id=row.key_id,
        key=row.key,
        name=row.key_name,
        scopes=frozenset(Scope(scope) for scope in row.scopes),
        ip_allow=tuple(row.ip_allow),
        sealed_secret=None if row.sealed_secret is None else bytes(row.sealed_secret),
        public_key=None if row.public_key is None else bytes(row.public_key),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )


def lookup(tx: Tx, key: str) -> tuple[UUID, UUID] | None:
    """(tenant, principal) of a key in any tenant."""
    row = tx.first("SELECT tenant_id, principal_id FROM identity.principal_by_api_key(:key)", key=key)
    return None if row is None else (row.tenant_id, row.principal_id)


def live(tx: Tx, key: str, *, now: datetime) -> LiveKey | None:
    row = tx.first(
        f"SELECT {_COLUMNS}, p.tenant_id, p.id, p.kind, p.email, p.name, p.roles, p.status"
        " FROM identity.api_keys k JOIN identity.principals p ON p.id = k.principal_id"
        " WHERE k.key = :key AND k.tenant_id = :tenant AND k.revoked_at IS NULL AND p.status = 'active'"
        " AND (k.expires_at IS NULL OR k.expires_at > :now)",
        key=key,
        now=now,
        tenant=tx.tenant_id,
    )
    return None if row is None else LiveKey(_read(row), PrincipalRow.read(row))


def lock_principal(tx: Tx, principal: UUID) -> None:
    """Two new keys of one customer are made one after the other, so that both count."""
    tx.execute(
        "SELECT id FROM identity.principals WHERE id = :id AND tenant_id = :tenant FOR UPDATE",
        id=principal,
        tenant=tx.tenant_id,
    )


def count(tx: Tx, principal: UUID) -> int:
    return int(
        tx.scalar(
            "SELECT count(*) FROM identity.api_keys"
            " WHERE tenant_id = :tenant AND principal_id = :principal AND revoked_at IS NULL",
            tenant=tx.tenant_id,
            principal=principal,
        )
    )


def insert(
    tx: Tx,
    *,
    key_id: UUID,
    principal: UUID,
    key: str,
    name: str,
    scopes: Sequence[Scope],
    ip_allow: Sequence[str],
    sealed_secret: bytes | None,
    public_key: bytes | None,
    now: datetime,
    expires_at: datetime | None,
) -> None:
    tx.execute(
        "INSERT INTO identity.api_keys"
        " (tenant_id, id, principal_id, key, name, scopes, ip_allow, sealed_secret, public_key, created_at, expires_at)"
        " VALUES (:tenant, :id, :principal, :key, :name, :scopes, CAST(CAST(:ip_allow AS text[]) AS cidr[]), :sealed,"
        " :public, :now, :expires)",
        tenant=tx.tenant_id,
        id=key_id,
        principal=principal,
        key=key,
        name=name,
        scopes=[scope.value for scope in scopes],
        ip_allow=list(ip_allow),
        sealed=sealed_secret,
        public=public_key,
        now=now,
        expires=expires_at,
    )


def get(tx: Tx, *, principal: UUID, key_id: UUID) -> ApiKeyRow | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM identity.api_keys k"
        " WHERE k.id = :id AND k.tenant_id = :tenant AND k.principal_id = :principal AND k.revoked_at IS NULL",
        id=key_id,
        tenant=tx.tenant_id,
        principal=principal,
    )
    return None if row is None else _read(row)


def page(tx: Tx, *, principal: UUID, before: UUID | None, limit: int) -> list[ApiKeyRow]:
    rows = tx.all(
        f"SELECT {_COLUMNS} FROM identity.api_keys k"
        " WHERE k.tenant_id = :tenant AND k.principal_id = :principal AND k.revoked_at IS NULL"
        " AND (CAST(:before AS uuid) IS NULL OR k.id < :before) ORDER BY k.id DESC LIMIT :limit",
        tenant=tx.tenant_id,
        principal=principal,
        before=before,
        limit=limit,
    )
    return [_read(row) for row in rows]


def revoke(tx: Tx, *, principal: UUID, key_id: UUID, now: datetime) -> bool:
    """False when there is no such live key of this principal. The row stays: its key never becomes somebody else's."""
    row = tx.first(
        "UPDATE identity.api_keys SET revoked_at = :now, sealed_secret = CASE WHEN public_key IS NULL THEN CAST('' AS bytea) END"
        " WHERE id = :id AND tenant_id = :tenant AND principal_id = :principal AND revoked_at IS NULL RETURNING id",
        id=key_id,
        tenant=tx.tenant_id,
        principal=principal,
        now=now,
    )
    return row is not None


def note_use(tx: Tx, *, key_id: UUID, now: datetime) -> None:
    """Once a minute at most: a row that every request writes would serve one request at a time."""
    tx.execute(
        "UPDATE identity.api_keys SET last_used_at = :now WHERE id = :id AND tenant_id = :tenant"
        " AND (last_used_at IS NULL OR last_used_at < :before)",
        id=key_id,
        tenant=tx.tenant_id,
        now=now,
        before=now - LAST_USED_EVERY,
    )


def use_nonce(tx: Tx, *, key_id: UUID, nonce: str, expires_at: datetime) -> bool:
    """False when the key used it before."""
    row = tx.first(
        "INSERT INTO identity.api_nonces (tenant_id, key_id, nonce, expires_at) VALUES (:tenant, :key, :nonce, :expires)"
        " ON CONFLICT DO NOTHING RETURNING true",
        tenant=tx.tenant_id,
        key=key_id,
        nonce=nonce,
        expires=expires_at,
    )
    return row is not None


def delete_nonces(tx: Tx, *, before: datetime, limit: int) -> int:
    """Forget nonces whose requests are too old to be accepted anyway, of all tenants (the engine's role)."""
    return len(
        tx.all(
            "DELETE FROM identity.api_nonces WHERE (key_id, nonce) IN"
            " (SELECT key_id, nonce FROM identity.api_nonces WHERE expires_at < :before LIMIT :limit) RETURNING key_id",
            before=before,
            limit=limit,
        )
    )

"""Statements on principals and their password hashes; all but the look-up by e-mail run inside one tenant.

The tenant stands in each WHERE beside row-level security, because the engine's role sees every tenant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from identity.principals.states import Kind, Role, Status
from kernel.db import Tx

_COLUMNS = "tenant_id, id, kind, email, name, roles, status"


@dataclass(frozen=True, slots=True)
class PrincipalRow:
    tenant_id: UUID
    id: UUID
    kind: Kind
    email: str
    name: str
    roles: frozenset[Role]
    status: Status

    @property
    def active(self) -> bool:
        return self.status is Status.ACTIVE

    @classmethod
    def read(cls, row: Row[Any]) -> PrincipalRow:
        return cls(
            row.tenant_id,
            row.id,
            Kind(row.kind),
            row.email,
            row.name,
            frozenset(Role(role) for role in row.roles),
            Status(row.status),
        )


def lookup_by_email(tx: Tx, email: str) -> tuple[UUID, UUID] | None:
    """(tenant, principal) of an e-mail in any tenant."""
    row = tx.first("SELECT tenant_id, principal_id FROM identity.principal_by_email(:email)", email=email)
    return None if row is None else (row.tenant_id, row.principal_id)


def get(tx: Tx, principal_id: UUID) -> PrincipalRow | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM identity.principals WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=principal_id,
    )
    return None if row is None else PrincipalRow.read(row)


def by_email(tx: Tx, email: str) -> PrincipalRow | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM identity.principals WHERE tenant_id = :tenant AND email = :email",
        tenant=tx.tenant_id,
        email=email,
    )
    return None if row is None else PrincipalRow.read(row)


def insert(tx: Tx, principal: PrincipalRow) -> bool:
    """False when the e-mail is taken, in whichever tenant."""
    row = tx.first(
        "INSERT INTO identity.principals (tenant_id, id, kind, email, name, roles, status)"
        " VALUES (:tenant, :id, :kind, :email, :name, CAST(:roles AS text[]), :status)"
        " ON CONFLICT (email) DO NOTHING RETURNING id",
        tenant=principal.tenant_id,
        id=principal.id,
        kind=principal.kind.value,
        email=principal.email,
        name=principal.name,
        roles=sorted(principal.roles),
        status=principal.status.value,
    )
    return row is not None


def set_status(tx: Tx, principal_id: UUID, status: Status) -> bool:
    row = tx.first(
        "UPDATE identity.principals SET status = :status WHERE tenant_id = :tenant AND id = :id RETURNING id",
        tenant=tx.tenant_id,
        status=status.value,
        id=principal_id,
    )
    return row is not None


def password_hash(tx: Tx, principal_id: UUID) -> str | None:
    """The stored hash of a principal that may log in."""
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT c.password_hash FROM identity.credentials c JOIN identity.principals p ON p.id = c.principal_id"
        " WHERE c.principal_id = :id AND p.status = 'active'",
        id=principal_id,
    )


def insert_password(tx: Tx, principal_id: UUID, hashed: str) -> None:
    tx.execute(
        "INSERT INTO identity.credentials (tenant_id, principal_id, password_hash) VALUES (:tenant, :id, :hash)",
        tenant=tx.tenant_id,
        id=principal_id,
        hash=hashed,
    )


def replace_password(tx: Tx, principal_id: UUID, *, old: str, new: str) -> bool:
    """False when somebody changed it meanwhile."""
    row = tx.first(
        "UPDATE identity.credentials SET password_hash = :new"
        " WHERE tenant_id = :tenant AND principal_id = :id AND password_hash = :old RETURNING true",
        tenant=tx.tenant_id,
        id=principal_id,
        old=old,
        new=new,
    )
    return row is not None

"""Statements on principals and their password hashes; all but the look-up by e-mail run inside one tenant.

The tenant stands in each WHERE beside row-level security, because the engine's role sees every tenant.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from identity.principals.states import Kind, Role, Status
from kernel.db import Tx

_COLUMNS = "tenant_id, id, kind, email, name, roles, status"


CALLED = "coalesce(nullif(p.name, ''), p.email)"
"""How people call whoever has the account `p`."""


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


@dataclass(frozen=True, slots=True)
class PersonRow:
    """An account as far as decisions look at it: the same `person` may hold several."""

    id: UUID
    person: UUID
    roles: frozenset[Role]
    active: bool


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


def customers_among(tx: Tx, ids: Collection[UUID]) -> set[UUID]:
    rows = tx.all(
        "SELECT id FROM identity.principals WHERE tenant_id = :tenant AND id = ANY(:ids) AND kind = 'customer'",
        tenant=tx.tenant_id,
        ids=list(ids),
    )
    return {row.id for row in rows}


def staff_with(tx: Tx, roles: Collection[Role]) -> list[UUID]:
    rows = tx.all(
        "SELECT id FROM identity.principals WHERE tenant_id = :tenant AND kind = 'staff' AND status = 'active'"
        " AND roles && CAST(:roles AS text[]) ORDER BY id",
        tenant=tx.tenant_id,
        roles=[role.value for role in roles],
    )
    return [row.id for row in rows]


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


def lock_people(tx: Tx, principal_ids: Collection[UUID]) -> list[PersonRow]:
    """These accounts, whose roles, status and person nobody changes before this transaction ends."""
    rows = tx.all(
        "SELECT id, coalesce(person_id, id) AS person, roles, status FROM identity.principals"
        " WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS uuid[])) ORDER BY id FOR SHARE",
        tenant=tx.tenant_id,
        ids=list(principal_ids),
    )
    return [
        PersonRow(row.id, row.person, frozenset(Role(role) for role in row.roles), row.status == Status.ACTIVE)
        for row in rows
    ]


def accounts_of_person(tx: Tx, principal_id: UUID) -> list[UUID]:
    """All accounts of the person whose account this is."""
    rows = tx.all(
        """SELECT o.id FROM identity.principals me
             JOIN identity.principals o
               ON o.tenant_id = me.tenant_id AND (o.id = me.id OR o.person_id = me.person_id OR o.id = me.person_id)
            WHERE me.tenant_id = :tenant AND me.id = :id""",
        tenant=tx.tenant_id,
        id=principal_id,
    )
    return [row.id for row in rows]


def join_person(tx: Tx, principal_ids: Collection[UUID], *, person: UUID) -> int:
    """Let these accounts, and all that belonged to one of their persons, belong to this person; answers how many of them there are."""
    rows = tx.all(
        """UPDATE identity.principals SET person_id = :person
            WHERE tenant_id = :tenant AND coalesce(person_id, id) IN (
                SELECT coalesce(person_id, id) FROM identity.principals WHERE tenant_id = :tenant AND id = ANY (CAST(:ids AS uuid[])))
           RETURNING id""",
        tenant=tx.tenant_id,
        person=person,
        ids=list(principal_ids),
    )
    return len(rows)


def set_status(tx: Tx, principal_id: UUID, status: Status) -> bool:
    row = tx.first(
        "UPDATE identity.principals SET status = :status WHERE tenant_id = :tenant AND id = :id RETURNING id",
        tenant=tx.tenant_id,
        status=status.value,
        id=principal_id,
    )
    return row is not None


def move_status(tx: Tx, principal_id: UUID, to: Status, *, sources: Collection[Status]) -> bool:
    """False when it has none of these states (any more)."""
    row = tx.first(
        "UPDATE identity.principals SET status = :to"
        " WHERE tenant_id = :tenant AND id = :id AND status = ANY (CAST(:sources AS text[])) RETURNING id",
        tenant=tx.tenant_id,
        to=to.value,
        id=principal_id,
        sources=sorted(source.value for source in sources),
    )
    return row is not None


def set_email(tx: Tx, principal_id: UUID, email: str) -> None:
    """The database refuses one that somebody of the deployment has."""
    tx.execute(
        "UPDATE identity.principals SET email = :email WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=principal_id,
        email=email,
    )


def set_name(tx: Tx, principal_id: UUID, name: str) -> None:
    tx.execute(
        "UPDATE identity.principals SET name = :name WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=principal_id,
        name=name,
    )


def set_roles(tx: Tx, principal_id: UUID, roles: Collection[Role]) -> None:
    tx.execute(
        "UPDATE identity.principals SET roles = CAST(:roles AS text[]) WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=principal_id,
        roles=sorted(roles),
    )


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


def set_password(tx: Tx, principal_id: UUID, hashed: str, *, now: datetime) -> None:
    """Whatever it was, or the first one."""
    tx.execute(
        "INSERT INTO identity.credentials (tenant_id, principal_id, password_hash, changed_at)"
        " VALUES (:tenant, :id, :hash, :now)"
        " ON CONFLICT (principal_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at",
        tenant=tx.tenant_id,
        id=principal_id,
        hash=hashed,
        now=now,
    )


def replace_password(tx: Tx, principal_id: UUID, *, old: str, new: str, changed_at: datetime | None = None) -> bool:
    """False when somebody changed it meanwhile. Without `changed_at` it is the same password, hashed anew."""
    row = tx.first(
        "UPDATE identity.credentials SET password_hash = :new,"
        " changed_at = coalesce(CAST(:changed_at AS timestamptz), changed_at)"
        " WHERE tenant_id = :tenant AND principal_id = :id AND password_hash = :old RETURNING true",
        tenant=tx.tenant_id,
        id=principal_id,
        old=old,
        new=new,
        changed_at=changed_at,
    )
    return row is not None

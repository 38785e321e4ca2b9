"""Statements on people as staff sees them; all run inside one tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from identity.principals.states import Kind, Role, Status
from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class PersonRow:
    id: UUID
    kind: Kind
    email: str
    name: str
    roles: tuple[Role, ...]
    status: Status
    created_at: datetime

    @classmethod
    def read(cls, row: Row[Any]) -> PersonRow:
        roles = tuple(sorted(Role(role) for role in row.roles))
        return cls(row.id, Kind(row.kind), row.email, row.name, roles, Status(row.status), row.created_at)


@dataclass(frozen=True, slots=True)
class FactsRow:
    """What stands around an account: counts, and when something that a thief would do was last done."""

    totp: bool
    passkeys: int
    recovery_codes_left: int
    api_keys: int
    password_changed_at: datetime | None
    weakened_at: datetime | None


_COLUMNS = "id, kind, email, name, roles, status, created_at"


def page(
    tx: Tx, *, kind: Kind, text: str | None, status: Status | None, before: UUID | None, limit: int
) -> list[PersonRow]:
    """The newest first; `text` is a part of the e-mail or the name."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM identity.principals
             WHERE tenant_id = :tenant AND kind = :kind
               AND (CAST(:text AS text) IS NULL OR email LIKE :text ESCAPE '!' OR lower(name) LIKE :text ESCAPE '!')
               AND (CAST(:status AS text) IS NULL OR status = :status)
               AND (CAST(:before AS uuid) IS NULL OR id < :before)
             ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        kind=kind.value,
        text=None if text is None else f"%{_literal(text.lower())}%",
        status=None if status is None else status.value,
        before=before,
        limit=limit,
    )
    return [PersonRow.read(row) for row in rows]


def _literal(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def get(tx: Tx, principal_id: UUID, *, kind: Kind) -> PersonRow | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM identity.principals WHERE tenant_id = :tenant AND id = :id AND kind = :kind",
        tenant=tx.tenant_id,
        id=principal_id,
        kind=kind.value,
    )
    return None if row is None else PersonRow.read(row)


def lock(tx: Tx, principal_id: UUID) -> PersonRow | None:
    """Somebody, whom nobody changes before this transaction ends."""
    row = tx.first(
        f"SELECT {_COLUMNS} FROM identity.principals WHERE tenant_id = :tenant AND id = :id FOR NO KEY UPDATE",
        tenant=tx.tenant_id,
        id=principal_id,
    )
    return None if row is None else PersonRow.read(row)


def factor_counts(tx: Tx, principal_id: UUID) -> tuple[bool, int]:
    """(an authenticator app, how many passkeys); both roles may ask."""
    row = tx.one(
        """SELECT EXISTS (SELECT FROM identity.second_factors f
                           WHERE f.tenant_id = :tenant AND f.principal_id = :id AND f.totp_secret IS NOT NULL) AS totp,
                  (SELECT count(*) FROM identity.passkeys k WHERE k.tenant_id = :tenant AND k.principal_id = :id) AS passkeys""",
        tenant=tx.tenant_id,
        id=principal_id,
    )
    return row.totp, row.passkeys


def facts(tx: Tx, principal_id: UUID) -> FactsRow:
    totp, passkeys = factor_counts(tx, principal_id)
    row = tx.one(
        """SELECT (SELECT count(*) FROM identity.recovery_codes c
                    WHERE c.tenant_id = :tenant AND c.principal_id = :id AND c.used_at IS NULL) AS codes,
                  (SELECT count(*) FROM identity.api_keys k
                    WHERE k.tenant_id = :tenant AND k.principal_id = :id AND k.revoked_at IS NULL) AS keys,
                  (SELECT c.changed_at FROM identity.credentials c
                    WHERE c.tenant_id = :tenant AND c.principal_id = :id) AS password_changed_at,
                  (SELECT f.weakened_at FROM identity.second_factors f
                    WHERE f.tenant_id = :tenant AND f.principal_id = :id) AS weakened_at""",
        tenant=tx.tenant_id,
        id=principal_id,
    )
    return FactsRow(totp, passkeys, row.codes, row.keys, row.password_changed_at, row.weakened_at)


def delete_passkeys(tx: Tx, principal_id: UUID) -> None:
    tx.execute(
        "DELETE FROM identity.passkeys WHERE tenant_id = :tenant AND principal_id = :id",
        tenant=tx.tenant_id,
        id=principal_id,
    )

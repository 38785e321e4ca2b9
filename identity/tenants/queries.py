"""Statements on tenants: the one table of identity that belongs to no tenant."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class TenantRow:
    id: UUID
    name: str


def insert_if_absent(tx: Tx, *, tenant_id: UUID, name: str) -> None:
    tx.execute(
        "INSERT INTO identity.tenants (id, name) VALUES (:id, :name) ON CONFLICT (id) DO NOTHING",
        id=tenant_id,
        name=name,
    )


def every(tx: Tx) -> list[TenantRow]:
    return [TenantRow(row.id, row.name) for row in tx.all("SELECT id, name FROM identity.tenants ORDER BY id")]

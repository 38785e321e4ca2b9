"""Use cases on tenants. Only the engine's role may create one."""

from __future__ import annotations

from uuid import UUID

from identity.tenants import queries
from identity.tenants.queries import TenantRow
from kernel.db import read_only, transaction

__all__ = ["TenantRow", "ensure", "every"]


def ensure(tenant_id: UUID, *, name: str) -> None:
    """Create the tenant if it is new; a second call changes nothing."""
    with transaction() as tx:
        queries.insert_if_absent(tx, tenant_id=tenant_id, name=name)


def every() -> list[TenantRow]:
    """All tenants of the deployment."""
    with read_only() as tx:
        return queries.every(tx)

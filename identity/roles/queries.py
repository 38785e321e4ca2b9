"""Statements on who holds which role; inside one tenant."""

from __future__ import annotations

from identity.principals.states import Role
from kernel.db import Tx


def count_staff(tx: Tx) -> dict[Role, int]:
    """How many active members of staff hold each role; a role that nobody holds is not in it."""
    rows = tx.all(
        "SELECT r.role, count(*) AS people FROM identity.principals p CROSS JOIN unnest(p.roles) AS r (role)"
        " WHERE p.tenant_id = :tenant AND p.kind = 'staff' AND p.status = 'active' GROUP BY r.role",
        tenant=tx.tenant_id,
    )
    return {Role(row.role): row.people for row in rows}

"""What a route may demand and which roles have it: one table, deny by default.

A role holds exactly what stands here; there is no hierarchy and no superuser. An administrator who should see a customer's order
gets a permission for that, with its own route and its own line in the audit.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from identity.principals.states import Role

__all__ = ["ROLE_PERMISSIONS", "Permission", "Role", "permissions_of"]


class Permission(StrEnum):
    ME_READ = "me:read"
    MARKETS_READ = "markets:read"
    MARKETS_WRITE = "markets:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    BALANCES_READ = "balances:read"
    STATEMENTS_READ = "statements:read"
    TREASURY_READ = "treasury:read"
    INVARIANTS_READ = "invariants:read"
    SANDBOX = "sandbox"


_EVERYBODY = frozenset({Permission.ME_READ, Permission.MARKETS_READ})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.RETAIL: _EVERYBODY
    | {
        Permission.ORDERS_READ,
        Permission.ORDERS_WRITE,
        Permission.BALANCES_READ,
        Permission.STATEMENTS_READ,
    },
    Role.TREASURY: _EVERYBODY | {Permission.TREASURY_READ},
    Role.PRODUCT: _EVERYBODY,
    Role.FINANCE: _EVERYBODY | {Permission.INVARIANTS_READ},
    Role.ADMIN: _EVERYBODY | {Permission.MARKETS_WRITE, Permission.INVARIANTS_READ, Permission.SANDBOX},
    Role.SUPPORT: _EVERYBODY,
    Role.COMPLIANCE: _EVERYBODY,
    Role.AUDITOR: _EVERYBODY | {Permission.INVARIANTS_READ},
}


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))

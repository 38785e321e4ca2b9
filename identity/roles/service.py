"""The table of roles as it is in force, with how many people hold each."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from identity.permissions import ROLE_PERMISSIONS, Permission
from identity.principals.states import Role
from identity.roles import queries
from kernel.db import read_only

__all__ = ["RoleView", "matrix"]


@dataclass(frozen=True, slots=True)
class RoleView:
    """`people`: active staff of this tenant; None for the customers' role, whom nobody counts here."""

    role: Role
    permissions: frozenset[Permission]
    people: int | None


def matrix(tenant: UUID) -> list[RoleView]:
    """Every role, in the order of the code: what stands here is what each route demands."""
    with read_only(tenant=tenant) as tx:
        people = queries.count_staff(tx)
    return [
        RoleView(role, held, None if role is Role.RETAIL else people.get(role, 0))
        for role, held in ROLE_PERMISSIONS.items()
    ]

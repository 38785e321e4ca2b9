"""Shapes of the route of roles."""

from __future__ import annotations

from pydantic import BaseModel

from identity.permissions import Permission
from identity.principals.states import Role
from kernel.paging import Page


class RoleOut(BaseModel):
    """A role and all it may do; `people` of your staff hold it, null for the customers' role."""

    role: Role
    permissions: list[Permission]
    people: int | None


class RolesOut(Page[RoleOut]):
    """The whole matrix: every role, and every permission that there is."""

    permissions: list[Permission]

"""The matrix of roles over HTTP. It is read only: a role holds what stands in the code, and changes with a release."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.roles import service
from identity.roles.schemas import RoleOut, RolesOut

router = APIRouter(prefix="/v1/roles", tags=["identity"])


@router.get("", operation_id="list_roles")
def list_roles(principal: Annotated[Principal, requires(Permission.ROLES_READ)]) -> RolesOut:
    """Every role with its permissions, and how many of your staff hold it; on one page."""
    return RolesOut(
        items=[
            RoleOut(role=view.role, permissions=sorted(view.permissions), people=view.people)
            for view in service.matrix(principal.tenant_id)
        ],
        permissions=list(Permission),
    )

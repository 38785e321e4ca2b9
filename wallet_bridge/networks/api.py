"""Which assets can come in and go out, on which networks, and on what terms."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import Page
from wallet_bridge.networks import service
from wallet_bridge.networks.schemas import NetworkOut

router = APIRouter(prefix="/v1/networks", tags=["wallet"])


@router.get("", operation_id="list_networks")
def list_networks(principal: Annotated[Principal, requires(Permission.MARKETS_READ)]) -> Page[NetworkOut]:
    """Every asset and network of this house; empty where it has no wallet."""
    rows = service.offered(principal.tenant_id)
    return Page(items=[NetworkOut.model_validate(row) for row in rows], next_cursor=None)

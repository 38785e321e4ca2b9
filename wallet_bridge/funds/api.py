"""Treasury looks: balances per venue and asset."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import Page
from wallet_bridge.funds import service
from wallet_bridge.funds.schemas import VenueBalanceOut

router = APIRouter(prefix="/v1/treasury", tags=["treasury"])


@router.get("/venue-balances")
def venue_balances(principal: Annotated[Principal, requires(Permission.TREASURY_READ)]) -> Page[VenueBalanceOut]:
    rows = service.list_balances(principal.tenant_id)
    return Page(items=[VenueBalanceOut.model_validate(row) for row in rows], next_cursor=None)

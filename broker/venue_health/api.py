"""How the venues are doing, over HTTP, for treasury."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from broker.venue_health import service
from broker.venue_health.schemas import VenueHealthOut, VenueHealthPage
from identity.auth import Principal, requires
from identity.permissions import Permission

router = APIRouter(prefix="/v1/treasury/venues", tags=["treasury"])


@router.get("")
def venues(principal: Annotated[Principal, requires(Permission.TREASURY_READ)]) -> VenueHealthPage:
    """Prices, calls and breakers of each venue."""
    found, now = service.standings(principal.tenant_id)
    items = [VenueHealthOut.model_validate(standing) for standing in found]
    return VenueHealthPage(items=items, window_s=int(service.WINDOW.total_seconds()), as_of=now)

"""Our tiers at the venues over HTTP, for treasury."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from broker.revenue.rules import REPORTING
from broker.venue_fees import service
from broker.venue_fees.schemas import ReportedOut, VenueFeesOut, VenueFeesPage
from identity.auth import Principal, requires
from identity.permissions import Permission
from venues.fee_tiers import VOLUME_DAYS

router = APIRouter(prefix="/v1/treasury/venue-fees", tags=["treasury"])


@router.get("")
def venue_fees(principal: Annotated[Principal, requires(Permission.TREASURY_READ)]) -> VenueFeesPage:
    """What each venue charges us, and how far we are from its next tier."""
    found, now = service.standings(principal.tenant_id)
    items = []
    for standing in found:
        out = VenueFeesOut.model_validate(standing.progress)
        out.reported = [ReportedOut.model_validate(row) for row in standing.reports]
        items.append(out)
    return VenueFeesPage(items=items, volume_days=VOLUME_DAYS, reporting_currency=REPORTING, as_of=now)

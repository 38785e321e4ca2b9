"""The report of a day over HTTP."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import problem_responses
from payments.errors import LedgerArchived, NotFinalYet
from wallet_bridge.daily import service
from wallet_bridge.daily.errors import DayNotBegun
from wallet_bridge.daily.schemas import TreasuryDayOut, shown

router = APIRouter(prefix="/v1/treasury/report", tags=["treasury"])


@router.get("", responses=problem_responses(DayNotBegun, NotFinalYet, LedgerArchived))
def day_report(
    principal: Annotated[Principal, requires(Permission.TREASURY_READ)],
    day: Annotated[
        date | None, Query(description="In UTC; default yesterday. Today is told as far as it has come.")
    ] = None,
) -> TreasuryDayOut:
    """What came, went and stayed at every place on a day, what treasury moved, and its alerts."""
    return shown(service.report(principal.tenant_id, day))

"""The reports of earn over HTTP, for staff who may read earn."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Query

from earn.reports import service
from earn.reports.schemas import (
    EarnCostsOut,
    EarnCoverageOut,
    EarnLadderOut,
    costs_out,
    coverage_out,
    ladder_out,
)
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import InvalidRequest
from kernel.http import problem_responses
from payments.errors import LedgerArchived

router = APIRouter(prefix="/v1/earn", tags=["earn"])
Reader = Annotated[Principal, requires(Permission.EARN_READ)]
Asset = Annotated[str | None, Query(pattern=r"^[A-Z0-9]{1,32}$")]


@router.get("/ladder")
def show_ladder(principal: Reader, asset: Asset = None) -> EarnLadderOut:
    """What is still to be paid to customers, by due date."""
    return ladder_out(service.ladder(principal.tenant_id, asset=asset))


@router.get("/coverage")
def show_coverage(principal: Reader) -> EarnCoverageOut:
    """What customers of earn are owed, and what stands in the books of the same assets."""
    return coverage_out(service.coverage(principal.tenant_id))


@router.get("/costs", responses=problem_responses(InvalidRequest, LedgerArchived))
def show_costs(
    principal: Reader,
    first: Annotated[dt.date | None, Query(alias="from")] = None,
    last: Annotated[dt.date | None, Query(alias="to", description="Included; default today.")] = None,
    asset: Asset = None,
) -> EarnCostsOut:
    """What earn cost by day and template, and what lending earned on the same days."""
    return costs_out(service.costs(principal.tenant_id, first=first, last=last, asset=asset))

"""The payout by hand; every hour it runs by itself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from earn.payouts import service
from earn.payouts.schemas import PayoutRunIn, PayoutRunOut
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import InvalidRequest
from kernel.http import problem_responses

router = APIRouter(prefix="/v1/earn", tags=["earn"])


@router.post("/payouts:run", responses=problem_responses(InvalidRequest))
def run_payouts(body: PayoutRunIn, principal: Annotated[Principal, requires(Permission.EARN_WRITE)]) -> PayoutRunOut:
    """Pay what is due by a day that has begun; again it pays nothing twice."""
    done = service.ask_for(principal.tenant_id, body.date)
    return PayoutRunOut(run_id=done.run_id, paid=done.paid, refused=done.refused)

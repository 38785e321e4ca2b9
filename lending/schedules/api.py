"""A repayment schedule before anybody borrows."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import problem_responses
from lending.schedules.errors import ScheduleImpossible
from lending.schedules.rules import schedule
from lending.schedules.schemas import LoanScheduleIn, LoanScheduleOut

router = APIRouter(prefix="/v1", tags=["lending"])


@router.post("/loan-schedules:preview", responses=problem_responses(ScheduleImpossible))
def preview_schedule(
    body: LoanScheduleIn, _principal: Annotated[Principal, requires(Permission.PRODUCTS_READ)]
) -> LoanScheduleOut:
    """The rows of a loan, to the last unit; nothing is kept."""
    return LoanScheduleOut.of(schedule(body.terms()))

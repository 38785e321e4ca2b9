"""What the house earns of lending, over HTTP, for staff."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import Page, problem_responses
from lending.errors import LoanNotFound
from lending.life import spread
from lending.life.schemas import LoanSpreadOut, SpreadOut

router = APIRouter(prefix="/v1/lending", tags=["lending"])


@router.get("/spread")
def spread_by_day(
    principal: Annotated[Principal, requires(Permission.LENDING_READ)],
    product_id: Annotated[UUID | None, Query()] = None,
    days: Annotated[int, Query(ge=1, le=366)] = 30,
) -> Page[SpreadOut]:
    """What each product earned on each of the last days, and what its money cost."""
    rows = spread.by_day(principal.tenant_id, product=product_id, days=days)
    return Page(items=[SpreadOut.model_validate(row, from_attributes=True) for row in rows], next_cursor=None)


@router.get("/loans/{id}/spread", responses=problem_responses(LoanNotFound))
def spread_of_loan(
    loan_id: Annotated[UUID, Path(alias="id")], principal: Annotated[Principal, requires(Permission.LENDING_READ)]
) -> LoanSpreadOut:
    """What one loan has earned until today, and what its money cost."""
    found = spread.of_loan(principal.tenant_id, loan_id)
    return LoanSpreadOut(
        loan_id=found.loan_id,
        asset=found.asset,
        interest=found.interest,
        cost=found.cost,
        spread=found.interest - found.cost,
    )

"""Funding lines over HTTP, for staff: what the house can lend, from whom, and what that costs."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import IdempotencyKey, Page, problem_responses
from lending.funding import changing, errors, opening, service
from lending.funding.schemas import (
    FundingApprovalOut,
    FundingDayOut,
    FundingLineChange,
    FundingLineIn,
    FundingLineOut,
    FundingLineStory,
    FundingMoveOut,
)
from lending.funding.service import Line, Wish
from payments.errors import AmountTooFine, AssetUnknown

router = APIRouter(prefix="/v1/lending/funding-lines", tags=["lending"])


@router.get("")
def funding_lines(principal: Annotated[Principal, requires(Permission.LENDING_READ)]) -> Page[FundingLineOut]:
    """Every funding line, by name."""
    return Page(
        items=[FundingLineOut(**_line(line)) for line in service.lines_of(principal.tenant_id)], next_cursor=None
    )


@router.post(
    "",
    status_code=202,
    responses=problem_responses(errors.FundingLineTaken, errors.FundingSourceUnfit, AssetUnknown, AmountTooFine),
)
def open_funding_line(
    body: FundingLineIn,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LENDING_WRITE)],
) -> FundingApprovalOut:
    """Ask a second person to open a line; a product names the one its loans are paid from."""
    wish = Wish(
        name=body.name,
        adapter=body.adapter,
        source=body.source,
        asset=body.asset,
        limit=body.limit,
        rate=body.rate,
        day_count=body.day_count,
    )
    return FundingApprovalOut(
        approval_id=opening.ask(tenant=principal.tenant_id, actor=principal.id, wish=wish, key=key)
    )


@router.get("/{id}", responses=problem_responses(errors.FundingLineNotFound))
def funding_line(
    line_id: Annotated[UUID, Path(alias="id")], principal: Annotated[Principal, requires(Permission.LENDING_READ)]
) -> FundingLineStory:
    """One line with what moved on it and what each day cost."""
    line, moves, days = service.story(principal.tenant_id, line_id)
    return FundingLineStory(
        **_line(line),
        moves=[
            FundingMoveOut(
                id=move.id,
                loan_id=move.loan_id,
                kind=move.kind,
                amount=move.amount,
                status=move.status,
                journal_id=move.journal_id,
                at=move.at,
            )
            for move in moves
        ],
        days=[FundingDayOut(day=day.day, amount=day.amount, total=day.total) for day in days],
    )


@router.patch(
    "/{id}",
    responses={
        202: {"model": FundingApprovalOut, "description": "It waits for a second person."},
        **problem_responses(errors.FundingLineNotFound, errors.FundingLimitTooLow, AmountTooFine),
    },
)
def change_funding_line(
    line_id: Annotated[UUID, Path(alias="id")],
    body: FundingLineChange,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LENDING_WRITE)],
) -> FundingLineOut | FundingApprovalOut:
    """Less limit or a lower rate from today on; more limit or a higher rate waits for a second person, with all that is asked along.

    Floating products on this line announce their rate a week ahead.
    """
    approval_id = changing.change(
        tenant=principal.tenant_id, actor=principal.id, line_id=line_id, limit=body.limit, rate=body.rate, key=key
    )
    if approval_id is not None:
        response.status_code = 202
        return FundingApprovalOut(approval_id=approval_id)
    line, _, _ = service.story(principal.tenant_id, line_id)
    return FundingLineOut(**_line(line))


def _line(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "name": line.name,
        "adapter": line.adapter,
        "source": line.source,
        "asset": line.asset,
        "limit": line.limit,
        "rate": line.rate,
        "day_count": line.day_count,
        "drawn": line.drawn,
        "asked": line.asked,
        "free": line.free,
        "cost_owed": service.cost_owed(line),
        "accrued_through": line.accrued_through,
        "created_at": line.created_at,
    }

"""Runs of the payout and what they left, for staff; and the payout by hand, which runs by itself every hour."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from earn.payouts import service, watching
from earn.payouts.schemas import PayoutOut, PayoutRunIn, PayoutRunOut, RefusedRowOut
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import InvalidRequest
from kernel.http import Page, cut, decode_cursor, problem_responses

router = APIRouter(prefix="/v1/earn", tags=["earn"])
Reader = Annotated[Principal, requires(Permission.EARN_READ)]
Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/payouts")
def list_payouts(principal: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[PayoutOut]:
    """Runs, newest first, and what is still unpaid of what was due by each."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = watching.runs(principal.tenant_id, before=before, limit=limit + 1)
    found, more = cut(found, limit, lambda one: one.id)
    return Page(items=[PayoutOut.of(run) for run in found], next_cursor=more)


@router.get("/payouts/refused")
def list_refused_rows(principal: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[RefusedRowOut]:
    """Rows that are due and that the ledger would not pay, with its reason. They are tried again by every run."""
    after = decode_cursor(cursor, UUID, int) if cursor else None
    found = watching.refusals(principal.tenant_id, after=after, limit=limit + 1)
    found, more = cut(found, limit, lambda one: (one.subscription_id, one.seq))
    return Page(items=[RefusedRowOut.of(row) for row in found], next_cursor=more)


@router.post("/payouts:run", responses=problem_responses(InvalidRequest))
def run_payouts(body: PayoutRunIn, principal: Annotated[Principal, requires(Permission.EARN_WRITE)]) -> PayoutRunOut:
    """Pay what is due by a day that has begun; again it pays nothing twice."""
    done = service.ask_for(principal.tenant_id, body.date)
    return PayoutRunOut(run_id=done.run_id, paid=done.paid, refused=done.refused)

"""Hits on lists of names over HTTP, for compliance alone: the customer is never told."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.screening import service
from identity.screening.errors import ScreeningClosed
from identity.screening.schemas import FindingIn, ScreeningOut
from identity.screening.states import ScreeningState
from kernel.db import AnyRow
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses

router = APIRouter(prefix="/v1/screenings", tags=["kyc"])


@router.get("", operation_id="list_screenings")
def list_screenings(
    principal: Annotated[Principal, requires(Permission.KYC_READ)],
    state: Annotated[ScreeningState | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[ScreeningOut]:
    """Newest first; `state=review` is what waits for somebody."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = service.page(principal.tenant_id, state=state, before=before, limit=limit + 1)
    found, more = cut(found, limit, lambda one: one.id)
    return Page(items=[_out(row) for row in found], next_cursor=more)


@router.post(
    "/{id}/decision",
    operation_id="decide_screening",
    responses=problem_responses(ScreeningClosed, IdempotencyConflict),
)
def decide(
    id: UUID,  # noqa: A002  the name in the path
    body: FindingIn,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.KYC_DECIDE)],
) -> ScreeningOut:
    """Say whether the customer is who stands on the list."""
    service.decide(
        tenant=principal.tenant_id, by=principal.id, screening_id=id, finding=body.finding, reason=body.reason, key=key
    )
    return _out(service.read(principal.tenant_id, id))


def _out(row: AnyRow) -> ScreeningOut:
    return ScreeningOut.model_validate(dict(row._mapping))  # noqa: SLF001  the row's documented view

"""The inbox of approvals over HTTP.

The gate asks for the permission to read alone: each row names the permission that its decision needs, which is read with the row.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from identity.approvals import service
from identity.approvals.errors import ApprovalClosed, ApprovalExpired, ApprovalOwnRequest, ApprovalVoid
from identity.approvals.schemas import ApprovalOut, ApproveIn, RejectIn
from identity.approvals.service import Approval
from identity.approvals.states import ApprovalState, Box
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses

router = APIRouter(prefix="/v1/approvals", tags=["identity"])
Reader = Annotated[Principal, requires(Permission.APPROVALS_READ)]
_REFUSALS = problem_responses(ApprovalOwnRequest, ApprovalVoid, ApprovalExpired, ApprovalClosed, IdempotencyConflict)


@router.get("", operation_id="list_approvals")
def list_approvals(
    principal: Reader,
    box: Annotated[
        Box | None, Query(description="`to_decide`: what waits for you. `asked`: what you asked for.")
    ] = None,
    state: Annotated[ApprovalState | None, Query()] = None,
    kind: Annotated[str | None, Query(max_length=64, examples=["payments.transfer"])] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[ApprovalOut]:
    """What waits for you, what you asked for and what you may look at, newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = service.page(
        tenant=principal.tenant_id,
        reader=principal.id,
        box=box,
        state=state,
        kind=kind,
        before=before,
        limit=limit + 1,
    )
    found, more = cut(found, limit, lambda one: one.id)
    return Page(items=[_out(one) for one in found], next_cursor=more)


@router.get("/{id}", operation_id="get_approval")
def get_approval(id: UUID, principal: Reader) -> ApprovalOut:  # noqa: A002  the name in the path
    return _read(principal, id)


@router.post("/{id}/approve", operation_id="approve_request", responses=_REFUSALS)
def approve(id: UUID, body: ApproveIn, key: IdempotencyKey, principal: Reader) -> ApprovalOut:  # noqa: A002
    """Agree, as another person, to what has this digest; it is carried out within seconds."""
    service.approve(tenant=principal.tenant_id, by=principal.id, approval_id=id, digest=body.digest, key=key)
    return _read(principal, id)


@router.post("/{id}/reject", operation_id="reject_request", responses=_REFUSALS)
def reject(id: UUID, body: RejectIn, key: IdempotencyKey, principal: Reader) -> ApprovalOut:  # noqa: A002
    """Refuse, as another person; who asked takes it back where it was asked for."""
    service.reject(tenant=principal.tenant_id, by=principal.id, approval_id=id, reason=body.reason, key=key)
    return _read(principal, id)


def _read(principal: Principal, approval_id: UUID) -> ApprovalOut:
    return _out(service.read(tenant=principal.tenant_id, reader=principal.id, approval_id=approval_id))


def _out(approval: Approval) -> ApprovalOut:
    return ApprovalOut.model_validate(asdict(approval))

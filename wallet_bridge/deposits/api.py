"""Deposits over HTTP: customers see their own, staff everybody's; what is held or without an owner needs two people."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.principals.states import Kind
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor, problem_responses
from payments.errors import AssetUnknown
from wallet_bridge.deposits import claiming, errors, releasing, service
from wallet_bridge.deposits.schemas import ClaimIn, DepositApprovalOut, DepositOut, shown
from wallet_bridge.deposits.states import DepositStatus

router = APIRouter(prefix="/v1/deposits", tags=["wallet"])
suspense_router = APIRouter(prefix="/v1/treasury/suspense", tags=["treasury"])
Reader = Annotated[Principal, requires(Permission.DEPOSITS_READ)]
Decider = Annotated[Principal, requires(Permission.DEPOSITS_DECIDE)]
Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("")
def list_deposits(
    principal: Reader,
    asset: Annotated[str | None, Query(min_length=1, max_length=32)] = None,
    status: Annotated[DepositStatus | None, Query()] = None,
    customer_id: Annotated[UUID | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DepositOut]:
    """Your deposits, newest first; staff see everybody's, or with `customer_id` those of one customer."""
    return _page(
        principal, customer=_scope(principal) or customer_id, asset=asset, status=status, cursor=cursor, limit=limit
    )


@router.get("/{id}", responses=problem_responses(errors.DepositNotFound))
def get_deposit(deposit_id: Annotated[UUID, Path(alias="id")], principal: Reader) -> DepositOut:
    """One of yours, or anybody's for staff."""
    whose = _scope(principal)
    return shown(service.view(principal.tenant_id, deposit_id, customer=whose), staff=whose is None)


@router.post(
    "/{id}/release",
    status_code=202,
    responses=problem_responses(
        errors.DepositNotFound, errors.DepositNotHeld, errors.DepositNotFinal, IdempotencyConflict
    ),
)
def release_deposit(
    deposit_id: Annotated[UUID, Path(alias="id")], key: IdempotencyKey, principal: Decider
) -> DepositApprovalOut:
    """Ask a second person to give a held deposit to its customer, or to open the accounts of one who had spent a reversed one."""
    asked = releasing.ask(tenant=principal.tenant_id, actor=principal.id, deposit_id=deposit_id, key=key)
    return DepositApprovalOut(approval_id=asked)


@suspense_router.get("")
def list_suspense(principal: Decider, cursor: Cursor = None, limit: Limit = 50) -> Page[DepositOut]:
    """What arrived and is nobody's yet, newest first."""
    return _page(principal, customer=None, asset=None, status=DepositStatus.SUSPENSE, cursor=cursor, limit=limit)


@suspense_router.post(
    "/{id}/claim",
    status_code=202,
    responses=problem_responses(
        errors.DepositNotFound, errors.ClaimantUnknown, errors.DepositNotInSuspense, errors.DepositNotFinal, AssetUnknown,
        IdempotencyConflict,
    ),
)  # fmt: skip
def claim_suspense(
    deposit_id: Annotated[UUID, Path(alias="id")], body: ClaimIn, key: IdempotencyKey, principal: Decider
) -> DepositApprovalOut:
    """Ask a second person to give it to this customer."""
    asked = claiming.ask(
        tenant=principal.tenant_id, actor=principal.id, deposit_id=deposit_id, customer_id=body.customer_id, key=key
    )
    return DepositApprovalOut(approval_id=asked)


def _page(
    principal: Principal, *, customer: UUID | None, asset: str | None, status: DepositStatus | None, cursor: str | None,
    limit: int,
) -> Page[DepositOut]:  # fmt: skip
    before = decode_cursor(cursor, UUID) if cursor else None
    found = service.page(
        principal.tenant_id, customer=customer, asset=asset, status=status, before=before, limit=limit + 1
    )
    items = [shown(one, staff=_scope(principal) is None) for one in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(found) > limit else None)


def _scope(principal: Principal) -> UUID | None:
    """A customer's own, whatever was asked for; None is everybody's."""
    return principal.id if principal.kind is Kind.CUSTOMER else None

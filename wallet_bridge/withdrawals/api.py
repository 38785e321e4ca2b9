"""Withdrawals over HTTP: customers ask, look and take back; staff see everybody's, and let out or send back what waits for a person."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from identity.auth import Principal, Realm, requires
from identity.eligibility.errors import NotEligible
from identity.permissions import Permission
from identity.principals.states import Kind
from identity.security.errors import CoolingDown, StepUpRequired
from identity.tenants.errors import ProductNotOffered
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor, problem_responses
from payments.errors import AccountFrozen, AmountTooFine, InsufficientFunds
from wallet_bridge.address_book.errors import AddressNotActive, AddressNotFound, MemoRequired
from wallet_bridge.custody.errors import WalletNotConfigured
from wallet_bridge.custody.service import require_configured
from wallet_bridge.networks.errors import NetworkUnknown
from wallet_bridge.withdrawals import deciding, errors, review, service
from wallet_bridge.withdrawals.schemas import (
    WithdrawalDecisionIn,
    WithdrawalIn,
    WithdrawalOut,
    WithdrawalRejectIn,
    WithdrawalReleaseOut,
    shown,
)
from wallet_bridge.withdrawals.service import Caller
from wallet_bridge.withdrawals.states import WithdrawalState

router = APIRouter(prefix="/v1/withdrawals", tags=["wallet"])
Reader = Annotated[Principal, requires(Permission.WITHDRAWALS_READ)]
Reviewer = Annotated[Principal, requires(Permission.WITHDRAWALS_REVIEW)]
ProvenReviewer = Annotated[Principal, requires(Permission.WITHDRAWALS_REVIEW, proven=True)]


@router.post(
    "",
    status_code=201,
    operation_id="withdraw",
    responses={
        200: {"model": WithdrawalOut, "description": "This Idempotency-Key made this withdrawal before."},
        **problem_responses(
            NetworkUnknown, AddressNotFound, AddressNotActive, MemoRequired, errors.WithdrawalsClosed, AmountTooFine,
            errors.BelowMinimumWithdrawal, errors.FeeExceedsAmount, errors.OwnAddress, errors.WithdrawalBlocked,
            errors.WithdrawalLimitExceeded, InsufficientFunds, errors.FundsUnsettled, errors.RealMoneyOnly, AccountFrozen,
            NotEligible, ProductNotOffered, CoolingDown, StepUpRequired, IdempotencyConflict, WalletNotConfigured,
        ),
    },
)  # fmt: skip
def withdraw(
    body: WithdrawalIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.WITHDRAWALS_WRITE, proven=True, keys=True)],
) -> WithdrawalOut:
    """Send to an address of your book. Amount and fee are held at once; a person may have to look first (`in_review`)."""
    require_configured()
    if principal.realm is not Realm.REAL:
        raise errors.RealMoneyOnly
    made = service.ask(Caller(principal.tenant_id, principal.id, key), body.wish())
    if made.replayed:
        response.status_code = 200
    return _one(principal, made.id)


@router.get("", operation_id="list_withdrawals")
def list_withdrawals(
    principal: Reader,
    state: WithdrawalState | None = None,
    customer_id: UUID | None = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[WithdrawalOut]:
    """Your own, newest first; of everybody, or of `customer_id`, for staff."""
    before = decode_cursor(cursor, UUID) if cursor else None
    whose = _whose(principal) or customer_id
    found = service.page(principal.tenant_id, customer=whose, state=state, before=before, limit=limit + 1)
    items = [shown(view, staff=_staff(principal)) for view in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(found) > limit else None)


@router.get("/{id}", operation_id="get_withdrawal", responses=problem_responses(errors.WithdrawalNotFound))
def get_withdrawal(withdrawal_id: Annotated[UUID, Path(alias="id")], principal: Reader) -> WithdrawalOut:
    """One, with the moments of its way."""
    return _one(principal, withdrawal_id)


@router.delete(
    "/{id}",
    operation_id="cancel_withdrawal",
    responses={
        202: {"model": WithdrawalOut, "description": "The custodian was asked to stop it; it is not known yet whether that came in time."},
        **problem_responses(errors.WithdrawalNotFound, errors.AlreadySigned, errors.WithdrawalEnded),
    },
)  # fmt: skip
def cancel(
    withdrawal_id: Annotated[UUID, Path(alias="id")],
    response: Response,
    principal: Annotated[Principal, requires(Permission.WITHDRAWALS_WRITE)],
) -> WithdrawalOut:
    """Take it back, as long as nothing is signed: 200 when it is cancelled, 202 when the custodian decides."""
    view = service.cancel(Caller(principal.tenant_id, principal.id), withdrawal_id)
    if view.withdrawal.ended_at is None:
        response.status_code = 202
    return shown(view, staff=_staff(principal))


@router.post(
    "/{id}/release",
    status_code=202,
    operation_id="release_withdrawal",
    responses=problem_responses(errors.WithdrawalNotFound, errors.WithdrawalDecided, IdempotencyConflict),
)
def release(
    withdrawal_id: Annotated[UUID, Path(alias="id")], key: IdempotencyKey, principal: Reviewer
) -> WithdrawalReleaseOut:
    """Ask a second person to let it out."""
    caller = Caller(principal.tenant_id, principal.id, key)
    return WithdrawalReleaseOut(approval_id=review.release(caller, withdrawal_id))


@router.post(
    "/{id}/reject",
    operation_id="reject_withdrawal",
    responses=problem_responses(errors.WithdrawalNotFound, errors.WithdrawalDecided, IdempotencyConflict),
)
def reject(
    withdrawal_id: Annotated[UUID, Path(alias="id")], body: WithdrawalRejectIn, key: IdempotencyKey, principal: Reviewer
) -> WithdrawalOut:
    """Send it back: what was held is the customer's to spend again."""
    view = review.reject(Caller(principal.tenant_id, principal.id, key), withdrawal_id, reason=body.reason)
    return shown(view, staff=True)


@router.post(
    "/{id}/decisions",
    status_code=202,
    operation_id="decide_withdrawal",
    responses=problem_responses(
        errors.WithdrawalNotFound, errors.WithdrawalNotManual, errors.WithdrawalDecisionPending, StepUpRequired, IdempotencyConflict
    ),
)  # fmt: skip
def decide(
    withdrawal_id: Annotated[UUID, Path(alias="id")],
    body: WithdrawalDecisionIn,
    key: IdempotencyKey,
    principal: ProvenReviewer,
) -> WithdrawalReleaseOut:
    """Say what became of one that nobody can tell (`manual`), and ask a second person; then the custodian is asked, and may refuse it."""
    wish = deciding.Wish(withdrawal_id=withdrawal_id, verdict=body.verdict, txid=body.txid, evidence=body.evidence)
    return WithdrawalReleaseOut(approval_id=deciding.propose(Caller(principal.tenant_id, principal.id, key), wish))


def _one(principal: Principal, withdrawal_id: UUID) -> WithdrawalOut:
    view = service.view(principal.tenant_id, withdrawal_id, customer=_whose(principal))
    return shown(view, staff=_staff(principal))


def _whose(principal: Principal) -> UUID | None:
    return None if _staff(principal) else principal.id


def _staff(principal: Principal) -> bool:
    return principal.kind is Kind.STAFF

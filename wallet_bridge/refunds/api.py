"""Sending a held deposit back, over HTTP: staff asks a second person."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.security.errors import StepUpRequired
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, problem_responses
from wallet_bridge.address_book.errors import AddressInvalid, MemoNotTaken, MemoRequired
from wallet_bridge.deposits.errors import DepositNotFinal, DepositNotFound, DepositNotHeld, DepositOwed
from wallet_bridge.deposits.schemas import DepositApprovalOut
from wallet_bridge.networks.errors import NetworkUnknown
from wallet_bridge.refunds import service
from wallet_bridge.refunds.errors import RefundToOwnAddress
from wallet_bridge.refunds.schemas import DepositRefundIn
from wallet_bridge.withdrawals.errors import FeeExceedsAmount, WithdrawalsClosed

router = APIRouter(prefix="/v1/deposits", tags=["wallet"])
Decider = Annotated[Principal, requires(Permission.DEPOSITS_DECIDE, proven=True)]


@router.post(
    "/{id}/refund",
    status_code=202,
    responses=problem_responses(
        DepositNotFound, DepositNotHeld, DepositNotFinal, DepositOwed, NetworkUnknown, WithdrawalsClosed, AddressInvalid, MemoRequired,
        MemoNotTaken, RefundToOwnAddress, FeeExceedsAmount, StepUpRequired, IdempotencyConflict,
    ),
)  # fmt: skip
def refund_deposit(
    deposit_id: Annotated[UUID, Path(alias="id")], body: DepositRefundIn, key: IdempotencyKey, principal: Decider
) -> DepositApprovalOut:
    """Ask a second person to send a held deposit back to whoever sent it, less the network's fee."""
    asked = service.ask(
        tenant=principal.tenant_id, actor=principal.id, deposit_id=deposit_id, wish=body.wish(), key=key
    )
    return DepositApprovalOut(approval_id=asked)

"""What happens when an approval was decided."""

from __future__ import annotations

from identity.approvals.events import ApprovalEnded, ApprovalGranted
from identity.approvals.states import ApprovalState
from kernel.db import Tx
from wallet_bridge.cold import service

_NO = {ApprovalState.REJECTED, ApprovalState.EXPIRED, ApprovalState.VOID}


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == service.KIND:
        service.carry_out(tx, spend_id=fact.resource_id, approval_id=fact.approval_id)


def ended(tx: Tx, fact: ApprovalEnded) -> None:
    if fact.kind == service.KIND and fact.state in _NO:
        service.not_agreed(tx, fact.resource_id, reason=fact.state)

"""What the consumer of events does with decisions about entered prices."""

from __future__ import annotations

from identity.approvals.events import ApprovalEnded, ApprovalGranted
from identity.approvals.states import ApprovalState
from kernel.db import Tx
from lending.watch import entering

_REFUSED = {ApprovalState.REJECTED, ApprovalState.EXPIRED, ApprovalState.VOID}


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == entering.KIND:
        entering.carry_out(tx, entry_id=fact.resource_id, approval_id=fact.approval_id)


def ended(tx: Tx, fact: ApprovalEnded) -> None:
    if fact.kind == entering.KIND and fact.state in _REFUSED:
        entering.drop(tx, entry_id=fact.resource_id)

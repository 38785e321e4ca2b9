"""Entries of the consumers of events: what a second person decided in the inbox of approvals."""

from __future__ import annotations

from identity.approvals.events import ApprovalEnded, ApprovalGranted
from identity.approvals.states import ApprovalState
from kernel.db import Tx
from payments.transfers import service
from payments.transfers.second_person import KIND

_REFUSED = {ApprovalState.REJECTED, ApprovalState.EXPIRED}


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == KIND:
        service.carry_out(tx, transfer_id=fact.resource_id, approval_id=fact.approval_id)


def ended(tx: Tx, fact: ApprovalEnded) -> None:
    if fact.kind == KIND and fact.state in _REFUSED:
        service.drop(tx, transfer_id=fact.resource_id)

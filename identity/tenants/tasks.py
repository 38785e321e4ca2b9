"""Entries of the engine: what a second person decided about a policy, and changes whose time has come."""

from __future__ import annotations

from datetime import datetime

from identity.approvals.events import ApprovalEnded, ApprovalGranted
from identity.approvals.states import ApprovalState
from identity.tenants import policies
from kernel.db import Tx

_REFUSED = {ApprovalState.REJECTED, ApprovalState.EXPIRED}


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == policies.KIND:
        policies.schedule(tx, change_id=fact.resource_id, approval_id=fact.approval_id)


def ended(tx: Tx, fact: ApprovalEnded) -> None:
    if fact.kind == policies.KIND and fact.state in _REFUSED:
        policies.drop(tx, change_id=fact.resource_id, state=fact.state, reason=fact.reason)


def apply_due(_due: datetime) -> None:
    policies.apply_due()

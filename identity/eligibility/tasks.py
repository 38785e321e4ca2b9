"""What the consumer of events does with decisions about rules of countries."""

from __future__ import annotations

from identity.approvals.events import ApprovalEnded, ApprovalGranted
from identity.approvals.states import ApprovalState
from identity.eligibility import countries
from kernel.db import Tx

_REFUSED = {ApprovalState.REJECTED, ApprovalState.EXPIRED, ApprovalState.VOID}


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == countries.KIND:
        countries.carry_out(tx, rule_id=fact.resource_id, approval_id=fact.approval_id)


def ended(tx: Tx, fact: ApprovalEnded) -> None:
    if fact.kind == countries.KIND and fact.state in _REFUSED:
        countries.drop(tx, rule_id=fact.resource_id)

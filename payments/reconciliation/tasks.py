"""What the schedules call: yesterday's runs once a day, and the steps of whatever waits; and what was decided in the inbox of approvals."""

from __future__ import annotations

from datetime import datetime

from identity.approvals.events import ApprovalEnded, ApprovalGranted
from identity.approvals.states import ApprovalState
from kernel.db import Tx
from payments.reconciliation import service, tickets
from payments.reconciliation.second_person import KIND

BUDGET_S = 2.0
_REFUSED = {ApprovalState.REJECTED, ApprovalState.EXPIRED}


def work_off(_due: datetime) -> None:
    """Other schedules wait for this one, so it stops after a while and goes on when it is due again."""
    service.work_off(budget_s=BUDGET_S)


def start_days(due: datetime) -> None:
    service.start_days(due)


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == KIND:
        tickets.carry_out(tx, item_id=fact.resource_id, approval_id=fact.approval_id)


def ended(tx: Tx, fact: ApprovalEnded) -> None:
    if fact.kind == KIND and fact.state in _REFUSED:
        tickets.drop(tx, item_id=fact.resource_id, by=fact.checker, reason=fact.reason)

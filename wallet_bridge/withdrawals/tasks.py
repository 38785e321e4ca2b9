"""Entries of the consumers of events: what a second person agreed to."""

from __future__ import annotations

from identity.approvals.events import ApprovalGranted
from kernel.db import Tx
from wallet_bridge.withdrawals import deciding, review


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == review.KIND:
        review.carry_out(tx, withdrawal_id=fact.resource_id, approval_id=fact.approval_id, maker=fact.maker)
    elif fact.kind == deciding.KIND:
        deciding.ask_custodian(tx, withdrawal_id=fact.resource_id, approval_id=fact.approval_id)

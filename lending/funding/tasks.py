"""What the consumer of events does with decisions about funding lines."""

from __future__ import annotations

from identity.approvals.events import ApprovalGranted
from kernel.db import Tx
from lending.funding import changing, opening


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == opening.KIND:
        opening.carry_out(tx, line_id=fact.resource_id, approval_id=fact.approval_id)
    elif fact.kind == changing.KIND:
        changing.carry_out(tx, line_id=fact.resource_id, approval_id=fact.approval_id)

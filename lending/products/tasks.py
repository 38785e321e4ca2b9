"""What the consumer of events does with decisions about loan products."""

from __future__ import annotations

from identity.approvals.events import ApprovalGranted
from kernel.db import Tx
from lending.products import service


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == service.KIND:
        service.carry_out(tx, product_id=fact.resource_id, approval_id=fact.approval_id)

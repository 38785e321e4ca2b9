"""What the consumer of events does with decisions about coupons."""

from __future__ import annotations

from earn.coupons import service
from identity.approvals.events import ApprovalGranted
from kernel.db import Tx


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == service.KIND:
        service.carry_out(tx, coupon_id=fact.resource_id, approval_id=fact.approval_id)

"""What happens on events and on time: approvals that were decided, proposals, and transfers that take too long."""

from __future__ import annotations

from datetime import datetime

from identity.approvals.events import ApprovalEnded, ApprovalGranted
from identity.approvals.states import ApprovalState
from kernel import db
from kernel.db import Tx
from wallet_bridge.moves import addresses, deciding, proposing, queries, service, settling

_NO = {ApprovalState.REJECTED, ApprovalState.EXPIRED, ApprovalState.VOID}
_AT_ONCE = 100


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    if fact.kind == service.KIND:
        service.carry_out(tx, transfer_id=fact.resource_id, approval_id=fact.approval_id)
    elif fact.kind == addresses.KIND:
        addresses.carry_out(tx, address_id=fact.resource_id, approval_id=fact.approval_id)
    elif fact.kind == settling.KIND:
        settling.carry_out(tx, transfer_id=fact.resource_id, approval_id=fact.approval_id, maker=fact.maker)
    elif fact.kind == deciding.KIND:
        deciding.ask_custodian(tx, transfer_id=fact.resource_id, approval_id=fact.approval_id)


def ended(tx: Tx, fact: ApprovalEnded) -> None:
    if fact.state not in _NO:
        return
    if fact.kind == service.KIND:
        service.not_agreed(tx, fact.resource_id, reason=fact.state)
    elif fact.kind == addresses.KIND:
        addresses.not_agreed(tx, fact.resource_id)


def propose(_at: datetime) -> None:
    """For every house whose venues have said what they offer."""
    with db.read_only() as tx:
        tenants = queries.tenants(tx)
    for tenant in tenants:
        proposing.propose(tenant)


def look_for_late(_at: datetime) -> None:
    while True:
        with db.read_only() as tx:
            late = queries.late(tx, limit=_AT_ONCE)
        for row in late:
            with db.transaction(tenant=row.tenant_id) as tx:
                service.tell_late(tx, row.id)
        if len(late) < _AT_ONCE:
            return

"""The worker's entry to imports, and the ways to wake it: at once after a request or a decision, and by a schedule for whatever was lost.

The consumer of events takes what a second person decided in the inbox of approvals.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from identity.approvals.events import ApprovalEnded, ApprovalGranted
from identity.approvals.states import ApprovalState
from kernel.db import Tx
from kernel.tasks import app, send
from payments.imports import service
from payments.imports.second_person import KIND

_NAME = "payments.imports.run"
_REFUSED = {ApprovalState.REJECTED, ApprovalState.EXPIRED}


@app.task(name=_NAME)  # type: ignore[untyped-decorator]
def run(tenant: str, import_id: str) -> None:
    service.run(UUID(tenant), UUID(import_id))


def wake(tenant: UUID, import_id: UUID) -> None:
    send(_NAME, str(tenant), str(import_id))


def wake_waiting(_due: datetime) -> None:
    """Schedule of the engine: a lost message or a dead worker loses no import."""
    for tenant, import_id in service.waiting():
        wake(tenant, import_id)


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    tenant, import_id = tx.tenant_id, fact.resource_id
    if fact.kind == KIND and service.carry_out(tx, import_id=import_id, approval_id=fact.approval_id):
        tx.after_commit(lambda: wake(tenant, import_id))


def ended(tx: Tx, fact: ApprovalEnded) -> None:
    if fact.kind == KIND and fact.state in _REFUSED:
        service.drop(tx, import_id=fact.resource_id, by=fact.checker)

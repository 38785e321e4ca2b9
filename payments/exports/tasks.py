"""The worker's entry to exports, and the two ways to wake it: at once after a request, and by a schedule for whatever was lost."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kernel.tasks import app, send
from payments.exports import service

_NAME = "payments.exports.run"


@app.task(name=_NAME)  # type: ignore[untyped-decorator]
def run(tenant: str, export_id: str) -> None:
    service.run(UUID(tenant), UUID(export_id))


def wake(tenant: UUID, export_id: UUID) -> None:
    send(_NAME, str(tenant), str(export_id))


def wake_waiting(_due: datetime) -> None:
    """Schedule of the engine: a lost message or a dead worker loses no job."""
    for tenant, export_id in service.waiting():
        wake(tenant, export_id)

"""The worker's entry to imports, and the two ways to wake it: at once after a request, and by a schedule for whatever was lost."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kernel.tasks import app, send
from payments.imports import service

_NAME = "payments.imports.run"


@app.task(name=_NAME)  # type: ignore[untyped-decorator]
def run(tenant: str, import_id: str) -> None:
    service.run(UUID(tenant), UUID(import_id))


def wake(tenant: UUID, import_id: UUID) -> None:
    send(_NAME, str(tenant), str(import_id))


def wake_waiting(_due: datetime) -> None:
    """Schedule of the engine: a lost message or a dead worker loses no import."""
    for tenant, import_id in service.waiting():
        wake(tenant, import_id)

"""Alerts over HTTP: what is open, and who takes care of it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, problem_responses
from wallet_bridge.alerts import service
from wallet_bridge.alerts.errors import AlertNotFound, AlertOver
from wallet_bridge.alerts.schemas import AlertOut

router = APIRouter(prefix="/v1/treasury/alerts", tags=["treasury"])


@router.get("")
def alerts(
    principal: Annotated[Principal, requires(Permission.TREASURY_READ)],
    state: Annotated[Literal["open", "cleared"] | None, Query()] = None,
) -> Page[AlertOut]:
    """Open ones first, then the newest; two hundred at most."""
    rows = service.list_alerts(principal.tenant_id, state=state)
    return Page(items=[AlertOut.model_validate(row) for row in rows], next_cursor=None)


@router.post("/{id}/ack", responses=problem_responses(AlertNotFound, AlertOver, IdempotencyConflict))
def acknowledge(
    alert_id: Annotated[UUID, Path(alias="id")],
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.TREASURY_WRITE)],
) -> AlertOut:
    """Take care of it: nobody is called again unless it gets worse. Who was first stays."""
    service.acknowledge(tenant=principal.tenant_id, by=principal.id, alert_id=alert_id, key=key)
    return AlertOut.model_validate(service.find(principal.tenant_id, alert_id))

"""Execution reports over HTTP: of one's own orders, and of everybody's for those who watch over execution."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter

from broker.routing import reports
from broker.routing.schemas import ExecutionReportOut, RoundOut
from identity.auth import Principal, requires
from identity.permissions import Permission

router = APIRouter(prefix="/v1/orders", tags=["orders"])
_TWELVE = Decimal("1e-12")


@router.get("/{order_id}/execution-report")
def execution_report(
    order_id: UUID, principal: Annotated[Principal, requires(Permission.ME_READ)]
) -> ExecutionReportOut:
    """The customer's own order, or any order of the house for `execution:read`; else 404."""
    report = reports.execution_report(
        tenant=principal.tenant_id,
        reader=principal.id,
        order_id=order_id,
        desk=principal.may(Permission.EXECUTION_READ),
    )
    order = report.order
    return ExecutionReportOut(
        order_id=order.id,
        symbol=order.symbol,
        side=order.side,
        type=order.type,
        venue=order.venue,
        status=order.status,
        quantity=order.quantity,
        filled_quantity=order.filled_quantity,
        average_price=_shown(order.filled_cost / order.filled_quantity) if order.filled_quantity else None,
        rounds=[RoundOut.model_validate(_shown(each)) for each in report.rounds],
    )


def _shown(value: Any) -> Any:
    """Averages and ratios end somewhere: twelve decimals are for people's eyes."""
    if is_dataclass(value):
        return {field.name: _shown(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        return value.quantize(_TWELVE) if isinstance(exponent, int) and exponent < -12 else value
    return value

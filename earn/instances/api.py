"""Days of sale over HTTP: customers see what is offered, product staff the calendar."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from earn.instances import errors, service
from earn.instances.rules import month_text
from earn.instances.schemas import (
    EarnCalendarDayOut,
    EarnCalendarOut,
    EarnInstanceOut,
    GeneratedOut,
    GenerateIn,
    Month,
    generated,
    offered,
    planned,
)
from earn.instances.states import InstanceStatus
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import IdempotencyConflict, InvalidRequest
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor, problem_responses

router = APIRouter(prefix="/v1/earn", tags=["earn"])


@router.get("/instances")
def list_instances(
    principal: Annotated[Principal, requires(Permission.PRODUCTS_READ)],
    only_open: Annotated[bool, Query(alias="open", description="What can be bought now.")] = False,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[EarnInstanceOut]:
    """What is for sale or will be, the one that closes first at the top. A page of what can be bought may be shorter than asked for."""
    after = decode_cursor(cursor, datetime, UUID) if cursor else None
    found = service.offers(principal.tenant_id, only_open=only_open, after=after, limit=limit + 1)
    shown = found[:limit]
    last = shown[-1].instance if len(found) > limit else None
    return Page(
        items=[offered(view) for view in shown if not only_open or view.status is InstanceStatus.ON_SALE],
        next_cursor=None if last is None else encode_cursor(last.window.closes_at, last.id),
    )


@router.get("/instances/{id}", responses=problem_responses(errors.InstanceNotFound))
def get_instance(
    instance_id: Annotated[UUID, Path(alias="id")], principal: Annotated[Principal, requires(Permission.PRODUCTS_READ)]
) -> EarnInstanceOut:
    """One day's sale."""
    return offered(service.view(principal.tenant_id, instance_id))


@router.get("/calendar", responses=problem_responses(InvalidRequest))
def show_calendar(
    principal: Annotated[Principal, requires(Permission.EARN_READ)],
    month: Annotated[Month | None, Query(description="Without it: this month, in UTC.")] = None,
    template: UUID | None = None,
) -> EarnCalendarOut:
    """Every day of sale of a month, with its quota and what is sold."""
    first, found = service.calendar(principal.tenant_id, None if month is None else _first(month), template_id=template)
    return EarnCalendarOut(month=month_text(first), items=[planned(view) for view in found])


@router.post("/instances:generate", responses=problem_responses(InvalidRequest))
def generate_instances(
    body: GenerateIn, principal: Annotated[Principal, requires(Permission.EARN_WRITE)]
) -> GeneratedOut:
    """Make the days of a month that are missing, from last month to a year ahead. Again it changes nothing."""
    return generated(body.month, service.ask_for(principal.tenant_id, _first(body.month)))


@router.post(
    "/instances/{id}/stop", responses=problem_responses(errors.InstanceNotFound, errors.SaleEnded, IdempotencyConflict)
)
def stop_sale(
    instance_id: Annotated[UUID, Path(alias="id")],
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.EARN_WRITE)],
) -> EarnCalendarDayOut:
    """Sell nothing more of a day; what was sold runs on and is paid."""
    service.stop(tenant=principal.tenant_id, actor=principal.id, instance_id=instance_id, key=key)
    return planned(service.view(principal.tenant_id, instance_id))


def _first(month: str) -> date:
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        raise InvalidRequest("month: beyond the calendar") from None

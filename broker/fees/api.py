"""Fees over HTTP: everybody sees the own rates and the table; an administrator publishes tables and agrees rates with a customer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from broker.fees import errors, service
from broker.fees.rules import VOLUME_DAYS
from broker.fees.schemas import FeesOut, NextTierOut, OverrideIn, OverrideOut, ScheduleIn, ScheduleOut, TierOut
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses

router = APIRouter(prefix="/v1/fees", tags=["fees"])


@router.get("")
def own_fees(principal: Annotated[Principal, requires(Permission.FEES_READ)]) -> FeesOut:
    """Your rates, the volume that they come from, and what the next tier needs."""
    now = service.of_customer(principal.tenant_id, principal.id)
    above = now.next_tier
    return FeesOut(
        maker=now.rates.maker,
        taker=now.rates.taker,
        source="agreement" if now.agreed else "tier",
        agreed_until=now.agreed_until,
        tier=now.tier.tier,
        volume=now.volume,
        volume_days=VOLUME_DAYS,
        reporting_currency=service.REPORTING,
        next_tier=NextTierOut(**TierOut.of(above).model_dump(), missing=above.min_volume - now.volume)
        if above
        else None,
        tiers=[TierOut.of(tier) for tier in now.tiers],
        as_of=now.as_of,
    )


@router.get("/schedules")
def list_schedules(
    principal: Annotated[Principal, requires(Permission.REVENUE_READ)],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[ScheduleOut]:
    """Published tables, newest first; those to come are among them."""
    rows = service.schedules(principal.tenant_id, limit=limit)
    return Page(items=[ScheduleOut.model_validate(row) for row in rows], next_cursor=None)


@router.post(
    "/schedules",
    status_code=201,
    responses={200: {"model": ScheduleOut}, **problem_responses(errors.TiersDoNotFit, errors.ValidInThePast)},
)
def publish_schedule(
    body: ScheduleIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.MARKETS_WRITE)],
) -> ScheduleOut:
    """A new table for all customers. Orders accepted before keep their rates."""
    made = service.publish_tiers(
        tenant=principal.tenant_id, actor=principal.id, tiers=body.table(), valid_from=body.valid_from, reason=body.reason, key=key
    )  # fmt: skip
    if made.replayed:
        response.status_code = 200
    return ScheduleOut.model_validate(service.schedule(principal.tenant_id, made.id))


@router.get("/overrides")
def list_overrides(
    principal: Annotated[Principal, requires(Permission.REVENUE_READ)],
    customer_id: UUID | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[OverrideOut]:
    """What was agreed with customers, newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    rows = service.overrides(principal.tenant_id, customer=customer_id, before=before, limit=limit + 1)
    rows, more = cut(rows, limit, lambda one: one.id)
    return Page(items=[OverrideOut.model_validate(row) for row in rows], next_cursor=more)


@router.post(
    "/overrides",
    status_code=201,
    responses={
        200: {"model": OverrideOut},
        **problem_responses(errors.TiersDoNotFit, errors.ValidInThePast, errors.CustomerUnknown),
    },
)
def agree(
    body: OverrideIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.MARKETS_WRITE)],
) -> OverrideOut:
    """Rates for one customer; they go before the tiers for as long as they hold."""
    made = service.agree(
        tenant=principal.tenant_id, actor=principal.id, customer=body.customer_id, rates=body.rates(), valid_from=body.valid_from,
        valid_until=body.valid_until, reason=body.reason, key=key,
    )  # fmt: skip
    if made.replayed:
        response.status_code = 200
    return OverrideOut.model_validate(service.override(principal.tenant_id, made.id))

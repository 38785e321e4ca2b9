"""Liquidations over HTTP, for staff: what is being sold, what waits and why, and the breakers."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import IdempotencyConflict, InvalidRequest
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses
from lending.errors import PriceNotTrusted
from lending.liquidation import staffing, writing_off
from lending.liquidation.errors import LiquidationNotFound, LiquidationsStopped, NoBadDebt, NotPaused
from lending.liquidation.schemas import (
    BreakerIn,
    BreakerOut,
    LiquidationOut,
    LiquidationStory,
    PriceAgainIn,
    WriteOffOut,
)

router = APIRouter(prefix="/v1/lending", tags=["lending"])
Reader = Annotated[Principal, requires(Permission.LENDING_READ)]
Decider = Annotated[Principal, requires(Permission.LENDING_DECIDE)]


@router.get("/liquidations")
def list_liquidations(
    principal: Reader,
    live: Annotated[bool | None, Query(description="Only those that are not over, or only those that are.")] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[LiquidationOut]:
    """Newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = staffing.page(principal.tenant_id, live=live, before=before, limit=limit + 1)
    found, more = cut(found, limit, lambda one: one.liquidation.id)
    return Page(items=[LiquidationOut.of(view) for view in found], next_cursor=more)


@router.get("/liquidations/{id}", responses=problem_responses(LiquidationNotFound))
def read_liquidation(liquidation_id: Annotated[UUID, Path(alias="id")], principal: Reader) -> LiquidationStory:
    """One liquidation with its sales, what each venue paid, and what was seen when it was decided."""
    return LiquidationStory.told(staffing.story(principal.tenant_id, liquidation_id))


@router.post(
    "/liquidations/{id}/price",
    responses=problem_responses(
        LiquidationNotFound, NotPaused, LiquidationsStopped, PriceNotTrusted, IdempotencyConflict
    ),
)
def price_liquidation_again(
    liquidation_id: Annotated[UUID, Path(alias="id")], body: PriceAgainIn, key: IdempotencyKey, principal: Decider
) -> LiquidationOut:
    """Let a paused liquidation sell within its budget of the market's price as it is now."""
    staffing.price_again(
        tenant=principal.tenant_id, actor=principal.id, liquidation_id=liquidation_id, reason=body.reason, key=key
    )
    return LiquidationOut.of(staffing.read(principal.tenant_id, liquidation_id))


@router.post(
    "/liquidations/{id}/write-off",
    status_code=202,
    responses=problem_responses(LiquidationNotFound, NoBadDebt, IdempotencyConflict),
)
def write_off(
    liquidation_id: Annotated[UUID, Path(alias="id")],
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LENDING_WRITE)],
) -> WriteOffOut:
    """Ask a second person to give up what is still owed after a shortfall; the loss itself is in the books already."""
    asked = writing_off.ask(tenant=principal.tenant_id, actor=principal.id, liquidation_id=liquidation_id, key=key)
    return WriteOffOut(approval_id=asked)


@router.get("/breakers")
def list_breakers(principal: Reader) -> Page[BreakerOut]:
    """Those that were ever set, with their level now."""
    rows = staffing.breakers(principal.tenant_id)
    return Page(items=[BreakerOut.model_validate(row) for row in rows], next_cursor=None)


@router.put("/breakers", responses=problem_responses(InvalidRequest))
def set_breaker(body: BreakerIn, principal: Decider) -> Page[BreakerOut]:
    """Stop liquidations of a collateral, or let them go on; the answer lists all breakers."""
    staffing.set_breaker(
        tenant=principal.tenant_id, actor=principal.id, asset=body.asset, level=body.level, reason=body.reason
    )
    return list_breakers(principal)

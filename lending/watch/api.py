"""For staff: what cannot be valued right now, and prices that people enter meanwhile."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.db import AnyRow
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses
from lending.watch import entering
from lending.watch.entering import Wish, Witness
from lending.watch.errors import EntryUnfit
from lending.watch.schemas import EntryIn, FreezeOut, PriceEntryOut
from lending.watch.states import EntryState

router = APIRouter(prefix="/v1/lending", tags=["lending"])


@router.get("/freezes")
def list_freezes(principal: Annotated[Principal, requires(Permission.LENDING_READ)]) -> Page[FreezeOut]:
    """Collateral that no price can be believed for: none of its loans is decided on meanwhile."""
    found = entering.frozen(principal.tenant_id)
    return Page(items=[FreezeOut(**dict(row._mapping)) for row in found], next_cursor=None)  # noqa: SLF001  the row's documented view


@router.get("/entered-prices")
def list_entered_prices(
    principal: Annotated[Principal, requires(Permission.LENDING_READ)],
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[PriceEntryOut]:
    """Newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = entering.page(principal.tenant_id, before=before, limit=limit + 1)
    found, more = cut(found, limit, lambda one: one.id)
    return Page(items=[_out(row) for row in found], next_cursor=more)


@router.post(
    "/entered-prices",
    status_code=202,
    responses={
        200: {"model": PriceEntryOut, "description": "This Idempotency-Key asked for this before."},
        **problem_responses(EntryUnfit, IdempotencyConflict),
    },
)
def enter_price(
    body: EntryIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LENDING_WRITE)],
) -> PriceEntryOut:
    """Ask a second person to let a price stand in for the market's for a while, or to let a freeze last."""
    wish = Wish(
        asset=body.asset,
        quote=body.quote,
        price=body.price,
        venues=[Witness(one.venue, one.price) for one in body.venues],
        minutes=body.minutes,
        reason=body.reason,
    )
    made = entering.propose(tenant=principal.tenant_id, actor=principal.id, wish=wish, key=key)
    if made.replayed:
        response.status_code = 200
    return _out(entering.read(principal.tenant_id, made.id))


def _out(row: AnyRow) -> PriceEntryOut:
    return PriceEntryOut(
        id=row.id,
        asset=row.asset,
        quote=row.quote,
        price=row.price,
        venues=row.evidence["venues"],
        reason=row.evidence["reason"],
        status=EntryState(row.status),
        in_force=row.in_force,
        until=row.until,
        proposed_by=row.proposed_by,
        at=row.at,
    )

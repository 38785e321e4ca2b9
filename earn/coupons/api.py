"""Coupons over HTTP: product staff write drafts, a second person publishes, customers see what they can use."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from earn.coupons import errors, service
from earn.coupons.schemas import EarnCouponIn, EarnCouponOut, MyCouponsOut, of_customer, shown
from earn.templates.schemas import EarnApprovalOut
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor, problem_responses

router = APIRouter(prefix="/v1/earn/coupons", tags=["earn"])
Reader = Annotated[Principal, requires(Permission.EARN_READ)]
Writer = Annotated[Principal, requires(Permission.EARN_WRITE)]


@router.get("/mine")
def my_coupons(principal: Annotated[Principal, requires(Permission.SUBSCRIPTIONS_READ)]) -> MyCouponsOut:
    """What one can use now, the one that ends first at the top."""
    return of_customer(service.mine(principal.tenant_id, principal.id))


@router.get("")
def list_coupons(
    principal: Reader,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[EarnCouponOut]:
    """Newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = service.views(principal.tenant_id, before=before, limit=limit + 1)
    items = [shown(view) for view in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(found) > limit else None)


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": EarnCouponOut, "description": "This Idempotency-Key made this draft before."},
        **problem_responses(errors.CouponUnfit, IdempotencyConflict),
    },
)
def create_coupon(body: EarnCouponIn, response: Response, key: IdempotencyKey, principal: Writer) -> EarnCouponOut:
    """A draft."""
    made = service.create(tenant=principal.tenant_id, actor=principal.id, wish=body.wish(), key=key)
    if made.replayed:
        response.status_code = 200
    return shown(service.view(principal.tenant_id, made.id))


@router.get("/{id}", responses=problem_responses(errors.CouponNotFound))
def get_coupon(coupon_id: Annotated[UUID, Path(alias="id")], principal: Reader) -> EarnCouponOut:
    """One, with what was used of it."""
    return shown(service.view(principal.tenant_id, coupon_id))


@router.post(
    "/{id}/publish",
    status_code=202,
    responses=problem_responses(errors.CouponNotFound, errors.CouponNoDraft, IdempotencyConflict),
)
def publish_coupon(
    coupon_id: Annotated[UUID, Path(alias="id")], key: IdempotencyKey, principal: Writer
) -> EarnApprovalOut:
    """Ask a second person to publish the draft."""
    return EarnApprovalOut(
        approval_id=service.ask(tenant=principal.tenant_id, actor=principal.id, coupon_id=coupon_id, key=key)
    )


@router.post(
    "/{id}/stop", responses=problem_responses(errors.CouponNotFound, errors.CouponStopped, IdempotencyConflict)
)
def stop_coupon(coupon_id: Annotated[UUID, Path(alias="id")], key: IdempotencyKey, principal: Writer) -> EarnCouponOut:
    """Let nobody use it any more, or give a draft up. What was bought with it is paid as promised."""
    service.stop(tenant=principal.tenant_id, actor=principal.id, coupon_id=coupon_id, key=key)
    return shown(service.view(principal.tenant_id, coupon_id))

"""Subscriptions over HTTP: customers buy, look and end early; staff who may read earn see everybody's."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from broker.orders.errors import RealmNotOffered
from earn.coupons.errors import CouponExhausted, CouponNotUsable
from earn.instances.errors import InstanceNotFound
from earn.plans.errors import AlreadyMatured
from earn.renewals.errors import RenewalNotOffered
from earn.subscriptions import errors, service
from earn.subscriptions.schemas import (
    RedemptionIn,
    RedemptionOut,
    SubscriptionIn,
    SubscriptionOut,
    previewed,
    redeemed,
    shown,
)
from earn.subscriptions.service import Caller
from earn.subscriptions.states import SubscriptionStatus
from identity.auth import Principal, requires
from identity.eligibility.errors import NotEligible
from identity.permissions import Permission
from identity.tenants.errors import ProductNotOffered
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor, problem_responses
from payments.errors import InsufficientFunds

router = APIRouter(prefix="/v1/earn/subscriptions", tags=["earn"])
Reader = Annotated[Principal, requires(Permission.SUBSCRIPTIONS_READ)]
Writer = Annotated[Principal, requires(Permission.SUBSCRIPTIONS_WRITE)]


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": SubscriptionOut, "description": "This Idempotency-Key made this subscription before."},
        **problem_responses(
            InstanceNotFound, errors.PrincipalUnfit, errors.SaleNotOpen, errors.TermsChanged, errors.CapReached, errors.SoldOut,
            InsufficientFunds, NotEligible, ProductNotOffered, RenewalNotOffered, CouponNotUsable, CouponExhausted, RealmNotOffered,
            IdempotencyConflict,
        ),
    },
)  # fmt: skip
def subscribe(body: SubscriptionIn, response: Response, key: IdempotencyKey, principal: Writer) -> SubscriptionOut:
    """Buy of a day's quota, at the terms that stood on the offer. The principal is taken and the plan made together, or neither."""
    if principal.realm != "REAL":
        raise RealmNotOffered
    made = service.subscribe(Caller(principal.tenant_id, principal.id, key), body.wish())
    if made.replayed:
        response.status_code = 200
    return shown(service.view(principal.tenant_id, made.id, customer=principal.id))


@router.get("")
def list_subscriptions(
    principal: Reader,
    status: SubscriptionStatus | None = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[SubscriptionOut]:
    """Newest first, each with its plan; of everybody for staff who may read earn."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = service.page(principal.tenant_id, customer=_whose(principal), status=status, before=before, limit=limit + 1)
    items = [shown(view) for view in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(found) > limit else None)


@router.get("/{id}", responses=problem_responses(errors.SubscriptionNotFound))
def get_subscription(subscription_id: Annotated[UUID, Path(alias="id")], principal: Reader) -> SubscriptionOut:
    """One, with its plan."""
    return shown(service.view(principal.tenant_id, subscription_id, customer=_whose(principal)))


@router.post(
    "/{id}/redemptions",
    responses=problem_responses(
        errors.SubscriptionNotFound, errors.SubscriptionEnded, AlreadyMatured, NotEligible, IdempotencyConflict
    ),
)
def redeem(
    subscription_id: Annotated[UUID, Path(alias="id")], body: RedemptionIn, key: IdempotencyKey, principal: Writer
) -> RedemptionOut:
    """End it now, or with `preview` see what that would bring."""
    caller = Caller(principal.tenant_id, principal.id, key)
    if body.preview:
        return previewed(*service.what_if(caller, subscription_id))
    return redeemed(service.redeem(caller, subscription_id))


def _whose(principal: Principal) -> UUID | None:
    return None if principal.may(Permission.EARN_READ) else principal.id

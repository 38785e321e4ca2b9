"""The choice for the maturity over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from earn.plans.errors import AlreadyMatured
from earn.renewals import service
from earn.renewals.errors import RenewalNotOffered
from earn.renewals.schemas import RenewalIn
from earn.subscriptions import service as subscriptions
from earn.subscriptions.errors import SubscriptionEnded, SubscriptionNotFound
from earn.subscriptions.schemas import SubscriptionOut, shown
from earn.subscriptions.service import Caller
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import problem_responses

router = APIRouter(prefix="/v1/earn/subscriptions", tags=["earn"])


@router.put(
    "/{id}/renewal",
    responses=problem_responses(SubscriptionNotFound, SubscriptionEnded, AlreadyMatured, RenewalNotOffered),
)
def choose_renewal(
    subscription_id: Annotated[UUID, Path(alias="id")],
    body: RenewalIn,
    principal: Annotated[Principal, requires(Permission.SUBSCRIPTIONS_WRITE)],
) -> SubscriptionOut:
    """What happens at the maturity; it may be changed until then."""
    service.choose(Caller(principal.tenant_id, principal.id), subscription_id, body.renewal)
    return shown(subscriptions.view(principal.tenant_id, subscription_id, customer=principal.id))

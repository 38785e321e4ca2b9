"""Routes of webhooks: a customer's own. A secret is shown once: a repeat of the request is told so instead of being given another one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.security.errors import CoolingDown, StepUpRequired
from identity.sessions.errors import SecretNotRepeatable
from kernel.crypto import MasterKeyMissing
from kernel.errors import IdempotencyConflict, NotFound
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses
from notices.webhooks import service
from notices.webhooks.errors import DeliveryPending, TooManyWebhooks, WebhookUrlRefused
from notices.webhooks.queries import DeliveryRow, WebhookRow
from notices.webhooks.schemas import DeliveryOut, NewWebhookOut, TestOut, WebhookIn, WebhookOut

router = APIRouter(prefix="/v1/webhooks", tags=["notices"])
Owner = Annotated[Principal, requires(Permission.WEBHOOKS_WRITE)]
ProvenOwner = Annotated[Principal, requires(Permission.WEBHOOKS_WRITE, proven=True)]


@router.post(
    "",
    status_code=201,
    operation_id="create_webhook",
    responses=problem_responses(
        WebhookUrlRefused,
        TooManyWebhooks,
        StepUpRequired,
        CoolingDown,
        SecretNotRepeatable,
        IdempotencyConflict,
        MasterKeyMissing,
    ),
)
def create(body: WebhookIn, response: Response, key: IdempotencyKey, principal: ProvenOwner) -> NewWebhookOut:
    """Be told of your own facts at an address of yours. Keep the secret: it is not shown again."""
    row, secret = service.create(
        tenant=principal.tenant_id, principal=principal.id, url=body.url, kinds=body.kinds, key=key
    )
    response.headers["Cache-Control"] = "no-store"
    return NewWebhookOut(**_out(row).model_dump(), secret=secret)


@router.get("", operation_id="list_webhooks")
def list_webhooks(principal: Owner) -> Page[WebhookOut]:
    """All of them, the newest first, on one page."""
    rows = service.list_webhooks(tenant=principal.tenant_id, principal=principal.id)
    return Page(items=[_out(row) for row in rows])


@router.delete("/{id}", status_code=204, operation_id="remove_webhook", responses=problem_responses(NotFound))
def remove(id: UUID, principal: Owner) -> None:  # noqa: A002  the name of the path's parameter
    """Nothing more is sent there, and its deliveries are forgotten."""
    service.remove(tenant=principal.tenant_id, principal=principal.id, webhook_id=id)


@router.post(
    "/{id}/test",
    status_code=202,
    operation_id="test_webhook",
    responses=problem_responses(NotFound, DeliveryPending, IdempotencyConflict),
)
def test(id: UUID, key: IdempotencyKey, principal: Owner) -> TestOut:  # noqa: A002  the name of the path's parameter
    """Have a `webhook.tested` sent there within seconds, signed and asked again as every fact is."""
    return TestOut(event_id=service.test(tenant=principal.tenant_id, principal=principal.id, webhook_id=id, key=key))


@router.get("/{id}/deliveries", operation_id="list_webhook_deliveries", responses=problem_responses(NotFound))
def list_deliveries(
    id: UUID,  # noqa: A002  the name of the path's parameter
    principal: Owner,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[DeliveryOut]:
    """What was told and what became of it, the newest first; kept for a month."""
    rows = service.list_deliveries(
        tenant=principal.tenant_id,
        principal=principal.id,
        webhook_id=id,
        before=decode_cursor(cursor, UUID) if cursor else None,
        limit=limit + 1,
    )
    rows, more = cut(rows, limit, lambda one: one.id)
    return Page(items=[_delivery(row) for row in rows], next_cursor=more)


@router.post(
    "/{id}/deliveries/{delivery_id}/replay",
    status_code=202,
    operation_id="replay_webhook_delivery",
    responses=problem_responses(NotFound, DeliveryPending, IdempotencyConflict),
)
def replay(
    id: UUID,  # noqa: A002  the name of the path's parameter
    delivery_id: UUID,
    key: IdempotencyKey,
    principal: Owner,
) -> DeliveryOut:
    """Send it once more, under the same `webhook-id`."""
    return _delivery(
        service.replay(
            tenant=principal.tenant_id, principal=principal.id, webhook_id=id, delivery_id=delivery_id, key=key
        )
    )


def _out(row: WebhookRow) -> WebhookOut:
    return WebhookOut(id=row.id, url=row.url, kinds=list(row.kinds), created_at=row.created_at)


def _delivery(row: DeliveryRow) -> DeliveryOut:
    return DeliveryOut(**{name: getattr(row, name) for name in DeliveryOut.model_fields})

"""Templates over HTTP: product staff write drafts, a second person publishes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from earn.plans.errors import TermsImpossible
from earn.templates import errors, service
from earn.templates.schemas import (
    EarnApprovalOut,
    EarnTemplateIn,
    EarnTemplateOut,
    NewEarnTemplateIn,
    PreviewIn,
    PreviewOut,
    RetireTemplateIn,
    previewed,
    shown,
)
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import IdempotencyConflict, InvalidRequest
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor, problem_responses
from payments.errors import AmountTooFine

router = APIRouter(prefix="/v1/earn/templates", tags=["earn"])
_UNFIT = (errors.TemplateUnfit, TermsImpossible)


@router.get("")
def list_templates(
    principal: Annotated[Principal, requires(Permission.EARN_READ)],
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Page[EarnTemplateOut]:
    """Every version, the newest template first and its newest version first."""
    after = decode_cursor(cursor, UUID, int) if cursor else None
    found = service.views(principal.tenant_id, after=after, limit=limit + 1)
    items = [shown(view) for view in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id, items[-1].version) if len(found) > limit else None)


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": EarnTemplateOut, "description": "This Idempotency-Key made this draft before."},
        **problem_responses(*_UNFIT, errors.TemplateNotFound, errors.TemplateDraftExists, IdempotencyConflict),
    },
)
def create_template(
    body: NewEarnTemplateIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.EARN_WRITE)],
) -> EarnTemplateOut:
    """A draft of a new template, or of the next version of one."""
    made = service.create(
        tenant=principal.tenant_id, actor=principal.id, wish=body.wish(), template_id=body.template_id, key=key
    )
    if made.replayed:
        response.status_code = 200
    return shown(service.view(principal.tenant_id, made.id))


@router.get("/{id}", responses=problem_responses(errors.TemplateNotFound))
def get_template(
    template_id: Annotated[UUID, Path(alias="id")], principal: Annotated[Principal, requires(Permission.EARN_READ)]
) -> EarnTemplateOut:
    """Its newest version."""
    return shown(service.view(principal.tenant_id, template_id))


@router.put("/{id}", responses=problem_responses(*_UNFIT, errors.TemplateNotFound, errors.NoTemplateDraft))
def edit_template(
    template_id: Annotated[UUID, Path(alias="id")],
    body: EarnTemplateIn,
    principal: Annotated[Principal, requires(Permission.EARN_WRITE)],
) -> EarnTemplateOut:
    """Type a draft again, whole. What a second person was asked about it before is void."""
    service.edit(tenant=principal.tenant_id, actor=principal.id, template_id=template_id, wish=body.wish())
    return shown(service.view(principal.tenant_id, template_id))


@router.post(
    "/{id}/publish",
    status_code=202,
    responses=problem_responses(*_UNFIT, errors.TemplateNotFound, errors.NoTemplateDraft, IdempotencyConflict),
)
def publish_template(
    template_id: Annotated[UUID, Path(alias="id")],
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.EARN_WRITE)],
) -> EarnApprovalOut:
    """Ask a second person to publish the draft as it stands."""
    return EarnApprovalOut(
        approval_id=service.ask(tenant=principal.tenant_id, actor=principal.id, template_id=template_id, key=key)
    )


@router.post(
    "/{id}/retire", responses=problem_responses(errors.TemplateNotFound, errors.TemplateRetired, IdempotencyConflict)
)
def retire_template(
    template_id: Annotated[UUID, Path(alias="id")],
    body: RetireTemplateIn,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.EARN_WRITE)],
) -> EarnTemplateOut:
    """Plan no more days under a version, or give a draft up. What was sold keeps its version and is paid."""
    service.retire(
        tenant=principal.tenant_id, actor=principal.id, template_id=template_id, number=body.version, key=key
    )
    return shown(service.view(principal.tenant_id, template_id, body.version))


@router.post("/{id}/preview", responses=problem_responses(errors.TemplateNotFound, AmountTooFine, InvalidRequest))
def preview_template(
    template_id: Annotated[UUID, Path(alias="id")],
    body: PreviewIn,
    principal: Annotated[Principal, requires(Permission.EARN_READ)],
) -> PreviewOut:
    """The plan of a subscription on a day of sale, under the newest version."""
    return previewed(service.preview(principal.tenant_id, template_id, principal=body.principal, day=body.date))

"""Routes of tenants: what everybody sees of a house, and what its own staff decide. Another house's id is 404."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from identity.auth import Principal, public, requires
from identity.permissions import Permission
from identity.security.errors import StepUpRequired
from identity.tenants import policies, rules, service
from identity.tenants.errors import OriginInvalid, PolicyChangeClosed, PolicyChangeOpen, ThemeUnreadable
from identity.tenants.here import house_of
from identity.tenants.policies import Change, Policy
from identity.tenants.schemas import (
    ChangeOut,
    PolicyChange,
    PolicyFields,
    PolicyOut,
    TenantChange,
    TenantOut,
    TenantPublic,
    Theme,
)
from identity.tenants.service import Settings, Wish
from identity.tenants.states import CHANGE
from kernel.errors import IdempotencyConflict, NotFound
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses

router = APIRouter(prefix="/v1/tenants", tags=["identity"])
Reader = Annotated[Principal, requires(Permission.TENANTS_READ)]
Writer = Annotated[Principal, requires(Permission.TENANTS_WRITE)]
ProvenWriter = Annotated[Principal, requires(Permission.TENANTS_WRITE, proven=True)]


@router.get(
    "/current", operation_id="get_current_tenant", dependencies=[public()], responses=problem_responses(NotFound)
)
def current(request: Request, response: Response) -> TenantPublic:
    """The house you are in: your own when you are logged in, else the one whose pages lie under this host name."""
    response.headers["Cache-Control"] = "no-store"
    return _public(service.read(house_of(request)))


@router.get(
    "/current/theme.css",
    operation_id="get_current_theme",
    dependencies=[public()],
    response_class=Response,
    responses={200: {"content": {"text/css": {}}}},
)
def theme(request: Request) -> Response:
    """The accents of the house you are in, for the console's page; empty where it has none of its own."""
    try:
        found = service.read(house_of(request))
    except NotFound:
        return Response("", media_type="text/css")
    accents = {"accent_dark": found.accent_dark, "accent_light": found.accent_light}
    return Response(rules.stylesheet(accents), media_type="text/css")


@router.get("/{id}", operation_id="get_tenant", responses=problem_responses(NotFound))
def get(id: UUID, principal: Reader) -> TenantOut:  # noqa: A002  the name in the path
    return _out(service.read(_own(principal, id)))


@router.patch(
    "/{id}",
    operation_id="change_tenant",
    responses=problem_responses(NotFound, ThemeUnreadable, OriginInvalid, StepUpRequired),
)
def change(id: UUID, body: TenantChange, principal: ProvenWriter) -> TenantOut:  # noqa: A002  the name in the path
    """Change what one person may decide; it counts at once."""
    wish = Wish(body.values, body.origins)
    return _out(service.change(tenant=_own(principal, id), by=principal.id, wish=wish))


@router.get("/{id}/policy", operation_id="get_policy", responses=problem_responses(NotFound))
def get_policy(id: UUID, principal: Reader) -> PolicyOut:  # noqa: A002  the name in the path
    """What counts now, and what may count soon."""
    return _policy(_own(principal, id))


@router.patch(
    "/{id}/policy",
    operation_id="change_policy",
    responses={
        202: {"model": PolicyOut, "description": "It loosens something, so it waits for a second person."},
        **problem_responses(NotFound, PolicyChangeOpen, StepUpRequired),
    },
)
def change_policy(id: UUID, body: PolicyChange, response: Response, principal: ProvenWriter) -> PolicyOut:  # noqa: A002  the name in the path
    """Tighten at once (200), or ask to loosen (202): that needs a second person and then waits for its time."""
    tenant = _own(principal, id)
    wish = {name: getattr(body, name) for name in body.model_fields_set - {"limits"}}
    asked = policies.ask(tenant=tenant, by=principal.id, wish=wish, limits=body.limits or {})
    if asked.change_id is not None:
        response.status_code = 202
    return _policy(tenant)


@router.get("/{id}/policy-changes", operation_id="list_policy_changes", responses=problem_responses(NotFound))
def list_changes(
    id: UUID,  # noqa: A002  the name in the path
    principal: Reader,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[ChangeOut]:
    """All that was ever asked for, the newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = policies.changes(_own(principal, id), before=before, limit=limit + 1)
    found, more = cut(found, limit, lambda one: one.id)
    return Page(items=[_change(one) for one in found], next_cursor=more)


@router.post(
    "/{id}/policy-changes/{change_id}/withdraw",
    operation_id="withdraw_policy_change",
    responses=problem_responses(NotFound, PolicyChangeClosed, IdempotencyConflict),
)
def withdraw(id: UUID, change_id: UUID, key: IdempotencyKey, principal: Writer) -> ChangeOut:  # noqa: A002  the name in the path
    """Take it back before it counts; anybody who may change the policy can."""
    tenant = _own(principal, id)
    policies.withdraw(tenant=tenant, by=principal.id, change_id=change_id, key=key)
    return _change(policies.read_change(tenant, change_id))


def _own(principal: Principal, tenant_id: UUID) -> UUID:
    if tenant_id != principal.tenant_id:
        raise NotFound
    return tenant_id


def _public(found: Settings) -> TenantPublic:
    return TenantPublic(
        id=found.tenant_id,
        name=found.name,
        theme=Theme(logo_text=found.logo_text, accent_dark=found.accent_dark, accent_light=found.accent_light),
        products=sorted(found.products),
        registration_open=found.registration_open,
    )


def _out(found: Settings) -> TenantOut:
    return TenantOut(
        **_public(found).model_dump(),
        version=found.version,
        origins=list(found.origins),
        hosts=list(found.hosts),
        changed_at=found.changed_at,
    )


def _policy(tenant: UUID) -> PolicyOut:
    row = policies.current(tenant)
    waiting = next((one for one in policies.changes(tenant, limit=1) if one.state in CHANGE.live), None)
    return PolicyOut(
        version=row.version, policy=_fields(row.policy), waiting=None if waiting is None else _change(waiting)
    )


def _fields(policy: Policy) -> PolicyFields:
    return PolicyFields(
        custody=policy.custody,
        whitelist_delay_h=policy.whitelist_delay_h,
        change_delay_h=policy.change_delay_h,
        limits=dict(policy.limits),
        highest_apr=policy.highest_apr,
    )


def _change(found: Change) -> ChangeOut:
    return ChangeOut(
        id=found.id,
        state=found.state,
        before=_fields(found.before),
        after=_fields(found.after),
        loosens=list(found.loosens),
        delay_h=found.delay_h,
        approval_id=found.approval_id,
        asked_by=found.asked_by,
        approved_by=found.approved_by,
        asked_at=found.asked_at,
        effective_at=found.effective_at,
        ended_at=found.ended_at,
        reason=found.reason,
    )

"""The audit over HTTP, for those of the staff whose work it is to look."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from identity.audit import service, standing
from identity.audit.schemas import AuditEntryOut, AuditStandingOut
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.clock import Moment
from kernel.http import Page, cut, decode_cursor

router = APIRouter(prefix="/v1/audit", tags=["identity"])
Reader = Annotated[Principal, requires(Permission.AUDIT_READ)]


@router.get("", operation_id="list_audit")
def list_audit(
    principal: Reader,
    actor: Annotated[UUID | None, Query(description="Who did it; all zeros: the product itself.")] = None,
    action: Annotated[
        str | None, Query(pattern=r"^[a-z0-9_.]{1,80}$", description="`session.ended`, or `session` for all of them.")
    ] = None,
    resource: Annotated[str | None, Query(max_length=160, description="`kind`, or `kind:id`.")] = None,
    since: Annotated[Moment | None, Query(alias="from", description="Business time, inclusive.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Business time, exclusive.")] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[AuditEntryOut]:
    """Who did what, from where, newest first. `rivermouth audit verify` proves that nobody changed it."""
    kind, _, name = (resource or "").partition(":")
    rows = service.page(
        principal.tenant_id,
        actor=actor,
        action=action,
        resource_kind=kind or None,
        resource_id=name or None,
        since=since,
        until=until,
        before=decode_cursor(cursor, UUID) if cursor else None,
        limit=limit + 1,
    )
    rows, more = cut(rows, limit, lambda one: one.id)
    return Page(items=[AuditEntryOut.model_validate(row) for row in rows], next_cursor=more)


@router.get("/standing", operation_id="audit_standing")
def audit_standing(_principal: Reader) -> AuditStandingOut:
    """How far the chain over all entries is signed and was checked, as the engine said last."""
    return AuditStandingOut.model_validate(standing.read())

"""Routes of staff on other people's accounts."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from identity.auth import Principal, requires
from identity.people import service
from identity.people.errors import AccountInUse, NothingToReset, OwnAccount, StatusUnfit
from identity.people.schemas import (
    ChangedPersonOut,
    CustomerPatchIn,
    PersonDetailOut,
    PersonOut,
    StaffAskedOut,
    StaffIn,
    StaffPatchIn,
)
from identity.people.service import Detail, PersonRow, Wish
from identity.permissions import Permission
from identity.principals.errors import EmailTaken
from identity.principals.states import Kind, Status
from identity.recovery.errors import EmailUnchanged
from identity.registration.errors import EmailInvalid
from identity.security.errors import StepUpRequired
from identity.sessions.schemas import SessionOut
from kernel.errors import IdempotencyConflict, NotFound
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses

router = APIRouter(prefix="/v1", tags=["identity"])
Reader = Annotated[Principal, requires(Permission.CUSTOMERS_READ)]
Writer = Annotated[Principal, requires(Permission.CUSTOMERS_WRITE, proven=True)]
StaffWriter = Annotated[Principal, requires(Permission.STAFF_WRITE)]
ProvenStaffWriter = Annotated[Principal, requires(Permission.STAFF_WRITE, proven=True)]
Text = Annotated[str | None, Query(max_length=100, description="A part of the e-mail or the name.")]
_LATER: dict[int | str, dict[str, Any]] = {
    202: {"model": ChangedPersonOut, "description": "It waits for a second person."}
}


@router.get("/customers", operation_id="list_customers")
def list_customers(
    principal: Reader,
    q: Text = None,
    status: Annotated[Status | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[PersonOut]:
    """Customers, the newest first."""
    return _page(principal, Kind.CUSTOMER, q, status, cursor, limit)


@router.get("/customers/{id}", operation_id="get_customer", responses=problem_responses(NotFound))
def get_customer(id: UUID, principal: Reader) -> PersonDetailOut:  # noqa: A002  the name in the path
    """One customer: state, factors, where logged in."""
    return PersonDetailOut(**_detail(service.detail(tenant=principal.tenant_id, principal=id, kind=Kind.CUSTOMER)))


@router.patch(
    "/customers/{id}",
    operation_id="change_customer",
    responses=_LATER
    | problem_responses(
        StepUpRequired, NotFound, StatusUnfit, AccountInUse, NothingToReset, EmailInvalid, EmailUnchanged, EmailTaken
    ),
)
def change_customer(
    id: UUID,  # noqa: A002  the name in the path
    body: CustomerPatchIn,
    response: Response,
    principal: Writer,
) -> ChangedPersonOut:
    """Lock, open, rename at once; another e-mail, a reset of factors and opening a frozen account wait for a second role (202)."""
    wish = Wish(body.status, body.name, body.email, body.reset_factors is True)
    approval = service.change(tenant=principal.tenant_id, by=principal.id, customer=id, wish=wish, reason=body.reason)
    return _changed(response, principal, id, Kind.CUSTOMER, approval)


@router.get("/staff", operation_id="list_staff")
def list_staff(
    principal: StaffWriter,
    q: Text = None,
    status: Annotated[Status | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[PersonOut]:
    """Members of staff, the newest first."""
    return _page(principal, Kind.STAFF, q, status, cursor, limit)


@router.post(
    "/staff",
    status_code=202,
    operation_id="ask_for_staff",
    responses=problem_responses(StepUpRequired, EmailInvalid, EmailTaken, IdempotencyConflict),
)
def ask_for_staff(body: StaffIn, key: IdempotencyKey, principal: ProvenStaffWriter) -> StaffAskedOut:
    """Ask for a new member of staff; a second role must agree."""
    asked = service.ask_for_staff(
        tenant=principal.tenant_id,
        by=principal.id,
        email=body.email,
        name=body.name,
        roles=frozenset(body.roles),
        reason=body.reason,
        key=key,
    )
    return StaffAskedOut(id=asked.id, approval_id=asked.approval_id)


@router.patch(
    "/staff/{id}",
    operation_id="change_staff",
    responses=_LATER | problem_responses(StepUpRequired, NotFound, StatusUnfit, OwnAccount),
)
def change_staff(
    id: UUID,  # noqa: A002  the name in the path
    body: StaffPatchIn,
    response: Response,
    principal: ProvenStaffWriter,
) -> ChangedPersonOut:
    """Shut somebody's login at once; other roles wait for a second role (202), and then end that person's sessions."""
    if body.status is not None:
        approval = service.set_status(
            tenant=principal.tenant_id, by=principal.id, principal=id, kind=Kind.STAFF, to=body.status, reason=body.reason
        )  # fmt: skip
    else:
        approval = service.ask_for_roles(
            tenant=principal.tenant_id, by=principal.id, principal=id, roles=frozenset(body.roles or ()), reason=body.reason
        )  # fmt: skip
    return _changed(response, principal, id, Kind.STAFF, approval)


def _page(
    principal: Principal, kind: Kind, text: str | None, status: Status | None, cursor: str | None, limit: int
) -> Page[PersonOut]:
    found = service.page(
        tenant=principal.tenant_id,
        kind=kind,
        text=text,
        status=status,
        before=decode_cursor(cursor, UUID) if cursor else None,
        limit=limit + 1,
    )
    found, more = cut(found, limit, lambda one: one.id)
    return Page(items=[PersonOut(**_person(row)) for row in found], next_cursor=more)


def _changed(
    response: Response, principal: Principal, person: UUID, kind: Kind, approval: UUID | None
) -> ChangedPersonOut:
    if approval is not None:
        response.status_code = 202
    detail = service.detail(tenant=principal.tenant_id, principal=person, kind=kind)
    return ChangedPersonOut(**_detail(detail), approval_id=approval)


def _person(row: PersonRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "email": row.email,
        "name": row.name,
        "roles": list(row.roles),
        "status": row.status,
        "created_at": row.created_at,
    }


def _detail(detail: Detail) -> dict[str, Any]:
    return {
        **_person(detail.person),
        "totp": detail.facts.totp,
        "passkeys": detail.facts.passkeys,
        "recovery_codes_left": detail.facts.recovery_codes_left,
        "api_keys": detail.facts.api_keys,
        "password_changed_at": detail.facts.password_changed_at,
        "cooling_until": detail.cooling_until,
        "sessions": [
            SessionOut(
                id=row.id,
                created_at=row.created_at,
                last_seen_at=row.last_seen_at,
                expires_at=row.expires_at,
                address=row.address,
                user_agent=row.user_agent,
                current=False,
            )
            for row in detail.sessions
        ],
    }

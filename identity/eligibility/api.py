"""Rules of countries over HTTP, for compliance."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from identity.auth import Principal, requires
from identity.eligibility import countries
from identity.eligibility.errors import RuleInvalid
from identity.eligibility.schemas import RuleIn, RuleOut
from identity.eligibility.states import Ruling
from identity.permissions import Permission
from kernel.db import AnyRow
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses

router = APIRouter(prefix="/v1/eligibility/rules", tags=["kyc"])


@router.get("", operation_id="list_country_rules")
def list_rules(
    principal: Annotated[Principal, requires(Permission.KYC_READ)],
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[RuleOut]:
    """Newest first: those in force, to come, over, and those that wait for a second person."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = countries.page(principal.tenant_id, before=before, limit=limit + 1)
    found, more = cut(found, limit, lambda one: one.id)
    return Page(items=[_out(row) for row in found], next_cursor=more)


@router.post(
    "",
    status_code=201,
    operation_id="add_country_rule",
    responses={
        200: {"model": RuleOut, "description": "This Idempotency-Key wrote this rule before."},
        202: {"model": RuleOut, "description": "It allows something: it counts once a second person agreed."},
        **problem_responses(RuleInvalid, IdempotencyConflict),
    },
)
def add_rule(
    body: RuleIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.KYC_DECIDE)],
) -> RuleOut:
    """Forbid something to a country, put it before a person, or allow it again; the rule that came into force last counts."""
    made = countries.add(tenant=principal.tenant_id, actor=principal.id, wish=countries.Wish(**dict(body)), key=key)
    if made.replayed:
        response.status_code = 200
    elif body.verdict is Ruling.ALLOW:
        response.status_code = 202
    return _out(countries.read(principal.tenant_id, made.id))


def _out(row: AnyRow) -> RuleOut:
    return RuleOut.model_validate(dict(row._mapping))  # noqa: SLF001  the row's documented view

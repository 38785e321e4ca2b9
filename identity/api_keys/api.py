"""Routes of a customer's API keys. A secret is shown once: a repeat of the request is told so instead of being given another one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from identity.api_keys import service
from identity.api_keys.errors import (
    ApiKeyExpiryInvalid,
    IpAllowRequired,
    IpRangeInvalid,
    PublicKeyInvalid,
    TooManyApiKeys,
)
from identity.api_keys.schemas import ApiKeyIn, ApiKeyOut, NewApiKeyOut
from identity.api_keys.service import ApiKeyRow
from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.security.errors import CoolingDown, StepUpRequired
from identity.sessions.errors import SecretNotRepeatable
from kernel.crypto import MasterKeyMissing
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses

router = APIRouter(prefix="/v1/api-keys", tags=["identity"])
Owner = Annotated[Principal, requires(Permission.API_KEYS_WRITE)]
ProvenOwner = Annotated[Principal, requires(Permission.API_KEYS_WRITE, proven=True)]


@router.post(
    "",
    status_code=201,
    operation_id="create_api_key",
    responses={
        200: {"model": NewApiKeyOut, "description": "This Idempotency-Key made this key, which has no secret, before."},
        **problem_responses(
            PublicKeyInvalid,
            IpRangeInvalid,
            IpAllowRequired,
            ApiKeyExpiryInvalid,
            TooManyApiKeys,
            StepUpRequired,
            CoolingDown,
            SecretNotRepeatable,
            IdempotencyConflict,
            MasterKeyMissing,
        ),
    },
)
def create(body: ApiKeyIn, response: Response, key: IdempotencyKey, principal: ProvenOwner) -> NewApiKeyOut:
    """Make a key for a program. Keep the secret: it is not shown again."""
    made = service.create(
        tenant=principal.tenant_id,
        principal=principal.id,
        name=body.name,
        scopes=body.scopes,
        ip_allow=body.ip_allow,
        public_key=body.public_key,
        expires_at=body.expires_at,
        key=key,
    )
    response.headers["Cache-Control"] = "no-store"
    if made.replayed:
        response.status_code = 200
    return NewApiKeyOut(**_out(made.row).model_dump(), secret=made.secret)


@router.get("", operation_id="list_api_keys")
def list_keys(
    principal: Owner,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[ApiKeyOut]:
    before = decode_cursor(cursor, UUID) if cursor else None
    rows = service.list_keys(tenant=principal.tenant_id, principal=principal.id, before=before, limit=limit + 1)
    rows, more = cut(rows, limit, lambda one: one.id)
    return Page(items=[_out(row) for row in rows], next_cursor=more)


@router.delete("/{id}", status_code=204, operation_id="revoke_api_key")
def revoke(id: UUID, principal: Owner) -> None:  # noqa: A002  the name of the path's parameter
    """The key is worthless from now on; open orders stay."""
    service.revoke(tenant=principal.tenant_id, principal=principal.id, key_id=id)


def _out(row: ApiKeyRow) -> ApiKeyOut:
    return ApiKeyOut(
        id=row.id,
        key=row.key,
        name=row.name,
        scopes=sorted(row.scopes),
        ip_allow=list(row.ip_allow),
        algorithm=row.algorithm,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
    )

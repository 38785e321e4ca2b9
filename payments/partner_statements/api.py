"""Uploading a partner's statement: the body is the CSV file itself."""

from __future__ import annotations

import asyncio
import io
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import IdempotencyKey
from payments.partner_statements import service
from payments.partner_statements.schemas import StatementOut

router = APIRouter(prefix="/v1/reconciliation/statements", tags=["reconciliation"])
_CSV: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "examples": ["reference,booked_at,amount\nA-1,2026-01-31T09:00:00Z,12.5"]}}},
    }
}  # fmt: skip


@router.post("", status_code=201, responses={200: {"model": StatementOut}}, openapi_extra=_CSV)
async def upload(
    request: Request,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.RECONCILIATION_WRITE)],
    partner: Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$", description="Who made the statement.")],
    account: Annotated[str, Query(min_length=1, max_length=200, description="Path of our account with them.")],
) -> StatementOut:
    """Keep a statement: a header `reference,booked_at,amount[,asset][,note]` and a line each; plus is more for us there."""
    body = await request.body()
    done = await asyncio.to_thread(
        service.upload, tenant=principal.tenant_id, principal=principal.id, partner=partner, account=account,
        open_file=lambda: io.BytesIO(body), key=key,
    )  # fmt: skip
    if done.replayed:
        response.status_code = 200
    return await asyncio.to_thread(_read, principal, done.id)


@router.get("/{id}")
def statement(id: UUID, principal: Annotated[Principal, requires(Permission.RECONCILIATION_READ)]) -> StatementOut:  # noqa: A002
    return _read(principal, id)


def _read(principal: Principal, statement_id: UUID) -> StatementOut:
    return StatementOut.model_validate(service.get(principal.tenant_id, statement_id))

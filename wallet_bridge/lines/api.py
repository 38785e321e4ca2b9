"""Lines over HTTP: treasury sets them, each change is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, problem_responses
from payments.errors import AssetUnknown
from wallet_bridge.lines import service
from wallet_bridge.lines.errors import LineUnfit, LocationUnknown
from wallet_bridge.lines.rules import Line
from wallet_bridge.lines.schemas import TreasuryLineIn, TreasuryLineOut, shown

router = APIRouter(prefix="/v1/treasury/lines", tags=["treasury"])
_Location = Annotated[
    str | None, Query(max_length=80, description="With `asset`: every version of one line, newest first.")
]


@router.get("")
def list_lines(
    principal: Annotated[Principal, requires(Permission.TREASURY_READ)],
    location: _Location = None,
    asset: Annotated[str | None, Query(max_length=32)] = None,
) -> Page[TreasuryLineOut]:
    """The lines that count."""
    if location is not None and asset is not None:
        found = service.versions(principal.tenant_id, location=location, asset=asset)
    else:
        found = service.lines_of(principal.tenant_id)
        found = [row for row in found if location in {None, row.location} and asset in {None, row.asset}]
    return Page(items=[shown(row) for row in found], next_cursor=None)


@router.post(
    "",
    status_code=201,
    responses={
        200: {"model": TreasuryLineOut, "description": "This Idempotency-Key set this line before."},
        **problem_responses(LocationUnknown, AssetUnknown, LineUnfit, IdempotencyConflict),
    },
)
def set_line(
    body: TreasuryLineIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.TREASURY_WRITE)],
) -> TreasuryLineOut:
    """The line of a place and asset from now on: below `warning` treasury is told, below `critical` until somebody answers."""
    made = service.set_line(
        tenant=principal.tenant_id, by=principal.id, location=body.location, asset=body.asset,
        line=Line(body.unit, body.warning, body.critical), key=key,
    )  # fmt: skip
    if made.replayed:
        response.status_code = 200
    return shown(service.get(principal.tenant_id, made.id))

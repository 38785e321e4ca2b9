"""Exports over HTTP: ask, watch the progress, fetch the file."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import Forbidden
from kernel.http import IdempotencyKey, Page, cut, decode_cursor
from kernel.rates import Rate
from payments.exports import service, sources, tasks
from payments.exports.schemas import ExportIn, ExportOut
from payments.exports.service import Wanted
from payments.exports.states import ExportState, Format

router = APIRouter(prefix="/v1/ledger/exports", tags=["ledger"])
_MEDIA = {Format.CSV: "text/csv; charset=utf-8", Format.PARQUET: "application/vnd.apache.parquet"}


@router.post("", status_code=202, responses={200: {"model": ExportOut}})
def request_export(
    wanted: ExportIn,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LEDGER_EXPORT, rate=Rate.EXPORTS)],
) -> ExportOut:
    """Ask for a file; a worker makes it."""
    _demand(principal, wanted.what)
    outcome = service.request(
        tenant=principal.tenant_id,
        by=principal.id,
        realm=principal.realm,
        wanted=Wanted(wanted.what, wanted.format, wanted.account, wanted.from_at, wanted.to_at),
        key=key,
        fingerprint=hashlib.sha256(f"{principal.realm}{wanted.model_dump_json()}".encode()).digest(),
    )
    if outcome.replayed:
        response.status_code = 200
    else:
        tasks.wake(principal.tenant_id, outcome.id)
    return _out(service.read(principal.tenant_id, outcome.id))


@router.get("")
def list_exports(
    principal: Annotated[Principal, requires(Permission.LEDGER_EXPORT)],
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[ExportOut]:
    rows = service.page(principal.tenant_id, before=decode_cursor(cursor, UUID) if cursor else None, limit=limit + 1)
    rows, more = cut(rows, limit, lambda one: one.id)
    return Page(items=[_out(row) for row in rows], next_cursor=more)


@router.get("/{id}")
def get_export(
    id: UUID,  # noqa: A002  the name in the path
    principal: Annotated[Principal, requires(Permission.LEDGER_EXPORT)],
) -> ExportOut:
    return _out(service.read(principal.tenant_id, id))


@router.get(
    "/{id}/file",
    response_class=FileResponse,
    responses={200: {"content": {media.partition(";")[0]: {} for media in _MEDIA.values()}}, 410: {}},
)
def get_export_file(
    id: UUID,  # noqa: A002  the name in the path
    principal: Annotated[Principal, requires(Permission.LEDGER_EXPORT, rate=Rate.EXPORTS)],
) -> FileResponse:
    """The finished file; its sha256 stands in the export."""
    _demand(principal, service.read(principal.tenant_id, id).what)
    job, path = service.file_of(principal.tenant_id, id)
    return FileResponse(path, media_type=_MEDIA[Format(job.format)], filename=f"{job.what}-{job.id}.{job.format}")


def _demand(principal: Principal, what: str) -> None:
    """Who may not read a package's things may not carry them away either."""
    source = sources.find(what)
    if source is not None and not principal.may(source.permission):
        raise Forbidden


def _out(row: Any) -> ExportOut:
    done = row.state in {ExportState.DONE, ExportState.EXPIRED}
    share = min(row.rows_scanned / row.rows_expected, 1.0) if row.rows_expected else None
    return ExportOut(
        id=row.id,
        what=row.what,
        format=row.format,
        realm=row.realm,
        account=row.account_id,
        from_at=row.from_at,
        to_at=row.to_at,
        status=row.state,
        progress=1.0 if done else share,
        rows=row.rows_written,
        bytes=row.bytes,
        sha256=row.sha256,
        error=row.error,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
    )

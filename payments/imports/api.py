"""Imports over HTTP: send a file, look at what the check says of each row, approve or reject as somebody else."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.http import IdempotencyKey, Page, cut, decode_cursor
from payments.imports import service, tasks
from payments.imports.errors import InvalidImport
from payments.imports.schemas import ApproveIn, ImportOut, ImportRowOut
from payments.imports.service import ImportView
from payments.imports.states import Format, ImportState

router = APIRouter(prefix="/v1/ledger/imports", tags=["ledger"])
_FORMATS = {"text/csv": Format.CSV, "application/x-ndjson": Format.NDJSON}
_BODY = {"content": {media: {"schema": {"type": "string"}} for media in _FORMATS}, "required": True}


@router.post("", status_code=202, responses={200: {"model": ImportOut}}, openapi_extra={"requestBody": _BODY})
async def send_import(
    request: Request,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LEDGER_IMPORT)],
    dry_run: Annotated[bool, Query(description="Check only.")] = False,
    file_key: Annotated[
        str | None,
        Query(pattern=r"^[A-Za-z0-9_.-]{1,100}$", description="What makes this file itself; default its sha256."),
    ] = None,
) -> ImportOut:
    """A file of journals, at most 1 MiB. Nothing is posted before a second person approves."""
    format_ = _FORMATS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
    if format_ is None:
        raise InvalidImport(f"send one of {', '.join(_FORMATS)}")
    outcome = await asyncio.to_thread(
        service.send,
        tenant=principal.tenant_id,
        by=principal.id,
        realm=principal.realm,
        body=await request.body(),
        format_=format_,
        dry_run=dry_run,
        file_key=file_key,
        key=key,
    )
    if outcome.replayed:
        response.status_code = 200
    else:
        await asyncio.to_thread(tasks.wake, principal.tenant_id, outcome.id)
    return _out(await asyncio.to_thread(service.read, principal.tenant_id, outcome.id))


@router.get("")
def list_imports(
    principal: Annotated[Principal, requires(Permission.LEDGER_READ)],
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> Page[ImportOut]:
    views = service.page(principal.tenant_id, before=decode_cursor(cursor, UUID) if cursor else None, limit=limit + 1)
    views, more = cut(views, limit, lambda one: one.job.id)
    return Page(items=[_out(view) for view in views], next_cursor=more)


@router.get("/{id}")
def get_import(
    id: UUID,  # noqa: A002  the name in the path
    principal: Annotated[Principal, requires(Permission.LEDGER_READ)],
) -> ImportOut:
    return _out(service.read(principal.tenant_id, id))


@router.get("/{id}/rows")
def list_import_rows(
    id: UUID,  # noqa: A002  the name in the path
    principal: Annotated[Principal, requires(Permission.LEDGER_READ)],
    refused: Annotated[bool, Query(description="Only rows that are not posted.")] = False,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page[ImportRowOut]:
    """What became of each row, in the order of the file."""
    after = decode_cursor(cursor, int) if cursor else 0
    found = service.rows(
        principal.tenant_id, id, only_refused=refused, after=min(max(after, 0), 2**31 - 1), limit=limit + 1
    )
    found, more = cut(found, limit, lambda one: one.number)
    items = [
        ImportRowOut(
            row=row.number,
            line=row.at_line,
            kind=row.kind,
            accounts=row.accounts,
            amounts=row.amounts,
            status=row.status,
            detail=row.fault,
            journal_id=row.journal_id,
        )
        for row in found
    ]
    return Page(items=items, next_cursor=more)


@router.post("/{id}/approve")
def approve_import(
    id: UUID,  # noqa: A002  the name in the path
    approval: ApproveIn,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LEDGER_IMPORT)],
) -> ImportOut:
    """Let the file be posted; only somebody who did not send it can."""
    outcome = service.approve(
        tenant=principal.tenant_id, by=principal.id, import_id=id, sha256=approval.sha256, key=key
    )
    if not outcome.replayed:
        tasks.wake(principal.tenant_id, id)
    return _out(service.read(principal.tenant_id, id))


@router.post("/{id}/reject")
def reject_import(
    id: UUID,  # noqa: A002  the name in the path
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.LEDGER_IMPORT)],
) -> ImportOut:
    """Drop a file that was not posted."""
    service.reject(tenant=principal.tenant_id, by=principal.id, import_id=id, key=key)
    return _out(service.read(principal.tenant_id, id))


def _out(view: ImportView) -> ImportOut:
    job, counts = view.job, view.counts
    at_work = job.state in {ImportState.CHECKING, ImportState.POSTING}
    return ImportOut(
        id=job.id,
        status=job.state,
        realm=job.realm,
        file_key=job.file_key,
        format=job.format,
        dry_run=job.dry_run,
        sha256=job.sha256,
        rows=job.rows_read,
        progress=job.position / job.rows_read if at_work else 1.0,
        accepted=counts.get("ok", 0) + counts.get("posted", 0),
        existed=counts.get("exists", 0),
        refused={status: n for status, n in counts.items() if status not in {"pending", "ok", "posted", "exists"}},
        error=job.error,
        uploaded_by=job.uploaded_by,
        uploaded_at=job.uploaded_at,
        decided_by=job.decided_by,
        decided_at=job.decided_at,
        finished_at=job.finished_at,
    )

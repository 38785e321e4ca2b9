"""Reconciliation over HTTP: finance starts runs and looks after breaks, auditors read along."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.db import AnyRow
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor
from payments.reconciliation import service, tickets
from payments.reconciliation.schemas import (
    AssignIn,
    BreakOut,
    BreakWithNotes,
    ConfirmIn,
    DayOut,
    IncidentOut,
    NoteIn,
    ResolveIn,
    RunIn,
    RunOut,
    TicketOut,
)
from payments.reconciliation.states import BreakClass, BreakState

router = APIRouter(prefix="/v1/reconciliation", tags=["reconciliation"])
Reader = Annotated[Principal, requires(Permission.RECONCILIATION_READ)]
Writer = Annotated[Principal, requires(Permission.RECONCILIATION_WRITE)]
Cursor = Annotated[str | None, Query(max_length=300)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.post("/runs", status_code=201, responses={200: {"model": RunOut}})
def start_run(wanted: RunIn, response: Response, key: IdempotencyKey, principal: Writer) -> RunOut:
    """Compare a source now; the engine takes it step by step, see its progress under its id."""
    done = service.start_run(
        tenant=principal.tenant_id, principal=principal.id, level=wanted.level, source=wanted.source, scope=wanted.scope,
        day=wanted.date, key=key,
    )  # fmt: skip
    if done.replayed:
        response.status_code = 200
    return RunOut.model_validate(service.get_run(principal.tenant_id, done.id))


@router.get("/runs")
def runs(principal: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[RunOut]:
    """Runs, newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    rows = service.list_runs(principal.tenant_id, before=before, limit=limit + 1)
    shown = [RunOut.model_validate(row) for row in rows[:limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > limit else None)


@router.get("/runs/{id}")
def run(id: UUID, principal: Reader) -> RunOut:  # noqa: A002  the name in the path
    return RunOut.model_validate(service.get_run(principal.tenant_id, id))


@router.get("/breaks")
def breaks(
    principal: Reader,
    status: Annotated[BreakState | None, Query(description="Without it: what is not closed.")] = None,
    source: Annotated[str | None, Query(pattern=r"^[a-z_]{0,64}$")] = None,
    kind: Annotated[BreakClass | None, Query(alias="class")] = None,
    day: Annotated[date | None, Query(alias="date")] = None,
    run_id: Annotated[UUID | None, Query(alias="run")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[BreakOut]:
    """Breaks, newest first."""
    rows = service.list_breaks(
        principal.tenant_id, states=(status,) if status is not None else service.LIVE, source=source or None, kind=kind, day=day,
        run_id=run_id, before=decode_cursor(cursor, UUID) if cursor else None, limit=limit + 1,
    )  # fmt: skip
    shown = [BreakOut.model_validate(_fields(row)) for row in rows[:limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > limit else None)


@router.get("/breaks/{id}")
def one_break(id: UUID, principal: Reader) -> BreakWithNotes:  # noqa: A002
    """A break with both sides' records, its ticket and the notes on it."""
    return _break(principal, id)


@router.post("/breaks/{id}/resolve")
def resolve(id: UUID, wanted: ResolveIn, key: IdempotencyKey, principal: Writer) -> BreakWithNotes:  # noqa: A002
    """Propose how to close a ticket; somebody else must confirm."""
    tickets.propose(
        tenant=principal.tenant_id, principal=principal.id, item_id=id, resolution=wanted.resolution, account=wanted.account,
        note=wanted.note, key=key,
    )  # fmt: skip
    return _break(principal, id)


@router.post("/breaks/{id}/confirm")
def confirm(id: UUID, key: IdempotencyKey, principal: Writer, seen: ConfirmIn | None = None) -> BreakWithNotes:  # noqa: A002
    """Confirm what another person proposed. 409: `second_person_required` for the one who did, `proposal_changed` if it changed."""
    tickets.confirm(
        tenant=principal.tenant_id, principal=principal.id, item_id=id, key=key,
        proposed_at=None if seen is None else seen.proposed_at,
    )  # fmt: skip
    return _break(principal, id)


@router.post("/breaks/{id}/reject")
def reject(id: UUID, wanted: NoteIn, key: IdempotencyKey, principal: Writer) -> BreakWithNotes:  # noqa: A002
    """Turn a proposal down, or take back the own one."""
    tickets.reject(tenant=principal.tenant_id, principal=principal.id, item_id=id, note=wanted.text, key=key)
    return _break(principal, id)


@router.post("/breaks/{id}/notes")
def note(id: UUID, wanted: NoteIn, key: IdempotencyKey, principal: Writer) -> BreakWithNotes:  # noqa: A002
    """Add a note to a break."""
    tickets.add_note(tenant=principal.tenant_id, principal=principal.id, item_id=id, text=wanted.text, key=key)
    return _break(principal, id)


@router.post("/breaks/{id}/assign")
def assign(id: UUID, wanted: AssignIn, key: IdempotencyKey, principal: Writer) -> BreakWithNotes:  # noqa: A002
    """Hand a ticket to somebody of the staff."""
    tickets.assign(tenant=principal.tenant_id, principal=principal.id, item_id=id, owner=wanted.owner, key=key)
    return _break(principal, id)


@router.get("/days/{date}")
def day_report(date: date, principal: Reader) -> DayOut:
    """All of one business day: its runs, its breaks by level and class, the rounding pool, suspense, and what is still open by age."""
    return DayOut.model_validate(service.day_report(principal.tenant_id, date))


@router.get("/incidents")
def incidents(principal: Reader) -> Page[IncidentOut]:
    """Broken invariants, projections that had to be rebuilt, a rounding pool that drifts; open ones first."""
    rows = service.list_incidents(principal.tenant_id)
    return Page(items=[IncidentOut.model_validate(row) for row in rows], next_cursor=None)


def _break(principal: Principal, item_id: UUID) -> BreakWithNotes:
    found, notes = service.get_break(principal.tenant_id, item_id)
    return BreakWithNotes.model_validate({**_fields(found), "notes": notes})


def _fields(row: AnyRow) -> dict[str, Any]:
    fields: dict[str, Any] = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public name for it
    return {
        **fields,
        "ticket": TicketOut.model_validate(row) if row.opened_at is not None else None,
    }

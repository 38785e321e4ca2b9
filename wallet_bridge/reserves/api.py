"""The reserves over HTTP: the published roots for everybody, the own leaf for each customer, a new snapshot for staff."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from identity.auth import Principal, public, requires
from identity.permissions import Permission
from identity.tenants.here import house_of
from kernel.errors import IdempotencyConflict, NotFound
from kernel.http import IdempotencyKey, Page, cut, decode_cursor, problem_responses
from wallet_bridge.reserves import service
from wallet_bridge.reserves.errors import ProofForgotten, SnapshotUnderWay
from wallet_bridge.reserves.schemas import (
    ReservesOut,
    ReservesProofOut,
    ReservesSnapshotOut,
    proof_out,
    reserves_out,
    snapshot_out,
)
from wallet_bridge.reserves.service import PUBLIC
from wallet_bridge.reserves.states import SnapshotState

router = APIRouter(prefix="/v1/reserves", tags=["reserves"])
Reader = Annotated[Principal, requires(Permission.RESERVES_READ)]
Writer = Annotated[Principal, requires(Permission.RESERVES_WRITE)]
Cursor = Annotated[str | None, Query(max_length=200)]


@router.get("", dependencies=[public()])
def list_reserves(
    request: Request, cursor: Cursor = None, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> Page[ReservesOut]:
    """Every published snapshot of the house, newest first: roots, what customers are owed, what the books have. Needs no session."""
    rows = service.page(house_of(request), states=PUBLIC, before=_before(cursor), limit=limit + 1)
    rows, more = cut(rows, limit, lambda one: one.id)
    return Page(items=[reserves_out(row) for row in rows], next_cursor=more)


@router.get("/proof", responses=problem_responses(NotFound, ProofForgotten))
def get_reserves_proof(principal: Reader, response: Response, snapshot_id: UUID | None = None) -> ReservesProofOut:
    """Your own leaves of the newest published snapshot, or of one you name, each with its path to the root."""
    response.headers["Cache-Control"] = "no-store"
    return proof_out(service.proof(principal.tenant_id, customer=principal.id, snapshot_id=snapshot_id))


@router.get("/snapshots")
def list_reserves_snapshots(
    principal: Writer, cursor: Cursor = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> Page[ReservesSnapshotOut]:
    """Every snapshot that was asked for, newest first: how far it is, and why one was refused."""
    rows = service.page(principal.tenant_id, states=tuple(SnapshotState), before=_before(cursor), limit=limit + 1)
    rows, more = cut(rows, limit, lambda one: one.id)
    return Page(items=[snapshot_out(row) for row in rows], next_cursor=more)


@router.post("/snapshots", status_code=202, responses=problem_responses(SnapshotUnderWay, IdempotencyConflict))
def ask_for_reserves_snapshot(key: IdempotencyKey, principal: Writer) -> ReservesSnapshotOut:
    """Ask for a snapshot besides those of each day; the engine takes, signs and publishes it within seconds."""
    outcome = service.ask(tenant=principal.tenant_id, by=principal.id, key=key)
    return snapshot_out(service.read(principal.tenant_id, outcome.id))


def _before(cursor: str | None) -> UUID | None:
    return None if cursor is None else decode_cursor(cursor, UUID)

"""Decisions over HTTP: staff sees what waits for a person, proposes, and another one confirms."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response

from broker.decisions import service
from broker.decisions.schemas import DecisionIn, DecisionOut, WaitingOut
from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.db import AnyRow
from kernel.http import IdempotencyKey, Page

router = APIRouter(prefix="/v1", tags=["decisions"])
Reader = Annotated[Principal, requires(Permission.CONTROLS_READ)]
Writer = Annotated[Principal, requires(Permission.CONTROLS_WRITE)]


@router.get("/venue-orders")
def waiting(principal: Reader) -> Page[WaitingOut]:
    """Venue orders that no answer of the venue settles; their funds stay held until somebody decides."""
    rows = service.waiting(principal.tenant_id)
    return Page(items=[WaitingOut.model_validate(row._asdict()) for row in rows], next_cursor=None)


@router.post("/venue-orders/{id}/decisions", status_code=201, responses={200: {"model": DecisionOut}})
def propose(
    id: UUID,  # noqa: A002  the name in the path
    decision: DecisionIn,
    response: Response,
    key: IdempotencyKey,
    principal: Writer,
) -> DecisionOut:
    """Say what the venue did, on evidence; a second person confirms it."""
    done = service.propose(
        tenant=principal.tenant_id,
        principal=principal.id,
        venue_order_id=id,
        verdict=decision.verdict,
        fills=[fill.model_dump(mode="json") for fill in decision.fills],
        evidence=decision.evidence,
        key=key,
    )
    if done.replayed:
        response.status_code = 200
    return _out(service.read(principal.tenant_id, done.id))


@router.get("/decisions/{id}")
def read(id: UUID, principal: Reader) -> DecisionOut:  # noqa: A002  the name in the path
    return _out(service.read(principal.tenant_id, id))


@router.post("/decisions/{id}/confirm")
def confirm(id: UUID, principal: Writer) -> DecisionOut:  # noqa: A002  the name in the path
    """Confirm as another person; the engine carries it out within seconds."""
    return _out(service.confirm(tenant=principal.tenant_id, principal=principal.id, decision_id=id))


@router.post("/decisions/{id}/withdraw")
def withdraw(id: UUID, principal: Writer) -> DecisionOut:  # noqa: A002  the name in the path
    return _out(service.withdraw(tenant=principal.tenant_id, decision_id=id))


def _out(row: AnyRow) -> DecisionOut:
    return DecisionOut.model_validate(row._asdict())

"""Transfers over HTTP. What is posted at once goes through the process's group commit, so many callers share one commit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.principals.states import Kind
from kernel.http import IdempotencyKey, Page, cut, decode_cursor
from kernel.ids import uuid7
from payments.journal.group import GroupCommit
from payments.transfers import batches, service
from payments.transfers.schemas import BatchIn, BatchItemOut, BatchOut, ItemIn, ReverseIn, TransferIn, TransferOut
from payments.transfers.service import Asker, Transfer, Wish
from payments.transfers.states import TransferStatus

router = APIRouter(prefix="/v1/transfers", tags=["transfers"])
_AGAIN: dict[int | str, dict[str, Any]] = {
    200: {"model": TransferOut, "description": "The same request was sent before; this is how it stands."}
}


@router.post("", status_code=201, responses={**_AGAIN, 202: {"model": TransferOut}})
async def transfer(
    wish: TransferIn,
    request: Request,
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.TRANSFERS_WRITE)],
) -> TransferOut:
    """Move money: 201 when it is posted, 202 when it waits for its day or for a second person."""
    asker, asked = _asker(principal), _wish(wish)
    if service.waits(asker, asked):
        stored = await run_in_threadpool(service.store, asker, asked, key=key)
        response.status_code = 200 if stored.replayed else 202
        return _out(await run_in_threadpool(service.read, asker, stored.id))
    postings: GroupCommit = request.app.state.postings
    journal = await run_in_threadpool(service.prepare, asker, asked, key=key or str(uuid7()))
    posted = await postings.submit(asker.tenant, journal)
    made, again = await run_in_threadpool(service.settle, asker, asked, posted)
    if again:
        response.status_code = 200
    return _out(made)


@router.post(":batch")
def batch(
    wishes: BatchIn, key: IdempotencyKey, principal: Annotated[Principal, requires(Permission.TRANSFERS_WRITE)]
) -> BatchOut:
    """Up to 1,000 transfers. Each item is answered for itself; a refused atomic batch is 409 `batch_refused`."""
    asked = [_wish(item, linked=item.linked) for item in wishes.items]
    answers = batches.run(_asker(principal), asked, mode=wishes.mode, key=key)
    return BatchOut(items=[BatchItemOut(status=answer.status, id=answer.id) for answer in answers])


@router.get("")
def list_transfers(
    principal: Annotated[Principal, requires(Permission.TRANSFERS_READ)],
    status: Annotated[TransferStatus | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[TransferOut]:
    """What you asked for, newest first (staff: everything). What you received stands in your statement."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = service.page(_asker(principal), status=status, before=before, limit=limit + 1)
    found, more = cut(found, limit, lambda one: one.id)
    return Page(items=[_out(one) for one in found], next_cursor=more)


@router.get("/{id}")
def get_transfer(
    transfer_id: Annotated[UUID, Path(alias="id")], principal: Annotated[Principal, requires(Permission.TRANSFERS_READ)]
) -> TransferOut:
    return _out(service.read(_asker(principal), transfer_id))


@router.post("/{id}/approve")
def approve(
    transfer_id: Annotated[UUID, Path(alias="id")],
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.TRANSFERS_APPROVE)],
) -> TransferOut:
    """The second person's yes: posted now, or on its day."""
    outcome = service.approve(_asker(principal), transfer_id, key=key)
    return _out(service.read(_asker(principal), outcome.id))


@router.post("/{id}/cancel")
def cancel(
    transfer_id: Annotated[UUID, Path(alias="id")],
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.TRANSFERS_WRITE)],
) -> TransferOut:
    """Take back what is not posted yet."""
    outcome = service.cancel(_asker(principal), transfer_id, key=key)
    return _out(service.read(_asker(principal), outcome.id))


@router.post("/{id}/reverse", status_code=201, responses={**_AGAIN, 202: {"model": TransferOut}})
def reverse(
    transfer_id: Annotated[UUID, Path(alias="id")],
    response: Response,
    key: IdempotencyKey,
    principal: Annotated[Principal, requires(Permission.TRANSFERS_WRITE)],
    wish: ReverseIn | None = None,
) -> TransferOut:
    """Send back what you received, once and exactly. Staff may reverse any transfer, with a second person: 202."""
    memo = wish.memo if wish is not None else None
    outcome = service.reverse(_asker(principal), transfer_id, memo=memo, key=key)
    made = service.read(_asker(principal), outcome.id)
    if outcome.replayed:
        response.status_code = 200
    elif made.status is TransferStatus.AWAITING_APPROVAL:
        response.status_code = 202
    return _out(made)


def _asker(principal: Principal) -> Asker:
    return Asker(tenant=principal.tenant_id, id=principal.id, staff=principal.kind is Kind.STAFF, realm=principal.realm)


def _wish(item: ItemIn, *, linked: bool = False) -> Wish:
    return Wish(
        source=item.from_,
        target=item.to,
        asset=item.asset,
        amount=item.amount,
        memo=item.memo,
        metadata=item.metadata,
        effective_at=item.effective_at if isinstance(item, TransferIn) else None,
        execute_at=item.execute_at if isinstance(item, TransferIn) else None,
        linked=linked,
    )


def _out(made: Transfer) -> TransferOut:
    accounts = {"from": str(made.from_account), "to": str(made.to_account)}
    return TransferOut.model_validate({**asdict(made), **accounts})

"""Cold spends over HTTP: asked for, agreed to in the inbox, signed by the holders, followed."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query

from identity.auth import Principal, requires
from identity.permissions import Permission
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor, problem_responses
from wallet_bridge.cold import errors, service
from wallet_bridge.cold.record import Spend
from wallet_bridge.cold.schemas import (
    ColdDraftOut,
    ColdSignatureIn,
    ColdSignatureOut,
    ColdSpendDetailOut,
    ColdSpendIn,
    ColdSpendOut,
)
from wallet_bridge.cold.service import Seen, Wish
from wallet_bridge.cold.states import SpendState
from wallet_bridge.custody.errors import WalletNotConfigured
from wallet_bridge.networks.errors import NetworkUnknown

router = APIRouter(prefix="/v1/treasury/cold-spends", tags=["treasury"])
Reader = Annotated[Principal, requires(Permission.TREASURY_READ)]
Writer = Annotated[Principal, requires(Permission.TREASURY_WRITE)]


@router.get("")
def cold_spends(
    principal: Reader,
    state: Annotated[list[SpendState] | None, Query(max_length=20)] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[ColdSpendOut]:
    """Newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = service.page(principal.tenant_id, states=state, before=before, limit=limit + 1)
    items = [ColdSpendOut(**_shown(one)) for one in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(found) > limit else None)


@router.post(
    "", status_code=202,
    responses=problem_responses(NetworkUnknown, errors.ColdAmountUnfit, WalletNotConfigured, IdempotencyConflict),
)  # fmt: skip
def ask_for_cold_spend(body: ColdSpendIn, key: IdempotencyKey, principal: Writer) -> ColdSpendDetailOut:
    """Ask a second person to fill the hot wallet from the cold one; then its holders sign."""
    wish = Wish(network=body.network, asset=body.asset, amount=body.amount, fee_cap=body.fee_cap)
    made = service.ask(tenant=principal.tenant_id, actor=principal.id, wish=wish, key=key)
    return _detail(service.read(principal.tenant_id, made.id))


@router.get("/{id}", responses=problem_responses(errors.ColdSpendNotFound))
def cold_spend(spend_id: Annotated[UUID, Path(alias="id")], principal: Reader) -> ColdSpendDetailOut:
    """One, with what its holders are asked to sign and what that says."""
    return _detail(service.read(principal.tenant_id, spend_id))


@router.post(
    "/{id}/signatures", status_code=202,
    responses=problem_responses(errors.ColdSpendNotFound, errors.ColdSpendNotDrafted, errors.ColdDraftDiffers, IdempotencyConflict),
)  # fmt: skip
def hand_in_signature(
    spend_id: Annotated[UUID, Path(alias="id")], body: ColdSignatureIn, key: IdempotencyKey, principal: Writer
) -> ColdSpendDetailOut:
    """What a holder signed, passed on to the custodian; `signatures` says whether it counted."""
    service.hand_in(tenant=principal.tenant_id, actor=principal.id, spend_id=spend_id, signed=body.signed, key=key)
    return _detail(service.read(principal.tenant_id, spend_id))


@router.delete(
    "/{id}", responses=problem_responses(errors.ColdSpendNotFound, errors.ColdSpendSigned, IdempotencyConflict)
)
def cancel_cold_spend(
    spend_id: Annotated[UUID, Path(alias="id")], key: IdempotencyKey, principal: Writer
) -> ColdSpendDetailOut:
    """Take it back while nobody has signed it."""
    service.cancel(tenant=principal.tenant_id, actor=principal.id, spend_id=spend_id, key=key)
    return _detail(service.read(principal.tenant_id, spend_id))


def _shown(one: Spend) -> dict[str, Any]:
    return {
        "id": one.id, "network": one.network, "asset": one.asset, "amount": one.amount, "fee_cap": one.fee_cap, "state": one.state,
        "reason": one.reason, "address": one.address, "txid": one.txid, "confirmations": one.confirmations,
        "can_cancel": service.can_cancel(one), "created_by": one.created_by, "approved_by": one.approved_by,
        "created_at": one.created_at, "approved_at": one.approved_at, "ended_at": one.ended_at,
    }  # fmt: skip


def _detail(seen: Seen) -> ColdSpendDetailOut:
    draft = None
    if seen.draft is not None:
        told = seen.draft.model_dump(exclude={"transfer_id", "client_ref", "state", "network", "asset"})
        draft = ColdDraftOut(**told, matches=not seen.differences, differences=list(seen.differences))
    given = [
        ColdSignatureOut(id=one.id, state=one.state, reason=one.reason, handed_in_by=one.handed_in_by, at=one.at)
        for one in seen.signatures
    ]
    return ColdSpendDetailOut(**_shown(seen.spend), approval_id=seen.approval_id, draft=draft, signatures=given)

"""Treasury moves money over HTTP: proposals, transfers that a second person agrees to, the addresses they go to, and how people end one."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.security.errors import StepUpRequired
from kernel.errors import IdempotencyConflict
from kernel.http import IdempotencyKey, Page, decode_cursor, encode_cursor, problem_responses
from wallet_bridge.moves import addresses, deciding, errors, places, proposing, service, settling
from wallet_bridge.moves.addresses import NewAddress
from wallet_bridge.moves.queries import Transfer
from wallet_bridge.moves.schemas import (
    TreasuryAddressIn,
    TreasuryAddressOut,
    TreasuryApprovalOut,
    TreasuryDecisionIn,
    TreasuryProposalOut,
    TreasuryRailOut,
    TreasurySettleIn,
    TreasuryTransferIn,
    TreasuryTransferOut,
)
from wallet_bridge.moves.service import Asked, Wish
from wallet_bridge.moves.states import TransferState

router = APIRouter(prefix="/v1/treasury", tags=["treasury"])
Reader = Annotated[Principal, requires(Permission.TREASURY_READ)]
Writer = Annotated[Principal, requires(Permission.TREASURY_WRITE)]
ProvenWriter = Annotated[Principal, requires(Permission.TREASURY_WRITE, proven=True)]
_NOTHING = Asked()  # a list names no approvals


@router.get("/proposals")
def treasury_proposals(principal: Reader) -> Page[TreasuryProposalOut]:
    """What would bring every venue back above its line, the cheapest way that is open now."""
    items = [TreasuryProposalOut(**_places(row._asdict())) for row in proposing.standing(principal.tenant_id)]
    return Page(items=items, next_cursor=None)


@router.get("/transfers")
def treasury_transfers(
    principal: Reader,
    state: Annotated[list[TransferState] | None, Query(max_length=20)] = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page[TreasuryTransferOut]:
    """Newest first."""
    before = decode_cursor(cursor, UUID) if cursor else None
    found = service.page(principal.tenant_id, states=state, before=before, limit=limit + 1)
    items = [_shown(row) for row in found[:limit]]
    return Page(items=items, next_cursor=encode_cursor(items[-1].id) if len(found) > limit else None)


@router.post(
    "/transfers",
    status_code=202,
    responses=problem_responses(
        errors.TreasuryRouteUnknown, errors.TreasuryAmountUnfit, errors.TreasuryNetworkClosed, errors.TreasuryAddressMissing,
        errors.TreasuryAddressDiffers, errors.TreasuryFundsShort, errors.TreasuryTransferBusy, errors.TreasuryProposalGone,
        IdempotencyConflict,
    ),
)  # fmt: skip
def ask_for_transfer(body: TreasuryTransferIn, key: IdempotencyKey, principal: Writer) -> TreasuryTransferOut:
    """Ask a second person to move money from one venue or wallet to another."""
    wish = Wish(
        source=places.named(body.source), destination=places.named(body.destination), asset=body.asset, network=body.network,
        amount=body.amount, proposal_id=body.proposal_id,
    )  # fmt: skip
    made = service.ask(tenant=principal.tenant_id, actor=principal.id, wish=wish, key=key)
    return _shown(*service.read(principal.tenant_id, made.id))


@router.get("/transfers/{id}", responses=problem_responses(errors.TreasuryTransferNotFound))
def treasury_transfer(transfer_id: Annotated[UUID, Path(alias="id")], principal: Reader) -> TreasuryTransferOut:
    """One, with what both places said of it."""
    return _shown(*service.read(principal.tenant_id, transfer_id))


@router.delete(
    "/transfers/{id}",
    responses=problem_responses(errors.TreasuryTransferNotFound, errors.TreasuryTransferSent, IdempotencyConflict),
)
def cancel_treasury_transfer(
    transfer_id: Annotated[UUID, Path(alias="id")], key: IdempotencyKey, principal: Writer
) -> TreasuryTransferOut:
    """Take it back, as long as it was not sent."""
    service.cancel(tenant=principal.tenant_id, actor=principal.id, transfer_id=transfer_id, key=key)
    return _shown(*service.read(principal.tenant_id, transfer_id))


@router.post(
    "/transfers/{id}/settle",
    status_code=202,
    responses=problem_responses(
        errors.TreasuryTransferNotFound, errors.TreasuryTransferNotOpen, errors.TreasuryReceivedUnfit, StepUpRequired,
        IdempotencyConflict,
    ),
)  # fmt: skip
def settle_treasury_transfer(
    transfer_id: Annotated[UUID, Path(alias="id")], body: TreasurySettleIn, key: IdempotencyKey, principal: ProvenWriter
) -> TreasuryApprovalOut:
    """Ask a second person to end one of which another amount came, or that is late: what did not come is booked as lost."""
    wish = settling.Wish(transfer_id=transfer_id, received=body.received, reason=body.reason)
    return TreasuryApprovalOut(
        approval_id=settling.ask(tenant=principal.tenant_id, actor=principal.id, wish=wish, key=key)
    )


@router.post(
    "/transfers/{id}/decisions",
    status_code=202,
    operation_id="decide_treasury_transfer",
    responses=problem_responses(
        errors.TreasuryTransferNotFound, errors.TreasuryTransferNotOpen, StepUpRequired, IdempotencyConflict
    ),
)
def decide_treasury_transfer(
    transfer_id: Annotated[UUID, Path(alias="id")],
    body: TreasuryDecisionIn,
    key: IdempotencyKey,
    principal: ProvenWriter,
) -> TreasuryApprovalOut:
    """Say what became of one out of a wallet that is unknown, and ask a second person; then the custodian is asked, and may refuse it."""
    wish = deciding.Wish(transfer_id=transfer_id, verdict=body.verdict, txid=body.txid, evidence=body.evidence)
    return TreasuryApprovalOut(
        approval_id=deciding.ask(tenant=principal.tenant_id, actor=principal.id, wish=wish, key=key)
    )


@router.get("/rails")
def treasury_rails(principal: Reader) -> Page[TreasuryRailOut]:
    """How assets can be moved at each venue, as it last said."""
    rows = addresses.offered(principal.tenant_id)
    return Page(items=[TreasuryRailOut(**_located(row._asdict())) for row in rows], next_cursor=None)


@router.get("/addresses")
def treasury_addresses(principal: Reader) -> Page[TreasuryAddressOut]:
    """Where money may be sent to, and what waits for a second person."""
    rows = addresses.listed(principal.tenant_id)
    return Page(items=[TreasuryAddressOut(**_located(row._asdict())) for row in rows], next_cursor=None)


@router.post(
    "/addresses",
    status_code=202,
    responses=problem_responses(
        errors.TreasuryRouteUnknown, errors.TreasuryAddressDiffers, errors.TreasuryAddressTaken, errors.TreasuryAddressMissing,
        IdempotencyConflict,
    ),
)  # fmt: skip
def ask_for_address(body: TreasuryAddressIn, key: IdempotencyKey, principal: Writer) -> TreasuryApprovalOut:
    """Ask a second person to let money be sent to an address of ours; it must be the one that the venue or the custodian names."""
    wish = NewAddress(
        venue=places.named(body.location), asset=body.asset, network=body.network, address=body.address, memo=body.memo,
        key_name=body.key_name,
    )  # fmt: skip
    return TreasuryApprovalOut(
        approval_id=addresses.ask(tenant=principal.tenant_id, actor=principal.id, wish=wish, key=key)
    )


@router.delete(
    "/addresses/{id}", status_code=204, responses=problem_responses(errors.TreasuryAddressNotFound, IdempotencyConflict)
)
def remove_treasury_address(
    address_id: Annotated[UUID, Path(alias="id")], key: IdempotencyKey, principal: Writer
) -> Response:
    """Send nothing there any more, from this moment on."""
    addresses.remove(tenant=principal.tenant_id, actor=principal.id, address_id=address_id, key=key)
    return Response(status_code=204)


def _places(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "source": places.located(row["source"]), "destination": places.located(row["destination"])}


def _located(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "location": places.located(row["venue"])}


def _shown(row: Transfer, asked: Asked = _NOTHING) -> TreasuryTransferOut:
    return TreasuryTransferOut(
        id=row.id, source=places.located(row.source), destination=places.located(row.destination), asset=row.asset, network=row.network,
        amount=row.amount, fee=row.fee, fee_cap=row.fee_cap, address=row.address, memo=row.memo, minutes=row.minutes, state=row.state,
        reason=row.reason, proposal_id=row.proposal_id, approval_id=asked.transfer, venue_ref=row.venue_ref, txid=row.txid,
        left=row.left_amount, left_fee=row.left_fee, arrived=row.arrived_amount, received=row.received_amount,
        settle_reason=row.settle_reason, settle_asked_by=row.settle_asked_by, settled_by=row.settled_by,
        can_cancel=row.state in {TransferState.DRAFT, TransferState.RESERVED}, can_settle=settling.may_be(row),
        can_decide=deciding.may_be(row), settle_approval_id=asked.settle, decide_approval_id=asked.decide,
        created_by=row.created_by, approved_by=row.approved_by,
        created_at=row.created_at, approved_at=row.approved_at, left_at=row.left_at, arrived_at=row.arrived_at, ended_at=row.ended_at,
        late_at=row.late_at,
    )  # fmt: skip

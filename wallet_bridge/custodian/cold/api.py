"""The doors of the cold wallet: the draft of a transfer, and its signatures."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request

from kernel.http import problem_responses
from wallet_bridge.custodian import errors
from wallet_bridge.custodian.auth import Client
from wallet_bridge.custodian.cold import service
from wallet_bridge.wire.schemas import ColdOut, ColdSignatureIn

router = APIRouter(prefix="/v1/transfers", responses=problem_responses(errors.WireUnsigned))


@router.get("/{id}/cold", responses=problem_responses(errors.TransferNotFound, errors.DraftUnfit))
def get_draft(transfer_id: Annotated[UUID, Path(alias="id")], request: Request, _client: Client) -> ColdOut:
    """What the holders of the cold wallet are asked to sign, and what its bytes say."""
    return service.view(request.app.state.house, transfer_id)


@router.post(
    "/{id}/cold", responses=problem_responses(errors.TransferNotFound, errors.DraftUnfit, errors.SignatureUnfit)
)
def hand_in(
    transfer_id: Annotated[UUID, Path(alias="id")], body: ColdSignatureIn, request: Request, _client: Client
) -> ColdOut:
    """A holder's signatures. With enough of them it is stored and sent."""
    return service.hand_in(request.app.state.house, transfer_id, body.signed)

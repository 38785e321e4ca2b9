"""A transfer and its attempts as the database has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from wallet_bridge.wire.schemas import AttemptOut, Destination, TransferOut
from wallet_bridge.wire.states import Source, TransferState


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """`request` is what was asked, as it came."""

    id: UUID
    client_ref: str
    request: dict[str, Any]
    source: Source
    payer: str
    network: str
    asset: str
    amount: Decimal
    fee_cap: Decimal
    address: str
    memo: str | None
    state: TransferState
    confirmations: int
    txid: str | None
    fee: Decimal | None
    reason: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Stored bytes that may pay; `height` and `block` where they are on the chain."""

    transfer_id: UUID
    number: int
    payer: str
    nonce: int | None
    raw: bytes
    txid: str
    max_fee: Decimal
    created_at: datetime
    sent_at: datetime | None
    last_error: str | None


def shown(one: Transfer, attempts: list[Attempt]) -> TransferOut:
    return TransferOut(
        id=one.id, client_ref=one.client_ref, state=one.state, source=one.source, network=one.network, asset=one.asset,
        amount=one.amount, destination=Destination.model_validate(one.request["destination"]), address=one.address, memo=one.memo,
        fee_cap=one.fee_cap, fee=one.fee, txid=one.txid, confirmations=one.confirmations, reason=one.reason,
        attempts=[
            AttemptOut(number=row.number, txid=row.txid, nonce=row.nonce, max_fee=row.max_fee, created_at=row.created_at)
            for row in attempts
        ],
        created_at=one.created_at, updated_at=one.updated_at,
    )  # fmt: skip

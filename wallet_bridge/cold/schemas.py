"""Cold spends on the wire; amounts are texts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel.money import DecimalString
from wallet_bridge.cold.states import SignatureState, SpendState
from wallet_bridge.wire.schemas import ColdDraft, ColdSignatureIn

__all__ = ["ColdSignatureIn"]

AssetCode = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Z0-9]+$", examples=["ETH"])]
NetworkName = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z0-9_-]+$", examples=["ethereum"])]


class ColdSpendIn(BaseModel):
    """Out of the cold wallet into the hot one. `fee_cap` is in the network's own coin."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    network: NetworkName
    asset: AssetCode
    amount: DecimalString
    fee_cap: DecimalString


class ColdDraftOut(ColdDraft):
    """Without `differences` it says what was agreed to."""

    matches: bool
    differences: list[str]


class ColdSignatureOut(BaseModel):
    id: UUID
    state: SignatureState
    reason: str | None
    handed_in_by: UUID
    at: datetime


class ColdSpendOut(BaseModel):
    """`reason` says why it ended."""

    id: UUID
    network: str
    asset: str
    amount: DecimalString
    fee_cap: DecimalString
    state: SpendState
    reason: str | None
    address: str | None
    txid: str | None
    confirmations: int
    can_cancel: bool
    created_by: UUID
    approved_by: UUID | None
    created_at: datetime
    approved_at: datetime | None
    ended_at: datetime | None


class ColdSpendDetailOut(ColdSpendOut):
    approval_id: UUID | None
    draft: ColdDraftOut | None
    signatures: list[ColdSignatureOut]

"""A payment out of the cold wallet as a row, and what its holders handed in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from wallet_bridge.cold.states import SignatureState, SpendState


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """`draft` is `ColdOut` of the wire as the custodian told it last, in the event `draft_seq`; `drafted_as` its digest at first."""

    id: UUID
    network: str
    asset: str
    amount: Decimal
    fee_cap: Decimal
    state: SpendState
    reason: str | None
    address: str | None
    txid: str | None
    confirmations: int
    draft: Mapping[str, Any] | None
    draft_seq: int | None
    drafted_as: str | None
    created_by: UUID
    approved_by: UUID | None
    created_at: datetime
    approved_at: datetime | None
    reported_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    id: UUID
    spend_id: UUID
    state: SignatureState
    reason: str | None
    handed_in_by: UUID
    at: datetime

"""Treasury's transfers on the wire. A place is `venue:<name>` or `wallet:<network>`; amounts are texts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kernel.money import DecimalString
from wallet_bridge.moves.states import AddressState, TransferState, TreasuryVerdict

Place = Annotated[str, Field(max_length=64, pattern=r"^(venue|wallet):[a-z0-9_-]+$", examples=["venue:binance"])]
AssetCode = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Z0-9]+$", examples=["USDT"])]
NetworkName = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[a-z0-9_-]+$", examples=["tron"])]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]


class TreasuryTransferIn(BaseModel):
    """`amount` is what shall arrive; the fee comes on top."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", populate_by_name=True)

    source: Annotated[Place, Field(alias="from")]
    destination: Annotated[Place, Field(alias="to")]
    asset: AssetCode
    network: NetworkName
    amount: DecimalString
    proposal_id: UUID | None = None


class TreasurySettleIn(BaseModel):
    """What of it is at the destination in all, by the evidence that `reason` names; nothing where it is lost."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    received: Annotated[DecimalString, Field(ge=0)]
    reason: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class TreasuryDecisionIn(BaseModel):
    """`paid`, with the transaction by which it left, or `unpaid`: it never will. `evidence` says how one knows."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    verdict: TreasuryVerdict
    txid: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9]+$")] | None = None
    evidence: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]

    @model_validator(mode="after")
    def _names_its_transaction(self) -> Self:
        if (self.verdict is TreasuryVerdict.PAID) != (self.txid is not None):
            raise ValueError("what was paid names its transaction, and nothing else does")
        return self


class TreasuryTransferOut(BaseModel):
    """`left` and `arrived` are what the two places say, `late_at` when it was told that it takes too long.

    `fee_cap`: the most that the network may take of a wallet, in its own coin. `received`: what people settled it with. A list names no
    approvals: `approval_id` is the one that it waits for, `settle_approval_id` and `decide_approval_id` the newest request to settle it, or
    to say what became of it.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(populate_by_name=True)

    id: UUID
    source: Annotated[str, Field(alias="from")]
    destination: Annotated[str, Field(alias="to")]
    asset: str
    network: str
    amount: DecimalString
    fee: DecimalString
    fee_cap: DecimalString | None
    address: str
    memo: str | None
    minutes: int
    state: TransferState
    reason: str | None
    proposal_id: UUID | None
    approval_id: UUID | None
    venue_ref: str | None
    txid: str | None
    left: DecimalString | None
    left_fee: DecimalString | None
    arrived: DecimalString | None
    received: DecimalString | None
    settle_reason: str | None
    settle_asked_by: UUID | None
    settled_by: UUID | None
    settle_approval_id: UUID | None
    decide_approval_id: UUID | None
    can_cancel: bool
    can_settle: bool
    can_decide: bool
    created_by: UUID
    approved_by: UUID | None
    created_at: datetime
    approved_at: datetime | None
    left_at: datetime | None
    arrived_at: datetime | None
    ended_at: datetime | None
    late_at: datetime | None


class TreasuryProposalOut(BaseModel):
    """`usable` is what the destination has, `line` where it is warned of."""

    model_config: ClassVar[ConfigDict] = ConfigDict(populate_by_name=True)

    id: UUID
    source: Annotated[str, Field(alias="from")]
    destination: Annotated[str, Field(alias="to")]
    asset: str
    network: str
    amount: DecimalString
    fee: DecimalString
    minutes: int
    usable: DecimalString
    line: DecimalString
    computed_at: datetime
    expires_at: datetime


class TreasuryAddressIn(BaseModel):
    """An address of ours, as the venue or the custodian names it. `key_name` is how Kraken knows it, where money comes from there."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    location: Place
    asset: AssetCode
    network: NetworkName
    address: Text
    memo: Text | None = None
    key_name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[ -~]+$")] | None = None


class TreasuryAddressOut(BaseModel):
    id: UUID
    location: str
    asset: str
    network: str
    address: str
    memo: str | None
    key_name: str | None
    state: AddressState
    created_by: UUID
    approved_by: UUID | None
    created_at: datetime
    decided_at: datetime | None


class TreasuryApprovalOut(BaseModel):
    approval_id: UUID


class TreasuryRailOut(BaseModel):
    """How an asset moves over a network at a place, and the address named for it. `fee` of a wallet is what the house reckons with."""

    location: str
    asset: str
    network: str
    fee: DecimalString
    minimum: DecimalString
    deposits: bool
    withdrawals: bool
    memo_required: bool
    address: str | None
    memo: str | None
    read_at: datetime

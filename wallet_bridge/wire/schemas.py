"""The shapes on the wire between the bridge and a custodian. Amounts are in whole units of the asset, as strings; times are UTC.

Whoever asks names each thing it wants made by a `client_ref` of its own: asked again with the same content it is the same thing, with
other content it is refused (`client_ref_conflict`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kernel.money import DecimalString
from wallet_bridge.wire.states import DestinationType, EventType, Source, TransferState

Ref = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9._:/-]+$")]
Name = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]
Address = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[!-~]+$")]
Memo = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[!-~]+$")]


class _In(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class AddressIn(_In):
    """`owner_ref` is whoever its deposits belong to; an address never gets another owner."""

    client_ref: Ref
    owner_ref: Ref
    asset: Name
    network: Name


class AddressOut(BaseModel):
    """`index` is the number of its derivation; on networks with one address for all, `memo` tells the owners apart."""

    id: UUID
    client_ref: str
    owner_ref: str
    network: str
    address: str
    memo: str | None
    index: int


class Destination(_In):
    """An address, one of the whitelist by its id, or the custodian's own cold or hot wallet."""

    type: DestinationType
    address: Address | None = None
    memo: Memo | None = None
    whitelist_id: UUID | None = None


class Approval(_In):
    """Somebody who agreed at the bridge, for the custodian's own records."""

    by: Ref
    at: datetime


class TransferIn(_In):
    """`fee_cap` is the most of the network's own coin that all attempts together may offer for it."""

    client_ref: Ref
    source: Source = Source.HOT
    source_address: Address | None = None
    destination: Destination
    asset: Name
    network: Name
    amount: DecimalString
    fee_cap: DecimalString
    purpose: Literal["withdrawal", "treasury", "sweep", "gas"]
    beneficiary: Annotated[str, Field(max_length=200)] | None = None
    approvals: Annotated[list[Approval], Field(max_length=10)] = []


class AttemptOut(BaseModel):
    """One set of stored bytes that could pay it."""

    number: int
    txid: str
    nonce: int | None
    max_fee: DecimalString
    created_at: datetime


class TransferOut(BaseModel):
    """`txid`, `confirmations` and `fee` are of the attempt that is on the chain; `reason` says why it failed, or what it waits for."""

    id: UUID
    client_ref: str
    state: TransferState
    source: Source
    network: str
    asset: str
    amount: DecimalString
    destination: Destination
    address: str
    memo: str | None
    fee_cap: DecimalString
    fee: DecimalString | None
    txid: str | None
    confirmations: int
    reason: str | None
    attempts: list[AttemptOut]
    created_at: datetime
    updated_at: datetime


class ColdInput(BaseModel):
    txid: str
    output: int
    amount: DecimalString


class ColdPays(BaseModel):
    """`change` goes back into the cold wallet."""

    address: str
    amount: DecimalString
    change: bool


class ColdDraft(BaseModel):
    """A payment out of the cold wallet, as the very bytes that are signed say it.

    `digest` is what a signing device shows: the transaction's id, or the Safe's hash. `to_sign` is the PSBT in base64, or the typed data
    of EIP-712 as JSON. `holders` are known by their keys' fingerprints, or by their addresses. A Safe has no inputs, a `nonce` of its own,
    and no `fee`: the hot wallet pays for it.
    """

    kind: Literal["psbt", "safe"]
    wallet: str
    digest: str
    inputs: list[ColdInput]
    pays: list[ColdPays]
    fee: DecimalString | None
    nonce: int | None
    needed: int
    holders: list[str]
    signed_by: list[str]
    to_sign: str


class ColdOut(ColdDraft):
    """With the transfer that it was drafted for."""

    transfer_id: UUID
    client_ref: str
    state: TransferState
    network: str
    asset: str


class ColdSignatureIn(_In):
    """What a holder signed: a PSBT in base64, not finalised; or a signature of 65 bytes over the Safe's hash, `0x…`."""

    signed: Annotated[str, Field(min_length=1, max_length=400_000, pattern=r"^[A-Za-z0-9+/=]+$")]


class DepositOut(BaseModel):
    """One output of a transaction, or one transfer of a token; (`network`, `txid`, `output`) is its name for ever."""

    network: str
    txid: str
    output: int
    asset: str
    amount: DecimalString
    address: str
    memo: str | None
    owner_ref: str | None
    height: int
    block: str
    confirmations: int
    final_at: int


class EventOut(BaseModel):
    """`seq` grows by one from event to event, without a gap. `data` is the thing as it stood: a deposit, a transfer, a whitelist entry."""

    seq: int
    id: UUID
    type: EventType
    at: datetime
    data: dict[str, Any]


class EventsOut(BaseModel):
    """In order; `head` is the newest there is."""

    items: list[EventOut]
    head: int


class BalanceOut(BaseModel):
    """Of one wallet: what the chain says in `confirmed` blocks, and what stored transfers will still take of it."""

    wallet: Literal["hot", "cold", "deposits"]
    network: str
    asset: str
    confirmed: DecimalString
    pending_out: DecimalString
    address: str | None


class BalancesOut(BaseModel):
    items: list[BalanceOut]
    at: datetime


class FloatOut(BaseModel):
    """A hot wallet that crossed one of its bounds; `free` is what it holds and nothing is to take of it yet."""

    wallet: Literal["hot"]
    network: str
    asset: str
    address: str
    free: DecimalString
    min: DecimalString
    target: DecimalString
    max: DecimalString


class ChainStateOut(BaseModel):
    """How far a network has been read, and what went wrong last."""

    network: str
    kind: Literal["evm", "utxo"]
    tip: int | None
    scanned: int
    lag: int | None
    next_nonce: int | None
    open_transfers: int
    last_error: str | None
    last_error_at: datetime | None


class ChainStatesOut(BaseModel):
    items: list[ChainStateOut]


class WhitelistIn(_In):
    """One address that large sums may go to; it counts once a second person has agreed and its delay has passed."""

    client_ref: Ref
    network: Name
    address: Address
    memo: Memo | None = None
    label: Annotated[str, Field(min_length=1, max_length=80)]
    proposed_by: Ref


class WhitelistApprovalIn(_In):
    approved_by: Ref


class WhitelistOut(BaseModel):
    id: UUID
    client_ref: str
    network: str
    address: str
    memo: str | None
    label: str
    proposed_by: str
    approved_by: str | None
    active_from: datetime | None
    removed_at: datetime | None

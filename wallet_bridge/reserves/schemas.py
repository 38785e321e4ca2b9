"""The reserves as JSON. Units are whole numbers of the asset's smallest unit, as texts; amounts are decimal texts as everywhere."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from kernel.money import DecimalString, unit
from wallet_bridge.reserves.rules import FORMAT, Figures, Node
from wallet_bridge.reserves.service import Leaf, Proof, Signed, Snapshot
from wallet_bridge.reserves.states import Refusal, SnapshotState

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Units = Annotated[str, Field(pattern=r"^[0-9]{1,78}$", examples=["250000000"])]


class ReservesAssetOut(BaseModel):
    """What customers are owed of one asset, and what the books have of it.

    `venues`, `wallets`, `cash` and `in_transit` are at hand and make up `assets`; `loans` is the principal lent to customers. `ratio`: at
    hand by liabilities; both ratios are cut, never rounded up.
    """

    asset: str
    scale: int
    customers: int
    root: Hash
    liabilities: DecimalString
    assets: DecimalString
    venues: DecimalString
    wallets: DecimalString
    cash: DecimalString
    in_transit: DecimalString
    loans: DecimalString
    ratio: DecimalString | None
    ratio_with_loans: DecimalString | None


class SignedOut(BaseModel):
    """`statement` is what was signed (Ed25519 over its UTF-8 bytes); parse it only after that was checked."""

    statement: str
    key_id: str
    public_key: Hash
    signature: Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class ReservesOut(SignedOut):
    """A published snapshot; `proofs`: whether its leaves are still kept."""

    id: UUID
    at: datetime
    published_at: datetime
    proofs: bool
    assets: list[ReservesAssetOut]


class ReservesSnapshotOut(BaseModel):
    """How far a snapshot is; `reason` of one that was refused."""

    id: UUID
    state: SnapshotState
    reason: Refusal | None
    asked_at: datetime
    taken_at: datetime | None
    published_at: datetime | None


class SiblingOut(BaseModel):
    hash: Hash
    sum: Units


class ReservesLeafOut(BaseModel):
    """`path`: the siblings from the leaf upwards; bit 0 of `position` is set where the first one stands on the left, and so on."""

    asset: str
    scale: int
    position: int
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    units: Units
    amount: DecimalString
    path: list[SiblingOut]


class ReservesProofOut(SignedOut):
    """All that a verifier needs beside the published statement. An asset that is not listed is one that you were owed nothing of."""

    format: Literal["rivermouth/reserves/1"]
    snapshot_id: UUID
    customer_id: UUID
    at: datetime
    items: list[ReservesLeafOut]


def reserves_out(one: Snapshot) -> ReservesOut:
    assert one.taken_at is not None
    assert one.published_at is not None
    return ReservesOut(
        id=one.id, at=one.taken_at, published_at=one.published_at, proofs=one.state is SnapshotState.PUBLISHED,
        assets=[_asset(each) for each in one.assets], **_signed(one.signed),
    )  # fmt: skip


def snapshot_out(one: Snapshot) -> ReservesSnapshotOut:
    return ReservesSnapshotOut(
        id=one.id, state=one.state, reason=one.reason, asked_at=one.asked_at, taken_at=one.taken_at,
        published_at=one.published_at,
    )  # fmt: skip


def proof_out(one: Proof) -> ReservesProofOut:
    assert one.snapshot.taken_at is not None
    return ReservesProofOut(
        format=FORMAT, snapshot_id=one.snapshot.id, customer_id=one.customer_id, at=one.snapshot.taken_at,
        items=[_leaf(each) for each in one.leaves], **_signed(one.snapshot.signed),
    )  # fmt: skip


def _signed(one: Signed | None) -> dict[str, str]:
    assert one is not None
    return {
        "statement": one.statement, "key_id": one.key_id, "public_key": one.public_key.hex(), "signature": one.signature.hex(),
    }  # fmt: skip


def _asset(one: Figures) -> ReservesAssetOut:
    def amount(units: int) -> Decimal:
        return Decimal(units) * unit(one.scale)

    return ReservesAssetOut(
        asset=one.asset, scale=one.scale, customers=one.leaves, root=one.root.hex(), liabilities=amount(one.liabilities),
        assets=amount(one.held), venues=amount(one.venues), wallets=amount(one.wallets), cash=amount(one.cash),
        in_transit=amount(one.in_transit), loans=amount(one.loans), ratio=one.ratio(with_loans=False),
        ratio_with_loans=one.ratio(with_loans=True),
    )  # fmt: skip


def _leaf(one: Leaf) -> ReservesLeafOut:
    return ReservesLeafOut(
        asset=one.asset, scale=one.scale, position=one.position, nonce=one.nonce.hex(), units=str(one.amount),
        amount=Decimal(one.amount) * unit(one.scale), path=[_sibling(node) for node in one.path],
    )  # fmt: skip


def _sibling(one: Node) -> SiblingOut:
    return SiblingOut(hash=one.hash.hex(), sum=str(one.sum))

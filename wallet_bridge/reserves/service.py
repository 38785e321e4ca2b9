"""What everybody sees of the reserves, what a customer gets to check the own part, and the wish of staff for a new snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel import commands, db
from kernel.commands import Outcome
from kernel.db import AnyRow, Tx
from kernel.errors import NotFound
from kernel.ids import uuid7
from wallet_bridge.reserves import building, queries, rules
from wallet_bridge.reserves.errors import ProofForgotten, SnapshotUnderWay
from wallet_bridge.reserves.rules import TILE, Figures, Node
from wallet_bridge.reserves.states import Refusal, SnapshotState

PUBLIC = (SnapshotState.PUBLISHED, SnapshotState.FORGOTTEN)


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement as it was signed; the key is told so that nobody has to guess which one it was."""

    statement: str
    key_id: str
    public_key: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`signed` and `assets` once it is published."""

    id: UUID
    state: SnapshotState
    asked_at: datetime
    taken_at: datetime | None
    published_at: datetime | None
    reason: Refusal | None
    signed: Signed | None
    assets: Sequence[Figures]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One's own amount of one asset, and the siblings on the way to the root."""

    asset: str
    scale: int
    position: int
    nonce: bytes
    amount: int
    path: Sequence[Node]


@dataclass(frozen=True, slots=True)
class Proof:
    snapshot: Snapshot
    customer_id: UUID
    leaves: Sequence[Leaf]


def ask(*, tenant: UUID, by: UUID, key: str | None) -> Outcome:
    """Ask the engine for a snapshot of this house.

    Raises:
        SnapshotUnderWay: one is being made.
    """

    def make(tx: Tx) -> tuple[str, UUID]:
        snapshot_id = uuid7()
        if not queries.insert(tx, snapshot_id):
            raise SnapshotUnderWay
        return "reserves_snapshot", snapshot_id

    return commands.run(
        tenant=tenant, principal=by, route="POST /v1/reserves/snapshots", key=key, fingerprint=commands.fingerprint({}), fn=make
    )  # fmt: skip


def read(tenant: UUID, snapshot_id: UUID) -> Snapshot:
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        row = queries.get(tx, snapshot_id)
        if row is None:
            raise NotFound
        return _snapshots(tx, [row])[0]


def page(tenant: UUID, *, states: Sequence[SnapshotState], before: UUID | None, limit: int) -> list[Snapshot]:
    """Newest first."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        return _snapshots(tx, queries.page(tx, states=states, before=before, limit=limit))


def proof(tenant: UUID, *, customer: UUID, snapshot_id: UUID | None) -> Proof:
    """The leaves of one customer with their paths, of the newest published snapshot unless another one is named.

    Raises:
        NotFound: nothing is published, or not this one.
        ProofForgotten: its leaves are not kept any more.
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        row = queries.newest(tx) if snapshot_id is None else queries.get(tx, snapshot_id)
        if row is None or row.state not in PUBLIC:
            raise NotFound("no snapshot of the reserves is published")
        if row.state == SnapshotState.FORGOTTEN:
            raise ProofForgotten
        snapshot = _snapshots(tx, [row])[0]
        trees = {each.asset: each for each in snapshot.assets}
        own = queries.of_customer(tx, row.id, customer)
        return Proof(snapshot, customer, [_leaf(tx, row.id, trees[each.asset], each) for each in own])


def _leaf(tx: Tx, snapshot_id: UUID, tree: Figures, own: AnyRow) -> Leaf:
    tile = building.leaves(tx, snapshot_id, tree.asset, first=own.position - own.position % TILE)
    tops = rules.unpack(queries.tops(tx, snapshot_id, tree.asset))
    path = rules.path(tile, tops, position=own.position, total=tree.leaves)
    return Leaf(tree.asset, tree.scale, own.position, own.nonce.bytes, int(own.amount), path)


def _snapshots(tx: Tx, rows: Sequence[AnyRow]) -> list[Snapshot]:
    public = [row.id for row in rows if row.state in PUBLIC]
    trees: dict[UUID, list[Figures]] = {}
    for tree in queries.trees(tx, public):
        trees.setdefault(tree.snapshot_id, []).append(building.figures_of(tree, bytes(tree.root)))
    return [_snapshot(row, trees.get(row.id, [])) for row in rows]


def _snapshot(row: AnyRow, assets: Sequence[Figures]) -> Snapshot:
    signed = row.published_at and Signed(row.statement, row.key_id, bytes(row.public_key), bytes(row.signature))
    return Snapshot(
        id=row.id, state=SnapshotState(row.state), asked_at=row.asked_at, taken_at=row.taken_at, published_at=row.published_at,
        reason=None if row.reason is None else Refusal(row.reason), signed=signed or None, assets=assets,
    )  # fmt: skip

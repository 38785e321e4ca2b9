"""One function, one statement on snapshots, trees and leaves; the few that take a snapshot share what customers are owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from kernel.db import AnyRow, Tx
from payments.standing import OWNED
from wallet_bridge.reserves.claims import Claim
from wallet_bridge.reserves.rules import Figures
from wallet_bridge.reserves.states import SNAPSHOT, Refusal, SnapshotState

_SNAPSHOT = (
    "SELECT id, state, asked_at, taken_at, published_at, statement, key_id, public_key, signature, reason"
    " FROM wallet_bridge.reserve_snapshots"
)


def insert(tx: Tx, snapshot_id: UUID) -> bool:
    """False while another one is under way."""
    row = tx.first(
        """INSERT INTO wallet_bridge.reserve_snapshots (tenant_id, id, state, asked_at) VALUES (:tenant, :id, 'asked', :now)
           ON CONFLICT (tenant_id) WHERE state IN ('asked', 'taken') DO NOTHING RETURNING id""",
        tenant=tx.tenant_id, id=snapshot_id, now=tx.now,
    )  # fmt: skip
    return row is not None


def get(tx: Tx, snapshot_id: UUID) -> AnyRow | None:
    return tx.first(f"{_SNAPSHOT} WHERE tenant_id = :tenant AND id = :id", tenant=tx.tenant_id, id=snapshot_id)


def newest(tx: Tx) -> AnyRow | None:
    """The last one that was published."""
    return tx.first(
        f"{_SNAPSHOT} WHERE tenant_id = :tenant AND state = 'published' ORDER BY id DESC LIMIT 1", tenant=tx.tenant_id
    )


def page(tx: Tx, *, states: Sequence[SnapshotState], before: UUID | None, limit: int) -> list[AnyRow]:
    """Newest first."""
    return tx.all(
        f"""{_SNAPSHOT} WHERE tenant_id = :tenant AND state = ANY(:states) AND (CAST(:before AS uuid) IS NULL OR id < :before)
             ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, states=[state.value for state in states], before=before, limit=limit,
    )  # fmt: skip


def under_way(tx: Tx) -> list[AnyRow]:
    """Of all tenants, for the engine."""
    return tx.all(
        """SELECT tenant_id, id, state FROM wallet_bridge.reserve_snapshots WHERE state IN ('asked', 'taken') ORDER BY id"""
    )


def lock(tx: Tx, snapshot_id: UUID) -> SnapshotState | None:
    """Where it stands, against whoever else works on it."""
    state = tx.scalar(
        "SELECT state FROM wallet_bridge.reserve_snapshots WHERE tenant_id = :tenant AND id = :id FOR UPDATE",
        tenant=tx.tenant_id,
        id=snapshot_id,
    )
    return None if state is None else SnapshotState(state)


# Taking --------------------------------------------------------------------------------------------------------------------------


def _parts(claims: Sequence[Claim]) -> str:
    own = f"""SELECT o.owner AS customer_id, o.asset, o.posted AS amount FROM {OWNED} o
               WHERE o.tenant_id = :tenant AND o.realm = 'REAL' AND o.kind = ANY(:kinds) AND o.posted <> 0"""
    return " UNION ALL ".join([own, *(claim.sql for claim in claims)])


def negative(tx: Tx, *, kinds: Sequence[str], claims: Sequence[Claim]) -> Mapping[str, int]:
    """How many things that customers have are below zero, by asset; each by itself, for another one must not hide it."""
    rows = tx.all(
        f"SELECT asset, count(*) AS found FROM ({_parts(claims)}) p WHERE amount < 0 GROUP BY asset ORDER BY asset",
        tenant=tx.tenant_id, kinds=list(kinds),
    )  # fmt: skip
    return {row.asset: row.found for row in rows}


def insert_leaves(tx: Tx, snapshot_id: UUID, *, kinds: Sequence[str], claims: Sequence[Claim]) -> None:
    """Everybody's who is owed something, in a drawn order and with a drawn nonce: 122 bits of Postgres' own strong randomness."""
    tx.execute(
        f"""INSERT INTO wallet_bridge.reserve_leaves (tenant_id, snapshot_id, asset, position, customer_id, nonce, amount)
            SELECT :tenant, :id, d.asset, row_number() OVER (PARTITION BY d.asset ORDER BY d.place) - 1, d.customer_id, d.nonce,
                   trim_scale(d.amount * CAST('1e' || s.scale AS numeric))
              FROM (SELECT asset, customer_id, sum(amount) AS amount, gen_random_uuid() AS nonce, gen_random_uuid() AS place
                      FROM ({_parts(claims)}) p GROUP BY asset, customer_id HAVING sum(amount) > 0) d
              JOIN payments.assets s ON s.code = d.asset""",
        tenant=tx.tenant_id, id=snapshot_id, kinds=list(kinds),
    )  # fmt: skip


def sums(tx: Tx, snapshot_id: UUID) -> list[AnyRow]:
    """Of the leaves, by asset."""
    return tx.all(
        """SELECT l.asset, s.scale, count(*) AS leaves, sum(l.amount) AS amount FROM wallet_bridge.reserve_leaves l
             JOIN payments.assets s ON s.code = l.asset WHERE l.snapshot_id = :id GROUP BY l.asset, s.asset_id ORDER BY s.asset_id""",
        id=snapshot_id,
    )


def insert_trees(tx: Tx, snapshot_id: UUID, rows: Sequence[Mapping[str, Any]]) -> None:
    tx.execute_many(
        """INSERT INTO wallet_bridge.reserve_trees (tenant_id, snapshot_id, asset, scale, leaves, liabilities, ledger, venues, wallets,
                                                    cash, in_transit, loans)
           VALUES (:tenant, :id, :asset, :scale, :leaves, :liabilities, :ledger, :venues, :wallets, :cash, :in_transit, :loans)""",
        [{"tenant": tx.tenant_id, "id": snapshot_id, **row} for row in rows],
    )


def taken(tx: Tx, snapshot_id: UUID) -> None:
    tx.execute(
        """UPDATE wallet_bridge.reserve_snapshots SET state = 'taken', taken_at = :now
            WHERE tenant_id = :tenant AND id = :id AND state = ANY(:sources)""",
        tenant=tx.tenant_id, id=snapshot_id, now=tx.now, sources=SNAPSHOT.sources(SnapshotState.TAKEN),
    )  # fmt: skip


def refuse(tx: Tx, snapshot_id: UUID, reason: Refusal) -> None:
    tx.execute(
        """UPDATE wallet_bridge.reserve_snapshots SET state = 'refused', reason = :reason
            WHERE tenant_id = :tenant AND id = :id AND state = ANY(:sources)""",
        tenant=tx.tenant_id, id=snapshot_id, reason=reason.value, sources=SNAPSHOT.sources(SnapshotState.REFUSED),
    )  # fmt: skip


# The trees -----------------------------------------------------------------------------------------------------------------------


def trees(tx: Tx, snapshots: Sequence[UUID]) -> list[AnyRow]:
    """In the order of the assets; without the kept nodes."""
    return tx.all(
        """SELECT t.snapshot_id, t.asset, t.scale, t.leaves, t.liabilities, t.venues, t.wallets, t.cash, t.in_transit, t.loans, t.root
             FROM wallet_bridge.reserve_trees t JOIN payments.assets s ON s.code = t.asset
            WHERE t.tenant_id = :tenant AND t.snapshot_id = ANY(:ids) ORDER BY s.asset_id""",
        tenant=tx.tenant_id, ids=list(snapshots),
    )  # fmt: skip


def tops(tx: Tx, snapshot_id: UUID, asset: str) -> bytes:
    return bytes(
        tx.scalar(
            """SELECT tops FROM wallet_bridge.reserve_trees
                WHERE tenant_id = :tenant AND snapshot_id = :id AND asset = :asset""",
            tenant=tx.tenant_id,
            id=snapshot_id,
            asset=asset,
        )
    )


def tile(tx: Tx, snapshot_id: UUID, asset: str, *, first: int, limit: int) -> list[AnyRow]:
    """Leaves from this position on, in order."""
    return tx.all(
        """SELECT position, customer_id, nonce, amount FROM wallet_bridge.reserve_leaves
            WHERE tenant_id = :tenant AND snapshot_id = :id AND asset = :asset AND position >= :first AND position < :end
            ORDER BY position""",
        tenant=tx.tenant_id, id=snapshot_id, asset=asset, first=first, end=first + limit,
    )  # fmt: skip


def of_customer(tx: Tx, snapshot_id: UUID, customer_id: UUID) -> list[AnyRow]:
    return tx.all(
        """SELECT l.asset, l.position, l.nonce, l.amount FROM wallet_bridge.reserve_leaves l
             JOIN payments.assets s ON s.code = l.asset
            WHERE l.tenant_id = :tenant AND l.snapshot_id = :id AND l.customer_id = :customer ORDER BY s.asset_id""",
        tenant=tx.tenant_id, id=snapshot_id, customer=customer_id,
    )  # fmt: skip


def set_tree(tx: Tx, snapshot_id: UUID, one: Figures, tops: bytes) -> None:
    tx.execute(
        """UPDATE wallet_bridge.reserve_trees SET root = :root, tops = :tops
            WHERE tenant_id = :tenant AND snapshot_id = :id AND asset = :asset""",
        tenant=tx.tenant_id, id=snapshot_id, asset=one.asset, root=one.root, tops=tops,
    )  # fmt: skip


def publish(tx: Tx, snapshot_id: UUID, **signed: Any) -> None:
    tx.execute(
        """UPDATE wallet_bridge.reserve_snapshots
              SET state = 'published', published_at = :now, statement = :statement, key_id = :key_id, public_key = :public_key,
                  signature = :signature
            WHERE tenant_id = :tenant AND id = :id AND state = ANY(:sources)""",
        tenant=tx.tenant_id, id=snapshot_id, now=tx.now, sources=SNAPSHOT.sources(SnapshotState.PUBLISHED), **signed,
    )  # fmt: skip


# Forgetting ----------------------------------------------------------------------------------------------------------------------


def beyond(tx: Tx, *, kept: int) -> list[UUID]:
    """Those published before the newest `kept`."""
    rows = tx.all(
        """SELECT id FROM wallet_bridge.reserve_snapshots WHERE tenant_id = :tenant AND state = 'published'
            ORDER BY id DESC OFFSET :kept""",
        tenant=tx.tenant_id, kept=kept,
    )  # fmt: skip
    return [row.id for row in rows]


def delete_leaves(tx: Tx, snapshot_id: UUID) -> None:
    tx.execute(
        "DELETE FROM wallet_bridge.reserve_leaves WHERE tenant_id = :tenant AND snapshot_id = :id",
        tenant=tx.tenant_id,
        id=snapshot_id,
    )


def delete_trees(tx: Tx, snapshot_id: UUID) -> None:
    tx.execute(
        "DELETE FROM wallet_bridge.reserve_trees WHERE tenant_id = :tenant AND snapshot_id = :id",
        tenant=tx.tenant_id,
        id=snapshot_id,
    )


def forgotten(tx: Tx, snapshot_id: UUID) -> None:
    tx.execute(
        """UPDATE wallet_bridge.reserve_snapshots SET state = 'forgotten'
            WHERE tenant_id = :tenant AND id = :id AND state = ANY(:sources)""",
        tenant=tx.tenant_id, id=snapshot_id, sources=SNAPSHOT.sources(SnapshotState.FORGOTTEN),
    )  # fmt: skip

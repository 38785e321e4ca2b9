"""Statements on address books; the tenant stands in each WHERE beside row-level security."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from kernel.db import AnyRow, Tx
from wallet_bridge.address_book.record import Entry

_COLUMNS = "id, customer_id, network, address, plain, memo, label, active_from, created_at, removed_at"


def one_at_a_time(tx: Tx, customer: UUID) -> None:
    """Whoever adds to a book waits for the others' commits."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(:name, 50))", name=f"{tx.tenant_id}:book:{customer}")


def count(tx: Tx, customer: UUID) -> int:
    return int(
        tx.scalar(
            "SELECT count(*) FROM wallet_bridge.address_book"
            " WHERE tenant_id = :tenant AND customer_id = :customer AND removed_at IS NULL",
            tenant=tx.tenant_id,
            customer=customer,
        )
    )


def insert(tx: Tx, new: Entry) -> bool:
    """False where it stands there already."""
    row = tx.first(
        """INSERT INTO wallet_bridge.address_book
                  (tenant_id, id, customer_id, network, address, plain, memo, label, active_from, created_at)
           VALUES (:tenant, :id, :customer, :network, :address, :plain, :memo, :label, :active_from, :created_at)
           ON CONFLICT (tenant_id, customer_id, network, plain, coalesce(memo, '')) WHERE removed_at IS NULL DO NOTHING RETURNING id""",
        tenant=tx.tenant_id, id=new.id, customer=new.customer_id, network=new.network, address=new.address, plain=new.plain,
        memo=new.memo, label=new.label, active_from=new.active_from, created_at=new.created_at,
    )  # fmt: skip
    return row is not None


def get(tx: Tx, entry_id: UUID, *, customer: UUID, share: bool = False) -> Entry | None:
    """With `share` nobody removes it before the end of this transaction."""
    row = tx.first(
        f"SELECT {_COLUMNS} FROM wallet_bridge.address_book"
        " WHERE tenant_id = :tenant AND id = :id AND customer_id = :customer" + (" FOR SHARE" if share else ""),
        tenant=tx.tenant_id,
        id=entry_id,
        customer=customer,
    )
    return None if row is None else _entry(row)


def page(tx: Tx, *, customer: UUID, before: UUID | None, limit: int) -> list[Entry]:
    """Newest first, without those that were removed."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM wallet_bridge.address_book
             WHERE tenant_id = :tenant AND customer_id = :customer AND removed_at IS NULL
               AND (CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid)) ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id, customer=customer, before=before, limit=limit,
    )  # fmt: skip
    return [_entry(row) for row in rows]


def added(tx: Tx, entries: Sequence[UUID]) -> Mapping[UUID, datetime]:
    rows = tx.all(
        "SELECT id, created_at FROM wallet_bridge.address_book WHERE tenant_id = :tenant AND id = ANY(:ids)",
        tenant=tx.tenant_id,
        ids=list(entries),
    )
    return {row.id: row.created_at for row in rows}


def remove(tx: Tx, entry_id: UUID, *, customer: UUID) -> Entry | None:
    row = tx.first(
        f"""UPDATE wallet_bridge.address_book SET removed_at = :now
             WHERE tenant_id = :tenant AND id = :id AND customer_id = :customer AND removed_at IS NULL RETURNING {_COLUMNS}""",
        tenant=tx.tenant_id, id=entry_id, customer=customer, now=tx.now,
    )  # fmt: skip
    return None if row is None else _entry(row)


def _entry(row: AnyRow) -> Entry:
    return Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})

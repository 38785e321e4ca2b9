"""Statements on tickets, their notes, and incidents."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kernel.db import AnyRow, Tx
from kernel.ids import uuid7


def open_ticket(tx: Tx, item_id: UUID, *, due_at: datetime) -> None:
    tx.execute(
        """INSERT INTO payments.tickets (item_id, tenant_id, opened_at, due_at) VALUES (:item, :tenant, :now, :due)
           ON CONFLICT (item_id) DO NOTHING""",
        item=item_id, tenant=tx.tenant_id, now=tx.now, due=due_at,
    )  # fmt: skip


def ticket(tx: Tx, item_id: UUID) -> AnyRow | None:
    return tx.first(
        """SELECT item_id, owner, opened_at, due_at, resolution, target_account, proposed_by, proposed_at, confirmed_by, confirmed_at
             FROM payments.tickets WHERE tenant_id = :tenant AND item_id = :item FOR UPDATE""",
        tenant=tx.tenant_id, item=item_id,
    )  # fmt: skip


def assign(tx: Tx, item_id: UUID, *, owner: UUID) -> None:
    tx.execute(
        "UPDATE payments.tickets SET owner = :owner WHERE tenant_id = :tenant AND item_id = :item",
        tenant=tx.tenant_id, item=item_id, owner=owner,
    )  # fmt: skip


def propose(tx: Tx, item_id: UUID, *, resolution: str, target: int | None, by: UUID) -> None:
    tx.execute(
        """UPDATE payments.tickets SET resolution = :resolution, target_account = :target, proposed_by = :by, proposed_at = :now,
                  owner = coalesce(owner, :by)
            WHERE tenant_id = :tenant AND item_id = :item""",
        tenant=tx.tenant_id, item=item_id, resolution=resolution, target=target, by=by, now=tx.now,
    )  # fmt: skip


def withdraw(tx: Tx, item_id: UUID) -> None:
    """The proposal is off; whoever made it stays the owner."""
    tx.execute(
        """UPDATE payments.tickets SET resolution = NULL, target_account = NULL, proposed_by = NULL, proposed_at = NULL
            WHERE tenant_id = :tenant AND item_id = :item""",
        tenant=tx.tenant_id, item=item_id,
    )  # fmt: skip


def confirm(tx: Tx, item_id: UUID, *, by: UUID, journal_id: UUID | None) -> None:
    tx.execute(
        """UPDATE payments.tickets SET confirmed_by = :by, confirmed_at = :now, journal_id = :journal
            WHERE tenant_id = :tenant AND item_id = :item""",
        tenant=tx.tenant_id, item=item_id, by=by, journal=journal_id, now=tx.now,
    )  # fmt: skip


def add_note(tx: Tx, item_id: UUID, *, author: UUID, text: str) -> UUID:
    note_id = uuid7()
    tx.execute(
        """INSERT INTO payments.ticket_notes (id, tenant_id, item_id, author, at, text)
           VALUES (:id, :tenant, :item, :author, :now, :text)""",
        id=note_id, tenant=tx.tenant_id, item=item_id, author=author, now=tx.now, text=text,
    )  # fmt: skip
    return note_id


def notes(tx: Tx, item_id: UUID) -> list[AnyRow]:
    return tx.all(
        "SELECT id, author, at, text FROM payments.ticket_notes WHERE tenant_id = :tenant AND item_id = :item ORDER BY id",
        tenant=tx.tenant_id, item=item_id,
    )  # fmt: skip


def last_note(tx: Tx, item_id: UUID) -> str | None:
    return tx.scalar(  # type: ignore[no-any-return]
        "SELECT text FROM payments.ticket_notes WHERE tenant_id = :tenant AND item_id = :item ORDER BY id DESC LIMIT 1",
        tenant=tx.tenant_id, item=item_id,
    )  # fmt: skip


def staff_exists(tx: Tx, principal: UUID) -> bool:
    return bool(
        tx.scalar(
            """SELECT EXISTS (SELECT FROM identity.principals
                               WHERE tenant_id = :tenant AND id = :id AND kind = 'staff' AND status = 'active')""",
            tenant=tx.tenant_id, id=principal,
        )
    )  # fmt: skip


def account_of(tx: Tx, account_id: int) -> AnyRow | None:
    return tx.first(
        """SELECT a.account_id, a.path, a.realm, s.code AS asset FROM payments.accounts a JOIN payments.assets s USING (asset_id)
            WHERE a.tenant_id = :tenant AND a.account_id = :id""",
        tenant=tx.tenant_id, id=account_id,
    )  # fmt: skip


def raise_incident(tx: Tx, *, kind: str, name: str, detail: str) -> bool:
    """One open incident per kind and name; True when it is new."""
    row = tx.one(
        """INSERT INTO payments.incidents AS i (id, tenant_id, kind, name, detail) VALUES (:id, :tenant, :kind, :name, :detail)
           ON CONFLICT (tenant_id, kind, name) WHERE state = 'open' DO UPDATE
              SET times = i.times + 1, last_at = clock_timestamp(), detail = excluded.detail
           RETURNING times""",
        id=uuid7(), tenant=tx.tenant_id, kind=kind, name=name, detail=detail,
    )  # fmt: skip
    return bool(row.times == 1)


def close_incident(tx: Tx, *, kind: str, name: str) -> bool:
    return (
        tx.first(
            """UPDATE payments.incidents SET state = 'closed', last_at = clock_timestamp()
                WHERE tenant_id = :tenant AND kind = :kind AND name = :name AND state = 'open' RETURNING id""",
            tenant=tx.tenant_id, kind=kind, name=name,
        ) is not None
    )  # fmt: skip


def incidents(tx: Tx, *, limit: int) -> list[AnyRow]:
    return tx.all(
        """SELECT id, kind, name, detail, state, times, first_at, last_at FROM payments.incidents
            WHERE tenant_id = :tenant ORDER BY (state = 'open') DESC, last_at DESC LIMIT :limit""",
        tenant=tx.tenant_id, limit=limit,
    )  # fmt: skip

"""Statements on changes of an e-mail; all run inside one tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.db import AnyRow, Tx


@dataclass(frozen=True, slots=True)
class EmailChangeRow:
    id: UUID
    principal_id: UUID
    old_email: str
    new_email: str
    old_confirmed_at: datetime | None
    new_confirmed_at: datetime | None
    ended_at: datetime | None


_COLUMNS = "id, principal_id, old_email, new_email, old_confirmed_at, new_confirmed_at, ended_at"


def _read(row: AnyRow) -> EmailChangeRow:
    return EmailChangeRow(
        row.id,
        row.principal_id,
        row.old_email,
        row.new_email,
        row.old_confirmed_at,
        row.new_confirmed_at,
        row.ended_at,
    )


def insert(
    tx: Tx, *, change_id: UUID, principal_id: UUID, old_email: str, new_email: str, now: datetime, done: bool
) -> None:
    """One that is `done` was decided otherwise than by links."""
    tx.execute(
        "INSERT INTO identity.email_changes (tenant_id, id, principal_id, old_email, new_email, asked_at, ended_at, done)"
        " VALUES (:tenant, :id, :principal, :old, :new, :now, CASE WHEN :done THEN CAST(:now AS timestamptz) END, :done)",
        tenant=tx.tenant_id,
        id=change_id,
        principal=principal_id,
        old=old_email,
        new=new_email,
        now=now,
        done=done,
    )


def get(tx: Tx, change_id: UUID) -> EmailChangeRow | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM identity.email_changes WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=change_id,
    )
    return None if row is None else _read(row)


def lock_open(tx: Tx, change_id: UUID) -> EmailChangeRow | None:
    row = tx.first(
        f"SELECT {_COLUMNS} FROM identity.email_changes"
        " WHERE tenant_id = :tenant AND id = :id AND ended_at IS NULL FOR UPDATE",
        tenant=tx.tenant_id,
        id=change_id,
    )
    return None if row is None else _read(row)


def drop_open(tx: Tx, principal_id: UUID, *, now: datetime) -> None:
    """What was asked for before leads nowhere any more."""
    tx.execute(
        "UPDATE identity.email_changes SET ended_at = :now"
        " WHERE tenant_id = :tenant AND principal_id = :principal AND ended_at IS NULL",
        tenant=tx.tenant_id,
        principal=principal_id,
        now=now,
    )


def confirm(tx: Tx, change_id: UUID, *, old: bool, now: datetime) -> EmailChangeRow:
    """One end said yes."""
    row = tx.one(
        "UPDATE identity.email_changes SET"
        " old_confirmed_at = CASE WHEN :old THEN CAST(:now AS timestamptz) ELSE old_confirmed_at END,"
        " new_confirmed_at = CASE WHEN :old THEN new_confirmed_at ELSE CAST(:now AS timestamptz) END"
        f" WHERE tenant_id = :tenant AND id = :id RETURNING {_COLUMNS}",
        tenant=tx.tenant_id,
        id=change_id,
        old=old,
        now=now,
    )
    return _read(row)


def finish(tx: Tx, change_id: UUID, *, now: datetime) -> None:
    tx.execute(
        "UPDATE identity.email_changes SET ended_at = :now, done = true WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=change_id,
        now=now,
    )

"""Statements on notices; all but the tidying run inside one tenant."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.db import AnyRow, Tx
from notices.states import Kind


@dataclass(frozen=True, slots=True)
class NoticeRow:
    id: UUID
    principal_id: UUID
    kind: Kind
    params: dict[str, str]
    created_at: datetime
    read_at: datetime | None


_COLUMNS = "id, principal_id, kind, params, created_at, read_at"


def _read(row: AnyRow) -> NoticeRow:
    return NoticeRow(row.id, row.principal_id, Kind(row.kind), row.params, row.created_at, row.read_at)


def insert(
    tx: Tx,
    *,
    notice_id: UUID,
    principal: UUID,
    kind: Kind,
    params: Mapping[str, str],
    dedup_key: str,
    in_inbox: bool,
) -> bool:
    """False when this fact was told before."""
    row = tx.first(
        "INSERT INTO notices.notices (tenant_id, id, principal_id, kind, params, dedup_key, in_inbox, created_at)"
        " VALUES (:tenant, :id, :principal, :kind, CAST(:params AS jsonb), :dedup, :in_inbox, :now)"
        " ON CONFLICT (tenant_id, principal_id, dedup_key) DO NOTHING RETURNING id",
        tenant=tx.tenant_id,
        id=notice_id,
        principal=principal,
        kind=kind.value,
        params=json.dumps(dict(params)),
        dedup=dedup_key,
        in_inbox=in_inbox,
        now=tx.now,
    )
    return row is not None


def get(tx: Tx, notice_id: UUID) -> NoticeRow | None:
    """Whether or not it stands in an inbox: for those who deliver it elsewhere."""
    row = tx.first(
        f"SELECT {_COLUMNS} FROM notices.notices WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=notice_id,
    )
    return None if row is None else _read(row)


def page(tx: Tx, principal: UUID, *, unread: bool, before: UUID | None, limit: int) -> list[NoticeRow]:
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM notices.notices
             WHERE tenant_id = :tenant AND principal_id = :principal AND in_inbox
               AND (NOT :unread OR read_at IS NULL) AND (CAST(:before AS uuid) IS NULL OR id < :before)
             ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant_id,
        principal=principal,
        unread=unread,
        before=before,
        limit=limit,
    )
    return [_read(row) for row in rows]


def count_unread(tx: Tx, principal: UUID) -> int:
    return int(
        tx.scalar(
            "SELECT count(*) FROM notices.notices"
            " WHERE tenant_id = :tenant AND principal_id = :principal AND in_inbox AND read_at IS NULL",
            tenant=tx.tenant_id,
            principal=principal,
        )
    )


def mark_read(tx: Tx, principal: UUID, notice_id: UUID) -> NoticeRow | None:
    """The first reading counts. None when there is no such notice in this person's inbox."""
    row = tx.first(
        f"""UPDATE notices.notices SET read_at = coalesce(read_at, :now)
             WHERE tenant_id = :tenant AND principal_id = :principal AND id = :id AND in_inbox RETURNING {_COLUMNS}""",
        tenant=tx.tenant_id,
        principal=principal,
        id=notice_id,
        now=tx.now,
    )
    return None if row is None else _read(row)


def mark_all_read(tx: Tx, principal: UUID, *, upto: UUID) -> None:
    """All that was not read yet, up to this notice."""
    tx.execute(
        "UPDATE notices.notices SET read_at = :now WHERE tenant_id = :tenant AND principal_id = :principal AND in_inbox"
        " AND read_at IS NULL AND id <= :upto",
        tenant=tx.tenant_id,
        principal=principal,
        upto=upto,
        now=tx.now,
    )


def delete_old(tx: Tx, *, before: datetime, limit: int) -> int:
    """Of all tenants (the engine's role)."""
    return len(
        tx.all(
            "DELETE FROM notices.notices WHERE id IN"
            " (SELECT id FROM notices.notices WHERE created_at < :before ORDER BY created_at LIMIT :limit) RETURNING id",
            before=before,
            limit=limit,
        )
    )

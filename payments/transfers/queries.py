"""Statements on transfers: rows of those that wait or waited, journals of those that were posted at once.

Both are shown in one shape. A journal belongs here when its kind says so, no row stands behind it (`order_id`), and it has two lines.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class AccountRow:
    account_id: int
    path: str
    asset: str
    kind: str
    owner: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTransfer:
    """A row to insert; `status` says what it waits for."""

    id: UUID
    realm: str
    kind: str
    from_account: int
    to_account: int
    amount: Decimal
    memo: str | None
    metadata: dict[str, str]
    effective_at: datetime | None
    execute_at: datetime | None
    reverses: UUID | None
    batch_id: UUID | None
    status: str
    created_by: UUID


_ROWS = """
SELECT t.id, t.realm, t.kind, t.from_account, t.to_account, s.code AS asset, t.amount, t.memo, t.metadata, t.effective_at, t.execute_at,
       t.reverses, t.status, t.reason, t.created_by, t.created_at, t.approved_by, t.journal_id, payer.owner AS from_owner,
       payee.owner AS to_owner, (SELECT r.journal_id FROM payments.journals r WHERE r.reverses = t.journal_id) AS reversed_by, t.batch_id
  FROM payments.transfers t
  JOIN payments.accounts payer ON payer.account_id = t.from_account
  JOIN payments.accounts payee ON payee.account_id = t.to_account
  JOIN payments.assets s ON s.asset_id = payer.asset_id
 WHERE t.tenant_id = CAST(:tenant AS uuid)"""

_JOURNALS = """
SELECT j.journal_id AS id, j.realm, j.kind, p.from_account, p.to_account, s.code AS asset, p.amount, j.meta ->> 'memo' AS memo,
       coalesce(j.meta -> 'metadata', jsonb_build_object()) AS metadata, j.effective_at, CAST(NULL AS timestamptz) AS execute_at,
       j.reverses, CAST('posted' AS text) AS status, CAST(NULL AS text) AS reason,
       CASE WHEN pg_input_is_valid(j.actor, 'uuid') THEN CAST(j.actor AS uuid) END AS created_by, j.booked_at AS created_at,
       CAST(NULL AS uuid) AS approved_by, j.journal_id, payer.owner AS from_owner, payee.owner AS to_owner,
       (SELECT r.journal_id FROM payments.journals r WHERE r.reverses = j.journal_id) AS reversed_by, CAST(NULL AS uuid) AS batch_id
  FROM payments.journals j
  CROSS JOIN LATERAL (
      SELECT max(e.account_id) FILTER (WHERE e.amount < 0) AS from_account, max(e.account_id) FILTER (WHERE e.amount > 0) AS to_account,
             max(e.amount) AS amount
        FROM payments.entries e WHERE e.journal_id = j.journal_id HAVING count(*) = 2) p
  JOIN payments.accounts payer ON payer.account_id = p.from_account
  JOIN payments.accounts payee ON payee.account_id = p.to_account
  JOIN payments.assets s ON s.asset_id = payer.asset_id
 WHERE j.tenant_id = CAST(:tenant AS uuid) AND j.kind IN ('transfer', 'reversal') AND j.order_id IS NULL"""

_PAGE = f"""
SELECT u.* FROM (
    ({_ROWS} AND t.realm = :realm {{rows}} ORDER BY t.id DESC LIMIT :limit)
    UNION ALL
    ({_JOURNALS} AND j.realm = :realm {{journals}} ORDER BY j.journal_id DESC LIMIT :limit)) u
 ORDER BY u.id DESC LIMIT :limit"""


def accounts(tx: Tx, *, realm: str, ids: Sequence[int], paths: Sequence[str]) -> list[AccountRow]:
    if not ids and not paths:
        return []
    rows = tx.all(
        """SELECT a.account_id, a.path, s.code AS asset, a.kind, a.owner
             FROM payments.accounts a JOIN payments.assets s USING (asset_id)
            WHERE a.tenant_id = CAST(:tenant AS uuid) AND a.realm = :realm
              AND (a.account_id = ANY (CAST(:ids AS bigint[])) OR a.path = ANY (CAST(:paths AS text[])))""",
        tenant=tx.tenant, realm=realm, ids=list(ids), paths=list(paths),
    )  # fmt: skip
    return [AccountRow(r.account_id, r.path, r.asset, r.kind, r.owner) for r in rows]


def find(tx: Tx, *, transfer_id: UUID, realm: str) -> Row[Any] | None:
    """A row with this id or of this journal, or a journal that is its own transfer."""
    found = tx.first(
        f"{_ROWS} AND t.realm = :realm AND (t.id = :id OR t.journal_id = :id)",
        tenant=tx.tenant, realm=realm, id=transfer_id,
    )  # fmt: skip
    if found is not None:
        return found
    return tx.first(
        f"{_JOURNALS} AND j.realm = :realm AND j.journal_id = :id", tenant=tx.tenant, realm=realm, id=transfer_id
    )


def of_batch(tx: Tx, batch_id: UUID) -> list[Row[Any]]:
    return tx.all(f"{_ROWS} AND t.batch_id = :batch ORDER BY t.id", tenant=tx.tenant, batch=batch_id)


def page(
    tx: Tx, *, realm: str, maker: UUID | None, status: str | None, before: UUID | None, limit: int
) -> list[Row[Any]]:
    """Newest first; of everybody when no maker is named."""
    rows, journals = "", ""
    place: dict[str, Any] = {}
    if maker is not None:
        rows, journals = "AND t.created_by = :maker", "AND j.actor = CAST(:maker AS text)"
        place["maker"] = maker
    if before is not None:
        rows, journals = f"{rows} AND t.id < :before", f"{journals} AND j.journal_id < :before"
        place["before"] = before
    if status is not None:
        rows, journals = f"{rows} AND t.status = :status", f"{journals} AND :status = 'posted'"
        place["status"] = status
    return tx.all(_PAGE.format(rows=rows, journals=journals), tenant=tx.tenant, realm=realm, limit=limit, **place)


def insert(tx: Tx, rows: Sequence[NewTransfer]) -> int:
    """How many were inserted: a second reversal of one journal is not."""
    written = 0
    for row in rows:
        written += len(
            tx.all(
                """INSERT INTO payments.transfers (id, tenant_id, realm, kind, from_account, to_account, amount, memo, metadata,
                       effective_at, execute_at, reverses, batch_id, status, created_by, created_at, updated_at)
                   VALUES (:id, :tenant, :realm, :kind, :payer, :payee, :amount, :memo, CAST(:metadata AS jsonb), :effective_at,
                       :execute_at, :reverses, :batch_id, :status, :created_by, kernel.business_now(), kernel.business_now())
                   ON CONFLICT DO NOTHING RETURNING id""",
                id=row.id, tenant=tx.tenant_id, realm=row.realm, kind=row.kind, payer=row.from_account, payee=row.to_account,
                amount=row.amount, memo=row.memo, metadata=json.dumps(row.metadata), effective_at=row.effective_at,
                execute_at=row.execute_at, reverses=row.reverses, batch_id=row.batch_id, status=row.status, created_by=row.created_by,
            )
        )  # fmt: skip
    return written


def lock(tx: Tx, transfer_id: UUID, *, realm: str | None = None) -> Row[Any] | None:
    """Of any realm when none is named."""
    where, given = ("", {}) if realm is None else ("AND t.realm = :realm", {"realm": realm})
    return tx.first(f"{_ROWS} {where} AND t.id = :id FOR NO KEY UPDATE OF t", tenant=tx.tenant, id=transfer_id, **given)


def lock_due(tx: Tx, transfer_id: UUID) -> Row[Any] | None:
    """None when it is not due, or somebody else works on it."""
    return tx.first(
        f"""{_ROWS} AND t.id = :id AND t.status = 'scheduled' AND t.execute_at <= kernel.business_now()
            FOR NO KEY UPDATE OF t SKIP LOCKED""",
        tenant=tx.tenant, id=transfer_id,
    )  # fmt: skip


def move(
    tx: Tx,
    transfer_id: UUID,
    *,
    to: str,
    sources: Sequence[str],
    approved_by: UUID | None = None,
    journal_id: UUID | None = None,
    reason: str | None = None,
) -> bool:
    """False when it was no longer in one of `sources`."""
    row = tx.first(
        """UPDATE payments.transfers
              SET status = :to, updated_at = kernel.business_now(), approved_by = coalesce(CAST(:approved_by AS uuid), approved_by),
                  journal_id = CAST(:journal_id AS uuid), reason = CAST(:reason AS text)
            WHERE tenant_id = CAST(:tenant AS uuid) AND id = :id AND status = ANY (CAST(:sources AS text[])) RETURNING id""",
        tenant=tx.tenant, id=transfer_id, to=to, sources=list(sources), approved_by=approved_by, journal_id=journal_id, reason=reason,
    )  # fmt: skip
    return row is not None


def due(tx: Tx, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, transfer) whose day has come; nothing is locked, whoever acts on one looks again."""
    rows = tx.all(
        """SELECT tenant_id, id FROM payments.transfers
            WHERE status = 'scheduled' AND execute_at <= kernel.business_now() ORDER BY execute_at, id LIMIT :limit""",
        limit=limit,
    )
    return [(row.tenant_id, row.id) for row in rows]


def lines(tx: Tx, journal_id: UUID) -> list[Row[Any]]:
    """The lines of a journal, for its mirror."""
    return tx.all(
        "SELECT account_id, amount FROM payments.entries"
        " WHERE tenant_id = CAST(:tenant AS uuid) AND journal_id = :id ORDER BY line",
        tenant=tx.tenant,
        id=journal_id,
    )

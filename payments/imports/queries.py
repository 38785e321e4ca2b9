"""Imports and their rows; what the rows post goes through the ledger's own functions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx
from kernel.money import canonical
from payments.imports.rules import ImportRow

_COLUMNS = """id, realm, file_key, format, dry_run, encode(sha256, 'hex') AS sha256, rows_read, uploaded_by, uploaded_at, state, decided_by,
    decided_at, position, error, finished_at"""


def insert(
    tx: Tx,
    *,
    import_id: UUID,
    realm: str,
    file_key: str,
    format_: str,
    dry_run: bool,
    sha256: bytes,
    rows: int,
    by: UUID,
) -> bool:
    """False when a file with this key is there already."""
    row = tx.first(
        """INSERT INTO payments.imports (id, tenant_id, realm, file_key, format, dry_run, sha256, rows_read, uploaded_by, uploaded_at)
           VALUES (:id, :tenant, :realm, :file_key, :format, :dry_run, :sha256, :rows, :by, kernel.business_now())
           ON CONFLICT (tenant_id, realm, file_key) WHERE NOT dry_run AND state <> 'rejected' DO NOTHING RETURNING true""",
        id=import_id, tenant=tx.tenant, realm=realm, file_key=file_key, format=format_, dry_run=dry_run, sha256=sha256, rows=rows, by=by,
    )  # fmt: skip
    return row is not None


_ROWS = """
INSERT INTO payments.import_rows (import_id, "row", tenant_id, at_line, kind, accounts, amounts, effective_at, meta, fault, status)
SELECT :id, r."row", :tenant, r.at_line, r.kind, r.accounts, r.amounts, r.effective_at, r.meta, r.fault,
       CASE WHEN r.fault IS NULL THEN 'pending' ELSE 'invalid_row' END
  FROM json_to_recordset(CAST(:rows AS json)) AS r ("row" integer, at_line integer, kind text, accounts text[], amounts numeric[],
                                                    effective_at timestamptz, meta jsonb, fault text)"""


def insert_rows(tx: Tx, import_id: UUID, rows: Sequence[ImportRow]) -> None:
    """All of them in one statement: thousands of single ones would keep the transaction open for seconds."""
    text = json.dumps(
        [
            {
                "row": row.row,
                "at_line": row.at_line,
                "kind": row.kind,
                "accounts": row.accounts,
                "amounts": [canonical(amount) for amount in row.amounts],
                "effective_at": row.effective_at.isoformat() if row.effective_at else None,
                "meta": row.meta,
                "fault": row.fault,
            }
            for row in rows
        ]
    )
    tx.execute(_ROWS, id=import_id, tenant=tx.tenant, rows=text)


def find_by_file_key(tx: Tx, *, realm: str, file_key: str) -> UUID | None:
    return tx.scalar(  # type: ignore[no-any-return]
        """SELECT id FROM payments.imports WHERE tenant_id = CAST(:tenant AS uuid) AND realm = :realm AND file_key = :file_key
              AND NOT dry_run AND state <> 'rejected'""",
        tenant=tx.tenant, realm=realm, file_key=file_key,
    )  # fmt: skip


def one(tx: Tx, import_id: UUID, *, lock: bool = False) -> Row[Any] | None:
    return tx.first(
        f"SELECT {_COLUMNS} FROM payments.imports WHERE id = :id AND tenant_id = CAST(:tenant AS uuid){' FOR UPDATE' if lock else ''}",
        id=import_id, tenant=tx.tenant,
    )  # fmt: skip


def page(tx: Tx, *, before: UUID | None, limit: int) -> list[Row[Any]]:
    return tx.all(
        f"""SELECT {_COLUMNS} FROM payments.imports
             WHERE tenant_id = CAST(:tenant AS uuid) AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant, before=before, limit=limit,
    )  # fmt: skip


def counts(tx: Tx, import_id: UUID) -> dict[str, int]:
    """Rows by what became of them."""
    rows = tx.all(
        "SELECT status, count(*) AS n FROM payments.import_rows WHERE import_id = :id GROUP BY status", id=import_id
    )
    return {row.status: row.n for row in rows}


def rows(
    tx: Tx, import_id: UUID, *, by: UUID, key_prefix: str, only_refused: bool, after: int, limit: int
) -> list[Row[Any]]:
    """With the journal of each row that has one."""
    refused = "AND r.status NOT IN ('pending', 'ok', 'posted')" if only_refused else ""
    return tx.all(
        f"""SELECT r."row" AS number, r.at_line, r.kind, r.accounts, r.amounts, r.status, r.fault, k.journal_id
              FROM payments.import_rows r
              LEFT JOIN payments.journal_keys k
                     ON r.status IN ('posted', 'exists') AND k.tenant_id = CAST(:tenant AS uuid) AND k.principal_id = :by
                    AND k.key = CAST(:prefix AS text) || r."row"
             WHERE r.import_id = :id AND r."row" > :after {refused} ORDER BY r."row" LIMIT :limit""",
        id=import_id, tenant=tx.tenant, by=by, prefix=key_prefix, after=after, limit=limit,
    )  # fmt: skip


def claim(tx: Tx, import_id: UUID, *, by: UUID, ttl: timedelta) -> Row[Any] | None:
    return tx.first(
        f"""UPDATE payments.imports SET claimed_by = :by, claimed_until = now() + :ttl
             WHERE id = :id AND state IN ('checking', 'posting') AND (claimed_until IS NULL OR claimed_until < now())
            RETURNING {_COLUMNS}""",
        id=import_id, by=by, ttl=ttl,
    )  # fmt: skip


def hold_claim(tx: Tx, import_id: UUID, *, by: UUID, ttl: timedelta) -> Row[Any] | None:
    """Lock the import for one step; None when it has become somebody else's, or was decided otherwise."""
    return tx.first(
        f"""UPDATE payments.imports SET claimed_until = now() + :ttl
             WHERE id = :id AND claimed_by = :by AND state IN ('checking', 'posting') RETURNING {_COLUMNS}""",
        id=import_id, by=by, ttl=ttl,
    )  # fmt: skip


def next_rows(tx: Tx, import_id: UUID, *, after: int, limit: int) -> list[Row[Any]]:
    return tx.all(
        """SELECT "row" AS number, kind, accounts, amounts, effective_at, meta FROM payments.import_rows
            WHERE import_id = :id AND "row" > :after AND fault IS NULL ORDER BY "row" LIMIT :limit""",
        id=import_id, after=after, limit=limit,
    )  # fmt: skip


def accounts_by_path(tx: Tx, *, realm: str, paths: Sequence[str]) -> dict[str, int]:
    found = tx.all(
        """SELECT path, account_id FROM payments.accounts
            WHERE tenant_id = CAST(:tenant AS uuid) AND realm = :realm AND path = ANY (CAST(:paths AS text[]))""",
        tenant=tx.tenant, realm=realm, paths=list(paths),
    )  # fmt: skip
    return {row.path: row.account_id for row in found}


def record(tx: Tx, import_id: UUID, *, up_to: int, after: int, default: str, others: Sequence[tuple[int, str]]) -> None:
    """What became of the readable rows after `after` up to `up_to`: `default`, but for the others named."""
    tx.execute(
        """UPDATE payments.import_rows r
              SET status = coalesce(o.status, :default)
             FROM payments.import_rows mine
             LEFT JOIN unnest(CAST(:numbers AS integer[]), CAST(:statuses AS text[])) AS o (n, status) ON o.n = mine."row"
            WHERE r.import_id = :id AND mine.import_id = r.import_id AND mine."row" = r."row" AND r.fault IS NULL
              AND r."row" > :after AND r."row" <= :up_to""",
        id=import_id, after=after, up_to=up_to, default=default, numbers=[o[0] for o in others], statuses=[o[1] for o in others],
    )  # fmt: skip
    tx.execute("UPDATE payments.imports SET position = :up_to, error = NULL WHERE id = :id", up_to=up_to, id=import_id)


def move(
    tx: Tx, import_id: UUID, *, sources: Sequence[str], target: str, by: UUID | None = None, final: bool = False
) -> bool:
    row = tx.first(
        """UPDATE payments.imports
              SET state = :target, position = 0, claimed_by = NULL, claimed_until = NULL,
                  decided_by = coalesce(CAST(:by AS uuid), decided_by),
                  decided_at = CASE WHEN CAST(:by AS uuid) IS NULL THEN decided_at ELSE kernel.business_now() END,
                  finished_at = CASE WHEN :final THEN kernel.business_now() END
            WHERE id = :id AND tenant_id = CAST(:tenant AS uuid) AND state = ANY (CAST(:sources AS text[])) RETURNING true""",
        id=import_id, tenant=tx.tenant, sources=list(sources), target=target, by=by, final=final,
    )  # fmt: skip
    return row is not None


def note_failure(tx: Tx, import_id: UUID, *, by: UUID, error: str) -> None:
    tx.execute(
        "UPDATE payments.imports SET error = :error, claimed_by = NULL, claimed_until = NULL WHERE id = :id AND claimed_by = :by",
        id=import_id, by=by, error=error,
    )  # fmt: skip


def waiting(tx: Tx, *, limit: int) -> list[Row[Any]]:
    """Imports of all tenants (seen by the engine) that nobody works on."""
    return tx.all(
        """SELECT tenant_id, id FROM payments.imports
            WHERE state IN ('checking', 'posting') AND (claimed_until IS NULL OR claimed_until < now()) ORDER BY id LIMIT :limit""",
        limit=limit,
    )  # fmt: skip

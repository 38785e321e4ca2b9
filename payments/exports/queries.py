"""Jobs, and the rows of each kind of export by keyset below a horizon.

A step reads a bounded number of rows and says of each whether it is wanted, so that a filter which keeps little cannot make a step long.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx
from payments.exports.states import What

_COLUMNS = """id, realm, what, format, account_id, from_at, to_at, requested_by, requested_at, state, epoch,
    CAST(CAST(horizon AS text) AS bigint) AS horizon, position, parts, rows_scanned, rows_written, rows_expected, failures, error, bytes,
    encode(sha256, 'hex') AS sha256, finished_at"""


def insert(
    tx: Tx, *, export_id: UUID, realm: str, what: str, format_: str, account_id: int | None, from_at: datetime | None,
    to_at: datetime | None, by: UUID,
) -> None:  # fmt: skip
    tx.execute(
        """INSERT INTO payments.exports (id, tenant_id, realm, what, format, account_id, from_at, to_at, requested_by, requested_at)
           VALUES (:id, :tenant, :realm, :what, :format, :account, :from_at, :to_at, :by, kernel.business_now())""",
        id=export_id, tenant=tx.tenant, realm=realm, what=what, format=format_, account=account_id, from_at=from_at, to_at=to_at, by=by,
    )  # fmt: skip


def account_exists(tx: Tx, *, account_id: int, realm: str) -> bool:
    return tx.first(
        "SELECT 1 FROM payments.accounts WHERE account_id = :id AND realm = :realm AND tenant_id = CAST(:tenant AS uuid)",
        id=account_id, realm=realm, tenant=tx.tenant,
    ) is not None  # fmt: skip


def one(tx: Tx, export_id: UUID) -> Row[Any] | None:
    return tx.first(
        f"SELECT {_COLUMNS} FROM payments.exports WHERE id = :id AND tenant_id = CAST(:tenant AS uuid)",
        id=export_id, tenant=tx.tenant,
    )  # fmt: skip


def page(tx: Tx, *, before: UUID | None, limit: int) -> list[Row[Any]]:
    return tx.all(
        f"""SELECT {_COLUMNS} FROM payments.exports
             WHERE tenant_id = CAST(:tenant AS uuid) AND (CAST(:before AS uuid) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit""",
        tenant=tx.tenant, before=before, limit=limit,
    )  # fmt: skip


def claim(tx: Tx, export_id: UUID, *, by: UUID, ttl: timedelta) -> Row[Any] | None:
    """Take the job unless somebody has it; the first to do so fixes what the export may see."""
    return tx.first(
        f"""UPDATE payments.exports
               SET state = 'running', claimed_by = :by, claimed_until = now() + :ttl,
                   epoch = coalesce(epoch, (SELECT f.epoch FROM payments.fold_state f WHERE f.stream = 'ledger')),
                   horizon = coalesce(horizon, pg_snapshot_xmin(pg_current_snapshot()))
             WHERE id = :id AND state IN ('queued', 'running') AND (claimed_until IS NULL OR claimed_until < now())
            RETURNING {_COLUMNS}""",
        id=export_id, by=by, ttl=ttl,
    )  # fmt: skip


def advance(
    tx: Tx, export_id: UUID, *, by: UUID, ttl: timedelta, position: str, parts: int, scanned: int, written: int
) -> bool:
    """Record a part; False when the job has meanwhile become somebody else's."""
    row = tx.first(
        """UPDATE payments.exports
              SET position = CAST(:position AS jsonb), parts = :parts, rows_scanned = rows_scanned + :scanned,
                  rows_written = rows_written + :written, claimed_until = now() + :ttl, failures = 0
            WHERE id = :id AND claimed_by = :by AND state = 'running' RETURNING true""",
        id=export_id, by=by, ttl=ttl, position=position, parts=parts, scanned=scanned, written=written,
    )  # fmt: skip
    return row is not None


def expect(tx: Tx, export_id: UUID, rows: int | None) -> None:
    tx.execute("UPDATE payments.exports SET rows_expected = :rows WHERE id = :id", id=export_id, rows=rows)


def complete(tx: Tx, export_id: UUID, *, by: UUID, size: int, sha256: bytes) -> bool:
    row = tx.first(
        """UPDATE payments.exports SET state = 'done', bytes = :size, sha256 = :sha256, finished_at = kernel.business_now(), error = NULL
            WHERE id = :id AND claimed_by = :by AND state = 'running' RETURNING true""",
        id=export_id, by=by, size=size, sha256=sha256,
    )  # fmt: skip
    return row is not None


def note_failure(tx: Tx, export_id: UUID, *, by: UUID, error: str, give_up_after: int) -> None:
    tx.execute(
        """UPDATE payments.exports
              SET failures = failures + 1, error = :error, claimed_by = NULL, claimed_until = NULL,
                  state = CASE WHEN failures + 1 >= :most THEN 'failed' ELSE 'queued' END
            WHERE id = :id AND claimed_by = :by AND state = 'running'""",
        id=export_id, by=by, error=error, most=give_up_after,
    )  # fmt: skip


def expire(tx: Tx, *, older_than: timedelta) -> list[Row[Any]]:
    """Exports of this tenant whose files may go."""
    return tx.all(
        """UPDATE payments.exports SET state = 'expired'
            WHERE tenant_id = CAST(:tenant AS uuid) AND state = 'done' AND finished_at < kernel.business_now() - :age
           RETURNING id, format""",
        tenant=tx.tenant, age=older_than,
    )  # fmt: skip


def waiting(tx: Tx, *, limit: int) -> list[Row[Any]]:
    """Jobs of all tenants (seen by the engine) that nobody works on."""
    return tx.all(
        """SELECT tenant_id, id FROM payments.exports
            WHERE state IN ('queued', 'running') AND (claimed_until IS NULL OR claimed_until < now()) ORDER BY id LIMIT :limit""",
        limit=limit,
    )  # fmt: skip


_BELOW = "(e.epoch, e.xid) < (:epoch, CAST(CAST(:horizon AS text) AS xid8))"
_AFTER = """(e.epoch, e.xid, e.journal_id, e.line)
             > (:p_epoch, CAST(CAST(:p_xid AS text) AS xid8), CAST(:p_journal AS uuid), :p_line)"""
_SCAN = """
    SELECT e.epoch, CAST(CAST(e.xid AS text) AS bigint) AS xid, e.xid AS place, e.journal_id, e.line, e.account_id, e.asset_id, e.amount,
           e.held_delta, e.hold_id
      FROM payments.entries e
     WHERE e.tenant_id = CAST(:tenant AS uuid) AND {where}
     ORDER BY e.epoch, e.xid, e.journal_id, e.line LIMIT :limit"""
_WANTED = """(j.realm = :realm AND (CAST(:from_at AS timestamptz) IS NULL OR j.booked_at >= :from_at)
                AND (CAST(:to_at AS timestamptz) IS NULL OR j.booked_at < :to_at)) AS wanted"""
_ROWS = {
    What.JOURNALS: """
SELECT t.epoch, t.xid, t.journal_id, t.line, j.booked_at, j.effective_at, j.kind, k.key, j.order_id, j.reverses, j.actor, j.meta, {wanted}
  FROM ({scan}) t
  JOIN payments.journals j USING (journal_id)
  LEFT JOIN payments.journal_keys k USING (journal_id)
 ORDER BY t.epoch, t.place, t.journal_id, t.line""",
    What.ENTRIES: """
SELECT t.epoch, t.xid, t.journal_id, t.line, j.booked_at, j.kind, t.account_id, a.path, s.code AS asset, t.amount, t.held_delta, t.hold_id,
       {wanted}
  FROM ({scan}) t
  JOIN payments.journals j USING (journal_id)
  JOIN payments.accounts a ON a.account_id = t.account_id
  JOIN payments.assets s ON s.asset_id = t.asset_id
 ORDER BY t.epoch, t.place, t.journal_id, t.line""",
    What.STATEMENT: """
SELECT t.epoch, t.xid, t.journal_id, t.line, j.booked_at, j.kind, s.code AS asset, t.amount, j.order_id, j.meta, {wanted}
  FROM ({scan}) t
  JOIN payments.journals j USING (journal_id)
  JOIN payments.assets s ON s.asset_id = t.asset_id
 ORDER BY t.epoch, t.place, t.journal_id, t.line""",
}
_ONLY = {What.JOURNALS: " AND e.line = 1"}


def _where(job: Row[Any], position: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    where, values = _BELOW, {"epoch": job.epoch, "horizon": job.horizon}
    if job.account_id is not None:
        where, values = where + " AND e.account_id = :account", values | {"account": job.account_id}
    if position:
        where, values = (
            where + " AND " + _AFTER,
            values | {f"p_{name}": position[name] for name in ("epoch", "xid", "journal", "line")},
        )
    return where + _ONLY.get(What(job.what), ""), values


def entries(tx: Tx, job: Row[Any], *, position: Mapping[str, Any], limit: int) -> list[Row[Any]]:
    """The next rows of a journal, entry or statement export, wanted or not; `limit` of them unless the set ends."""
    where, values = _where(job, position)
    statement = _ROWS[What(job.what)].format(scan=_SCAN.format(where=where), wanted=_WANTED)
    return tx.all(
        statement, tenant=tx.tenant, realm=job.realm, from_at=job.from_at, to_at=job.to_at, limit=limit, **values
    )


def count_entries(tx: Tx, job: Row[Any], *, limit: int) -> int:
    """How many rows there are to look at, counted up to `limit`."""
    where, values = _where(job, {})
    return int(
        tx.scalar(f"SELECT count(*) FROM ({_SCAN.format(where=where)}) t", tenant=tx.tenant, limit=limit, **values) or 0
    )


def archived(tx: Tx, account_id: int) -> Decimal:
    """What the account's archived entries added up to: where its statement begins."""
    return Decimal(
        tx.scalar("SELECT sum(posted) FROM payments.archived_balances WHERE account_id = :id", id=account_id) or 0
    )


def archived_before(tx: Tx) -> str:
    """Journals below it have left the tables."""
    return str(tx.scalar("SELECT archived_before FROM payments.fold_state WHERE stream = 'ledger'"))


def booked_beyond(tx: Tx, job: Row[Any]) -> bool:
    """Whether something booked before `to` lies at or above the job's horizon."""
    return bool(
        tx.scalar(
            """SELECT EXISTS (SELECT FROM payments.entries e JOIN payments.journals j USING (journal_id)
                               WHERE (e.epoch, e.xid) >= (:epoch, CAST(CAST(:horizon AS text) AS xid8))
                                 AND e.tenant_id = CAST(:tenant AS uuid) AND j.booked_at < :to_at)""",
            tenant=tx.tenant, epoch=job.epoch, horizon=job.horizon, to_at=job.to_at,
        )
    )  # fmt: skip


def last_account(tx: Tx) -> int:
    return int(
        tx.scalar(
            "SELECT coalesce(max(account_id), 0) FROM payments.accounts WHERE tenant_id = CAST(:t AS uuid)", t=tx.tenant
        )
    )


# The projection is taken back to the horizon: what came after it is taken away again. As of a moment, the journal is summed.
_POSTED_NOW = f"""b.posted
           + (SELECT coalesce(sum(e.amount), 0) FROM payments.entries e
               WHERE e.account_id = a.account_id AND (e.epoch, e.xid) >= (f.epoch, f.w) AND e.journal_id >= f.tail_from)
           - (SELECT coalesce(sum(e.amount), 0) FROM payments.entries e
               WHERE e.account_id = a.account_id AND NOT {_BELOW})"""
_POSTED_AT = f"""coalesce((SELECT d.posted FROM payments.balance_daily d
               WHERE d.account_id = a.account_id AND d.day <= start.day ORDER BY d.day DESC LIMIT 1), 0)
           + (SELECT coalesce(sum(e.amount), 0) FROM payments.entries e JOIN payments.journals j USING (journal_id)
               WHERE e.account_id = a.account_id AND (e.epoch, e.xid) >= (place.epoch, place.xid) AND {_BELOW}
                 AND j.booked_at >= start.ends_at AND j.booked_at < :to_at)"""
# The last closed day before the moment; nothing before the first one.
_START = """
  CROSS JOIN (SELECT coalesce(max(d.ends_at), '-infinity') AS ends_at, coalesce(max(d.day), '-infinity') AS day
                FROM payments.days d WHERE d.ends_at <= :to_at) start
  CROSS JOIN LATERAL payments.place_of(start.ends_at) place"""
_BALANCES = """
SELECT a.account_id, a.path, a.kind, a.owner, a.normal_side, s.code AS asset, {posted} AS posted, true AS wanted
  FROM payments.accounts a
  JOIN payments.assets s USING (asset_id)
  JOIN payments.balances b USING (account_id)
  CROSS JOIN payments.fold_state f{start}
 WHERE f.stream = 'ledger' AND a.tenant_id = CAST(:tenant AS uuid) AND a.realm = :realm AND a.account_id > :after AND a.account_id <= :last
   AND (CAST(:account AS bigint) IS NULL OR a.account_id = :account)
 ORDER BY a.account_id LIMIT :limit"""


def balances(tx: Tx, job: Row[Any], *, after: int, last: int, limit: int) -> list[Row[Any]]:
    if job.to_at is None:
        statement, moment = _BALANCES.format(posted=_POSTED_NOW, start=""), {}
    else:
        statement, moment = _BALANCES.format(posted=_POSTED_AT, start=_START), {"to_at": job.to_at}
    return tx.all(
        statement, tenant=tx.tenant, realm=job.realm, account=job.account_id, after=after, last=last, limit=limit, epoch=job.epoch,
        horizon=job.horizon, **moment,
    )  # fmt: skip

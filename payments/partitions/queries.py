"""Partitions by name, the rows of a month by keyset as canonical text, and the step that takes the month away."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from kernel.db import Tx

ZERO = "00000000-0000-0000-0000-000000000000"

_ENTRIES = """
SELECT e.epoch, CAST(e.xid AS text) AS xid, CAST(e.journal_id AS text) AS journal_id, e.line, e.account_id, e.asset_id,
       CAST(trim_scale(e.amount) AS text) AS amount, CAST(trim_scale(e.held_delta) AS text) AS held_delta,
       coalesce(CAST(e.hold_id AS text), '-') AS hold_id, CAST(e.tenant_id AS text) AS tenant_id
  FROM payments.entries e
 WHERE (e.journal_id, e.line) > (CAST(:after AS uuid), :line)
   AND e.journal_id < payments.uuid_floor(CAST(:until AS timestamp) AT TIME ZONE 'UTC')
 ORDER BY e.journal_id, e.line LIMIT :limit"""

_JOURNALS = """
SELECT CAST(j.journal_id AS text) AS journal_id, CAST(jsonb_build_array(
           j.journal_id, j.tenant_id, j.realm, j.kind, j.order_id, j.reverses,
           CAST(extract(epoch FROM j.booked_at) * 1000000 AS bigint), CAST(extract(epoch FROM j.effective_at) * 1000000 AS bigint),
           j.actor, j.meta) AS text) AS head
  FROM payments.journals j
 WHERE j.journal_id > CAST(:after AS uuid) AND j.journal_id < payments.uuid_floor(CAST(:until AS timestamp) AT TIME ZONE 'UTC')
 ORDER BY j.journal_id LIMIT :limit"""


def make(tx: Tx, *, ahead: int) -> list[str]:
    return [str(row.name) for row in tx.all("SELECT payments.make_partitions(:ahead) AS name", ahead=ahead)]


def months(tx: Tx) -> list[str]:
    rows = tx.all(
        """SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = CAST('payments.entries' AS regclass) ORDER BY c.relname"""
    )
    return [str(row.name) for row in rows]


def archived(tx: Tx) -> list[Row[Any]]:
    return tx.all("SELECT month, journals, entries, seal_from, seal_to, files FROM payments.archives ORDER BY month")


def entries(tx: Tx, *, until: date, after: str, line: int, limit: int) -> list[Row[Any]]:
    return tx.all(_ENTRIES, until=until, after=after, line=line, limit=limit)


def journals(tx: Tx, *, until: date, after: str, limit: int) -> list[Row[Any]]:
    return tx.all(_JOURNALS, until=until, after=after, limit=limit)


def seals_of(tx: Tx, *, until: date) -> Row[Any]:
    """The first and the last seal over what was written before `until`."""
    return tx.one(
        """SELECT min(l.seal_no) AS first, max(l.seal_no) AS last
             FROM (SELECT DISTINCT e.epoch, e.xid FROM payments.entries e
                    WHERE e.journal_id < payments.uuid_floor(CAST(:until AS timestamp) AT TIME ZONE 'UTC')) e
             JOIN payments.seals l ON l.epoch = e.epoch AND e.xid >= l.xid_from AND e.xid < l.xid_to""",
        until=until,
    )


def archive_month(tx: Tx, *, month: date, files: Mapping[str, Any]) -> str:
    tx.execute("SET LOCAL transaction_timeout = 0")
    return str(
        tx.scalar("SELECT payments.archive_month(:month, CAST(:files AS jsonb))", month=month, files=json.dumps(files))
    )


def detach_month(tx: Tx, *, month: date) -> list[str]:
    return [str(row.name) for row in tx.all("SELECT payments.detach_month(:month) AS name", month=month)]


def month(tx: Tx, which: date) -> Row[Any] | None:
    return tx.first(
        "SELECT month, journals, entries, seal_from, seal_to, files FROM payments.archives WHERE month = :month",
        month=which,
    )


def leaves(tx: Tx, *, first: int, last: int) -> Sequence[Row[Any]]:
    return tx.all(
        "SELECT seal_no, leaves FROM payments.seal_leaves WHERE seal_no BETWEEN :first AND :last ORDER BY seal_no",
        first=first, last=last,
    )  # fmt: skip

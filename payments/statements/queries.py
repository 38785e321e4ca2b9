"""One page of an owner's lines, and the balance that stands after its newest line, in one snapshot.

Lines are ordered by (epoch, xid, journal): the order of the ledger's own transactions, which the accounts' index already has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended; the next one begins below it."""

    epoch: int
    xid: int
    journal_id: UUID


@dataclass(frozen=True, slots=True)
class LinePosition:
    """Where a page of single lines ended."""

    at: Position
    line: int


_BELOW = "AND (e.epoch, e.xid, e.journal_id) < (:epoch, CAST(CAST(:xid AS text) AS xid8), CAST(:journal_id AS uuid))"

_NEWER = """(SELECT coalesce(sum(e.amount), 0) FROM payments.entries e WHERE e.account_id = mine.account_id
                    AND (e.epoch, e.xid, e.journal_id) >= (:epoch, CAST(CAST(:xid AS text) AS xid8), CAST(:journal_id AS uuid)))"""

_PAGE = """
WITH mine AS MATERIALIZED (
    SELECT a.account_id, s.code AS asset
      FROM payments.accounts a JOIN payments.assets s USING (asset_id)
     WHERE a.tenant_id = CAST(:tenant AS uuid) AND a.owner = CAST(:owner AS uuid) AND a.realm = :realm
       AND (CAST(:asset AS text) IS NULL OR s.code = :asset))
SELECT mine.asset, line.*, j.kind, j.booked_at, j.order_id, j.meta, whole.balance
  FROM mine
  CROSS JOIN LATERAL (
      SELECT e.account_id, e.epoch, CAST(CAST(e.xid AS text) AS bigint) AS xid, e.journal_id, sum(e.amount) AS amount
        FROM payments.entries e WHERE e.account_id = mine.account_id {below}
       GROUP BY e.account_id, e.epoch, e.xid, e.journal_id ORDER BY e.epoch DESC, e.xid DESC, e.journal_id DESC LIMIT :limit) line
  CROSS JOIN LATERAL (
      SELECT x.posted - {newer} AS balance FROM payments.exact(ARRAY[mine.account_id]) x) whole
  JOIN payments.journals j ON j.journal_id = line.journal_id
 ORDER BY line.epoch DESC, line.xid DESC, line.journal_id DESC, line.account_id DESC"""


def page(tx: Tx, *, owner: UUID, realm: str, asset: str | None, before: Position | None, limit: int) -> list[Row[Any]]:
    """At most `limit` lines of each of the owner's accounts, newest first; `balance` is the account's after its newest line here."""
    place = {"epoch": before.epoch, "xid": before.xid, "journal_id": before.journal_id} if before else {}
    statement = _PAGE.format(below=_BELOW, newer=_NEWER) if before else _PAGE.format(below="", newer="0")
    return tx.all(statement, tenant=tx.tenant, owner=owner, realm=realm, asset=asset, limit=limit, **place)


_ENTRIES = """
SELECT line.epoch, CAST(CAST(line.xid AS text) AS bigint) AS xid, line.journal_id, line.line, line.amount, line.hold_id,
       j.kind, j.booked_at, j.effective_at, j.order_id, j.meta,
       x.posted - {newer} - coalesce(sum(line.amount) OVER (
           ORDER BY line.epoch DESC, line.xid DESC, line.journal_id DESC, line.line DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
           0) AS balance_after
  FROM (SELECT e.* FROM payments.entries e WHERE e.account_id = :account_id {below}
         ORDER BY e.epoch DESC, e.xid DESC, e.journal_id DESC, e.line DESC LIMIT :limit) line
  JOIN payments.journals j ON j.journal_id = line.journal_id
  CROSS JOIN payments.exact(ARRAY[CAST(:account_id AS bigint)]) x
 ORDER BY line.epoch DESC, line.xid DESC, line.journal_id DESC, line.line DESC"""

_PLACE = "(:epoch, CAST(CAST(:xid AS text) AS xid8), CAST(:journal_id AS uuid), CAST(:line AS smallint))"


def entries(tx: Tx, account_id: int, *, before: LinePosition | None, limit: int) -> list[Row[Any]]:
    """Lines of one account, newest first, with the balance after each; needs a repeatable read for the sum of the newer ones."""
    if before is None:
        return tx.all(_ENTRIES.format(below="", newer="0"), account_id=account_id, limit=limit)
    at = before.at
    newer = f"""(SELECT coalesce(sum(e.amount), 0) FROM payments.entries e
                  WHERE e.account_id = :account_id AND (e.epoch, e.xid, e.journal_id, e.line) >= {_PLACE})"""
    statement = _ENTRIES.format(below=f"AND (e.epoch, e.xid, e.journal_id, e.line) < {_PLACE}", newer=newer)
    place = {"epoch": at.epoch, "xid": at.xid, "journal_id": at.journal_id, "line": before.line}
    return tx.all(statement, account_id=account_id, limit=limit, **place)

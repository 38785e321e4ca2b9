"""Sums over all accounts of a tenant and realm: now (balances and their un-folded tail in one snapshot), or from the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from kernel.db import Tx
from payments.standing import POSTED

# One row per account with `posted`: now, or as of a moment.
_AT = "SELECT account_id, posted FROM payments.posted_at(CAST(:at AS timestamptz))"

_TRIAL = """
SELECT s.code AS asset, a.kind, count(*) AS accounts,
       coalesce(sum(-p.posted) FILTER (WHERE p.posted < 0), 0) AS debit, coalesce(sum(p.posted) FILTER (WHERE p.posted > 0), 0) AS credit
  FROM payments.accounts a
  JOIN payments.assets s USING (asset_id)
  LEFT JOIN ({balances}) p USING (account_id)
 WHERE a.tenant_id = CAST(:tenant AS uuid) AND a.realm = :realm
 GROUP BY s.asset_id, s.code, a.kind ORDER BY s.asset_id, a.kind"""

# Dots and colons both part the levels of a path.
_CHART = """
SELECT t.parts, t.asset, count(*) AS accounts, coalesce(sum(t.posted), 0) AS amount
  FROM (SELECT c.parts[1 : :levels] AS parts, s.code AS asset, s.asset_id, p.posted
          FROM payments.accounts a
          JOIN payments.assets s USING (asset_id)
          CROSS JOIN LATERAL (SELECT regexp_split_to_array(a.path, '[.:]') AS parts) c
          LEFT JOIN ({balances}) p USING (account_id)
         WHERE a.tenant_id = CAST(:tenant AS uuid) AND a.realm = :realm
           AND c.parts[1 : :above] = CAST(:under AS text[]) AND cardinality(c.parts) > :above) t
 GROUP BY t.parts, t.asset_id, t.asset ORDER BY t.parts, t.asset_id LIMIT :limit"""


def trial_balance(tx: Tx, *, realm: str, at: datetime | None) -> list[Row[Any]]:
    statement = _TRIAL.format(balances=POSTED if at is None else _AT)
    return tx.all(statement, tenant=tx.tenant, realm=realm, **({} if at is None else {"at": at}))


def chart(tx: Tx, *, realm: str, under: Sequence[str], depth: int, at: datetime | None, limit: int) -> list[Row[Any]]:
    """Groups of accounts by the first parts of their paths and asset."""
    statement = _CHART.format(balances=POSTED if at is None else _AT)
    return tx.all(
        statement, tenant=tx.tenant, realm=realm, under=list(under), above=len(under), levels=len(under) + depth, limit=limit,
        **({} if at is None else {"at": at}),
    )  # fmt: skip


def moved(tx: Tx, *, prefix: str, realm: str, first: date, last: date) -> list[Row[Any]]:
    """What was posted per account and day. A journal counts on the day that it says it is of, otherwise on the one it was booked on."""
    return tx.all(
        """SELECT a.path, s.code AS asset, d.day, sum(e.amount) AS amount
             FROM payments.accounts a
             JOIN payments.assets s USING (asset_id)
             JOIN payments.entries e ON e.account_id = a.account_id
             JOIN payments.journals j ON j.journal_id = e.journal_id
             CROSS JOIN LATERAL (
                 SELECT CAST(coalesce(j.effective_at, j.booked_at) AT TIME ZONE 'UTC' AS date) AS day) d
            WHERE a.tenant_id = :tenant AND a.realm = :realm AND starts_with(a.path, :prefix) AND d.day BETWEEN :first AND :last
            GROUP BY a.path, s.code, d.day ORDER BY d.day, a.path""",
        tenant=tx.tenant_id, realm=realm, prefix=prefix, first=first, last=last,
    )  # fmt: skip


# A fee is what the same journal booked as an expense in the same asset; of several accounts that one bears it which paid the most.
_TRAFFIC = """
WITH place AS MATERIALIZED (SELECT p.epoch, p.xid FROM payments.place_of(CAST(:since AS timestamptz)) p),
mine AS MATERIALIZED (
    SELECT a.account_id, a.path, a.asset_id FROM payments.accounts a
     WHERE a.tenant_id = CAST(:tenant AS uuid) AND a.realm = :realm AND starts_with(a.path, :prefix)),
booked AS MATERIALIZED (
    SELECT e.journal_id, j.kind, e.account_id, e.asset_id,
           coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0) AS credit,
           coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0) AS debit
      FROM mine CROSS JOIN place
      JOIN payments.entries e ON e.account_id = mine.account_id AND (e.epoch, e.xid) >= (place.epoch, place.xid)
      JOIN payments.journals j ON j.journal_id = e.journal_id
     WHERE j.booked_at >= CAST(:since AS timestamptz) AND j.booked_at < CAST(:until AS timestamptz)
     GROUP BY e.journal_id, j.kind, e.account_id, e.asset_id),
spent AS MATERIALIZED (
    SELECT e.journal_id, e.asset_id, -sum(e.amount) AS fee
      FROM (SELECT DISTINCT journal_id FROM booked) b
      JOIN payments.entries e ON e.journal_id = b.journal_id
      JOIN payments.accounts x ON x.account_id = e.account_id AND x.kind = 'expense'
     GROUP BY e.journal_id, e.asset_id),
borne AS (
    SELECT b.*, CASE WHEN row_number() OVER (PARTITION BY b.journal_id, b.asset_id ORDER BY b.credit DESC, b.account_id) = 1
                     THEN greatest(least(coalesce(s.fee, 0), b.credit), 0) ELSE 0 END AS fee
      FROM booked b LEFT JOIN spent s ON s.journal_id = b.journal_id AND s.asset_id = b.asset_id)
SELECT mine.path, s.code AS asset, b.kind, sum(b.debit) AS debit, sum(b.credit) AS credit, sum(coalesce(b.fee, 0)) AS fee
  FROM borne b JOIN mine ON mine.account_id = b.account_id JOIN payments.assets s ON s.asset_id = b.asset_id
 GROUP BY mine.path, s.code, b.kind ORDER BY mine.path, b.kind"""


def traffic(tx: Tx, *, prefix: str, realm: str, since: datetime, until: datetime) -> list[Row[Any]]:
    """Debits, credits and the fees among the credits, per account and kind of journal; `since` included, `until` not."""
    return tx.all(_TRAFFIC, tenant=tx.tenant, realm=realm, prefix=prefix, since=since, until=until)


def journals_of(
    tx: Tx, *, prefix: str, realm: str, kinds: Sequence[str], since: datetime, until: datetime, limit: int
) -> list[Row[Any]]:
    """What journals of these kinds booked on these accounts, the oldest first."""
    return tx.all(
        """SELECT j.journal_id, j.kind, j.booked_at, a.path, s.code AS asset, sum(e.amount) AS amount
             FROM payments.accounts a
             CROSS JOIN payments.place_of(CAST(:since AS timestamptz)) place
             JOIN payments.entries e ON e.account_id = a.account_id AND (e.epoch, e.xid) >= (place.epoch, place.xid)
             JOIN payments.journals j ON j.journal_id = e.journal_id
             JOIN payments.assets s ON s.asset_id = e.asset_id
            WHERE a.tenant_id = CAST(:tenant AS uuid) AND a.realm = :realm AND starts_with(a.path, :prefix) AND j.kind = ANY (:kinds)
              AND j.booked_at >= CAST(:since AS timestamptz) AND j.booked_at < CAST(:until AS timestamptz)
            GROUP BY j.journal_id, j.kind, j.booked_at, a.path, s.code ORDER BY j.booked_at, j.journal_id, a.path LIMIT :limit""",
        tenant=tx.tenant, realm=realm, prefix=prefix, kinds=list(kinds), since=since, until=until, limit=limit,
    )  # fmt: skip

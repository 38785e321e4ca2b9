"""Sums over all accounts of a tenant and realm: now (balances and their un-folded tail in one snapshot), or from the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from kernel.db import Tx

# One row per account with `posted`.
_NOW = """
    SELECT b.account_id, b.posted + coalesce(tail.amount, 0) AS posted
      FROM payments.balances b
      LEFT JOIN (SELECT e.account_id, sum(e.amount) AS amount FROM payments.fold_state f
                   JOIN payments.entries e ON (e.epoch, e.xid) >= (f.epoch, f.w) AND e.journal_id >= f.tail_from
                  WHERE f.stream = 'ledger' GROUP BY e.account_id) tail USING (account_id)"""
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
    statement = _TRIAL.format(balances=_NOW if at is None else _AT)
    return tx.all(statement, tenant=tx.tenant, realm=realm, **({} if at is None else {"at": at}))


def chart(tx: Tx, *, realm: str, under: Sequence[str], depth: int, at: datetime | None, limit: int) -> list[Row[Any]]:
    """Groups of accounts by the first parts of their paths and asset."""
    statement = _CHART.format(balances=_NOW if at is None else _AT)
    return tx.all(
        statement, tenant=tx.tenant, realm=realm, under=list(under), above=len(under), levels=len(under) + depth, limit=limit,
        **({} if at is None else {"at": at}),
    )  # fmt: skip

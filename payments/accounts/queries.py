"""Statements on accounts; writing goes through the ledger's SQL functions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx


def open_account(
    tx: Tx,
    *,
    realm: str,
    asset: str,
    kind: str,
    path: str,
    owner: UUID | None,
    guarded: bool,
    floor: Decimal,
    normal_side: str,
) -> tuple[str, int]:
    row = tx.one(
        """SELECT status, account_id FROM payments.account_open(:realm, :asset, :kind, :path, CAST(:owner AS uuid), :guarded,
                                                                CAST(:floor AS numeric), :normal_side)""",
        realm=realm, asset=asset, kind=kind, path=path, owner=owner, guarded=guarded, floor=floor, normal_side=normal_side,
    )  # fmt: skip
    return row.status, row.account_id


def set_status(tx: Tx, *, account_id: int, status: str) -> str:
    return str(
        tx.scalar("SELECT payments.account_set_status(:account_id, :status)", account_id=account_id, status=status)
    )


def set_floor(tx: Tx, *, account_id: int, floor: Decimal) -> str:
    statement = "SELECT payments.account_set_floor(:account_id, CAST(:floor AS numeric))"
    return str(tx.scalar(statement, account_id=account_id, floor=floor))


_WITH_BALANCES = """
WITH shown AS MATERIALIZED (
    SELECT a.* FROM payments.accounts a
     WHERE a.tenant_id = CAST(:tenant AS uuid) AND a.realm = :realm {which} ORDER BY a.account_id LIMIT :limit)
SELECT shown.account_id, shown.path, s.code AS asset, shown.kind, shown.realm, shown.status, shown.owner, shown.normal_side,
       shown.opened_at, x.floor, x.posted, x.held,
       (SELECT coalesce(jsonb_object_agg(h.kind, h.amount), jsonb_build_object())
          FROM (SELECT o.kind, CAST(sum(o.amount - o.captured) AS text) AS amount FROM payments.holds o
                 WHERE o.state = 'open' AND o.account_id = shown.account_id GROUP BY o.kind) h) AS held_by_purpose
  FROM shown
  JOIN payments.assets s USING (asset_id)
  JOIN payments.exact(ARRAY(SELECT account_id FROM shown)) x USING (account_id)
 ORDER BY shown.account_id"""


def page(tx: Tx, *, realm: str, owner: UUID | None, prefix: str, after: int, limit: int) -> list[Row[Any]]:
    """Accounts and what is on them, in one snapshot."""
    which = "AND a.account_id > :after AND starts_with(a.path, :prefix)"
    mine: dict[str, Any] = {}
    if owner is not None:
        which, mine = f"{which} AND a.owner = :owner", {"owner": owner}
    statement = _WITH_BALANCES.format(which=which)
    return tx.all(statement, tenant=tx.tenant, realm=realm, after=after, prefix=prefix, limit=limit, **mine)


def find(tx: Tx, account_id: int, *, realm: str) -> Row[Any] | None:
    statement = _WITH_BALANCES.format(which="AND a.account_id = :account_id")
    return tx.first(statement, tenant=tx.tenant, realm=realm, account_id=account_id, limit=1)

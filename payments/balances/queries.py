"""Reads of the projection. A balance is the row and its un-folded tail, taken by one statement and so in one snapshot."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from kernel.db import Tx


def of_owner(tx: Tx, *, owner: UUID, realm: str, kind: str) -> list[Row[Any]]:
    return tx.all(
        """SELECT s.code AS asset, sum(x.posted) AS posted, sum(x.held) AS held,
                  (SELECT coalesce(jsonb_object_agg(h.kind, h.amount), jsonb_build_object())
                     FROM (SELECT o.kind, CAST(sum(o.amount - o.captured) AS text) AS amount FROM payments.holds o
                            WHERE o.state = 'open' AND o.account_id = ANY (array_agg(x.account_id)) GROUP BY o.kind) h) AS held_by_purpose
             FROM payments.exact(ARRAY(
                 SELECT account_id FROM payments.accounts
                  WHERE tenant_id = CAST(:tenant AS uuid) AND owner = CAST(:owner AS uuid) AND realm = :realm AND kind = :kind)) x
             JOIN payments.accounts a USING (account_id) JOIN payments.assets s USING (asset_id)
            GROUP BY s.asset_id, s.code ORDER BY s.asset_id""",
        tenant=tx.tenant, realm=realm, owner=owner, kind=kind,
    )  # fmt: skip


def by_path_prefix(tx: Tx, *, prefix: str, realm: str) -> list[Row[Any]]:
    return tx.all(
        """SELECT a.account_id, a.path, s.code AS asset, x.posted, x.held
             FROM payments.exact(ARRAY(
                 SELECT account_id FROM payments.accounts
                  WHERE tenant_id = CAST(:tenant AS uuid) AND realm = :realm AND starts_with(path, :prefix))) x
             JOIN payments.accounts a USING (account_id) JOIN payments.assets s USING (asset_id) ORDER BY a.path""",
        tenant=tx.tenant, realm=realm, prefix=prefix,
    )  # fmt: skip


def exact(tx: Tx, account_id: int) -> Row[Any] | None:
    return tx.first(
        "SELECT posted, held FROM payments.exact(ARRAY[CAST(:account_id AS bigint)])", account_id=account_id
    )


def booked_by(tx: Tx, account_id: int, when: datetime) -> Decimal | None:
    return tx.scalar(  # type: ignore[no-any-return]
        """SELECT coalesce((SELECT sum(e.amount) FROM payments.entries e JOIN payments.journals j USING (journal_id)
                             WHERE e.account_id = a.account_id AND j.booked_at <= CAST(:at AS timestamptz)), 0)
             FROM payments.accounts a WHERE a.account_id = :account_id""",
        account_id=account_id, at=when,
    )  # fmt: skip


def fold(tx: Tx, *, limit: int) -> Row[Any]:
    return tx.one("SELECT folded, accounts, seal_no FROM payments.fold(:limit)", limit=limit)


def lag(tx: Tx, *, limit: int) -> Row[Any]:
    """How many entries wait (counted up to `limit`) and when the first of them was made."""
    return tx.one("SELECT entries, oldest FROM payments.waiting(:limit)", limit=limit)


def broken_seals(tx: Tx) -> list[Row[Any]]:
    return tx.all("SELECT seal_no, fault FROM payments.verify_seals() ORDER BY seal_no")


def head_seal(tx: Tx) -> Row[Any] | None:
    return tx.first("SELECT seal_no, hash FROM payments.seals ORDER BY seal_no DESC LIMIT 1")

"""Reads of the projection. A balance is the row and its un-folded tail, taken by one statement and so in one snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
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


def fingerprints(tx: Tx, *, owners: Sequence[UUID], realm: str, kind: str) -> list[Row[Any]]:
    return tx.all(
        """SELECT a.owner, md5(string_agg(concat_ws('/', b.account_id, b.posted, b.held), ',' ORDER BY b.account_id)) AS fingerprint
             FROM payments.accounts a JOIN payments.balances b USING (account_id)
            WHERE a.tenant_id = CAST(:tenant AS uuid) AND a.owner = ANY(CAST(:owners AS uuid[])) AND a.realm = :realm AND a.kind = :kind
            GROUP BY a.owner""",
        tenant=tx.tenant, owners=list(owners), realm=realm, kind=kind,
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


def fold(tx: Tx, *, limit: int) -> Row[Any]:
    return tx.one("SELECT folded, accounts, seal_no FROM payments.fold(:limit)", limit=limit)


def pending(tx: Tx) -> Row[Any]:
    """Whether anything waits for the fold, and whether the ledger came here from another cluster."""
    return tx.one(
        """SELECT (SELECT entries FROM payments.waiting(1)) > 0 AS waits,
                  (SELECT system_identifier <> payments.cluster_id() FROM payments.fold_state WHERE stream = 'ledger') AS restored"""
    )


def open_epoch(tx: Tx) -> Row[Any]:
    tx.execute("SET LOCAL transaction_timeout = 0")
    return tx.one("SELECT epoch, opened FROM payments.open_epoch()")


def next_accounts(tx: Tx, *, after: int, limit: int) -> list[int]:
    rows = tx.all(
        "SELECT account_id FROM payments.balances WHERE account_id > :after ORDER BY account_id LIMIT :limit",
        after=after, limit=limit,
    )  # fmt: skip
    return [int(row.account_id) for row in rows]


def rebuild(tx: Tx, accounts: Sequence[int]) -> int:
    return int(tx.scalar("SELECT payments.rebuild(CAST(:accounts AS bigint[]))", accounts=list(accounts)))


def is_final(tx: Tx, at: datetime) -> bool:
    return bool(tx.scalar("SELECT payments.is_final(CAST(:at AS timestamptz))", at=at))


_AT = """
WITH day AS (
    SELECT d.day, d.ends_at FROM payments.days d WHERE d.ends_at <= CAST(:at AS timestamptz) ORDER BY d.ends_at DESC LIMIT 1),
start AS (
    SELECT coalesce((SELECT day.ends_at FROM day), '-infinity') AS ends_at, coalesce((SELECT day.day FROM day), '-infinity') AS day)
SELECT coalesce((SELECT b.posted FROM payments.balance_daily b
                  WHERE b.account_id = a.account_id AND b.day <= start.day ORDER BY b.day DESC LIMIT 1), 0)
       + coalesce((SELECT sum(e.amount) FROM payments.entries e JOIN payments.journals j ON j.journal_id = e.journal_id
                    WHERE e.account_id = a.account_id AND (e.epoch, e.xid) >= (place.epoch, place.xid)
                      AND j.booked_at >= start.ends_at AND j.booked_at <= CAST(:at AS timestamptz)), 0) AS posted,
       payments.is_archived(CAST(:at AS timestamptz)) AS archived
  FROM payments.accounts a CROSS JOIN start CROSS JOIN LATERAL payments.place_of(start.ends_at) place
 WHERE a.account_id = :account_id"""


def at(tx: Tx, account_id: int, when: datetime) -> Row[Any] | None:
    """The end of the last closed day before, and what was booked since; `archived` when some of that has left the tables."""
    return tx.first(_AT, account_id=account_id, at=when)


def is_archived(tx: Tx, when: datetime) -> bool:
    return bool(tx.scalar("SELECT payments.is_archived(CAST(:at AS timestamptz))", at=when))


def holder(tx: Tx) -> Row[Any] | None:
    """The session whose transaction holds the horizon back."""
    return tx.first("SELECT pid, role, application, state, age_s, waits_for FROM payments.horizon_holder()")


def fold_state(tx: Tx) -> Row[Any]:
    return tx.one(
        "SELECT epoch, CAST(w AS text) AS horizon, (SELECT max(seal_no) FROM payments.seals) AS seal_no"
        " FROM payments.fold_state WHERE stream = 'ledger'"
    )


def lag(tx: Tx, *, limit: int) -> Row[Any]:
    """How many entries wait (counted up to `limit`) and when the first of them was made."""
    return tx.one("SELECT entries, oldest FROM payments.waiting(:limit)", limit=limit)


def broken_seals(tx: Tx, *, first: int, last: int | None) -> list[Row[Any]]:
    return tx.all(
        """SELECT seal_no, fault, journal_id, line FROM payments.verify_seals(:first, CAST(:last AS bigint))
            ORDER BY seal_no, fault""",
        first=first, last=last,
    )  # fmt: skip


def unsealed_entries(tx: Tx) -> list[Row[Any]]:
    return tx.all("SELECT journal_id, line FROM payments.unsealed_entries() ORDER BY journal_id, line LIMIT 100")


def head_seal(tx: Tx) -> Row[Any] | None:
    return tx.first("SELECT seal_no, hash FROM payments.seals ORDER BY seal_no DESC LIMIT 1")

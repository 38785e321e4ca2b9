"""Statements that compare our own balances with our own journal, and make one anew."""

from __future__ import annotations

from kernel.db import AnyRow, Tx


def compare(tx: Tx, *, after: int, only: int | None, limit: int) -> list[AnyRow]:
    """The next accounts: the row as it stands and what the journal makes of it, in one snapshot."""
    return tx.all(
        """WITH these AS MATERIALIZED (
               SELECT b.account_id, b.posted, b.held, b.version, s.code AS asset,
                      CASE a.realm WHEN 'REAL' THEN a.path ELSE lower(a.realm) || '/' || a.path END AS name
                 FROM payments.balances b JOIN payments.accounts a USING (account_id) JOIN payments.assets s USING (asset_id)
                WHERE b.tenant_id = :tenant AND b.account_id > :after AND (CAST(:only AS bigint) IS NULL OR b.account_id = :only)
                ORDER BY b.account_id LIMIT :limit)
           SELECT these.*, p.posted AS true_posted, p.held AS true_held
             FROM these JOIN payments.projection_of(ARRAY(SELECT account_id FROM these)) p USING (account_id)
            ORDER BY account_id""",
        tenant=tx.tenant_id, after=after, only=only, limit=limit,
    )  # fmt: skip


def rebuild(tx: Tx, account_id: int) -> AnyRow:
    return tx.one(
        "SELECT posted_before, held_before, posted_after, held_after FROM payments.balance_rebuild(:account)",
        account=account_id,
    )  # fmt: skip


def account_by_path(tx: Tx, path: str) -> AnyRow | None:
    """A real-money account of the tenant by its path."""
    return tx.first(
        """SELECT a.account_id, a.path, a.normal_side, a.guarded, s.code AS asset, s.scale
             FROM payments.accounts a JOIN payments.assets s USING (asset_id)
            WHERE a.tenant_id = :tenant AND a.realm = 'REAL' AND a.path = :path""",
        tenant=tx.tenant_id, path=path,
    )  # fmt: skip


def newest_entries(tx: Tx, account_id: int, *, limit: int) -> list[AnyRow]:
    """The account's last journals, newest first, with the wall time at which each was written."""
    return tx.all(
        """SELECT e.journal_id, sum(e.amount) AS amount, uuid_extract_timestamp(e.journal_id) AS written_at
             FROM (SELECT journal_id, amount, epoch, xid FROM payments.entries
                    WHERE account_id = :account ORDER BY epoch DESC, xid DESC LIMIT :limit) e
            GROUP BY e.journal_id ORDER BY max(e.epoch) DESC, max(e.xid) DESC, e.journal_id DESC""",
        account=account_id, limit=limit,
    )  # fmt: skip

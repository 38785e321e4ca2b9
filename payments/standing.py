"""SQL of what stands in the books to the last committed entry, for statements that other packages build on it.

The projection and its un-folded tail, read in the statement's own snapshot. As a function
it would hide from the planner which accounts are wanted.
"""

from __future__ import annotations

POSTED = """
    SELECT b.account_id, b.posted + coalesce(tail.amount, 0) AS posted
      FROM payments.balances b
      LEFT JOIN (SELECT e.account_id, sum(e.amount) AS amount FROM payments.fold_state f
                   JOIN payments.entries e ON (e.epoch, e.xid) >= (f.epoch, f.w) AND e.journal_id >= f.tail_from
                  WHERE f.stream = 'ledger' GROUP BY e.account_id) tail USING (account_id)"""
"""One row per account."""

BOOK = f"""
    (SELECT a.tenant_id, a.realm, a.path, a.kind, p.posted FROM payments.accounts a JOIN ({POSTED}) p USING (account_id))"""
"""The same with what tells accounts apart, to be named and joined; tenant and realm are the reader's to choose."""

OWNED = f"""
    (SELECT a.tenant_id, a.realm, a.kind, a.owner, s.code AS asset, p.posted FROM payments.accounts a
       JOIN payments.assets s USING (asset_id) JOIN ({POSTED}) p USING (account_id) WHERE a.owner IS NOT NULL)"""
"""What stands in the accounts that belong to somebody, by owner and asset; to be named and joined like the one above."""

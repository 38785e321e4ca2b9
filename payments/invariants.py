"""What must always hold of the ledger, one SQL count of violations each, 0 when all is well.

Run in one repeatable-read snapshot: as the engine over all tenants, as the app over its own. The recomputation of the seals needs all
tenants; a tenant checks the chain and its ranges.
"""

from __future__ import annotations

from kernel.invariants import Invariant
from payments.orders.invariants import INVARIANTS as PAYMENT_ORDERS

_FOLDED = "(e.epoch, e.xid) < (f.epoch, f.w)"
_UNFOLDED = "(e.epoch, e.xid) >= (f.epoch, f.w)"
_ALL = """SELECT account_id, sum(amount) AS amount FROM
            (SELECT account_id, amount FROM payments.entries UNION ALL SELECT account_id, posted FROM payments.archived_balances) a
           GROUP BY account_id"""
"""Every account's entries, those of archived months as the sum they left behind."""
_OPEN_HOLDS = (
    "SELECT account_id, sum(amount - captured) AS open FROM payments.holds WHERE state = 'open' GROUP BY account_id"
)

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "journal_sums_to_zero",
        "Per journal and asset the lines sum to zero.",
        """SELECT count(*) FROM (SELECT 1 FROM payments.entries GROUP BY journal_id, asset_id HAVING sum(amount) <> 0) t""",
    ),
    Invariant(
        "books_sum_to_zero",
        "Per tenant, realm and asset all entries sum to zero.",
        """SELECT count(*) FROM (SELECT 1 FROM payments.entries e JOIN payments.accounts a USING (account_id)
            GROUP BY a.tenant_id, a.realm, a.asset_id HAVING sum(e.amount) <> 0) t""",
    ),
    Invariant(
        "posted_is_the_folded_journal",
        "Each balance's posted amount is the sum of the entries below the fold's horizon.",
        f"""SELECT count(*) FROM payments.balances b
             LEFT JOIN (SELECT e.account_id, sum(e.amount) AS amount FROM payments.entries e CROSS JOIN payments.fold_state f
                         WHERE f.stream = 'ledger' AND {_FOLDED} GROUP BY e.account_id) t USING (account_id)
             LEFT JOIN payments.archived_balances o USING (account_id)
            WHERE b.posted <> coalesce(t.amount, 0) + coalesce(o.posted, 0)""",
    ),
    Invariant(
        "held_is_open_holds_and_tail",
        "Each balance's held amount is what open holds still keep, and what entries beyond the horizon will take from it.",
        f"""SELECT count(*) FROM payments.balances b
             LEFT JOIN ({_OPEN_HOLDS}) h USING (account_id)
             LEFT JOIN (SELECT e.account_id, sum(e.held_delta) AS held_delta FROM payments.entries e CROSS JOIN payments.fold_state f
                         WHERE f.stream = 'ledger' AND {_UNFOLDED} GROUP BY e.account_id) t USING (account_id)
            WHERE b.held <> coalesce(h.open, 0) - coalesce(t.held_delta, 0)""",
    ),
    Invariant(
        "nothing_overspent",
        "No guarded account has less than its floor after all entries and open holds.",
        f"""SELECT count(*) FROM payments.balances b
             LEFT JOIN ({_ALL}) t USING (account_id)
             LEFT JOIN ({_OPEN_HOLDS}) h USING (account_id)
            WHERE b.guarded AND coalesce(t.amount, 0) - coalesce(h.open, 0) < b.floor""",
    ),
    Invariant(
        "journals_are_whole",
        "Every journal has two lines or more and one key, within one tenant and realm, and no line finer than its asset.",
        """SELECT (SELECT count(*) FROM payments.journals j
                    LEFT JOIN (SELECT journal_id, count(*) AS n FROM payments.entries GROUP BY journal_id) e USING (journal_id)
                    LEFT JOIN (SELECT journal_id, count(*) AS n FROM payments.journal_keys GROUP BY journal_id) k USING (journal_id)
                   WHERE coalesce(e.n, 0) < 2 OR coalesce(k.n, 0) <> 1)
                + (SELECT count(*) FROM payments.entries e
                     LEFT JOIN payments.journals j USING (journal_id)
                     LEFT JOIN payments.accounts a USING (account_id)
                     LEFT JOIN payments.assets s ON s.asset_id = e.asset_id
                    WHERE j.journal_id IS NULL OR (j.tenant_id, j.realm, e.tenant_id) IS DISTINCT FROM (a.tenant_id, a.realm, a.tenant_id)
                       OR e.asset_id IS DISTINCT FROM a.asset_id
                       OR e.amount <> round(e.amount, s.scale) OR e.held_delta <> round(e.held_delta, s.scale))
                + (SELECT count(*) FROM payments.journal_keys k LEFT JOIN payments.journals j USING (journal_id)
                    WHERE (j.tenant_id IS DISTINCT FROM k.tenant_id
                           AND k.journal_id >= (SELECT f.archived_before FROM payments.fold_state f WHERE f.stream = 'ledger'))
                       OR (k.key LIKE 's/%') <> (k.principal_id = '00000000-0000-0000-0000-000000000000'))""",
    ),
    Invariant(
        "captures_are_booked",
        "What was captured of a hold, and what its last capture handed back, is exactly what entries say; and never more than the hold.",
        """SELECT (SELECT count(*) FROM payments.holds h
                    LEFT JOIN (SELECT hold_id, sum(amount) AS amount, sum(held_delta) AS held_delta FROM
                                 (SELECT hold_id, amount, held_delta FROM payments.entries WHERE hold_id IS NOT NULL
                                   UNION ALL SELECT hold_id, amount, held_delta FROM payments.archived_holds) a
                                GROUP BY hold_id) e USING (hold_id)
                   WHERE h.captured <> -coalesce(e.amount, 0) OR h.captured + h.freed <> -coalesce(e.held_delta, 0)
                      OR h.captured + h.freed > h.amount)
                + (SELECT count(*) FROM payments.entries e LEFT JOIN payments.holds h USING (hold_id)
                    WHERE e.hold_id IS NOT NULL AND h.account_id IS DISTINCT FROM e.account_id)""",
    ),
    Invariant(
        "implicit_holds_are_complete",
        "Every debit of a guarded account without a hold takes back exactly what it held; nothing else touches what is held.",
        """SELECT count(*) FROM payments.entries e JOIN payments.balances b USING (account_id)
            WHERE e.hold_id IS NULL AND e.held_delta <> CASE WHEN b.guarded AND e.amount < 0 THEN e.amount ELSE 0 END""",
    ),
    Invariant(
        "reversals_are_mirrors",
        "A journal is reversed at most once, by a journal of that kind whose lines are its own with the other sign.",
        """SELECT (SELECT count(*) FROM (SELECT 1 FROM payments.journals WHERE reverses IS NOT NULL
                                       GROUP BY reverses HAVING count(*) > 1) t)
                + (SELECT count(*) FROM payments.journals WHERE kind = 'reversal' AND reverses IS NULL)
                + (SELECT count(*) FROM payments.journals r
                    WHERE r.reverses >= (SELECT f.archived_before FROM payments.fold_state f WHERE f.stream = 'ledger')
                      AND (r.kind <> 'reversal'
                           OR EXISTS (SELECT e.account_id, -e.amount FROM payments.entries e WHERE e.journal_id = r.journal_id
                                      EXCEPT ALL SELECT e.account_id, e.amount FROM payments.entries e WHERE e.journal_id = r.reverses)
                           OR EXISTS (SELECT e.account_id, e.amount FROM payments.entries e WHERE e.journal_id = r.reverses
                                      EXCEPT ALL SELECT e.account_id, -e.amount FROM payments.entries e
                                       WHERE e.journal_id = r.journal_id)))""",
    ),
    Invariant(
        "seals_hold",
        "The seals form one unbroken chain over everything below the horizon, and (seen by the engine) recompute from the rows.",
        """SELECT (SELECT count(*) FROM (
                     SELECT s.prev IS DISTINCT FROM coalesce(lag(s.hash) OVER chain, CAST('' AS bytea))
                            OR s.seal_no <> row_number() OVER chain
                            OR (s.epoch = lag(s.epoch) OVER chain AND s.xid_from <> lag(s.xid_to) OVER chain) AS broken
                       FROM payments.seals s WINDOW chain AS (ORDER BY s.seal_no)) c WHERE c.broken)
                + (SELECT count(*) FROM payments.entries e CROSS JOIN payments.fold_state f
                     LEFT JOIN (SELECT epoch, min(xid_from) AS xid_from, max(xid_to) AS xid_to FROM payments.seals GROUP BY epoch) s
                       ON s.epoch = e.epoch  -- without gaps inside an epoch, as counted above
                    WHERE f.stream = 'ledger' AND (e.epoch, e.xid) < (f.epoch, f.w)
                      AND (e.xid >= s.xid_from AND e.xid < s.xid_to) IS NOT TRUE)
                + payments.count_broken_seals()""",
    ),
    Invariant(
        "keys_are_once",
        "One key of one principal stands for one journal, and one journal for one key.",
        """SELECT (SELECT count(*) FROM (SELECT 1 FROM payments.journal_keys GROUP BY tenant_id, principal_id, key HAVING count(*) > 1) t)
                + (SELECT count(*) FROM (SELECT 1 FROM payments.journal_keys GROUP BY journal_id HAVING count(*) > 1) t)""",
    ),
    Invariant(
        "rebuild_is_the_projection",
        "Balances rebuilt from zero (all entries, all open holds) are what customers are shown: row and tail.",
        f"""SELECT count(*) FROM payments.balances b
             CROSS JOIN payments.fold_state f
             LEFT JOIN ({_ALL}) t USING (account_id)
             LEFT JOIN ({_OPEN_HOLDS}) h USING (account_id)
             CROSS JOIN LATERAL (SELECT coalesce(sum(e.amount), 0) AS amount, coalesce(sum(e.held_delta), 0) AS held_delta
                                   FROM payments.entries e WHERE e.account_id = b.account_id AND {_UNFOLDED}) tail
            WHERE f.stream = 'ledger'
              AND (b.posted + tail.amount, b.held + tail.held_delta) <> (coalesce(t.amount, 0), coalesce(h.open, 0))""",
    ),
    Invariant(
        "days_are_the_journal",
        "What an account had at the end of the last closed day, and what was booked since, is all that was ever booked on it.",
        f"""SELECT count(*) FROM payments.balances b
             CROSS JOIN (SELECT max(ends_at) AS ends_at FROM payments.days) closed
             LEFT JOIN ({_ALL}) t USING (account_id)
             LEFT JOIN (SELECT DISTINCT ON (account_id) account_id, posted FROM payments.balance_daily
                         WHERE day <= (SELECT max(day) FROM payments.days) ORDER BY account_id, day DESC) d USING (account_id)
             LEFT JOIN (SELECT e.account_id, sum(e.amount) AS amount FROM payments.entries e JOIN payments.journals j USING (journal_id)
                         WHERE j.booked_at >= (SELECT max(ends_at) FROM payments.days) GROUP BY e.account_id) later USING (account_id)
            WHERE closed.ends_at IS NOT NULL
              AND coalesce(d.posted, 0) + coalesce(later.amount, 0) <> coalesce(t.amount, 0)""",
    ),
    Invariant(
        "entries_are_untouched",
        "No entry row of this epoch was ever updated: the row's own transaction is the one it was written by.",
        """SELECT count(*) FROM payments.entries e JOIN payments.fold_state f ON f.stream = 'ledger' AND f.epoch = e.epoch
            WHERE CAST(CAST(e.xmin AS text) AS bigint) <> mod(CAST(CAST(e.xid AS text) AS bigint), 4294967296)""",
    ),
    *PAYMENT_ORDERS,
    Invariant(
        "pool_and_suspense_keep_their_limits",
        "No day's rounding passes its cap or goes uncounted, and nothing lies in suspense longer than it may.",
        """SELECT (SELECT count(*) FROM (
                     SELECT a.tenant_id, s.code AS asset, CAST(j.booked_at AT TIME ZONE 'UTC' AS date) AS day, sum(abs(e.amount)) AS used
                       FROM payments.journals j
                       JOIN payments.entries e USING (journal_id)
                       JOIN payments.accounts a USING (account_id)
                       JOIN payments.assets s ON s.asset_id = a.asset_id
                      WHERE j.kind = 'rounding' AND a.kind = 'pool' GROUP BY 1, 2, 3) t
                     LEFT JOIN payments.rounding_days d USING (tenant_id, asset, day)
                    WHERE t.used > coalesce(least(d.used, d.cap), 0))
                + (SELECT count(*) FROM payments.recon_items i JOIN payments.tickets t ON t.item_id = i.id
                    WHERE i.suspended AND i.state <> 'resolved' AND t.due_at < kernel.business_now())""",
    ),
)

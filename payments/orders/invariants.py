"""What must always hold of payment orders and their stock; part of the ledger's list, counted in the same snapshot.

The pay journal of a very old order may lie in an archived month: its key is still counted, its lines only where they are.
"""

from __future__ import annotations

from kernel.invariants import Invariant

_FOLDED = "(e.epoch, e.xid) < (f.epoch, f.w)"
_UNFOLDED = "(e.epoch, e.xid) >= (f.epoch, f.w)"

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "payment_orders_are_whole",
        "A payment order is paid exactly when one journal under its key took exactly its amount from its captured hold; what was reserved"
        " has its open hold, what ended unpaid has none; refunds are numbered and never exceed the payment.",
        """WITH pays AS (
               SELECT k.tenant_id, substr(k.key, 7) AS order_text, count(*) AS keys, count(j.journal_id) AS journals,
                      bool_or(j.kind = 'payment') AS ours, sum(-l.payer) AS paid, any_value(l.hold_id) AS hold_id
                 FROM payments.journal_keys k
                 LEFT JOIN payments.journals j USING (journal_id)
                 LEFT JOIN LATERAL (SELECT sum(e.amount) AS payer, any_value(e.hold_id) AS hold_id FROM payments.entries e
                                     WHERE e.journal_id = j.journal_id AND e.hold_id IS NOT NULL) l ON true
                WHERE starts_with(k.key, 's/pay:') GROUP BY 1, 2),
           refunds AS (
               SELECT k.tenant_id, split_part(substr(k.key, 10), ':', 1) AS order_text, count(*) AS n, count(j.journal_id) AS journals,
                      sum(l.amount) AS amount
                 FROM payments.journal_keys k
                 LEFT JOIN payments.journals j USING (journal_id)
                 LEFT JOIN LATERAL (SELECT sum(e.amount) AS amount FROM payments.entries e
                                     WHERE e.journal_id = j.journal_id AND e.amount > 0) l ON true
                WHERE starts_with(k.key, 's/refund:') GROUP BY 1, 2)
           SELECT (SELECT count(*) FROM (SELECT *, CAST(order_id AS text) AS order_text FROM payments.orders) o
                     LEFT JOIN pays p USING (tenant_id, order_text)
                     LEFT JOIN refunds r USING (tenant_id, order_text)
                     LEFT JOIN payments.holds h ON h.hold_id = o.hold_id
                    WHERE (o.state IN ('paid', 'partially_refunded', 'refunded')) <> (coalesce(p.keys, 0) = 1)
                       OR p.journals > 0 AND (p.paid, p.hold_id) IS DISTINCT FROM (CAST(o.amount AS numeric), o.hold_id)
                       OR h.state IS DISTINCT FROM CASE
                              WHEN o.hold_id IS NULL THEN NULL WHEN o.state = 'reserved' THEN 'open'
                              WHEN o.state = 'cancelled' THEN 'voided' WHEN o.state = 'expired' THEN 'expired' ELSE 'captured' END
                       OR o.hold_id IS NOT NULL AND (CAST(h.amount AS numeric), h.account_id, h.order_id)
                              IS DISTINCT FROM (CAST(o.amount AS numeric), o.payer_account, o.order_id)
                       OR coalesce(r.n, 0) <> o.refunds
                       OR r.journals = r.n AND r.amount <> o.refunded
                       OR o.refunded > o.amount OR (o.refunded = o.amount) <> (o.state = 'refunded'))
                + (SELECT count(*) FROM pays p LEFT JOIN payments.orders o
                          ON o.tenant_id = p.tenant_id AND CAST(o.order_id AS text) = p.order_text
                    WHERE p.ours AND o.order_id IS NULL)""",
    ),
    Invariant(
        "payment_legs_are_booked",
        "What each receiver of a payment order got and gave back adds up to the order, and to what its journals say.",
        """SELECT (SELECT count(*) FROM payments.orders o
                     LEFT JOIN (SELECT order_id, sum(amount) AS amount, sum(refunded) AS refunded FROM payments.order_legs
                                 GROUP BY order_id) l USING (order_id)
                    WHERE (o.paid_at IS NULL AND l.order_id IS NOT NULL)
                       OR (o.paid_at IS NOT NULL AND
                           (l.amount, l.refunded) IS DISTINCT FROM (CAST(o.amount AS numeric), CAST(o.refunded AS numeric))))
                + (SELECT count(*) FROM (
                     WITH here AS (
                         SELECT j.order_id FROM payments.journals j JOIN payments.orders o USING (order_id) WHERE j.kind = 'payment'),
                     booked AS (
                         SELECT j.order_id, e.account_id, sum(e.amount) AS amount
                           FROM here JOIN payments.journals j USING (order_id) JOIN payments.entries e USING (journal_id)
                          WHERE j.kind = 'payment' AND e.hold_id IS NULL OR j.kind = 'refund' AND e.amount < 0 GROUP BY 1, 2),
                     told AS (
                         SELECT l.order_id, l.account_id, sum(l.amount - l.refunded) AS amount
                           FROM here JOIN payments.order_legs l USING (order_id) GROUP BY 1, 2)
                     SELECT 1 FROM booked FULL JOIN told USING (order_id, account_id)
                      WHERE coalesce(booked.amount, 0) <> coalesce(told.amount, 0)) t)""",
    ),
    Invariant(
        "stock_is_the_folded_moves",
        "Units on hand are the moves below the fold's horizon; reserved ones are those of reserved orders and of moves beyond it.",
        f"""SELECT count(*) FROM payments.inventory i
             LEFT JOIN (SELECT e.tenant_id, e.sku, sum(e.d_on_hand) AS d_on_hand FROM payments.inv_moves e CROSS JOIN payments.fold_state f
                         WHERE f.stream = 'inventory' AND {_FOLDED} GROUP BY 1, 2) folded USING (tenant_id, sku)
             LEFT JOIN (SELECT e.tenant_id, e.sku, sum(e.d_reserved) AS d_reserved FROM payments.inv_moves e
                         CROSS JOIN payments.fold_state f WHERE f.stream = 'inventory' AND {_UNFOLDED} GROUP BY 1, 2) tail
                   USING (tenant_id, sku)
             LEFT JOIN (SELECT tenant_id, sku, sum(qty) AS qty FROM payments.orders WHERE state = 'reserved' GROUP BY 1, 2) o
                   USING (tenant_id, sku)
            WHERE i.on_hand <> coalesce(folded.d_on_hand, 0)
               OR i.reserved <> coalesce(o.qty, 0) - coalesce(tail.d_reserved, 0)""",
    ),
    Invariant(
        "nothing_oversold",
        "No SKU has more units reserved than there are, after all moves; each paid order moved its units out once.",
        """SELECT (SELECT count(*) FROM payments.inventory i
                     LEFT JOIN (SELECT tenant_id, sku, sum(d_on_hand) AS units FROM payments.inv_moves GROUP BY 1, 2) m
                           USING (tenant_id, sku)
                     LEFT JOIN (SELECT tenant_id, sku, sum(qty) AS qty FROM payments.orders WHERE state = 'reserved' GROUP BY 1, 2) o
                           USING (tenant_id, sku)
                    WHERE i.reserved < 0 OR coalesce(m.units, 0) - coalesce(o.qty, 0) < 0)
                + (SELECT count(*) FROM payments.orders o
                     LEFT JOIN (SELECT order_id, sum(d_on_hand) AS units FROM payments.inv_moves WHERE order_id IS NOT NULL
                                 GROUP BY order_id) m USING (order_id)
                    WHERE coalesce(m.units, 0) <> CASE WHEN o.paid_at IS NULL THEN 0 ELSE o.returned - o.qty END)""",
    ),
)

"""What must always hold between fills, the lines of revenue made of them, and the ledger, as SQL counts."""

from kernel.invariants import Invariant

INVARIANTS = (
    Invariant(
        "revenue_matches_ledger",
        "What fills earned and cost is what the ledger's revenue and expense accounts have for their journals",
        """WITH kept AS (SELECT archived_before FROM payments.fold_state WHERE stream = 'ledger'),
                f AS (SELECT f.*, o.side, o.quote_asset FROM broker.fills f JOIN broker.orders o ON o.id = f.order_id, kept
                       WHERE f.journal_id >= kept.archived_before),
                said AS (
                  SELECT tenant_id, 'revenue.trade_fee:' || quote_asset AS path, customer_fee AS amount FROM f WHERE owner = 'customer'
                  UNION ALL SELECT tenant_id, 'revenue.spread:' || quote_asset,
                                   CASE side WHEN 'buy' THEN customer_cost - venue_cost ELSE venue_cost - customer_cost END
                              FROM f WHERE owner = 'customer'
                  UNION ALL SELECT tenant_id, 'expense.venue_fee:' || venue_fee_asset, -venue_fee FROM f
                  UNION ALL SELECT e.tenant_id, a.path, -e.amount
                              FROM payments.accounts a JOIN payments.entries e USING (account_id)
                              JOIN payments.journals j USING (journal_id)
                             WHERE split_part(a.path, ':', 1) IN ('revenue.trade_fee', 'revenue.spread', 'expense.venue_fee')
                               AND j.kind IN ('trade', 'house_position'))
           SELECT count(*) FROM (SELECT FROM said GROUP BY tenant_id, path HAVING sum(amount) <> 0) wrong""",
    ),
    Invariant(
        "house_is_flat",
        "The house holds nothing but what late fills left with it: house.trading moves with no other fill",
        """WITH kept AS (SELECT archived_before FROM payments.fold_state WHERE stream = 'ledger'),
                f AS (SELECT f.*, o.base_asset, o.quote_asset, CASE o.side WHEN 'buy' THEN 1 ELSE -1 END AS sign
                        FROM broker.fills f JOIN broker.orders o ON o.id = f.order_id, kept
                       WHERE f.owner = 'house' AND f.journal_id >= kept.archived_before),
                said AS (
                  SELECT tenant_id, 'house.trading:' || base_asset AS path, sign * quantity AS amount FROM f
                  UNION ALL SELECT tenant_id, 'house.trading:' || quote_asset, -sign * venue_cost FROM f
                  UNION ALL SELECT e.tenant_id, a.path, -e.amount
                              FROM payments.accounts a JOIN payments.entries e USING (account_id)
                              JOIN payments.journals j USING (journal_id)
                             WHERE split_part(a.path, ':', 1) = 'house.trading' AND j.kind IN ('trade', 'house_position'))
           SELECT count(*) FROM (SELECT FROM said GROUP BY tenant_id, path HAVING sum(amount) <> 0) wrong""",
    ),
    Invariant(
        "accounted_once",
        "Every accounted fill has its line of revenue, and no other has one",
        """SELECT count(*) FROM broker.fills f FULL JOIN broker.revenue r ON r.fill_id = f.id
            WHERE coalesce(f.accounted, false) <> (r.fill_id IS NOT NULL)""",
    ),
    Invariant(
        "volumes_are_sums",
        "The volumes of customers and venues are the sums of their lines of revenue",
        """SELECT (SELECT count(*) FROM (SELECT tenant_id, customer_id, day, volume, fills FROM broker.customer_volumes) v
                     FULL JOIN (SELECT tenant_id, customer_id, CAST(booked_at AT TIME ZONE 'UTC' AS date) AS day, sum(volume) AS volume,
                                       count(*) AS fills FROM broker.revenue WHERE owner = 'customer' GROUP BY 1, 2, 3) r
                          USING (tenant_id, customer_id, day)
                    WHERE (v.volume, v.fills) IS DISTINCT FROM (r.volume, r.fills))
                + (SELECT count(*) FROM (SELECT tenant_id, venue, day, volume, fills FROM broker.venue_volumes) v
                     FULL JOIN (SELECT tenant_id, venue, CAST(booked_at AT TIME ZONE 'UTC' AS date) AS day, sum(volume) AS volume,
                                       count(*) AS fills FROM broker.revenue GROUP BY 1, 2, 3) r USING (tenant_id, venue, day)
                    WHERE (v.volume, v.fills) IS DISTINCT FROM (r.volume, r.fills))""",
    ),
    Invariant(
        "positions_are_sums",
        "The house's positions are what the accounted fills left with it",
        """WITH said AS (
                  SELECT r.tenant_id, r.quote_asset AS asset, r.trade_fee + r.spread AS amount FROM broker.revenue r
                  UNION ALL SELECT tenant_id, fee_asset, -venue_fee FROM broker.revenue
                  UNION ALL SELECT r.tenant_id, split_part(r.symbol, '-', 1), CASE r.side WHEN 'buy' THEN r.quantity ELSE -r.quantity END
                              FROM broker.revenue r WHERE r.owner = 'house'
                  UNION ALL SELECT r.tenant_id, r.quote_asset, CASE r.side WHEN 'buy' THEN -r.venue_cost ELSE r.venue_cost END
                              FROM broker.revenue r WHERE r.owner = 'house'
                  UNION ALL SELECT tenant_id, asset, -quantity FROM broker.positions)
           SELECT count(*) FROM (SELECT FROM said GROUP BY tenant_id, asset HAVING sum(amount) <> 0) wrong""",
    ),
)

"""What must always hold for orders, as SQL counts."""

from kernel.invariants import Invariant

INVARIANTS = (
    Invariant(
        "order_sums_equal_fills",
        "An order's filled quantity, cost and fee are the sums of its fills",
        """SELECT count(*) FROM broker.orders o
             LEFT JOIN LATERAL (SELECT coalesce(sum(quantity), 0) q, coalesce(sum(customer_cost), 0) c, coalesce(sum(customer_fee), 0) f
                                  FROM broker.fills WHERE order_id = o.id AND owner = 'customer') s ON true
            WHERE (o.filled_quantity, o.filled_cost, o.fee) IS DISTINCT FROM (s.q, s.c, s.f)""",
    ),
    Invariant(
        "every_fill_has_one_journal",
        "Every fill has exactly one journal, and every trade journal its fill",
        """SELECT (SELECT count(*) FROM broker.fills f
                    WHERE NOT EXISTS (SELECT 1 FROM payments.journals j WHERE j.journal_id = f.journal_id))
                + (SELECT count(*) FROM payments.journals j WHERE j.kind IN ('trade', 'house_position')
                      AND NOT EXISTS (SELECT 1 FROM broker.fills f WHERE f.journal_id = j.journal_id))""",
    ),
    Invariant(
        "child_fills_agree",
        "A venue order's filled quantity is the sum of its fills",
        """SELECT count(*) FROM broker.venue_orders v
            WHERE v.filled_quantity <> (SELECT coalesce(sum(quantity), 0) FROM broker.fills f WHERE f.venue_order_id = v.id)""",
    ),
    Invariant(
        "closed_orders_hold_nothing",
        "A finished order has no open hold and no live child",
        """SELECT count(*) FROM broker.orders o WHERE o.status IN ('filled', 'cancelled', 'expired', 'rejected')
              AND (EXISTS (SELECT 1 FROM payments.holds h WHERE h.hold_id = o.hold_id AND h.state = 'open')
                OR EXISTS (SELECT 1 FROM broker.venue_orders v WHERE v.order_id = o.id
                              AND v.status IN ('intent', 'unknown', 'open', 'partially_filled')))""",
    ),
    Invariant(
        "open_orders_are_held",
        "An open order has an open hold",
        """SELECT count(*) FROM broker.orders o WHERE o.status IN ('accepted', 'working', 'resting', 'triggered')
              AND o.filled_quantity < o.quantity
              AND NOT EXISTS (SELECT 1 FROM payments.holds h WHERE h.hold_id = o.hold_id AND h.state = 'open')""",
    ),
    Invariant(
        "no_order_without_owner",
        "A working order has a live child, a resting one has none",
        """SELECT count(*) FROM broker.orders o
             JOIN LATERAL (SELECT count(*) AS live FROM broker.venue_orders v WHERE v.order_id = o.id
                              AND v.status IN ('intent', 'unknown', 'open', 'partially_filled')) c ON true
            WHERE (o.status = 'working' AND c.live = 0) OR (o.status = 'resting' AND c.live > 0)
               OR o.status IN ('accepted', 'triggered')""",
    ),
    Invariant(
        "reservations_match_children",
        "What is reserved at venues is what live venue orders reserve",
        """SELECT count(*) FROM (SELECT tenant_id, venue, asset, reserved FROM wallet_bridge.funds) f
             FULL JOIN (SELECT tenant_id, venue, reserved_asset AS asset, sum(reserved) AS reserved FROM broker.venue_orders
                         GROUP BY 1, 2, 3) c USING (tenant_id, venue, asset)
            WHERE coalesce(f.reserved, 0) <> coalesce(c.reserved, 0)""",
    ),
    Invariant(
        "sent_once",
        "Every venue order has exactly one call, and no client order id was used twice",
        """SELECT count(*) FROM broker.venue_orders v
            WHERE (SELECT count(*) FROM kernel.calls k WHERE k.kind = 'venues.place' AND k.ref = v.client_order_id
                      AND k.lane = v.venue || ':' || v.tenant_id) <> 1""",
    ),
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

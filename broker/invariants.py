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
              AND (EXISTS (SELECT 1 FROM payments.holds h WHERE h.hold_id = o.hold_id AND h.state = 'open'
                              AND NOT EXISTS (SELECT 1 FROM broker.orders twin WHERE twin.group_id = o.group_id AND twin.id <> o.id
                                                 AND twin.status IN ('accepted', 'working', 'resting', 'triggered')))
                OR EXISTS (SELECT 1 FROM broker.allocations a JOIN broker.venue_orders v ON v.id = a.child_id WHERE a.order_id = o.id
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
        "holds_cover_open_orders",
        "What an open order can still cost at worst, its fee included, is held for it",
        """SELECT count(*) FROM broker.orders o JOIN payments.holds h ON h.hold_id = o.hold_id
            WHERE o.status IN ('accepted', 'working', 'resting', 'triggered')
              AND h.amount - h.captured < CASE o.side WHEN 'sell' THEN o.quantity - o.filled_quantity
                ELSE (o.filled_cost + (o.quantity - o.filled_quantity) * o.protect_price)
                       * (1 + CASE WHEN o.taker_cost IS NULL THEN o.fee_rate ELSE coalesce(o.maker_rate, o.fee_rate) END)
                     + coalesce((o.fee_rate - o.maker_rate) * o.taker_cost, 0) - o.filled_cost - o.fee END""",
    ),
    Invariant(
        "no_order_without_owner",
        "A working order has a live child, a resting one has none",
        """SELECT count(*) FROM broker.orders o
             JOIN LATERAL (SELECT count(*) AS live FROM broker.allocations a JOIN broker.venue_orders v ON v.id = a.child_id
                            WHERE a.order_id = o.id AND v.status IN ('intent', 'unknown', 'open', 'partially_filled')) c ON true
            WHERE (o.status = 'working' AND c.live = 0) OR (o.status = 'resting' AND c.live > 0)
               OR o.status IN ('accepted', 'triggered')""",
    ),
    Invariant(
        "reservations_match_children",
        "What is reserved at venues is what live venue orders reserve, and transfers of treasury that have not left",
        """SELECT count(*) FROM (SELECT tenant_id, venue, asset, reserved FROM wallet_bridge.funds) f
             FULL JOIN (SELECT tenant_id, venue, asset, sum(reserved) AS reserved FROM (
                            SELECT tenant_id, venue, reserved_asset AS asset, reserved FROM broker.venue_orders
                            UNION ALL
                            SELECT tenant_id, source, asset, amount + fee FROM wallet_bridge.treasury_transfers
                             WHERE state IN ('reserved', 'sent', 'unknown') AND NOT starts_with(source, 'wallet:')) wanted
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
        "a_pair_works_once",
        "Of the legs of a pair one at most is at work, and once one has traded the others are closed",
        """SELECT count(*) FROM (SELECT group_id FROM broker.orders WHERE group_id IS NOT NULL GROUP BY group_id
            HAVING count(*) FILTER (WHERE status IN ('triggered', 'working')) > 1
                OR count(*) FILTER (WHERE filled_quantity > 0) > 1
                OR (count(*) FILTER (WHERE filled_quantity > 0) > 0 AND count(*) FILTER (WHERE status = 'resting') > 1)) broken""",
    ),
    Invariant(
        "slices_are_their_trade",
        "The fills of a venue's trade are exactly its quantity, cost and fee, and every fill belongs to a trade",
        """SELECT count(*) FROM (SELECT tenant_id, venue, symbol, trade_id, venue_order_id AS child_id, sum(quantity) q, sum(venue_cost) c,
                                        sum(venue_fee) f FROM broker.fills GROUP BY 1, 2, 3, 4, 5) s
             FULL JOIN broker.executions e USING (tenant_id, venue, symbol, trade_id, child_id)
            WHERE (s.q, s.c, s.f) IS DISTINCT FROM (e.quantity, e.venue_cost, e.venue_fee)""",
    ),
    Invariant(
        "allocations_are_their_child",
        "A venue order is allocated to orders in full, and each has got of it what its fills say",
        """SELECT (SELECT count(*) FROM broker.venue_orders v
                    WHERE v.quantity <> (SELECT coalesce(sum(quantity), 0) FROM broker.allocations a WHERE a.child_id = v.id))
                + (SELECT count(*) FROM broker.allocations a
                    WHERE a.filled_quantity <> (SELECT coalesce(sum(quantity), 0) FROM broker.fills f WHERE f.venue_order_id = a.child_id
                                                   AND f.order_id = a.order_id AND f.owner = 'customer'))""",
    ),
    Invariant(
        "shares_in_time_priority",
        "Nobody gets anything of a venue order while somebody before wants more of it",
        """SELECT count(*) FROM broker.allocations a JOIN broker.allocations b ON b.child_id = a.child_id AND b.rank = a.rank + 1
             JOIN broker.orders o ON o.id = a.order_id
            WHERE b.filled_quantity > 0 AND a.filled_quantity < a.quantity AND o.filled_quantity < o.quantity
              AND o.status NOT IN ('cancelled', 'expired', 'rejected')""",
    ),
)

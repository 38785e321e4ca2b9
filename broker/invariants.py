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
)

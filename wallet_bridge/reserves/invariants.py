"""What must always hold of the newest proof of reserves of each house, as SQL counts; older ones are sealed by their signatures."""

from kernel.invariants import Invariant

_NEWEST = """(SELECT DISTINCT ON (tenant_id) tenant_id, id FROM wallet_bridge.reserve_snapshots
                        WHERE state = 'published' ORDER BY tenant_id, id DESC)"""

INVARIANTS = (
    Invariant(
        "reserves_are_their_leaves",
        "Each root of the newest proof of reserves stands for exactly its leaves, all at or above zero and in one unbroken row",
        f"""SELECT count(*) FROM {_NEWEST} n
             JOIN wallet_bridge.reserve_trees t ON t.snapshot_id = n.id
             FULL JOIN (SELECT l.snapshot_id, l.asset, count(*) AS leaves, sum(l.amount) AS amount, min(l.amount) AS least,
                               min(l.position) AS first, max(l.position) AS last
                          FROM {_NEWEST} n JOIN wallet_bridge.reserve_leaves l ON l.snapshot_id = n.id GROUP BY 1, 2) l
               ON l.snapshot_id = t.snapshot_id AND l.asset = t.asset
            WHERE (t.leaves, t.liabilities, 0, t.leaves - 1) IS DISTINCT FROM (l.leaves, l.amount, l.first, l.last)
               OR l.least < 0 OR t.root IS NULL""",
    ),
    Invariant(
        "reserves_are_the_liabilities",
        "What the newest proof of reserves proves is what the ledger owed customers at that moment",
        f"""SELECT count(*) FROM {_NEWEST} n JOIN wallet_bridge.reserve_trees t ON t.snapshot_id = n.id
            WHERE t.liabilities <> t.ledger""",
    ),
)

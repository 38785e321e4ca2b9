"""What must always hold for deposits: each is in the books once, with whom its row says, and no more often than the chain has it.

The journals of an old deposit may lie in an archived month; its id is older than they are.
"""

from kernel.invariants import Invariant
from payments.standing import BOOK

_RECENT = "d.id >= (SELECT f.archived_before FROM payments.fold_state f WHERE f.stream = 'ledger')"

INVARIANTS = (
    Invariant(
        "deposits_have_their_journals",
        "A deposit has as many credits in the journal as its row counts, and the one that stands is among them",
        f"""SELECT count(*) FROM wallet_bridge.deposits d
             LEFT JOIN LATERAL (SELECT count(*) AS credits, count(*) FILTER (WHERE j.journal_id = d.journal_id) AS standing
                                  FROM payments.journals j
                                 WHERE j.order_id = d.id AND j.kind IN ('deposit', 'deposit_kept')) j ON true
            WHERE {_RECENT} AND (j.credits <> d.bookings OR j.standing <> CASE WHEN d.journal_id IS NULL THEN 0 ELSE 1 END)""",
    ),
    Invariant(
        "deposits_are_credited_once",
        "A deposit gave its customer its amount in the journal while it is credited, and else what was missing when it was reversed",
        f"""SELECT count(*) FROM wallet_bridge.deposits d
             LEFT JOIN LATERAL (SELECT sum(e.amount) AS got FROM payments.journals j JOIN payments.entries e USING (journal_id)
                                  JOIN payments.accounts a USING (account_id)
                                 WHERE j.order_id = d.id AND a.kind = 'customer') j ON true
            WHERE {_RECENT} AND coalesce(j.got, 0) <> CASE WHEN d.place = 'customer' THEN d.booked ELSE 0 END + d.shortage""",
    ),
    Invariant(
        "deposits_reversed_have_their_mirror",
        "A reversed deposit has its mirror in the journal, and no credit has two",
        f"""SELECT count(*) FROM wallet_bridge.deposits d
             LEFT JOIN LATERAL (SELECT count(*) AS mirrors, count(DISTINCT j.meta ->> 'mirrors') AS mirrored FROM payments.journals j
                                 WHERE j.order_id = d.id AND j.kind = 'deposit_reversed') j ON true
            WHERE {_RECENT} AND (j.mirrors <> j.mirrored OR (d.status = 'reversed' AND j.mirrors = 0))""",
    ),
    Invariant(
        "deposits_below_a_unit_are_carried",
        "A deposit below the books' smallest unit is carried with its wallet while it is in a block, and no other is",
        """SELECT count(*) FROM wallet_bridge.deposits d LEFT JOIN payments.assets a ON a.code = d.asset
            WHERE d.fine <> CASE WHEN d.place IS NULL AND d.status IN ('below_minimum', 'suspense')
                                      AND d.reason IS DISTINCT FROM 'asset_unknown' AND trunc(d.amount, a.scale) = 0
                                 THEN d.amount ELSE 0 END""",
    ),
    Invariant(
        "deposits_that_wait_are_kept",
        "What waits for a person stands on the house's account for it, and nothing else does",
        f"""SELECT count(*) FROM (
                SELECT a.tenant_id, a.path, a.posted AS amount FROM {BOOK} a
                 WHERE a.kind = 'suspense' AND starts_with(a.path, 'deposits.')) book
             FULL JOIN (SELECT tenant_id, 'deposits.' || place || ':' || asset AS path, sum(booked) AS amount
                          FROM wallet_bridge.deposits WHERE place IN ('held', 'suspense', 'small') GROUP BY 1, 2) ours
                    USING (tenant_id, path)
            WHERE coalesce(book.amount, 0) <> coalesce(ours.amount, 0)""",
    ),
)

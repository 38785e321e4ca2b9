"""What must always hold for funds at venues, what customers send, what leaves, and the proof of reserves, as SQL counts."""

from kernel.invariants import Invariant
from wallet_bridge.deposits.invariants import INVARIANTS as DEPOSITS
from wallet_bridge.refunds.invariants import INVARIANTS as REFUNDS
from wallet_bridge.reserves.invariants import INVARIANTS as RESERVES
from wallet_bridge.withdrawals.invariants import INVARIANTS as WITHDRAWALS

INVARIANTS = (
    Invariant(
        "funds_reserved_not_negative",
        "Nothing reserved at a venue is negative",
        "SELECT count(*) FROM wallet_bridge.funds WHERE reserved < 0",
    ),
    *DEPOSITS,
    *REFUNDS,
    *WITHDRAWALS,
    *RESERVES,
    Invariant(
        "treasury_transit_is_its_transfers",
        "What lies in transit is what open transfers of treasury have there; a closed one leaves nothing",
        """SELECT count(*) FROM (
               SELECT tenant_id, asset, sum(booked) AS booked, sum(open) AS open FROM (
                   SELECT a.tenant_id, substr(a.path, 21) AS asset, -e.amount AS booked, 0 AS open
                     FROM payments.accounts a JOIN payments.entries e USING (account_id) WHERE a.path LIKE 'in_transit.treasury:%'
                   UNION ALL
                   SELECT tenant_id, asset, 0, left_amount - coalesce(arrived_amount, 0) FROM wallet_bridge.treasury_transfers
                    WHERE state IN ('in_transit', 'arrived', 'closed')) both_sides
                GROUP BY tenant_id, asset) sums
            WHERE booked <> open""",
    ),
    Invariant(
        "treasury_closed_is_whole",
        "A closed transfer of treasury has arrived as it left",
        """SELECT count(*) FROM wallet_bridge.treasury_transfers
            WHERE state = 'closed' AND arrived_amount IS DISTINCT FROM left_amount""",
    ),
    Invariant(
        "treasury_transfer_has_one_call",
        "A transfer of treasury is sent once: from its reservation on it has exactly one call, before it none",
        """SELECT count(*) FROM wallet_bridge.treasury_transfers t
            WHERE (SELECT count(*) FROM kernel.calls c
                    WHERE c.tenant_id = t.tenant_id
                      AND CASE WHEN starts_with(t.source, 'wallet:')
                               THEN c.kind = 'custody.transfer' AND c.ref = 't/' || t.tenant_id || '/' || t.id
                               ELSE c.kind = 'wallet.treasury_withdraw' AND c.ref = replace(CAST(t.id AS text), '-', '') END)
                  <> CASE WHEN t.approved_at IS NULL THEN 0 ELSE 1 END""",
    ),
    Invariant(
        "cold_spend_has_one_call",
        "The custodian is asked once for a payment out of the cold wallet, and only after a second person agreed",
        """SELECT count(*) FROM wallet_bridge.cold_spends s
            WHERE (SELECT count(*) FROM kernel.calls c
                    WHERE c.tenant_id = s.tenant_id AND c.kind = 'custody.transfer' AND c.ref = 'c/' || s.tenant_id || '/' || s.id)
                  <> CASE WHEN s.approved_at IS NULL THEN 0 ELSE 1 END""",
    ),
    Invariant(
        "treasury_wallet_arrivals_are_booked_once",
        "What came to the custodian and ended a transfer is the deposit of that transfer, and of no other",
        """SELECT count(*) FROM wallet_bridge.house_deposits d
             FULL JOIN (SELECT * FROM wallet_bridge.treasury_transfers
                         WHERE starts_with(destination, 'wallet:') AND deposit_ref IS NOT NULL) t
               ON t.id = d.transfer_id AND t.tenant_id = d.tenant_id
            WHERE CASE WHEN t.id IS NULL THEN d.state = 'arrived'
                       ELSE d.state IS DISTINCT FROM 'arrived' OR t.deposit_ref <> d.txid || ':' || d.output
                            OR t.destination <> 'wallet:' || d.network OR t.asset <> d.asset END""",
    ),
    Invariant(
        "treasury_settled_by_two",
        "A transfer that people settled was agreed to by two, and nothing else was settled",
        """SELECT count(*) FROM wallet_bridge.treasury_transfers t
            WHERE (t.state = 'settled') <> EXISTS (SELECT FROM identity.approvals a
                    WHERE a.tenant_id = t.tenant_id AND a.kind = 'wallet.treasury_settlement' AND a.resource_id = t.id
                      AND a.state = 'carried_out' AND a.maker = t.settle_asked_by AND a.checker = t.settled_by)""",
    ),
    Invariant(
        "treasury_decided_by_two",
        "What people said of a transfer that nobody could tell was agreed to by two, and the transfer is unknown no more",
        """SELECT count(*) FROM wallet_bridge.treasury_transfers t JOIN identity.approvals a ON a.id = t.deciding
            WHERE a.kind <> 'wallet.treasury_decision' OR a.resource_id <> t.id OR a.checker IS NULL OR a.maker = a.checker
               OR (a.state = 'carried_out' AND t.state = 'unknown')""",
    ),
)

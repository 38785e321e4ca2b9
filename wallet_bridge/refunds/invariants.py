"""What must always hold of payments back to senders, as SQL counts: each was agreed to by two, asked for once, and is in the books once."""

from __future__ import annotations

from kernel.ids import SYSTEM
from kernel.invariants import Invariant
from payments.standing import BOOK

_BOOKED = f"""EXISTS (SELECT FROM payments.journal_keys k
                       WHERE k.tenant_id = r.tenant_id AND k.principal_id = '{SYSTEM}' AND k.key = 's/wallet.refund:' || r.id)"""

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "refunds_have_their_two_people",
        "A deposit goes back as two people agreed, and the custodian is asked for it once",
        """SELECT count(*) FROM wallet_bridge.deposit_refunds r
            WHERE NOT EXISTS (SELECT FROM identity.approvals a
                               WHERE a.tenant_id = r.tenant_id AND a.kind = 'wallet.deposit_refund' AND a.resource_id = r.deposit_id
                                 AND a.state = 'carried_out' AND a.maker = r.asked_by AND a.checker = r.approved_by)
               OR (SELECT count(*) FROM kernel.calls c
                    WHERE c.tenant_id = r.tenant_id AND c.kind = 'custody.transfer' AND c.ref = 'r/' || r.tenant_id || '/' || r.id) <> 1""",
    ),
    Invariant(
        "refunds_are_paid_once",
        "A payment back is in the journal when it is final, and its deposit names it; nothing else is",
        f"""SELECT count(*) FROM wallet_bridge.deposit_refunds r JOIN wallet_bridge.deposits d ON d.id = r.deposit_id
             WHERE (r.state = 'final') <> {_BOOKED} OR (r.state = 'final') <> (d.refund_id = r.id AND d.refund_txid IS NOT NULL)
                OR (r.state = 'final' AND d.refund_txid IS DISTINCT FROM r.txid)""",
    ),
    Invariant(
        "refunds_are_their_deposits",
        "A deposit is on its way back while its payment is open, and never without one",
        """SELECT count(*) FROM (SELECT * FROM wallet_bridge.deposits WHERE refund_id IS NOT NULL AND refund_txid IS NULL) d
             FULL JOIN (SELECT * FROM wallet_bridge.deposit_refunds WHERE ended_at IS NULL) r ON r.id = d.refund_id AND r.deposit_id = d.id
            WHERE d.id IS NULL OR r.id IS NULL OR d.tenant_id <> r.tenant_id""",
    ),
    Invariant(
        "refunds_lost_are_receivable",
        "What was sent back of deposits that the chain does not have is owed to the house, and nothing else is",
        f"""SELECT count(*) FROM (
                SELECT a.tenant_id, a.path, a.posted AS amount FROM {BOOK} a
                 WHERE a.kind = 'receivable' AND starts_with(a.path, 'deposits.receivable.refunds:')) book
             FULL JOIN (SELECT r.tenant_id, 'deposits.receivable.refunds:' || r.asset AS path,
                               sum(CASE WHEN d.place = 'refunded' THEN d.booked ELSE 0 END - r.amount - r.fee) AS amount
                          FROM wallet_bridge.deposit_refunds r JOIN wallet_bridge.deposits d ON d.id = r.deposit_id
                         WHERE r.state = 'final' GROUP BY 1, 2) ours USING (tenant_id, path)
            WHERE coalesce(book.amount, 0) <> coalesce(ours.amount, 0)""",
    ),
    Invariant(
        "refunds_are_uncontradicted",
        "The custodian says nothing of a payment back that cannot be: no other end than the one that was booked, no other payment",
        "SELECT count(*) FROM wallet_bridge.deposit_refunds WHERE contradiction IS NOT NULL",
    ),
)

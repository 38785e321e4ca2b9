"""What must always hold of withdrawals, as SQL counts: each has its hold or its one journal, never both and never neither."""

from __future__ import annotations

from kernel.ids import SYSTEM
from kernel.invariants import Invariant

_BOOKED = f"""EXISTS (SELECT FROM payments.journal_keys k
                       WHERE k.tenant_id = w.tenant_id AND k.principal_id = '{SYSTEM}' AND k.key = 's/withdrawal:' || w.id)"""

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "withdrawals_hold_their_money",
        "Each withdrawal that is open has an open hold of its amount and fee, and no other money is held for withdrawals",
        """SELECT count(*) FROM (SELECT * FROM wallet_bridge.withdrawals WHERE ended_at IS NULL) w
             FULL JOIN (SELECT * FROM payments.holds WHERE kind = 'withdrawal' AND state = 'open') h ON h.hold_id = w.hold_id
            WHERE w.id IS NULL OR h.hold_id IS NULL OR h.tenant_id <> w.tenant_id OR h.amount <> w.amount + w.fee""",
    ),
    Invariant(
        "withdrawals_are_paid_once",
        "What is final was captured whole, in one journal of its own; of nothing else there is one",
        f"""SELECT count(*) FROM wallet_bridge.withdrawals w JOIN payments.holds h ON h.hold_id = w.hold_id
             WHERE (w.state = 'final') <> {_BOOKED} OR (w.state = 'final') <> (h.state = 'captured')
                OR (w.state = 'final' AND h.captured <> w.amount + w.fee)""",
    ),
    Invariant(
        "withdrawals_are_given_back",
        "What ended unpaid is the customer's again, and nothing that was paid or is open is",
        """SELECT count(*) FROM wallet_bridge.withdrawals w JOIN payments.holds h ON h.hold_id = w.hold_id
            WHERE (w.ended_at IS NOT NULL AND w.state <> 'final') <> (h.state IN ('voided', 'expired')) OR h.state = 'expired'""",
    ),
    Invariant(
        "withdrawals_have_their_two_people",
        "What a person had to look at went out as two people agreed, the one who asked and another one",
        """SELECT count(*) FROM wallet_bridge.withdrawals w
            WHERE w.state NOT IN ('review', 'rejected', 'cancelled') AND cardinality(w.review) > 0
              AND NOT EXISTS (SELECT FROM identity.approvals a
                               WHERE a.tenant_id = w.tenant_id AND a.kind = 'wallet.withdrawal' AND a.resource_id = w.id
                                 AND a.state = 'carried_out' AND a.maker = w.released_by AND a.checker = w.approved_by)""",
    ),
    Invariant(
        "withdrawals_are_decided_by_two",
        "What people decided of a withdrawal was agreed to by two, and is what was booked",
        """SELECT count(*) FROM wallet_bridge.withdrawal_decisions d JOIN wallet_bridge.withdrawals w ON w.id = d.withdrawal_id
            WHERE (d.confirmed_by IS NOT NULL AND NOT EXISTS (SELECT FROM identity.approvals a
                    WHERE a.tenant_id = d.tenant_id AND a.kind = 'wallet.withdrawal_decision' AND a.resource_id = d.withdrawal_id
                      AND a.state = 'carried_out' AND a.maker = d.proposed_by AND a.checker = d.confirmed_by))
               OR (d.state = 'carried_out' AND (w.state = 'final') <> (d.verdict = 'paid'))
               OR (d.state = 'carried_out' AND w.ended_at IS NULL)""",
    ),
    Invariant(
        "withdrawals_are_uncontradicted",
        "The custodian says nothing of a withdrawal that cannot be: no other end than the one that was booked, no other payment",
        "SELECT count(*) FROM wallet_bridge.withdrawals WHERE contradiction IS NOT NULL",
    ),
)

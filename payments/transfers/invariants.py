"""What must always hold of transfers that two people made; counted with the ledger's own invariants."""

from __future__ import annotations

from kernel.invariants import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "transfers_have_their_two_people",
        "A transfer that waited in the inbox of approvals went on only as its granted approval says: same maker, same checker.",
        """SELECT count(*) FROM payments.transfers t
            WHERE EXISTS (SELECT FROM identity.approvals a
                           WHERE a.tenant_id = t.tenant_id AND a.kind = 'payments.transfer' AND a.resource_id = t.id)
              AND (SELECT count(*) FROM identity.approvals a
                    WHERE a.tenant_id = t.tenant_id AND a.kind = 'payments.transfer' AND a.resource_id = t.id
                      AND a.state = 'carried_out' AND a.maker = t.created_by AND a.checker = t.approved_by)
                  <> CASE WHEN t.approved_by IS NULL THEN 0 ELSE 1 END""",
    ),
)

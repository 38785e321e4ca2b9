"""What must always hold of files that two people let in; counted with the ledger's own invariants."""

from __future__ import annotations

from kernel.invariants import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        "imports_have_their_two_people",
        "A file that waited in the inbox of approvals is posted only as its granted approval says: same maker, same checker.",
        """SELECT count(*) FROM payments.imports i
            WHERE EXISTS (SELECT FROM identity.approvals a
                           WHERE a.tenant_id = i.tenant_id AND a.kind = 'payments.import' AND a.resource_id = i.id)
              AND (SELECT count(*) FROM identity.approvals a
                    WHERE a.tenant_id = i.tenant_id AND a.kind = 'payments.import' AND a.resource_id = i.id
                      AND a.state = 'carried_out' AND a.maker = i.uploaded_by AND a.checker = i.decided_by)
                  <> CASE WHEN i.state IN ('posting', 'done') THEN 1 ELSE 0 END""",
    ),
)

"""What a second person agrees to when a ticket is to be closed, and the words in which approvals know it.

A proposal is bound to the break as it stands, to how it is to be closed, and to the moment it was made: another proposal is another thing.
"""

from __future__ import annotations

from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.errors import ApprovalClosed, ApprovalOwnRequest, ApprovalVoid
from identity.approvals.service import Subject
from identity.permissions import Permission
from kernel.db import AnyRow, Tx
from kernel.money import canonical
from payments.errors import SecondPersonRequired
from payments.reconciliation.errors import BreakNotOpen, ProposalChanged

KIND = "payments.break"


def subject(found: AnyRow, ticket: AnyRow) -> Subject:
    """A break and the proposal on it, as they stand in their rows."""
    summary = {
        "source": found.source,
        "reference": found.reference,
        "class": found.kind,
        "asset": found.asset,
        "difference": canonical(found.difference),
        "suspended": found.suspended,
        "resolution": ticket.resolution,
        "account": ticket.target_account,
        "proposed_at": ticket.proposed_at.isoformat(),
    }
    return Subject(kind=KIND, resource_id=found.id, summary=summary)


def ask(tx: Tx, found: AnyRow, ticket: AnyRow) -> UUID:
    return approvals.request(
        tx,
        subject(found, ticket),
        maker=ticket.proposed_by,
        permission=Permission.RECONCILIATION_WRITE,
        read_permission=Permission.RECONCILIATION_READ,
        expires_in=None,
    )


def agree(tx: Tx, found: AnyRow, ticket: AnyRow, *, by: UUID) -> UUID:
    """The approval of a proposal on a locked break, granted by this person here and now.

    Raises:
        SecondPersonRequired: by who proposed it, whichever account is used.
        BreakNotOpen: it was decided in the inbox.
        ProposalChanged: the rows are not what was proposed.
    """
    # What was proposed before there was an inbox has no approval yet.
    approval_id = approvals.latest(tx, kind=KIND, resource_id=found.id) or ask(tx, found, ticket)
    try:
        approvals.grant(tx, approval_id, by=by, digest=subject(found, ticket).digest)
    except ApprovalOwnRequest as refusal:
        raise SecondPersonRequired from refusal
    except ApprovalClosed as refusal:
        raise BreakNotOpen from refusal
    except ApprovalVoid as refusal:
        raise ProposalChanged from refusal
    return approval_id


def take_back(tx: Tx, item_id: UUID) -> None:
    approvals.void(tx, kind=KIND, resource_id=item_id, reason="withdrawn")

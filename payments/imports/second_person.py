"""What a second person agrees to when a file is to be posted, and the words in which approvals know it.

The file is bound by its sha256; its rows are never edited. What the check said of them stands beside it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from identity.approvals import service as approvals
from identity.approvals.errors import ApprovalClosed, ApprovalOwnRequest
from identity.approvals.service import Subject
from identity.permissions import Permission
from kernel.db import Tx
from payments.errors import SecondPersonRequired
from payments.imports import queries
from payments.imports.errors import ImportNotWaiting

KIND = "payments.import"


def subject(tx: Tx, job: Row[Any]) -> Subject:
    """A checked file as it stands in its rows."""
    summary = {
        "file_key": job.file_key,
        "sha256": job.sha256,
        "format": job.format,
        "realm": job.realm,
        "rows": job.rows_read,
        "checked": queries.counts(tx, job.id),
    }
    return Subject(kind=KIND, resource_id=job.id, summary=summary)


def ask(tx: Tx, job: Row[Any]) -> UUID:
    return approvals.request(
        tx,
        subject(tx, job),
        maker=job.uploaded_by,
        permission=Permission.LEDGER_IMPORT,
        read_permission=Permission.LEDGER_READ,
        expires_in=None,
    )


def agree(tx: Tx, job: Row[Any], *, by: UUID) -> UUID:
    """The approval of a locked import that waits, granted by this person here and now.

    Raises:
        SecondPersonRequired: by who sent it, whichever account is used.
        ImportNotWaiting: it was decided in the inbox.
        ApprovalVoid: the rows are not what was checked.
    """
    # One that was checked before there was an inbox has no approval yet.
    approval_id = approvals.latest(tx, kind=KIND, resource_id=job.id) or ask(tx, job)
    try:
        approvals.grant(tx, approval_id, by=by, digest=subject(tx, job).digest)
    except ApprovalOwnRequest as refusal:
        raise SecondPersonRequired from refusal
    except ApprovalClosed as refusal:
        raise ImportNotWaiting(state=refusal.extra["state"]) from refusal
    return approval_id


def take_back(tx: Tx, import_id: UUID) -> None:
    approvals.void(tx, kind=KIND, resource_id=import_id, reason="rejected")

"""What a second person agrees to when staff move money, and the words in which approvals know it.

A waiting transfer is never edited, so everything that will be posted stands in the summary and the version is always the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from identity.approvals import service as approvals
from identity.approvals.errors import ApprovalClosed, ApprovalOwnRequest
from identity.approvals.service import Subject
from identity.permissions import Permission
from kernel.clock import utc
from kernel.db import Tx
from kernel.errors import InvalidTransition
from kernel.money import canonical
from payments.errors import SecondPersonRequired

KIND = "payments.transfer"


def subject(row: Row[Any]) -> Subject:
    """A transfer as it stands in its row."""
    summary = {
        "kind": row.kind,
        "realm": row.realm,
        "from": str(row.from_account),
        "to": str(row.to_account),
        "asset": row.asset,
        "amount": canonical(row.amount),
        "memo": row.memo,
        "metadata": row.metadata,
        "effective_at": _moment(row.effective_at),
        "execute_at": _moment(row.execute_at),
        "reverses": None if row.reverses is None else str(row.reverses),
    }
    return Subject(kind=KIND, resource_id=row.id, summary=summary)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else utc(value).isoformat()


def ask(tx: Tx, rows: Sequence[Row[Any]], *, maker: UUID) -> list[UUID]:
    """Let these transfers of one person wait in the inbox of whoever may approve them; as long as they wait themselves."""
    return approvals.request_all(
        tx,
        [subject(row) for row in rows],
        maker=maker,
        permission=Permission.TRANSFERS_APPROVE,
        read_permission=Permission.TRANSFERS_READ,
        expires_in=None,
    )


def agree(tx: Tx, row: Row[Any], *, by: UUID) -> UUID:
    """The approval of a locked transfer, granted by this person here and now.

    Raises:
        SecondPersonRequired: by who asked for it, whichever account is used.
        InvalidTransition: it was decided in the inbox.
        ApprovalVoid: the row is not what was asked for.
    """
    if row.created_by == by:
        raise SecondPersonRequired
    # One that waited before there was an inbox has no approval yet.
    approval_id = approvals.latest(tx, kind=KIND, resource_id=row.id) or ask(tx, [row], maker=row.created_by)[0]
    try:
        approvals.grant(tx, approval_id, by=by, digest=subject(row).digest)
    except ApprovalOwnRequest as refusal:
        raise SecondPersonRequired from refusal
    except ApprovalClosed as refusal:
        raise InvalidTransition(f"this transfer was decided: {refusal.extra['state']}") from refusal
    return approval_id


def take_back(tx: Tx, transfer_id: UUID) -> None:
    approvals.void(tx, kind=KIND, resource_id=transfer_id, reason="cancelled")

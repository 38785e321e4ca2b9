"""Statements on mails; all but the search for what is due run inside one tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.db import Tx
from notices.mails.states import MAIL, MailState


@dataclass(frozen=True, slots=True)
class MailRow:
    id: UUID
    notice_id: UUID
    state: MailState
    attempts: int


def insert(tx: Tx, *, mail_id: UUID, notice_id: UUID) -> None:
    tx.execute(
        "INSERT INTO notices.mails (tenant_id, id, notice_id, state, attempts, changed_at)"
        " VALUES (:tenant, :id, :notice, 'waiting', 1, :now)",
        tenant=tx.tenant_id,
        id=mail_id,
        notice=notice_id,
        now=tx.now,
    )


def get(tx: Tx, mail_id: UUID) -> MailRow | None:
    row = tx.first(
        "SELECT id, notice_id, state, attempts FROM notices.mails WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=mail_id,
    )
    return None if row is None else MailRow(row.id, row.notice_id, MailState(row.state), row.attempts)


def move(tx: Tx, mail_id: UUID, to: MailState, *, reason: str | None, next_attempt_at: datetime | None = None) -> bool:
    """False when its present state does not allow the move."""
    row = tx.first(
        "UPDATE notices.mails SET state = :to, reason = :reason, next_attempt_at = :next, changed_at = :now"
        " WHERE tenant_id = :tenant AND id = :id AND state = ANY(:sources) RETURNING id",
        tenant=tx.tenant_id,
        id=mail_id,
        to=to.value,
        reason=reason,
        next=next_attempt_at,
        now=tx.now,
        sources=list(MAIL.sources(to)),
    )
    return row is not None


def due(tx: Tx, *, limit: int) -> list[tuple[UUID, UUID]]:
    """(tenant, mail) of what may be tried again now, of all tenants (the engine's role)."""
    rows = tx.all(
        "SELECT tenant_id, id FROM notices.mails WHERE state = 'later' AND next_attempt_at <= :now"
        " ORDER BY next_attempt_at LIMIT :limit",
        now=tx.now,
        limit=limit,
    )
    return [(row.tenant_id, row.id) for row in rows]


def try_again(tx: Tx, mail_id: UUID) -> int | None:
    """The number of the attempt that begins; None when somebody else began it, or it is not due."""
    return tx.scalar(  # type: ignore[no-any-return]
        "UPDATE notices.mails SET state = 'waiting', attempts = attempts + 1, next_attempt_at = NULL, changed_at = :now"
        " WHERE tenant_id = :tenant AND id = :id AND state = 'later' AND next_attempt_at <= :now RETURNING attempts",
        tenant=tx.tenant_id,
        id=mail_id,
        now=tx.now,
    )

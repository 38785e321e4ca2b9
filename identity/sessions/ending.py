"""The one way a session ends before its time: for whatever reason, with its entry in the audit."""

from __future__ import annotations

from uuid import UUID

from identity.audit import service as audit
from identity.sessions import queries
from identity.sessions.states import EndReason
from kernel.clock import wall
from kernel.db import Tx


def end(tx: Tx, session_id: UUID, *, principal: UUID, reason: EndReason) -> bool:
    """False when there is no such live session of this principal. Step."""
    ended = queries.end(tx, session_id, principal_id=principal, reason=reason, now=wall())
    if ended:
        _tell(tx, session_id, principal, reason)
    return ended


def end_others(tx: Tx, principal: UUID, *, but: UUID, reason: EndReason) -> None:
    """Every live session of this principal but one. Step."""
    for session_id in queries.end_others(tx, principal, but=but, reason=reason, now=wall()):
        _tell(tx, session_id, principal, reason)


def _tell(tx: Tx, session_id: UUID, principal: UUID, reason: EndReason) -> None:
    audit.record(
        tx, "session.ended", kind="session", resource=session_id, before={"live": True}, after={"live": False},
        actor=principal, reason=reason.value,
    )  # fmt: skip

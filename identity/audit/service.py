"""Writing down who did what, from where, in the transaction of the deed: a step that rolls back takes its entry along.

No writer waits for another one here: the chain over the entries is made afterwards (`chain`). Who asked stands in the request's origin,
so callers say only what was done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from identity.audit import queries, rules
from identity.audit.states import Via
from kernel import origin
from kernel.commands import Done
from kernel.db import AnyRow, Tx, read_only
from kernel.ids import SYSTEM, uuid7

__all__ = ["Entry", "State", "about", "page", "prepare", "record", "witness"]

State = Mapping[str, Any]
_NOTE = "audit"
_ADDRESS = 64


@dataclass(frozen=True, slots=True)
class _Note:
    before: State | None
    after: State | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """All of an entry but the name of its resource."""

    row: Mapping[str, Any]

    def text(self) -> str:
        """As `identity.audit_write` reads it: digests in hex."""
        plain = {name: value.hex() if isinstance(value, bytes) else value for name, value in self.row.items()}
        return rules.text({**plain, "details": json.loads(self.row["details"])})


def record(
    tx: Tx,
    action: str,
    *,
    kind: str,
    resource: object,
    before: State | None = None,
    after: State | None = None,
    actor: UUID | None = None,
    asked: bytes | None = None,
    **details: Any,
) -> None:
    """Write an entry. Step. Nothing given to it may be a secret, or hold one.

    Args:
        action: a stable dotted name: the thing, then what happened to it.
        resource: what names the thing among its kind.
        before, after: the thing's state; only their digests are kept.
        actor: who did it, where the request's origin does not know: the request made it known just now, or nobody asked.
        asked: a digest of the request.
        details: a few words for whoever reads it; they stand there in clear.
    """
    made = prepare(action, kind=kind, before=before, after=after, actor=actor, asked=asked, **details)
    queries.insert(tx, {**made.row, "resource_id": str(resource)})


def prepare(
    action: str,
    *,
    kind: str,
    before: State | None = None,
    after: State | None = None,
    actor: UUID | None = None,
    asked: bytes | None = None,
    **details: Any,
) -> Entry:
    """An entry about something that is not made yet; `identity.audit_write` writes it in the statement that makes it."""
    came_from = origin.current() or origin.Origin()
    who = actor or came_from.principal or SYSTEM
    return Entry(
        {
            "id": uuid7(),
            "actor": who,
            "roles": list(came_from.roles) if who == came_from.principal else [],
            "via": _via(came_from).value,
            "credential": came_from.session_id or came_from.api_key_id,
            "address": came_from.address and came_from.address[:_ADDRESS],
            "request_id": came_from.request_id,
            "action": action,
            "resource_kind": kind,
            "asked": asked,
            "before": None if before is None else rules.digest(before),
            "after": None if after is None else rules.digest(after),
            "details": rules.text(details),
        }
    )


def _via(came_from: origin.Origin) -> Via:
    if came_from.session_id is not None:
        return Via.SESSION
    if came_from.api_key_id is not None:
        return Via.API_KEY
    return Via.PROCESS if came_from.request_id is None and came_from.address is None else Via.REQUEST


def about(tx: Tx, *, before: State | None = None, after: State | None = None, **details: Any) -> None:
    """Say more about the command that runs in this transaction: its own entry will hold it. Step."""
    tx.notes[_NOTE] = _Note(before, after, details)


def witness(name_of: Callable[[Done], str | None]) -> Callable[[Tx, Done], None]:
    """What `kernel.commands` tells each command to, so that all of them are written down.

    Args:
        name_of: the action of a command; None for one that is not worth an entry.
    """

    def write(tx: Tx, done: Done) -> None:
        action = name_of(done)
        if action is None:
            return
        note = tx.notes.pop(_NOTE, _Note(None, None, {}))
        record(
            tx,
            action,
            kind=done.kind,
            resource=done.resource,
            before=note.before,
            after=note.after,
            actor=done.principal,
            asked=done.fingerprint or None,
            **note.details,
        )

    return write


def page(
    tenant: UUID,
    *,
    actor: UUID | None = None,
    action: str | None = None,
    resource_kind: str | None = None,
    resource_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> Sequence[AnyRow]:
    """Entries of a tenant, newest first."""
    with read_only(tenant=tenant) as tx:
        return queries.page(
            tx, actor=actor, action=action, resource_kind=resource_kind, resource_id=resource_id, since=since, until=until,
            before=before, limit=limit,
        )  # fmt: skip

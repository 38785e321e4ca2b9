"""Approvals: one person asks, another one decides on the same digest, and who owns the thing carries it out once.

The owner locks the thing first and its approval after it; a decision in the inbox locks the approval alone, and then both people, so that
neither loses a role nor becomes the other while it is made. Expiry is business time.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from identity.approvals import queries, rules
from identity.approvals.errors import ApprovalClosed, ApprovalVoid
from identity.approvals.events import ApprovalEnded, ApprovalGranted, ApprovalRequested
from identity.approvals.queries import ApprovalRow
from identity.approvals.rules import Subject
from identity.approvals.states import ApprovalState, Box
from identity.audit import service as audit
from identity.permissions import Permission, permissions_of
from identity.principals import queries as principals
from kernel import commands, db, log, outbox
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.errors import NotFound
from kernel.ids import uuid7

__all__ = ["Approval", "Subject"]

_S = ApprovalState
_log = log.get("approvals")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """An approval as one reader sees it; `may_decide`: it waits, and for this reader."""

    id: UUID
    kind: str
    resource_id: UUID
    summary: Mapping[str, Any]
    digest: str
    permission: str
    maker: UUID
    maker_name: str | None
    state: ApprovalState
    checker: UUID | None
    checker_name: str | None
    reason: str | None
    created_at: datetime
    expires_at: datetime | None
    decided_at: datetime | None
    ended_at: datetime | None
    own: bool
    may_decide: bool


# For who owns what is asked for --------------------------------------------------------------------------------------------------


def request(
    tx: Tx,
    subject: Subject,
    *,
    maker: UUID,
    permission: Permission,
    read_permission: Permission,
    expires_in: timedelta | None,
) -> UUID:
    """Ask for a second person who holds `permission`; who holds `read_permission` may look on.

    An older request for the same thing is void from now on: this is how an edit asks again.

    Args:
        expires_in: in business time; None where the thing itself waits without an end.
    """
    made = request_all(
        tx, [subject], maker=maker, permission=permission, read_permission=read_permission, expires_in=expires_in
    )
    return made[0]


def request_all(
    tx: Tx,
    subjects: Sequence[Subject],
    *,
    maker: UUID,
    permission: Permission,
    read_permission: Permission,
    expires_in: timedelta | None,
) -> list[UUID]:
    """As `request`, for many different things at once; each is decided by itself."""
    wanted = {uuid7(): subject for subject in subjects}
    expires_at = None if expires_in is None else tx.now + expires_in

    def insert(some: Mapping[UUID, Subject]) -> set[UUID]:
        return queries.insert(
            tx, some, maker=maker, permission=permission, read_permission=read_permission, expires_at=expires_at
        )

    written = insert(wanted)
    older = {approval_id: subject for approval_id, subject in wanted.items() if approval_id not in written}
    for subject in older.values():
        void(tx, kind=subject.kind, resource_id=subject.resource_id, reason="asked for again")
    if older:
        again = insert(older)
        assert len(again) == len(older), "whoever asks holds the locks of the things"
    facts = [
        (ApprovalRequested(one, subject.kind, subject.resource_id, maker, permission.value, expires_at), str(one))
        for one, subject in wanted.items()
    ]
    outbox.publish_all(tx, facts)
    return list(wanted)


def void(tx: Tx, *, kind: str, resource_id: UUID, reason: str) -> bool:
    """The thing was changed or taken back: nothing that was asked for or granted before counts. False when nothing was open."""
    approval_id = queries.lock_open(tx, kind, resource_id)
    return approval_id is not None and _end(tx, approval_id, _S.VOID, reason=reason)


def latest(tx: Tx, *, kind: str, resource_id: UUID) -> UUID | None:
    """The newest approval of a thing, whatever became of it."""
    return queries.latest(tx, kind, resource_id)


def grant(tx: Tx, approval_id: UUID, *, by: UUID, digest: bytes) -> None:
    """A second person says yes to what has this digest. The owner carries it out in this transaction, or on `ApprovalGranted`.

    Raises:
        ApprovalOwnRequest: the same person asked, or may not decide (any more).
        ApprovalVoid: another digest, or it was taken back.
        ApprovalExpired, ApprovalClosed
    """
    row = _judged(tx, approval_id, by=by)
    if not hmac.compare_digest(row.digest, digest) or row.subject.digest != row.digest:
        raise ApprovalVoid
    _decide(tx, approval_id, _S.GRANTED, by=by)
    subject = row.subject
    fact = ApprovalGranted(approval_id, subject.kind, subject.resource_id, row.digest.hex(), row.maker, by)
    outbox.publish(tx, fact, key=str(approval_id))


def granted(tx: Tx, approval_id: UUID, subject: Subject) -> UUID | None:
    """Who agreed, if the thing is still what was agreed to; None when there is nothing to do (any more).

    The owner calls this with the thing as it is now and locked, does what was agreed, and says `carried_out` or `failed` in the same
    transaction. Of a thing that is another one now the approval is void.
    """
    row = queries.lock(tx, approval_id)
    if row is None or row.state is not _S.GRANTED:
        return None
    if row.digest != subject.digest:
        _log.warning(
            "approval_differs", approval=str(approval_id), kind=subject.kind, resource=str(subject.resource_id)
        )
        _end(tx, approval_id, _S.VOID, reason="changed after it was approved")
        return None
    return row.checker


def asked(tx: Tx, approval_id: UUID) -> Subject | None:
    """What was asked for, where the owner of the thing keeps no row of its own; `granted` compares it with the thing as it is. Step."""
    row = queries.lock(tx, approval_id)
    return None if row is None else row.subject


def carried_out(tx: Tx, approval_id: UUID) -> None:
    done = _end(tx, approval_id, _S.CARRIED_OUT)
    assert done, "it was granted, and its row is locked"


def failed(tx: Tx, approval_id: UUID, *, reason: str) -> None:
    """It was agreed to and cannot be done; `reason` is a code. The owner asks again if it may be done later."""
    done = _end(tx, approval_id, _S.FAILED, reason=reason)
    assert done, "it was granted, and its row is locked"


def same_person(tx: Tx, first: UUID, second: UUID) -> bool:
    """Whether two accounts belong to one person, for a second person who is asked for elsewhere; neither changes meanwhile. Step."""
    people = {one.id: one.person for one in principals.lock_people(tx, [first, second])}
    return people.get(first, first) == people.get(second, second)


# For people ----------------------------------------------------------------------------------------------------------------------


def approve(*, tenant: UUID, by: UUID, approval_id: UUID, digest: str, key: str | None) -> Outcome:
    """Say yes in the inbox; the owner acts on the event.

    Raises:
        ApprovalOwnRequest, ApprovalVoid, ApprovalExpired, ApprovalClosed, NotFound
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        grant(tx, approval_id, by=by, digest=bytes.fromhex(digest))
        return "approval", approval_id

    return _command(tenant, by, "approve", approval_id, key, fn, digest=digest.lower())


def reject(*, tenant: UUID, by: UUID, approval_id: UUID, reason: str, key: str | None) -> Outcome:
    """Say no. Who asked does not: that person takes it back where it was asked for.

    Raises:
        ApprovalOwnRequest, ApprovalVoid, ApprovalExpired, ApprovalClosed, NotFound
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        _judged(tx, approval_id, by=by)
        _decide(tx, approval_id, _S.REJECTED, by=by, reason=reason)
        return "approval", approval_id

    return _command(tenant, by, "reject", approval_id, key, fn, reason=reason)


def read(*, tenant: UUID, reader: UUID, approval_id: UUID) -> Approval:
    """One that the reader asked for, may decide or may read.

    Raises:
        NotFound
    """
    with db.read_only(tenant=tenant) as tx:
        row = queries.get(tx, approval_id, mine=principals.accounts_of_person(tx, reader))
        held = _permissions(tx, reader)
        if row is None or not (row.own or {row.permission, row.read_permission} & held):
            raise NotFound
        return _view(row, held, now=tx.now)


def page(
    *,
    tenant: UUID,
    reader: UUID,
    box: Box | None,
    state: ApprovalState | None,
    kind: str | None,
    before: UUID | None,
    limit: int,
) -> list[Approval]:
    """Newest first: what waits for the reader, what the reader asked for, and what the reader may look at."""
    with db.read_only(tenant=tenant) as tx:
        held = _permissions(tx, reader)
        rows = queries.page(
            tx, mine=principals.accounts_of_person(tx, reader), permissions=held, box=box, state=state, kind=kind,
            before=before, limit=limit,
        )  # fmt: skip
        return [_view(row, held, now=tx.now) for row in rows]


# When nobody decided -------------------------------------------------------------------------------------------------------------


def expire_due(*, limit: int = 500) -> int:
    """End what waited too long, each in a transaction of its own (the engine's role); answers how many."""
    with db.read_only() as tx:
        waiting = queries.due(tx, limit=limit)
    return sum(_expire(tenant, approval_id) for tenant, approval_id in waiting)


def _expire(tenant: UUID, approval_id: UUID) -> bool:
    with db.transaction(tenant=tenant) as tx:
        return _end(tx, approval_id, _S.EXPIRED)


# Pieces --------------------------------------------------------------------------------------------------------------------------


def _command(tenant: UUID, by: UUID, verb: str, approval_id: UUID, key: str | None, fn: Any, **body: str) -> Outcome:
    print_ = commands.fingerprint({"id": str(approval_id), **body})
    route = f"POST /v1/approvals/{{id}}/{verb}"
    return commands.run(tenant=tenant, principal=by, route=route, key=key, fingerprint=print_, fn=fn)


def _judged(tx: Tx, approval_id: UUID, *, by: UUID) -> ApprovalRow:
    """The approval, locked, that this person may decide on now."""
    row = queries.lock(tx, approval_id)
    if row is None:
        raise NotFound
    about = row.subject.resource_id  # perhaps a person, who decides about their own account no more than who asked
    people = {one.id: one for one in principals.lock_people(tx, [row.maker, by, about])}
    checker, maker = people.get(by), people[row.maker]
    if checker is None:
        raise NotFound
    permitted = checker.active and row.permission in permissions_of(checker.roles)
    concerned = {one.person for one in (maker, people.get(about)) if one is not None}
    rules.check_person(same_person=checker.person in concerned, permitted=permitted)
    rules.check_open(state=row.state, expires_at=row.expires_at, now=tx.now)
    return row


def _decide(tx: Tx, approval_id: UUID, to: ApprovalState, *, by: UUID, reason: str | None = None) -> None:
    moved = queries.move(tx, approval_id, to, checker=by, reason=reason)
    if moved is None:
        raise ApprovalClosed
    audit.about(tx, after={"state": to.value}, of=moved.kind, thing=str(moved.resource_id))
    _log.info("approval_decided", approval=str(approval_id), kind=moved.kind, state=to.value, by=str(by))
    if to is _S.REJECTED:
        _tell_end(tx, moved, to, reason)


def _end(tx: Tx, approval_id: UUID, to: ApprovalState, *, reason: str | None = None) -> bool:
    moved = queries.move(tx, approval_id, to, reason=reason)
    if moved is None:
        return False
    _tell_end(tx, moved, to, reason)
    audit.record(
        tx, f"approval.{to.value}", kind="approval", resource=approval_id, after={"state": to.value}, of=moved.kind, reason=reason
    )  # fmt: skip
    return True


def _tell_end(tx: Tx, moved: Row[Any], state: ApprovalState, reason: str | None) -> None:
    fact = ApprovalEnded(moved.id, moved.kind, moved.resource_id, state.value, moved.checker, reason)
    outbox.publish(tx, fact, key=str(moved.id))


def _permissions(tx: Tx, reader: UUID) -> frozenset[Permission]:
    who = principals.get(tx, reader)
    return permissions_of(who.roles) if who is not None and who.active else frozenset()


def _view(row: ApprovalRow, held: frozenset[Permission], *, now: datetime) -> Approval:
    open_ = row.state is _S.REQUESTED and not rules.is_over(row.expires_at, now)
    return Approval(
        id=row.id,
        kind=row.subject.kind,
        resource_id=row.subject.resource_id,
        summary=row.subject.summary,
        digest=row.digest.hex(),
        permission=row.permission.value,
        maker=row.maker,
        maker_name=row.maker_name,
        state=row.state,
        checker=row.checker,
        checker_name=row.checker_name,
        reason=row.reason,
        created_at=row.created_at,
        expires_at=row.expires_at,
        decided_at=row.decided_at,
        ended_at=row.ended_at,
        own=row.own,
        may_decide=open_ and not (row.own or row.about_reader) and row.permission in held,
    )

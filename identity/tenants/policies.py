"""The policy of a tenant: tightened by one person at once, loosened by two people and after a delay in business time.

A wish to loosen is a change: it waits for the approval of a second person, then for its time, and only then it is the policy. Whoever
could lower a limit and spend in the same hour would need nobody else; now somebody else agrees, and everybody has a day to object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from identity.tenants import queries
from identity.tenants.errors import PolicyChangeClosed, PolicyChangeOpen
from identity.tenants.queries import Change, PolicyRow
from identity.tenants.rules import Policy
from identity.tenants.states import ChangeState, Limit
from kernel import commands, db, log
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.errors import NotFound
from kernel.ids import uuid7

__all__ = ["Asked", "Change", "Policy", "apply_due", "ask", "changes", "current", "in_force", "read_change", "withdraw"]

KIND = "identity.policy"
TO_DECIDE = timedelta(days=7)
_S = ChangeState
_log = log.get("policies")


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a wish: in force at once, or a change that waits (`change_id`)."""

    change_id: UUID | None


def in_force(tx: Tx) -> Policy:
    """What counts now; for whoever lets money out. Step."""
    found = queries.policy(tx)
    return Policy() if found is None else found.policy


def current(tenant: UUID) -> PolicyRow:
    """The policy in force and its version.

    Raises:
        NotFound
    """
    with db.read_only(tenant=tenant) as tx:
        found = queries.policy(tx)
    if found is None:
        raise NotFound
    return found


def ask(*, tenant: UUID, by: UUID, wish: Mapping[str, Any], limits: Mapping[Limit, Decimal | None]) -> Asked:
    """Change the policy. What only tightens counts at once; if anything in it loosens, all of it waits for a second person.

    Args:
        wish: the other fields of `Policy` that shall differ.
        limits: those that shall differ; None takes one away.

    Raises:
        PolicyChangeOpen: another one waits.
    """
    made: list[UUID] = []

    def fn(tx: Tx) -> tuple[str, UUID]:
        made.clear()
        row = _locked(tx)
        merged = {**row.policy.limits, **limits}
        after = replace(
            row.policy, **wish, limits={name: amount for name, amount in merged.items() if amount is not None}
        )
        loosens = row.policy.loosened_by(after)
        if not loosens:
            if after != row.policy:
                queries.update_policy(tx, after, change_id=None)
                audit.record(
                    tx, "policy.tightened", kind="policy", resource=tenant, before=row.policy.plain, after=after.plain
                )
            return "policy", tenant
        change = _wish(tx, row, after, loosens, by=by)
        made.append(change.id)
        audit.about(tx, before=row.policy.plain, after=after.plain, loosens=loosens, waits=str(change.id))
        return "policy_change", change.id

    commands.run(tenant=tenant, principal=by, route="PATCH /v1/tenants/policy", key=None, fingerprint=b"", fn=fn)
    return Asked(made[0] if made else None)


def withdraw(*, tenant: UUID, by: UUID, change_id: UUID, key: str | None) -> Outcome:
    """Take it back before it is in force; anybody who may change the policy can, for nothing gets looser by that.

    Raises:
        PolicyChangeClosed: it is too late.
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = queries.change(tx, change_id, lock=True)
        if found is None:
            raise NotFound
        if not queries.end_change(tx, change_id, _S.ENDED, reason="withdrawn"):
            raise PolicyChangeClosed(state=found.state.value)
        approvals.void(tx, kind=KIND, resource_id=change_id, reason="withdrawn")
        audit.about(tx, before={"state": found.state}, after={"state": _S.ENDED})
        return "policy_change", change_id

    print_ = commands.fingerprint({"id": str(change_id)})
    route = "POST /v1/tenants/policy-changes/{id}/withdraw"
    return commands.run(tenant=tenant, principal=by, route=route, key=key, fingerprint=print_, fn=fn)


def read_change(tenant: UUID, change_id: UUID) -> Change:
    with db.read_only(tenant=tenant) as tx:
        found = queries.change(tx, change_id)
    if found is None:
        raise NotFound
    return found


def changes(tenant: UUID, *, before: UUID | None = None, limit: int = 50) -> Sequence[Change]:
    """All that was ever wished for, newest first."""
    with db.read_only(tenant=tenant) as tx:
        return queries.changes(tx, before=before, limit=limit)


# Steps of the engine -------------------------------------------------------------------------------------------------------------


def schedule(tx: Tx, *, change_id: UUID, approval_id: UUID) -> None:
    """A second person agreed: from now on it waits for its time."""
    found = queries.change(tx, change_id, lock=True)
    if found is None or found.state is not _S.WAITING:
        return
    checker = approvals.granted(tx, approval_id, _subject(found))
    if checker is None:
        return
    at = tx.now + timedelta(hours=found.delay_h)
    queries.schedule_change(tx, change_id, by=checker, effective_at=at)
    audit.record(
        tx, "policy_change.scheduled", kind="policy_change", resource=change_id, actor=checker,
        before={"state": found.state}, after={"state": _S.SCHEDULED}, effective_at=at.isoformat(),
    )  # fmt: skip
    _log.warning("policy_will_loosen", change=str(change_id), loosens=list(found.loosens), at=at.isoformat())


def drop(tx: Tx, *, change_id: UUID, state: str, reason: str | None) -> None:
    """Nobody agreed, or somebody said no."""
    if queries.end_change(tx, change_id, _S.ENDED, reason=reason or state):
        audit.record(
            tx, "policy_change.ended", kind="policy_change", resource=change_id, after={"state": _S.ENDED}, reason=state
        )


def apply_due(*, limit: int = 100) -> int:
    """Let what has waited long enough be the policy, each in a transaction of its own (the engine's role); answers how many."""
    with db.read_only() as tx:
        due = queries.due_changes(tx, limit=limit)
    return sum(_apply(tenant, change_id) for tenant, change_id in due)


def _apply(tenant: UUID, change_id: UUID) -> bool:
    with db.transaction(tenant=tenant) as tx:
        row = _locked(tx)
        found = queries.change(tx, change_id, lock=True)
        if found is None or found.state is not _S.SCHEDULED:
            return False
        agreed = row.version == found.base_version and approvals.granted(tx, found.approval_id, _subject(found))
        if not agreed:  # another policy than the one both looked at, or not what both looked at
            approvals.void(tx, kind=KIND, resource_id=change_id, reason="overtaken")
            drop(tx, change_id=change_id, state="overtaken", reason=None)
            return False
        queries.update_policy(tx, found.after, change_id=change_id)
        queries.end_change(tx, change_id, _S.IN_FORCE)
        approvals.carried_out(tx, found.approval_id)
        audit.record(
            tx, "policy.loosened", kind="policy", resource=tenant, before=row.policy.plain, after=found.after.plain,
            change=str(change_id), loosens=list(found.loosens),
        )  # fmt: skip
    return True


# Pieces --------------------------------------------------------------------------------------------------------------------------


def _locked(tx: Tx) -> PolicyRow:
    row = queries.policy(tx, lock=True)
    if row is None:
        raise NotFound
    return row


def _wish(tx: Tx, row: PolicyRow, after: Policy, loosens: list[str], *, by: UUID) -> Change:
    blank = Change(
        id=uuid7(),
        base_version=row.version,
        before=row.policy,
        after=after,
        loosens=loosens,
        delay_h=row.policy.change_delay_h,
        approval_id=uuid7(),
        asked_by=by,
        state=_S.WAITING,
        approved_by=None,
        asked_at=tx.now,
        effective_at=None,
        ended_at=None,
        reason=None,
    )
    approval_id = approvals.request(
        tx,
        _subject(blank),
        maker=by,
        permission=Permission.TENANTS_WRITE,
        read_permission=Permission.TENANTS_READ,
        expires_in=TO_DECIDE,
    )
    change = replace(blank, approval_id=approval_id)
    if not queries.insert_change(tx, change):
        raise PolicyChangeOpen
    return change


def _subject(change: Change) -> Subject:
    summary = {
        "before": change.before.plain,
        "after": change.after.plain,
        "loosens": list(change.loosens),
        "in_force_after_hours": change.delay_h,
    }
    return Subject(kind=KIND, resource_id=change.id, summary=summary, version=change.base_version)

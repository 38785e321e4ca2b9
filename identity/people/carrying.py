"""Carrying out what a second person agreed to: the engine's answer to `ApprovalGranted`, in one transaction with it.

The subject is made again from the account as it is now; if that differs from what was agreed to, nothing is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.events import ApprovalGranted
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.people import queries, subjects
from identity.people.events import AccountReopened, FactorsReset, StaffJoined
from identity.people.queries import PersonRow
from identity.people.states import Change
from identity.principals import queries as principals
from identity.principals.queries import PrincipalRow
from identity.principals.states import Kind, Role, Status
from identity.recovery import queries as moves
from identity.recovery import service as recovery
from identity.security import factors
from identity.security import queries as factor_queries
from identity.sessions import ending
from identity.sessions.states import EndReason
from kernel import outbox
from kernel.clock import wall
from kernel.db import Tx
from kernel.ids import SYSTEM, uuid7

_KINDS = frozenset(Change)


def granted(tx: Tx, fact: ApprovalGranted) -> None:
    """Handle the event; approvals of other owners are none of ours."""
    if fact.kind not in _KINDS:
        return
    asked = approvals.asked(tx, fact.approval_id)
    person = queries.lock(tx, fact.resource_id)
    if asked is None:
        return
    change = Change(fact.kind)
    now = asked if change is Change.NEW_STAFF else _now(tx, change, person, asked.summary)
    if now is None or approvals.granted(tx, fact.approval_id, now) is None:
        return
    fault = _DEEDS[change](tx, person, fact.resource_id, asked.summary)
    if fault is None:
        approvals.carried_out(tx, fact.approval_id)
    else:
        approvals.failed(tx, fact.approval_id, reason=fault)


def _now(tx: Tx, change: Change, person: PersonRow | None, asked: Mapping[str, Any]) -> Subject | None:
    """What was asked for, about the account as it is."""
    reason = asked["reason"]
    if person is None:
        return None
    if change is Change.RESET_FACTORS:
        totp, passkeys = queries.factor_counts(tx, person.id)
        return subjects.factors(person, totp=totp, passkeys=passkeys, reason=reason)
    if change is Change.CHANGE_EMAIL:
        return subjects.email(person, wanted=asked["new_email"], reason=reason)
    if change is Change.CHANGE_ROLES:
        return subjects.roles(person, wanted=[Role(role) for role in asked["new_roles"]], reason=reason)
    return subjects.reopening(person, reason=reason)


# Each answers the code of why it cannot be done, or None when it is ------------------------------------------------------------


def _reset_factors(tx: Tx, person: PersonRow | None, _id: UUID, _asked: Mapping[str, Any]) -> str | None:
    assert person is not None, "its subject was made"
    factor_queries.lock(tx, person.id)
    factor_queries.remove_totp(tx, person.id)
    factor_queries.replace_codes(tx, person.id, [])
    queries.delete_passkeys(tx, person.id)
    factors.weakened(tx, person.id, session_id=SYSTEM)
    audit.record(tx, "second_factors.reset", kind="principal", resource=person.id, after={"totp": False})
    outbox.publish(tx, FactorsReset(person.id, wall()), key=str(person.id))
    return None


def _change_email(tx: Tx, person: PersonRow | None, _id: UUID, asked: Mapping[str, Any]) -> str | None:
    assert person is not None, "its subject was made"
    wanted = asked["new_email"]
    if principals.lookup_by_email(tx, wanted) is not None:
        return "email_taken"
    change_id = uuid7()
    moves.insert(
        tx,
        change_id=change_id,
        principal_id=person.id,
        old_email=person.email,
        new_email=wanted,
        now=wall(),
        done=True,
    )
    change = recovery.find_change(tx, change_id)
    assert change is not None, "it was written just now"
    recovery.move_email(tx, change)
    return None


def _reopen(tx: Tx, person: PersonRow | None, _id: UUID, _asked: Mapping[str, Any]) -> str | None:
    assert person is not None, "its subject was made"
    principals.set_status(tx, person.id, Status.ACTIVE)
    audit.record(
        tx, "principal.unlocked", kind="principal", resource=person.id, before={"status": person.status},
        after={"status": Status.ACTIVE},
    )  # fmt: skip
    outbox.publish(tx, AccountReopened(person.id, wall()), key=str(person.id))
    return None


def _new_staff(tx: Tx, _person: PersonRow | None, principal: UUID, asked: Mapping[str, Any]) -> str | None:
    roles = frozenset(Role(role) for role in asked["roles"])
    row = PrincipalRow(tx.tenant_id, principal, Kind.STAFF, asked["email"], asked["name"], roles, Status.ACTIVE)
    if not principals.insert(tx, row):
        return "email_taken"
    after = {"kind": row.kind, "email": row.email, "roles": sorted(roles), "status": row.status}
    audit.record(tx, "principal.registered", kind="principal", resource=principal, after=after, roles=sorted(roles))
    outbox.publish(tx, StaffJoined(principal, wall()), key=str(principal))
    return None


def _change_roles(tx: Tx, person: PersonRow | None, _id: UUID, asked: Mapping[str, Any]) -> str | None:
    assert person is not None, "its subject was made"
    roles = [Role(role) for role in asked["new_roles"]]
    principals.set_roles(tx, person.id, roles)
    ending.end_others(tx, person.id, but=SYSTEM, reason=EndReason.SECURITY_CHANGED)
    audit.record(
        tx, "principal.roles_changed", kind="principal", resource=person.id, before={"roles": sorted(person.roles)},
        after={"roles": sorted(roles)}, roles=sorted(roles),
    )  # fmt: skip
    return None


_DEEDS: dict[Change, Callable[[Tx, PersonRow | None, UUID, Mapping[str, Any]], str | None]] = {
    Change.RESET_FACTORS: _reset_factors,
    Change.CHANGE_EMAIL: _change_email,
    Change.REOPEN: _reopen,
    Change.NEW_STAFF: _new_staff,
    Change.CHANGE_ROLES: _change_roles,
}

"""What a second person reads before agreeing: each change with the account as it is, so that an edit in between voids it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from identity.approvals.rules import Subject
from identity.people.queries import PersonRow
from identity.people.states import Change
from identity.principals.states import Role


def factors(person: PersonRow, *, totp: bool, passkeys: int, reason: str) -> Subject:
    return _subject(Change.RESET_FACTORS, person, reason, {"totp": int(totp), "passkeys": passkeys})


def email(person: PersonRow, *, wanted: str, reason: str) -> Subject:
    return _subject(Change.CHANGE_EMAIL, person, reason, {"new_email": wanted})


def reopening(person: PersonRow, *, reason: str) -> Subject:
    return _subject(Change.REOPEN, person, reason, {"status": person.status.value})


def roles(person: PersonRow, *, wanted: Collection[Role], reason: str) -> Subject:
    return _subject(Change.CHANGE_ROLES, person, reason, {"roles": _names(person.roles), "new_roles": _names(wanted)})


def new_staff(principal: UUID, *, email: str, name: str, roles: Collection[Role], reason: str) -> Subject:
    summary = {"email": email, "name": name, "roles": _names(roles), "reason": reason}
    return Subject(kind=Change.NEW_STAFF.value, resource_id=principal, summary=summary)


def _subject(change: Change, person: PersonRow, reason: str, more: Mapping[str, Any]) -> Subject:
    summary = {"email": person.email, "reason": reason, **more}
    return Subject(kind=change.value, resource_id=person.id, summary=summary)


def _names(roles: Collection[Role]) -> list[str]:
    return sorted(role.value for role in roles)

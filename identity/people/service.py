"""Use cases of staff on other people's accounts: find, look, shut at once; and ask for what a second role must agree to.

Shutting an account needs nobody else, because it can only lose a thief something. Whatever gives somebody a way in does: a reset of
second factors, another e-mail, opening what its owner froze, a new member of staff, other roles. `carrying` does those.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.people import closing, queries, subjects
from identity.people.errors import NothingToReset, OwnAccount, StatusUnfit
from identity.people.events import AccountLocked, AccountReopened
from identity.people.queries import FactsRow, PersonRow
from identity.permissions import Permission
from identity.principals import queries as principals
from identity.principals.errors import EmailTaken
from identity.principals.states import Kind, Role, Status
from identity.recovery.errors import EmailUnchanged
from identity.registration.rules import address
from identity.security.factors import COOL_DOWN
from identity.sessions import ending
from identity.sessions import queries as sessions
from identity.sessions.queries import DeviceRow
from identity.sessions.states import EndReason
from kernel import commands, db, outbox
from kernel.clock import wall
from kernel.db import Tx
from kernel.errors import NotFound
from kernel.ids import SYSTEM, uuid7

__all__ = [
    "Asked",
    "Detail",
    "PersonRow",
    "Wish",
    "ask_for_roles",
    "ask_for_staff",
    "change",
    "detail",
    "page",
    "set_status",
]

ASKED_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Detail:
    """An account with what stands around it; `cooling_until`: in business time."""

    person: PersonRow
    facts: FactsRow
    sessions: list[DeviceRow]
    cooling_until: datetime | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What staff wants to be different; exactly one of them."""

    status: Status | None = None
    name: str | None = None
    email: str | None = None
    reset_factors: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody new who waits for a second person's yes."""

    id: UUID
    approval_id: UUID


def page(
    *, tenant: UUID, kind: Kind, text: str | None, status: Status | None, before: UUID | None, limit: int
) -> list[PersonRow]:
    """The newest first."""
    with db.read_only(tenant=tenant) as tx:
        return queries.page(tx, kind=kind, text=text, status=status, before=before, limit=limit)


def detail(*, tenant: UUID, principal: UUID, kind: Kind) -> Detail:
    """One account with what stands around it.

    Raises:
        NotFound
    """
    with db.read_only(tenant=tenant) as tx:
        person = queries.get(tx, principal, kind=kind)
        if person is None:
            raise NotFound
        facts = queries.facts(tx, principal)
        over = None if facts.weakened_at is None else facts.weakened_at + COOL_DOWN
        cooling = over if over is not None and over > tx.now else None
        return Detail(person, facts, sessions.of_principal(tx, principal, now=wall()), cooling)


def change(*, tenant: UUID, by: UUID, customer: UUID, wish: Wish, reason: str) -> UUID | None:
    """Do it, or ask for it: answers the approval that it waits for.

    Raises:
        NotFound, StatusUnfit, AccountInUse, NothingToReset, EmailInvalid, EmailUnchanged, EmailTaken
    """
    if wish.status is not None:
        return set_status(tenant=tenant, by=by, principal=customer, kind=Kind.CUSTOMER, to=wish.status, reason=reason)
    with db.transaction(tenant=tenant) as tx:
        person = _locked(tx, customer, Kind.CUSTOMER)
        if wish.name is not None:
            principals.set_name(tx, person.id, wish.name)
            audit.record(
                tx, "principal.renamed", kind="principal", resource=person.id, before={"name": person.name},
                after={"name": wish.name}, reason=reason,
            )  # fmt: skip
            return None
        if wish.email is not None:
            return _request(tx, _email(tx, person, wish.email, reason=reason), by=by)
        totp, passkeys = queries.factor_counts(tx, person.id)
        if not totp and not passkeys:
            raise NothingToReset
        return _request(tx, subjects.factors(person, totp=totp, passkeys=passkeys, reason=reason), by=by)


def _email(tx: Tx, person: PersonRow, email: str, *, reason: str) -> Subject:
    wanted = address(email)
    if wanted == person.email:
        raise EmailUnchanged
    if principals.lookup_by_email(tx, wanted) is not None:
        raise EmailTaken
    return subjects.email(person, wanted=wanted, reason=reason)


def set_status(*, tenant: UUID, by: UUID, principal: UUID, kind: Kind, to: Status, reason: str) -> UUID | None:
    """Shut somebody's account at once, or open it: what staff locked is opened by staff, the rest by two of them.

    Raises:
        NotFound, StatusUnfit, OwnAccount
        AccountInUse: a customer's account is not closed while something of it runs; locking shuts it as well.
    """
    with db.transaction(tenant=tenant) as tx:
        person = _locked_other(tx, principal, kind, by=by)
        if to is Status.ACTIVE and person.status in {Status.FROZEN, Status.DISABLED}:
            return _request(tx, subjects.reopening(person, reason=reason), by=by)
        if person.status is to or to is Status.FROZEN or (to is Status.LOCKED and person.status is not Status.ACTIVE):
            raise StatusUnfit(status=person.status.value)
        if to is Status.DISABLED and kind is Kind.CUSTOMER:
            closing.require_nothing_runs(tx, person.id)
        principals.set_status(tx, person.id, to)
        _tell_status(tx, person, to, reason=reason)
        return None


def _tell_status(tx: Tx, person: PersonRow, to: Status, *, reason: str) -> None:
    before, after = {"status": person.status}, {"status": to}
    if to is Status.ACTIVE:
        audit.record(
            tx, "principal.unlocked", kind="principal", resource=person.id, before=before, after=after, reason=reason
        )
        outbox.publish(tx, AccountReopened(person.id, wall()), key=str(person.id))
        return
    ending.end_others(tx, person.id, but=SYSTEM, reason=EndReason.KILLED)
    if to is Status.DISABLED:
        audit.record(
            tx, "principal.disabled", kind="principal", resource=person.id, before=before, after=after, reason=reason
        )
        return
    audit.record(
        tx, "principal.locked", kind="principal", resource=person.id, before=before, after=after, reason=reason
    )
    outbox.publish(tx, AccountLocked(person.id, wall()), key=str(person.id))


def ask_for_staff(
    *, tenant: UUID, by: UUID, email: str, name: str, roles: Collection[Role], reason: str, key: str | None
) -> Asked:
    """A new member of staff, who exists once a second person agreed.

    Raises:
        EmailInvalid, EmailTaken, IdempotencyConflict
    """
    wanted = address(email)
    subject = subjects.new_staff(uuid7(), email=wanted, name=name, roles=roles, reason=reason)

    def fn(tx: Tx) -> tuple[str, UUID]:
        if principals.lookup_by_email(tx, wanted) is not None:
            raise EmailTaken
        approvals.request(
            tx,
            subject,
            maker=by,
            permission=Permission.PEOPLE_APPROVE,
            read_permission=Permission.STAFF_WRITE,
            expires_in=ASKED_FOR,
        )
        audit.about(tx, after={"email": wanted, "roles": sorted(roles)}, roles=sorted(roles))
        return "principal", subject.resource_id

    made = commands.run(
        tenant=tenant,
        principal=by,
        route="POST /v1/staff",
        key=key,
        fingerprint=commands.fingerprint({"email": wanted, "name": name, "roles": sorted(roles), "reason": reason}),
        fn=fn,
    )
    with db.read_only(tenant=tenant) as tx:
        approval = approvals.latest(tx, kind=subject.kind, resource_id=made.id)
    assert approval is not None, "it was asked for"
    return Asked(made.id, approval)


def ask_for_roles(*, tenant: UUID, by: UUID, principal: UUID, roles: Collection[Role], reason: str) -> UUID:
    """Other roles for a member of staff, who has them once a second person agreed.

    Raises:
        NotFound, OwnAccount
    """
    with db.transaction(tenant=tenant) as tx:
        person = _locked_other(tx, principal, Kind.STAFF, by=by)
        return _request(tx, subjects.roles(person, wanted=roles, reason=reason), by=by)


def _locked(tx: Tx, principal: UUID, kind: Kind) -> PersonRow:
    person = queries.lock(tx, principal)
    if person is None or person.kind is not kind:
        raise NotFound
    return person


def _locked_other(tx: Tx, principal: UUID, kind: Kind, *, by: UUID) -> PersonRow:
    """Somebody else: none of the accounts of who asks."""
    person = _locked(tx, principal, kind)
    if principal in principals.accounts_of_person(tx, by):
        raise OwnAccount
    return person


def _request(tx: Tx, subject: Subject, *, by: UUID) -> UUID:
    approval = approvals.request(
        tx,
        subject,
        maker=by,
        permission=Permission.PEOPLE_APPROVE,
        read_permission=Permission.CUSTOMERS_READ,
        expires_in=ASKED_FOR,
    )
    audit.record(
        tx, "account_change.asked", kind="principal", resource=subject.resource_id, of=subject.kind, approval=str(approval)
    )  # fmt: skip
    return approval

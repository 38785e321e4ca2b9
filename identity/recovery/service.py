"""Use cases around a lost or stolen way in: a new password by mail, another e-mail, and the account shut by its owner.

Each ends all sessions, and each but the freeze begins the pause in which nothing can be opened that a thief would want.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from identity.api_keys import service as api_keys
from identity.audit import service as audit
from identity.mail_links import service as mail_links
from identity.mail_links.service import LinkInvalid, Purpose
from identity.principals import passwords
from identity.principals import queries as principals
from identity.principals.errors import EmailTaken
from identity.principals.states import Status
from identity.recovery import queries
from identity.recovery.errors import EmailUnchanged
from identity.recovery.events import AccountFrozen, EmailChangeAsked, EmailChanged, PasswordResetAsked
from identity.recovery.queries import EmailChangeRow
from identity.registration.rules import address
from identity.registration.service import pace
from identity.security import factors
from identity.security.errors import PasswordTooWeak
from identity.security.events import PasswordChanged
from identity.security.factors import Proof
from identity.security.rules import too_weak
from identity.sessions import ending
from identity.sessions.errors import LoginBusy
from identity.sessions.states import EndReason
from kernel import log, outbox
from kernel.clock import wall
from kernel.db import Tx, read_only, transaction
from kernel.ids import SYSTEM, uuid7

__all__ = [
    "EmailChangeRow",
    "ask_for_email",
    "ask_for_reset",
    "confirm_email",
    "find_change",
    "freeze",
    "move_email",
    "reset",
]

_EVERYWHERE = SYSTEM  # the session that is spared: nobody's

_log = log.get("identity")


def ask_for_reset(*, email: str) -> None:
    """Somebody forgot the password of this e-mail's account, if it has one.

    Raises:
        MailLinksNotConfigured, EmailInvalid, TooManyAttempts: none of them depends on the account.
    """
    mail_links.demand_offered()
    wanted = address(email)
    pace(wanted)
    with read_only() as tx:
        known = principals.lookup_by_email(tx, wanted)
    # An unknown e-mail walks the same way, in a tenant that does not exist.
    tenant, principal = known or (SYSTEM, SYSTEM)
    with transaction(tenant=tenant) as tx:
        outbox.publish(tx, PasswordResetAsked(principal, wall()), key=str(principal))


def reset(*, token: str, password: str, proof: Proof) -> None:
    """Whoever reads the mail sets a new password; a mailbox alone opens no account that has a second factor.

    Raises:
        LinkInvalid, PasswordTooWeak, LoginBusy
        SecondFactorRequired, SecondFactorInvalid, SecondFactorLocked
    """
    link = mail_links.open_link(token, Purpose.RESET)
    with read_only(tenant=link.tenant_id) as tx:
        person = principals.get(tx, link.subject_id)
    if person is None or not person.active:
        raise LinkInvalid
    if too_weak(password, known=[person.email, *person.email.split("@"), *person.name.split()]):
        raise PasswordTooWeak
    factors.require_at_login(tenant=person.tenant_id, principal=person.id, proof=proof)
    try:
        hashed = passwords.hash_for_anybody(password)
    except passwords.GateFull:
        raise LoginBusy(retry_after_s=1) from None
    with transaction(tenant=person.tenant_id) as tx:
        mail_links.spend(tx, link)
        mail_links.spend_all(tx, Purpose.RESET, person.id)
        now = wall()
        principals.set_password(tx, person.id, hashed, now=now)
        factors.weakened(tx, person.id, session_id=_EVERYWHERE)
        audit.record(tx, "password.reset", kind="principal", resource=person.id, actor=person.id)
        outbox.publish(tx, PasswordChanged(person.id, now), key=str(person.id))
    _log.warning("a password was reset by mail", principal=person.id)


def ask_for_email(*, tenant: UUID, principal: UUID, email: str) -> UUID:
    """The owner wants another e-mail: both mailboxes are asked. An older wish leads nowhere any more.

    Raises:
        MailLinksNotConfigured, EmailInvalid, EmailUnchanged, TooManyAttempts
    """
    mail_links.demand_offered()
    wanted = address(email)
    pace(wanted)
    change_id, now = uuid7(), wall()
    with transaction(tenant=tenant) as tx:
        person = principals.get(tx, principal)
        assert person is not None, "somebody asks"
        if person.email == wanted:
            raise EmailUnchanged
        queries.drop_open(tx, principal, now=now)
        queries.insert(
            tx,
            change_id=change_id,
            principal_id=principal,
            old_email=person.email,
            new_email=wanted,
            now=now,
            done=False,
        )
        audit.record(tx, "email_change.asked", kind="email_change", resource=change_id, actor=principal)
        outbox.publish(tx, EmailChangeAsked(change_id, principal, now), key=str(principal))
    return change_id


def confirm_email(token: str) -> bool:
    """One mailbox says yes; True once both have, and the account has moved.

    Raises:
        LinkInvalid
        EmailTaken: somebody else has the new address; only who reads its mail is told.
    """
    link = mail_links.open_link(token, Purpose.EMAIL_OLD, Purpose.EMAIL_NEW)
    try:
        with transaction(tenant=link.tenant_id) as tx:
            change = queries.lock_open(tx, link.subject_id)
            if change is None:
                raise LinkInvalid
            mail_links.spend(tx, link)
            change = queries.confirm(tx, change.id, old=link.purpose is Purpose.EMAIL_OLD, now=wall())
            audit.record(
                tx, "email_change.confirmed", kind="email_change", resource=change.id, actor=change.principal_id,
                by=link.purpose.value,
            )  # fmt: skip
            if change.old_confirmed_at is None or change.new_confirmed_at is None:
                return False
            person = principals.get(tx, change.principal_id)
            if person is None or not person.active or person.email != change.old_email:
                raise LinkInvalid
            if principals.lookup_by_email(tx, change.new_email) is not None:
                raise EmailTaken
            queries.finish(tx, change.id, now=wall())
            move_email(tx, change)
    except IntegrityError:  # somebody took it in this very moment
        raise EmailTaken from None
    return True


def move_email(tx: Tx, change: EmailChangeRow) -> None:
    """The account has another e-mail from now on. Step."""
    principals.set_email(tx, change.principal_id, change.new_email)
    for purpose in (Purpose.EMAIL_OLD, Purpose.EMAIL_NEW):
        mail_links.spend_all(tx, purpose, change.id)
    mail_links.spend_all(tx, Purpose.RESET, change.principal_id)
    factors.weakened(tx, change.principal_id, session_id=_EVERYWHERE)
    audit.record(
        tx, "email.changed", kind="principal", resource=change.principal_id, before={"email": change.old_email},
        after={"email": change.new_email},
    )  # fmt: skip
    outbox.publish(tx, EmailChanged(change.id, change.principal_id, wall()), key=str(change.principal_id))


def find_change(tx: Tx, change_id: UUID) -> EmailChangeRow | None:
    """For whoever writes to its two ends. Step."""
    return queries.get(tx, change_id)


def freeze(token: str) -> None:
    """Shut the account at once: sessions, keys, logins. Money and orders stay as they are. Again changes nothing.

    Raises:
        LinkInvalid
    """
    link = mail_links.open_link(token, Purpose.FREEZE)
    with transaction(tenant=link.tenant_id) as tx:
        mail_links.spend(tx, link)
        mail_links.spend_all(tx, Purpose.RESET, link.subject_id)
        person = principals.get(tx, link.subject_id)
        if person is None or person.status is Status.DISABLED:
            raise LinkInvalid
        if not principals.move_status(tx, person.id, Status.FROZEN, sources=[Status.ACTIVE, Status.LOCKED]):
            return
        ending.end_others(tx, person.id, but=_EVERYWHERE, reason=EndReason.SECURITY_CHANGED)
        api_keys.revoke_all(tx, person.id)
        audit.record(
            tx, "principal.frozen", kind="principal", resource=person.id, before={"status": person.status},
            after={"status": Status.FROZEN}, actor=person.id,
        )  # fmt: skip
        outbox.publish(tx, AccountFrozen(person.id, wall()), key=str(person.id))
    _log.warning("an account was frozen by its owner", principal=link.subject_id)

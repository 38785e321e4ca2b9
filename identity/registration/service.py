"""Use cases of registering: ask for an account, ask for the mail again, use its link.

A request does the same work whether or not the address has an account, for its answer and its duration must not tell: it writes down
what was asked and publishes an id. What the mail says is decided where it is worded, and only who reads that mailbox learns it.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from identity.mail_links import service as mail_links
from identity.mail_links.service import Purpose
from identity.principals import passwords
from identity.principals import queries as principals
from identity.principals.service import register_customer
from identity.registration import queries, rules
from identity.registration.errors import RegistrationClosed, RegistrationPasswordWrong
from identity.registration.events import CustomerRegistered, RegistrationReceived
from identity.registration.queries import RegistrationRow
from identity.security.errors import PasswordTooWeak
from identity.security.rules import too_weak
from identity.sessions import attempts
from identity.sessions.errors import LoginBusy, TooManyAttempts
from identity.tenants import service as tenants
from kernel import log, outbox
from kernel.clock import wall
from kernel.db import Tx, read_only, transaction
from kernel.ids import SYSTEM, uuid7
from kernel.settings import settings

__all__ = ["RegistrationRow", "ask", "ask_again", "find", "house_of", "offered", "pace", "purge", "verify"]

KEPT = timedelta(days=7)
_MAILS = "mail to"  # what is counted, beside the address that mails are asked for

_log = log.get("identity")


def offered(house: UUID) -> bool:
    """Whether people may register themselves: the deployment and the house must both want it."""
    return settings().registration_open and mail_links.offered() and tenants.registers(house)


def house_of(host: str) -> UUID:
    """Whose customer one becomes: of the house whose pages lie under this name, else of the one that the deployment names."""
    return tenants.of_host(host) or settings().registration_tenant or settings().house_tenant


def pace(email: str) -> None:
    """Bound the mails that strangers can have sent to one address, whoever has it.

    Raises:
        TooManyAttempts
    """
    wait_s = attempts.take(f"{_MAILS} {email}", "")
    if wait_s is not None:
        raise TooManyAttempts(retry_after_s=int(wait_s) + 1)


def ask(*, house: UUID, email: str, password: str, name: str, language: str) -> None:
    """Somebody wants an account.

    Raises:
        RegistrationClosed, EmailInvalid, PasswordTooWeak: about what was sent, never about who has an account.
        TooManyAttempts, LoginBusy: come back later.
    """
    if not offered(house):
        raise RegistrationClosed
    address = rules.address(email)
    if too_weak(password, known=[address, *address.split("@"), *name.split()]):
        raise PasswordTooWeak
    pace(address)
    try:
        hashed = passwords.hash_for_anybody(password)
    except passwords.GateFull:
        raise LoginBusy(retry_after_s=1) from None
    registration_id, now = uuid7(), wall()
    with read_only() as tx:
        known = principals.lookup_by_email(tx, address) is not None
    with transaction(tenant=house) as tx:
        queries.insert(
            tx,
            registration_id=registration_id,
            email=address,
            name=name,
            language=language,
            password_hash=hashed,
            now=now,
        )
        outbox.publish(tx, RegistrationReceived(registration_id, known, now), key=str(registration_id))


def ask_again(*, house: UUID, email: str) -> None:
    """The mail did not come: another one, if something waits for its link.

    Raises:
        RegistrationClosed, EmailInvalid, TooManyAttempts
    """
    if not offered(house):
        raise RegistrationClosed
    address, now = rules.address(email), wall()
    pace(address)
    with read_only(tenant=house) as tx:
        waiting = queries.newest_waiting(tx, address, since=now - KEPT)
    with read_only() as tx:
        known = principals.lookup_by_email(tx, address) is not None
    with transaction(tenant=house) as tx:  # for nobody the same is written, and read by nobody
        outbox.publish(tx, RegistrationReceived(waiting or SYSTEM, known, now), key=str(waiting or SYSTEM))


def verify(token: str, *, password: str) -> None:
    """The link was used, so the address is theirs: from now on there is an account, and its password opens it.

    The link proves the mailbox and the password who registered: else a stranger who registers somebody's address would have a password
    of their own on an account that its owner makes valid.

    Raises:
        LinkInvalid
        RegistrationPasswordWrong: this registration was made with another one. The link stays good.
        EmailTaken: the address got an account meanwhile; only who reads its mail is told.
        LoginBusy: come back later.
    """
    link = mail_links.open_link(token, Purpose.REGISTRATION)
    with read_only(tenant=link.tenant_id) as tx:
        waiting = queries.waiting_hash(tx, link.subject_id)
    if waiting is None:
        raise mail_links.LinkInvalid
    try:
        right = passwords.matches(password, waiting)
    except passwords.GateFull:
        raise LoginBusy(retry_after_s=1) from None
    if not right:
        raise RegistrationPasswordWrong
    with transaction(tenant=link.tenant_id) as tx:
        mail_links.spend(tx, link)
        row, hashed = queries.get(tx, link.subject_id), queries.lock_hash(tx, link.subject_id)
        if row is None or hashed is None:
            raise mail_links.LinkInvalid
        customer = register_customer(tx, email=row.email, password_hash=hashed, name=row.name)
        queries.become(tx, row.id, principal_id=customer.id)
        mail_links.spend_all(tx, Purpose.REGISTRATION, row.id)
        fact = CustomerRegistered(customer.id, row.id, row.language, wall())
        outbox.publish(tx, fact, key=str(customer.id))
    _log.info("a customer registered", principal=customer.id)


def find(tx: Tx, registration_id: UUID) -> RegistrationRow | None:
    """For whoever writes to who registered. Step."""
    return queries.get(tx, registration_id)


def purge(tx: Tx, *, limit: int) -> int:
    """Forget registrations of a week ago, confirmed or not; answers how many. Step of a schedule."""
    return queries.delete_old(tx, before=wall() - KEPT, limit=limit)

"""Make a link for a mail, look at one, use one up. Whoever renders the mail mints: no event, queue or row ever holds a token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from identity.mail_links import queries, rules
from identity.mail_links.errors import LinkInvalid, MailLinksNotConfigured
from identity.mail_links.states import LIFE, Purpose
from kernel.clock import wall
from kernel.db import Tx, read_only
from kernel.settings import settings

__all__ = [
    "Link",
    "LinkInvalid",
    "Purpose",
    "address_of",
    "demand_offered",
    "mint",
    "offered",
    "open_link",
    "purge",
    "spend",
    "spend_all",
]

KEPT_AFTER_EXPIRY = timedelta(days=7)
_PAGES = {
    Purpose.REGISTRATION: "/verify",
    Purpose.RESET: "/reset",
    Purpose.EMAIL_OLD: "/confirm-email",
    Purpose.EMAIL_NEW: "/confirm-email",
    Purpose.FREEZE: "/freeze",
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is still good: where it belongs and what it is for."""

    tenant_id: UUID
    subject_id: UUID
    purpose: Purpose
    token_hash: bytes


def offered() -> bool:
    """Whether a mail can say where its link leads."""
    return settings().page_url is not None


def demand_offered() -> None:
    """Refuse what would need a mail with a link where none can be sent.

    Raises:
        MailLinksNotConfigured
    """
    if not offered():
        raise MailLinksNotConfigured


def mint(tx: Tx, purpose: Purpose, subject_id: UUID) -> str:
    """The address that goes into the mail which is being worded. Step of the engine."""
    token, now = rules.new_token(), wall()
    queries.insert(
        tx,
        token_hash=rules.token_hash(token),
        purpose=purpose,
        subject_id=subject_id,
        now=now,
        expires_at=now + LIFE[purpose],
    )
    return address_of(purpose, token)


def address_of(purpose: Purpose, token: str) -> str:
    """The token stands behind the `#`: browsers send that part to nobody, and no server writes it into a log."""
    return f"{(settings().page_url or '').rstrip('/')}{_PAGES[purpose]}#{token}"


def open_link(token: str, *purposes: Purpose) -> Link:
    """Look at a link without using it up.

    Raises:
        LinkInvalid
    """
    if not rules.looks_right(token):
        raise LinkInvalid
    hashed, now = rules.token_hash(token), wall()
    with read_only() as tx:
        tenant = queries.lookup(tx, hashed)
    if tenant is None:
        raise LinkInvalid
    with read_only(tenant=tenant) as tx:
        for purpose in purposes:
            subject = queries.subject_of(tx, hashed, purpose=purpose, now=now)
            if subject is not None:
                return Link(tenant, subject, purpose, hashed)
    raise LinkInvalid


def spend(tx: Tx, link: Link) -> None:
    """Use it up, in the transaction of what it opens. Step.

    Raises:
        LinkInvalid: somebody was faster.
    """
    if queries.use(tx, link.token_hash, purpose=link.purpose, now=wall()) is None:
        raise LinkInvalid


def spend_all(tx: Tx, purpose: Purpose, subject_id: UUID) -> None:
    """No link of this purpose to this subject opens anything any more. Step."""
    queries.use_all(tx, subject_id, purpose=purpose, now=wall())


def purge(tx: Tx, *, limit: int) -> int:
    """Forget links that expired a week ago; answers how many. Step of a schedule."""
    return queries.delete_expired(tx, before=wall() - KEPT_AFTER_EXPIRY, limit=limit)

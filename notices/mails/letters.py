"""To whom a mail goes, in which language, and the link it carries: looked up and made while the mail is worded, never before.

A letter may be for an address that is nobody's account yet, or not any more. Every mail about the safety of an account carries a link
that shuts it; no mail has a link where nobody told us where links lead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from identity import service as identity
from identity.mail_links import service as mail_links
from identity.mail_links.service import Purpose
from identity.principals.states import Status
from identity.recovery import service as recovery
from identity.registration import service as registration
from kernel.db import Tx
from notices import texts
from notices.inbox.queries import NoticeRow
from notices.preferences import service as preferences
from notices.states import SECURITY, Kind, Language

_LINKS: dict[Kind, Purpose] = {
    Kind.CONFIRM_REGISTRATION: Purpose.REGISTRATION,
    Kind.PASSWORD_RESET: Purpose.RESET,
    Kind.STAFF_JOINED: Purpose.RESET,
    Kind.EMAIL_CHANGE_OLD: Purpose.EMAIL_OLD,
    Kind.EMAIL_CHANGE_NEW: Purpose.EMAIL_NEW,
    Kind.EMAIL_MOVED_AWAY: Purpose.FREEZE,
    **dict.fromkeys(SECURITY - {Kind.ACCOUNT_FROZEN, Kind.ACCOUNT_LOCKED}, Purpose.FREEZE),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """`subject`: what a link in it would be for."""

    email: str
    language: Language
    subject: UUID


def address(tx: Tx, notice: NoticeRow) -> Letter | None:
    """None where there is nobody to write to (any more). Step."""
    return _ADDRESSES.get(notice.kind, _of_account)(tx, notice)


def link(tx: Tx, kind: Kind, letter: Letter) -> str | None:
    """A fresh link for this one mail. Step."""
    purpose = _LINKS.get(kind)
    return None if purpose is None or not mail_links.offered() else mail_links.mint(tx, purpose, letter.subject)


def body(notice: NoticeRow, letter: Letter, *, link: str | None) -> str:
    """The text with its link, and who says so."""
    text, language = texts.render(notice.kind, letter.language, notice.params).body, letter.language
    if link is None:
        return f"{text}\n\n-- \n{texts.MAIL_END[language]}\n"
    leads = texts.FREEZE if _LINKS[notice.kind] is Purpose.FREEZE else texts.LINK_LEADS
    return f"{text}\n\n{leads[language]}\n{link}\n\n-- \n{texts.LINK_END[language]}\n"


def _of_account(tx: Tx, notice: NoticeRow) -> Letter | None:
    """Whoever may not come in is told of it all the same, but gets no new way in."""
    person = identity.find_principal(tx, notice.principal_id)
    if person is None or person.status is Status.DISABLED:
        return None
    if notice.kind in {Kind.PASSWORD_RESET, Kind.STAFF_JOINED} and not person.active:
        return None
    return Letter(person.email, _language(tx, person.id), person.id)


def _of_registration(tx: Tx, notice: NoticeRow) -> Letter | None:
    row = registration.find(tx, notice.principal_id)
    return None if row is None else Letter(row.email, Language(row.language), row.id)


def _of_change(tx: Tx, notice: NoticeRow) -> Letter | None:
    change = recovery.find_change(tx, notice.principal_id)
    if change is None:
        return None
    email = change.new_email if notice.kind is Kind.EMAIL_CHANGE_NEW else change.old_email
    subject = change.principal_id if notice.kind is Kind.EMAIL_MOVED_AWAY else change.id
    return Letter(email, _language(tx, change.principal_id), subject)


def _language(tx: Tx, principal: UUID) -> Language:
    return preferences.of(tx, [principal])[principal].language


_ADDRESSES: dict[Kind, Callable[[Tx, NoticeRow], Letter | None]] = {
    Kind.CONFIRM_REGISTRATION: _of_registration,
    Kind.ACCOUNT_EXISTS: _of_registration,
    Kind.EMAIL_CHANGE_OLD: _of_change,
    Kind.EMAIL_CHANGE_NEW: _of_change,
    Kind.EMAIL_MOVED_AWAY: _of_change,
}

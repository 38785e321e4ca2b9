"""Use cases of mails: ask for one, word it, note what became of it, try again what was provably not taken.

SMTP cannot be asked whether it has a mail, and sending twice arrives twice. So each attempt is a call of its own, a further one is made
only where the server provably took nothing, and what may have been taken is left alone.
"""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

from kernel import log
from kernel.calls import service as calls
from kernel.clock import wall
from kernel.db import Tx, read_only, transaction
from kernel.ids import uuid7
from kernel.settings import settings
from notices import texts
from notices.inbox import queries as notices
from notices.mails import letters, queries, rules
from notices.mails.states import MailState

LANE, KIND = "smtp", "mail"
NOBODY_KNOWS = "a mail server cannot be asked"
NOT_LATER_THAN = timedelta(days=3)
_AT_ONCE = 100

_log = log.get("mails")


def offered() -> bool:
    """Whether this deployment sends mails at all."""
    return settings().smtp_url is not None


def request(tx: Tx, notice_id: UUID) -> None:
    """A mail of this notice. Step."""
    mail_id = uuid7()
    queries.insert(tx, mail_id=mail_id, notice_id=notice_id)
    _call(tx, mail_id, attempt=1)


def _call(tx: Tx, mail_id: UUID, *, attempt: int) -> None:
    calls.request(
        tx,
        lane=LANE,
        kind=KIND,
        ref=f"{mail_id}/{attempt}",
        payload={"mail_id": str(mail_id)},  # an id and nothing else: the text is made when it is sent
        deadline=wall() + NOT_LATER_THAN,
    )


def prepare(*, tenant: UUID, mail_id: UUID) -> EmailMessage | None:
    """The mail, worded now; None where there is nobody to send it to any more.

    Raises:
        AddressUnusable
    """
    with transaction(tenant=tenant) as tx:
        mail = queries.get(tx, mail_id)
        notice = None if mail is None else notices.get(tx, mail.notice_id)
        letter = None if notice is None else letters.address(tx, notice)
        if notice is None or letter is None:
            return None
        link = letters.link(tx, notice.kind, letter)  # made here, for this one mail, and stored as its hash alone
    return rules.compose(
        sender=settings().mail_from,
        recipient=letter.email,
        subject=texts.render(notice.kind, letter.language, notice.params).title,
        body=letters.body(notice, letter, link=link),
        mail_id=mail_id,
        written_at=wall(),
    )


def note_sent(tx: Tx, mail_id: UUID) -> None:
    queries.move(tx, mail_id, MailState.SENT, reason=None)


def note_unknown(tx: Tx, mail_id: UUID, reason: str) -> None:
    _log.warning("mail_unknown", mail=mail_id, reason=reason)
    queries.move(tx, mail_id, MailState.UNKNOWN, reason=reason[:200])


def give_up_asking(*, tenant: UUID, mail_id: UUID) -> None:
    """Nobody knows what became of an attempt, and nobody can be asked: it counts as taken."""
    with transaction(tenant=tenant) as tx:
        queries.move(tx, mail_id, MailState.UNKNOWN, reason=NOBODY_KNOWS)


def note_expired(tx: Tx, mail_id: UUID) -> None:
    queries.move(tx, mail_id, MailState.EXPIRED, reason=None)


def note_refused(tx: Tx, mail_id: UUID, reason: str, *, for_now: bool) -> None:
    """It was provably not taken. Step."""
    mail = queries.get(tx, mail_id)
    pause = rules.pause_after(mail.attempts) if mail is not None and for_now else None
    if pause is None:
        _log.warning("mail_refused", mail=mail_id, reason=reason)
        queries.move(tx, mail_id, MailState.REFUSED, reason=reason[:200])
    else:
        queries.move(tx, mail_id, MailState.LATER, reason=reason[:200], next_attempt_at=tx.now + pause)


def send_due() -> int:
    """Try again what waits for its time; returns how many calls were asked for."""
    with read_only() as tx:
        found = queries.due(tx, limit=_AT_ONCE)
    done = 0
    for tenant, mail_id in found:
        with transaction(tenant=tenant) as tx:
            attempt = queries.try_again(tx, mail_id)
            if attempt is not None:
                _call(tx, mail_id, attempt=attempt)
                done += 1
    return done

"""What a mail looks like, where it goes out, and when it is tried again: pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from enum import StrEnum
from urllib.parse import unquote, urlsplit
from uuid import UUID

from notices.texts import one_line

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))


class AddressUnusable(ValueError):
    """No mail can be addressed like this."""


class SmtpUrlMalformed(ValueError):
    """RIVERMOUTH_SMTP_URL is not `smtp[s]://[user:password@]host[:port]` or `smtp+starttls://…`, or nothing would protect its password."""


class Security(StrEnum):
    NONE = "smtp"
    STARTTLS = "smtp+starttls"
    TLS = "smtps"


_PORTS = {Security.NONE: 25, Security.STARTTLS: 587, Security.TLS: 465}


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails go out."""

    host: str
    port: int
    security: Security
    user: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"Server({self.security}://{self.host}:{self.port})"


def read_server(url: str) -> Server:
    """Read the setting.

    Raises:
        SmtpUrlMalformed: it is no such address, or it has a password that nothing would protect.
    """
    try:
        parts = urlsplit(url)
        security, port = Security(parts.scheme), parts.port
    except ValueError:
        raise SmtpUrlMalformed from None
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    if not parts.hostname or (user is None) is not (password is None) or parts.path.strip("/") or parts.query:
        raise SmtpUrlMalformed
    if user is not None and security is Security.NONE:
        raise SmtpUrlMalformed
    return Server(parts.hostname, port or _PORTS[security], security, user, password)


def compose(
    *, sender: str, recipient: str, subject: str, body: str, mail_id: UUID, written_at: datetime
) -> EmailMessage:
    """One plain mail. It bears our id, so that whoever gets it twice can tell.

    Raises:
        AddressUnusable: of the sender or the recipient.
    """
    if not sender.isprintable():  # what parseaddr makes of line ends differs between versions of Python
        raise AddressUnusable
    name, own = parseaddr(sender)
    try:
        from_whom = Address(display_name=name, addr_spec=_plain(own))
        to_whom = Address(addr_spec=_plain(recipient))
    except (ValueError, IndexError, MessageError):
        raise AddressUnusable from None
    message = EmailMessage(policy=SMTP)
    message["From"] = from_whom
    message["To"] = to_whom
    message["Subject"] = one_line(subject)
    message["Date"] = written_at
    message["Message-ID"] = f"<{mail_id}@{from_whom.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def _plain(address: str) -> str:
    """Only what fits between the angle brackets of an envelope, for servers without SMTPUTF8 too."""
    if not address.isascii() or not address.isprintable() or any(c in address for c in ' <>,;:"()[]\\'):
        raise AddressUnusable
    return address


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after that many fruitless attempts; None when it was the last."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None

"""The mails that the sandbox's server kept, for who wants to see what a customer was sent."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import islice
from pathlib import Path

from pydantic import BaseModel

FOLDER = "mails"


class MailOut(BaseModel):
    """A mail as it arrived."""

    id: str
    sender: str
    recipient: str
    subject: str
    date: str
    message_id: str
    body: str


def newest(folder: Path, *, recipient: str | None, limit: int) -> list[MailOut]:
    """The newest first; none where no server keeps any."""
    return list(islice(_read(folder, recipient), limit))


def _read(folder: Path, recipient: str | None) -> Iterator[MailOut]:
    for path in sorted(folder.glob("*.eml"), reverse=True):
        try:
            mail = _parse(path.stem, path.read_bytes())
        except FileNotFoundError:  # it was the oldest, and a new one came
            continue
        if recipient in {None, mail.recipient}:
            yield mail


def _parse(name: str, content: bytes) -> MailOut:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(preferencelist=("plain",))
    return MailOut(
        id=name,
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        date=str(message["Date"] or ""),
        message_id=str(message["Message-ID"] or "").strip(),
        body="" if part is None else str(part.get_content()),
    )

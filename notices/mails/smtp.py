"""Handing one mail to a server. What matters is what is known afterwards: taken, not taken, or nobody can say.

What a server says is kept and logged, and some quote the link that they do not like: what stands in the mail is cut out of it.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP

from kernel.calls.outcomes import Done, Outcome, Refused, Unknown
from kernel.db import assert_no_transaction
from notices.mails.rules import Security, Server

TIMEOUT_S = 20.0
_LONGEST_WORDS = 200
_LONG = re.compile(r"[A-Za-z0-9_-]{16,}", re.ASCII)  # whatever of a mail could be a token
FOR_NOW = "try_later"
"""The code of a refusal after which the same mail may be tried again."""


def deliver(server: Server, message: EmailMessage) -> Outcome:
    """Send it once. Until the text goes out nothing can have been taken; from then on only an answer says what happened."""
    assert_no_transaction()
    outcome = _deliver(server, message)
    if isinstance(outcome, Refused | Unknown):
        return replace(outcome, text=_unquoted(outcome.text, message.get_content())[:_LONGEST_WORDS])
    return outcome


def _unquoted(words: str, text: str) -> str:
    for part in sorted(set(_LONG.findall(text)), key=len, reverse=True):
        words = re.sub(re.escape(part), "…", words, flags=re.IGNORECASE)
    return words


def _deliver(server: Server, message: EmailMessage) -> Outcome:
    recipient = message["To"].addresses[0].addr_spec
    try:
        client = _open(server)
    except (OSError, smtplib.SMTPException) as error:
        return Refused(FOR_NOW, _words(error), never_sent=True)
    try:
        refusal = _envelope(client, sender=message["From"].addresses[0].addr_spec, recipient=recipient)
        return refusal if refusal is not None else _text(client, message.as_bytes(policy=SMTP))
    finally:
        client.close()


def _open(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security is Security.TLS:
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    try:
        client.ehlo_or_helo_if_needed()
        if server.security is Security.STARTTLS:
            client.starttls(context=context)
            client.ehlo()
        if server.user is not None and server.password is not None:
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


def _envelope(client: smtplib.SMTP, *, sender: str, recipient: str) -> Refused | None:
    try:
        for code, words in (client.mail(sender), client.rcpt(recipient)):
            if not 200 <= code < 300:
                return _refused(code, words)
    except (OSError, smtplib.SMTPException) as error:
        return Refused(FOR_NOW, _words(error), never_sent=True)
    return None


def _text(client: smtplib.SMTP, text: bytes) -> Outcome:
    try:
        code, words = client.data(text)
    except smtplib.SMTPDataError as error:  # it said no before the text
        return _refused(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException) as error:
        return Unknown(_words(error))
    return Done({"answer": code}) if 200 <= code < 300 else _refused(code, words)


def _refused(code: int, words: bytes | str) -> Refused:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return Refused(FOR_NOW if 400 <= code < 500 else "refused", f"{code} {text}")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"

"""How a mail is made and where it may go: no header can be smuggled in, no password goes out in the open."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP, default

import pytest

from kernel.ids import uuid7
from notices.mails.rules import (
    AddressUnusable,
    Security,
    Server,
    SmtpUrlMalformed,
    compose,
    pause_after,
    read_server,
)

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)


def mail(**changes):
    given = {
        "sender": "Rivermouth <no-reply@house.example>",
        "recipient": "ann@example.com",
        "subject": "Hello",
        "body": "Text\n",
        "mail_id": uuid7(),
        "written_at": AT,
    }
    return compose(**given | changes)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://relay", Server("relay", 25, Security.NONE)),
        ("smtp://127.0.0.1:2525", Server("127.0.0.1", 2525, Security.NONE)),
        ("smtp+starttls://me:p%40ss@relay.example", Server("relay.example", 587, Security.STARTTLS, "me", "p@ss")),
        ("smtps://me:secret@relay.example:4650", Server("relay.example", 4650, Security.TLS, "me", "secret")),
    ],
)
def test_addresses_of_servers(url, server):
    assert read_server(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "relay.example:25",
        "http://relay.example",
        "smtp://",
        "smtp://me:secret@relay.example",  # nothing would protect it
        "smtps://me@relay.example",
        "smtp://relay.example/path",
        "smtp://relay.example?retry=3",
        "smtp://relay.example:port",
    ],
)
def test_what_is_no_address_of_a_server(url):
    with pytest.raises(SmtpUrlMalformed) as refused:
        read_server(url)
    assert "secret" not in str(refused.value)


def test_a_server_does_not_tell_its_password():
    assert "secret" not in repr(read_server("smtps://me:secret@relay.example"))


def test_a_mail_arrives_as_it_was_written():
    mail_id = uuid7()
    made = mail(subject="您的密码已修改", body="第一行\n.\n第三行\n", mail_id=mail_id)
    read = message_from_bytes(made.as_bytes(policy=SMTP), policy=default)
    assert str(read["Subject"]) == "您的密码已修改"
    assert read.get_content().replace("\r\n", "\n") == "第一行\n.\n第三行\n"
    assert str(read["To"]) == "ann@example.com"
    assert read["Message-ID"].strip() == f"<{mail_id}@house.example>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Date"].datetime == AT


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028"])
def test_no_header_can_be_smuggled_in(end):
    smuggled = f"Hello{end}Bcc: everybody@example.com{end}{end}another body"
    raw = mail(subject=smuggled).as_bytes(policy=SMTP)
    read = message_from_bytes(raw, policy=default)
    assert read["Bcc"] is None
    assert set(read.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert read.get_content().strip() == "Text"
    with pytest.raises(AddressUnusable):
        mail(sender=f"River{end}Bcc: x@example.com <no-reply@house.example>")


@pytest.mark.parametrize(
    "recipient",
    [
        "ann@example.com\r\nRCPT TO:<x@example.com>",
        "a b@example.com",
        "a@b>,<c@d",
        "änn@example.com",
        "",
        "a@b, c@d",
        "a@",
    ],
)
def test_an_envelope_holds_one_plain_address(recipient):
    with pytest.raises(AddressUnusable):
        mail(recipient=recipient)


def test_a_mail_that_was_not_taken_is_tried_for_most_of_a_day_and_then_given_up():
    pauses = []
    while (pause := pause_after(len(pauses) + 1)) is not None:
        pauses.append(pause)
    assert pauses == sorted(pauses)
    assert sum(pauses, timedelta()) > timedelta(hours=20)

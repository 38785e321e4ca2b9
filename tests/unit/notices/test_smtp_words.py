"""What a mail server said is kept, and nothing that it quotes of the mail."""

from email.message import EmailMessage

import pytest

from kernel.calls.outcomes import Done, Refused, Unknown
from notices.mails import smtp
from notices.mails.rules import Security, Server

TOKEN = "rml_" + "aB3-" * 10 + "xyz"
SERVER = Server("mail.example", 25, Security.NONE)


def said(monkeypatch, outcome):
    mail = EmailMessage()
    mail["To"] = "ann@mail.example"
    mail.set_content(f"Go there:\nhttps://trade.example/reset#{TOKEN}\n")
    monkeypatch.setattr(smtp, "_deliver", lambda _server, _message: outcome)
    return smtp.deliver(SERVER, mail)


@pytest.mark.parametrize("shown", [TOKEN, TOKEN.upper(), f"<{TOKEN}>", f"prefix-{TOKEN}-suffix", "x" * 180 + TOKEN])
def test_a_quoted_link_is_cut_out_before_the_words_are_cut_short(monkeypatch, shown):
    for outcome in (Refused("refused", f"554 bad link {shown}"), Unknown(f"it hung up at {shown}")):
        text = said(monkeypatch, outcome).text
        assert TOKEN[:20].lower() not in text.lower()
        assert text.startswith(outcome.text[:10])
        assert len(text) <= 200


def test_what_is_not_of_the_mail_stays(monkeypatch):
    told = Refused(smtp.FOR_NOW, "451 4.3.0 queue abcdefghijklmnopqrstuvwxyz is full")
    assert said(monkeypatch, told) == told
    assert said(monkeypatch, Done({"answer": 250})) == Done({"answer": 250})

"""Mails of a house without a mail server: the engine's work done by hand, each mail worded as it would be sent."""

from __future__ import annotations

import re
from contextlib import contextmanager

from kernel import db, outbox
from kernel.settings import Settings, settings
from notices.mails import service as mails
from rivermouth.registry import CONSUMERS
from tests.notice_board import as_engine, consume

PAGES = "https://trade.example"
_LINK = re.compile(r"https://trade\.example(/[a-z-]+)#(rml_[A-Za-z0-9_-]{43})")
_PEOPLE = next(consumer for consumer in CONSUMERS if consumer.name == "people")


@contextmanager
def posting(house, monkeypatch):
    """This house sends mails with links, and takes registrations for its first tenant."""
    monkeypatch.setenv("RIVERMOUTH_LINKS_URL", PAGES)
    monkeypatch.setenv("RIVERMOUTH_REGISTRATION_TENANT", str(house.first))
    settings.cache_clear()
    given = Settings(smtp_url="smtp://127.0.0.1:9", mail_from="River <no-reply@river.example>")
    monkeypatch.setattr(mails, "settings", lambda: given)
    box = Mailbox(house)
    box.fetch()  # what earlier tests left
    yield box
    monkeypatch.undo()
    settings.cache_clear()


class Mailbox:
    """Everybody's mail."""

    def __init__(self, house):
        self.house, self.seen = house, set()

    def work(self):
        """The engine reads every event: approvals are carried out, mails asked for."""
        with as_engine(self.house.database, back_to=self.house.database.app):
            self._work()

    def _work(self):
        while outbox.consume(_PEOPLE):
            pass
        consume()

    def fetch(self, to=None):
        """(recipient, subject, body) of what was asked for since the last time, worded now."""
        found = []
        with as_engine(self.house.database, back_to=self.house.database.app):
            self._work()
            with db.read_only() as tx:
                rows = tx.all("SELECT tenant_id, id FROM notices.mails ORDER BY id")
            for row in rows:
                if row.id in self.seen:
                    continue
                self.seen.add(row.id)
                mail = mails.prepare(tenant=row.tenant_id, mail_id=row.id)
                if mail is not None:
                    found.append((str(mail["To"]), str(mail["Subject"]), mail.get_content()))
        return [mail for mail in found if to in {None, mail[0]}]

    def link(self, to, page):
        """The token of the one link to this page in the newest mails to somebody."""
        tokens = [token for _, _, body in self.fetch(to) for path, token in _LINK.findall(body) if path == page]
        assert len(tokens) == 1, tokens
        return tokens[0]


def links(body):
    """(page, token) of each link in a mail."""
    return _LINK.findall(body)

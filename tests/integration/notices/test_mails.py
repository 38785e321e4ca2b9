"""Mails through the lane to a real server: sent once, tried again only where it was provably not taken, silent where nobody knows."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import warnings
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from identity.principals import service as principals
from identity.security.events import PasswordChanged
from identity.tenants import service as tenants
from kernel import db
from kernel.ids import uuid7
from kernel.settings import Settings
from notices.inbox import service as inbox
from notices.mails import calls, service, sink, smtp
from notices.mails.rules import Security, Server
from notices.preferences import service as preferences
from notices.states import Kind, Language
from rivermouth.sandbox import mails as kept
from tests.integration.notices.test_webhook_posting import certificate
from tests.notice_board import advance, as_app, as_engine, consume, publish, run_lane, states_of_calls

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)


class PostOffice:
    """A server whose answers can be set: None takes the mail, a text is its answer, `hang up` ends the connection without one."""

    def __init__(self, *, tls=None, from_the_start=False):
        self.taken, self.at_rcpt, self.at_data, self.logins = [], None, None, []
        self.tls, self.from_the_start = tls, from_the_start
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(self._open(), self.loop).result(5)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _open(self):
        def serve():
            more = {} if self.tls is None or self.from_the_start else {"tls_context": self.tls}
            if self.tls is not None:
                more |= {
                    "authenticator": self.check,
                    "auth_required": True,
                    "auth_require_tls": not self.from_the_start,
                }
            with warnings.catch_warnings():  # it does not know that the connection has TLS from the start
                warnings.simplefilter("ignore")
                return SMTP(self, hostname="test", loop=self.loop, **more)

        return await self.loop.create_server(serve, "127.0.0.1", 0, ssl=self.tls if self.from_the_start else None)

    def check(self, _server, _session, _envelope, _mechanism, given):
        self.logins.append((given.login, given.password))
        return AuthResult(success=self.logins[-1] == (b"me", b"p@ss"), handled=False)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  the library names it
        if self.at_rcpt is not None:
            return self.at_rcpt
        envelope.rcpt_tos.append(address)
        return "250 yes"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  the library names it
        if self.at_data is not None and self.at_data != "hang up":
            return self.at_data
        self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        if self.at_data == "hang up":
            server.transport.abort()
        return "250 taken"

    def close(self):
        async def end():
            self.server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0.05)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


@pytest.fixture
def office():
    made = PostOffice()
    yield made
    made.close()


class Board:
    """A tenant, a customer, and the engine's role."""

    def __init__(self, database, office):
        self.database, self.tenant = database, uuid7()
        self.server = Server("127.0.0.1", office.port, Security.NONE)
        tenants.ensure(self.tenant, name="A House")
        self.ann = principals.ensure_customer(self.tenant, email="ann@example.com", password="a long enough password")

    def change_password(self):
        publish(self.tenant, PasswordChanged(self.ann, datetime.now(UTC)))
        consume()

    def run(self, until, **more):
        run_lane(service.LANE, {service.KIND: calls.MailCalls(self.server)}, until, resolving=calls.RESOLVING, **more)

    def states(self):
        with db.transaction() as tx:
            return sorted(row.state for row in tx.all("SELECT state FROM notices.mails"))

    def become(self, *states):
        self.run(lambda: self.states() == sorted(states))


@pytest.fixture
def board(database, office, monkeypatch):
    given = Settings(smtp_url=f"smtp://127.0.0.1:{office.port}", mail_from="River <no-reply@river.example>")
    monkeypatch.setattr(service, "settings", lambda: given)
    with as_engine(database):
        yield Board(database, office)


def test_a_security_notice_goes_out_once_and_says_what_the_inbox_says(board, office):
    board.change_password()
    board.become("sent")
    [(to, mail)] = office.taken
    assert to == ["ann@example.com"]
    assert str(mail["Subject"]) == "Your password was changed"
    assert "If this was not you" in mail.get_content()
    assert "://" not in mail.get_content(), "a mail with links teaches people to follow links"
    board.run(lambda: True)
    assert len(office.taken) == 1


def test_a_mail_is_in_the_recipients_language(board, office):
    preferences_of_ann(board, Language.ZH)
    board.change_password()
    board.become("sent")
    assert str(office.taken[0][1]["Subject"]) == "您的密码已修改"


def preferences_of_ann(board, language, wishes=None):
    """As the API's role: the engine may not write preferences."""
    with as_app(board.database):
        preferences.change(tenant=board.tenant, principal=board.ann, language=language, wishes=wishes or {})


def test_the_row_of_the_call_holds_an_id_and_nothing_else(board):
    board.change_password()
    with db.transaction() as tx:
        [row] = tx.all("SELECT payload, lane, kind FROM kernel.calls")
        [mail] = tx.all("SELECT id FROM notices.mails")
    assert (row.lane, row.kind, row.payload) == ("smtp", "mail", {"mail_id": str(mail.id)})


def test_an_answer_that_is_lost_is_never_asked_for_again(board, office):
    office.at_data = "hang up"
    board.change_password()
    board.become("unknown")
    office.at_data = None
    with db.transaction() as tx:
        tx.execute("UPDATE kernel.calls SET next_ask_at = clock_timestamp(), sent_at = sent_at - interval '1 hour'")
    board.run(lambda: set(states_of_calls().values()) == {"manual"})
    advance("3 days")
    assert service.send_due() == 0
    assert len(office.taken) == 1
    assert board.states() == ["unknown"]


def test_an_owner_that_died_while_sending_leaves_an_unknown_mail(board, office):
    board.change_password()
    with db.transaction() as tx:
        tx.execute("UPDATE kernel.calls SET state = 'sent', sent_at = now(), next_ask_at = now()")
    board.become("unknown")
    assert office.taken == []


@pytest.mark.parametrize("where", ["at_rcpt", "at_data"])
def test_what_the_server_cannot_take_now_goes_again_later_in_business_time(board, office, where):
    setattr(office, where, "451 come back")
    board.change_password()
    board.become("later")
    assert service.send_due() == 0, "not yet"
    advance("61 seconds")
    assert service.send_due() == 1
    board.become("later")
    setattr(office, where, None)
    advance("5 minutes")
    assert service.send_due() == 1
    board.become("sent")
    assert len(office.taken) == 1
    assert set(states_of_calls().values()) == {"refused", "done"}
    assert len(states_of_calls()) == 3


def test_a_server_that_is_away_has_taken_nothing(board, office):
    with socket.socket() as taken:  # bound and not listening: nobody answers there
        taken.bind(("127.0.0.1", 0))
        board.server = Server("127.0.0.1", taken.getsockname()[1], Security.NONE)
        board.change_password()
        board.become("later")
    board.server = Server("127.0.0.1", office.port, Security.NONE)
    advance("61 seconds")
    service.send_due()
    board.become("sent")
    assert len(office.taken) == 1


def test_after_most_of_a_day_a_mail_is_given_up(board, office):
    office.at_rcpt = "451 come back"
    board.change_password()
    board.become("later")
    for _ in range(10):
        if board.states() != ["later"]:
            break
        advance("1 day")
        assert service.send_due() == 1
        board.run(lambda: board.states() != ["waiting"])
    assert board.states() == ["refused"]


def test_a_no_is_a_no(board, office):
    office.at_rcpt = "550 nobody here"
    board.change_password()
    board.become("refused")
    advance("3 days")
    assert service.send_due() == 0


def test_a_server_without_the_wanted_protection_gets_nothing(board, office):
    board.server = Server("127.0.0.1", office.port, Security.STARTTLS, "me", "secret")
    board.change_password()
    board.become("later")
    assert office.taken == []


@pytest.fixture(params=[Security.STARTTLS, Security.TLS])
def secure(request, tmp_path):
    """A server that wants TLS and a password, and what a client must trust to speak with it."""
    public, private = certificate("localhost")
    (tmp_path / "pem").write_bytes(public + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem")
    made = PostOffice(tls=context, from_the_start=request.param is Security.TLS)
    made.security, made.trust = request.param, ssl.create_default_context(cadata=public.decode())
    yield made
    made.close()


def test_with_tls_and_a_password_a_mail_is_taken(board, secure, monkeypatch):
    monkeypatch.setattr(smtp.ssl, "create_default_context", lambda: secure.trust)
    board.server = Server("localhost", secure.port, secure.security, "me", "p@ss")
    board.change_password()
    board.become("sent")
    assert len(secure.taken) == 1
    assert set(secure.logins) == {(b"me", b"p@ss")}


def test_a_wrong_password_is_tried_again_later(board, secure, monkeypatch):
    monkeypatch.setattr(smtp.ssl, "create_default_context", lambda: secure.trust)
    board.server = Server("localhost", secure.port, secure.security, "me", "wrong")
    board.change_password()
    board.become("later")
    assert secure.taken == []
    with db.transaction() as tx:
        assert "wrong" not in str(tx.scalar("SELECT reason FROM notices.mails"))


def test_a_certificate_that_nobody_vouches_for_gets_neither_mail_nor_password(board, secure):
    board.server = Server("localhost", secure.port, secure.security, "me", "p@ss")
    board.change_password()
    board.become("later")
    assert (secure.taken, secure.logins) == ([], [])


def test_nobody_is_told_who_is_gone(board, office):
    board.change_password()
    with db.transaction(tenant=board.tenant) as tx:
        principals.disable(tx, board.ann)
    board.become("refused")
    assert office.taken == []


def test_without_a_server_no_mail_is_asked_for(board, monkeypatch):
    monkeypatch.setattr(service, "settings", lambda: Settings(smtp_url=None))
    board.change_password()
    assert board.states() == []
    assert states_of_calls() == {}


def test_the_sandboxs_server_keeps_what_it_takes(tmp_path, office, board):
    keeper = sink.Keeper(tmp_path / "mails")
    office.handle_DATA = keeper.handle_DATA
    board.change_password()
    board.become("sent")
    [mail] = kept.newest(tmp_path / "mails", recipient="ann@example.com", limit=10)
    assert mail.subject == "Your password was changed"
    assert "all other sessions were ended" in mail.body
    assert kept.newest(tmp_path / "mails", recipient="bob@example.com", limit=10) == []
    assert kept.newest(tmp_path / "nothing", recipient=None, limit=10) == []


def test_the_sandboxs_server_keeps_the_newest_only(tmp_path, monkeypatch):
    monkeypatch.setattr(sink, "KEPT", 3)
    for number in range(5):
        sink.keep(tmp_path, f"Subject: {number}\r\n\r\n".encode())
    assert [mail.subject for mail in kept.newest(tmp_path, recipient=None, limit=10)] == ["4", "3", "2"]


def test_kinds_that_are_not_urgent_go_by_mail_where_somebody_wants_that(board):
    wishes = {Kind.PRICE_ALERT: {preferences.Channel.MAIL: True}}
    assert not preferences.queries.DEFAULT.wants(Kind.PRICE_ALERT, preferences.Channel.MAIL)
    preferences_of_ann(board, Language.EN, wishes)
    with db.transaction(tenant=board.tenant) as tx:
        assert preferences.of(tx, [board.ann])[board.ann].wants(Kind.PRICE_ALERT, preferences.Channel.MAIL)


def test_after_a_year_notices_are_forgotten_with_their_mails(board):
    board.change_password()
    board.become("sent")
    advance("364 days")
    inbox.forget_old()
    assert board.states() == ["sent"]
    advance("2 days")
    inbox.forget_old()
    assert board.states() == []
    with db.transaction() as tx:
        assert tx.scalar("SELECT count(*) FROM notices.notices") == 0

"""A drained venue from the order desk's books to the rooms where staff sit: one message for each channel, one mail for each person."""

from __future__ import annotations

import json

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.slack import NotifySlack

from identity.principals.states import Role
from kernel import db
from kernel.settings import Settings, settings
from notices.chat import calls as chat_calls
from notices.chat import service as chat
from notices.mails import calls as mail_calls
from notices.mails import service as mails
from notices.mails.rules import Security, Server
from notices.webhooks import service as webhooks
from tests.chat_houses import agreeable
from tests.integration.notices.test_mails import PostOffice
from tests.integration.notices.test_webhook_posting import Receiver
from tests.notice_board import advance, run_lane
from tests.treasury_desk import D
from wallet_bridge.funds import service as funds
from wallet_bridge.funds.service import Shortage

DINGTALK, SLACK = f"dingtalk://{'c0ffee' * 10}", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"


class Outside:
    """A chat service that is both, and a mail server."""

    def __init__(self, treasury, receiver, office):
        self.treasury, self.receiver, self.office = treasury, receiver, office

    def channel(self, address, topics, language="en"):
        body = {"name": "ops", "address": address, "topics": topics, "language": language}
        made = self.treasury.house.client.post(
            "/v1/channels", json=body, headers=self.treasury.house.auth(Role.TREASURY)
        )
        assert made.status_code == 201, made.text
        return made.json()["id"]

    def send(self, *channels):
        """A minute later, until every lane has nothing left."""
        with self.treasury.engine():
            advance("61 seconds")
            chat.send_waiting()
            kind = chat_calls.ChatCalls(plain=True, allowed=webhooks.allowed_targets())
            for channel in channels:
                name = f"{chat.LANES}{channel}"
                run_lane(name, {chat.KIND: kind}, lambda name=name: not _open(name), resolving=chat_calls.RESOLVING)
            run_lane(mails.LANE, {mails.KIND: self.post}, lambda: not _open(mails.LANE), resolving=mail_calls.RESOLVING)

    @property
    def post(self):
        return mail_calls.MailCalls(Server("127.0.0.1", self.office.port, Security.NONE))

    def texts(self, path):
        return [json.loads(body) for at, _, body in self.receiver.got if at.startswith(path)]


def _open(lane):
    with db.transaction() as tx:
        return tx.scalar(
            "SELECT count(*) FROM kernel.calls WHERE lane = :lane AND state IN ('intent', 'sent')", lane=lane
        )


@pytest.fixture
def outside(treasury, monkeypatch):
    receiver, office = Receiver(), PostOffice()
    receiver.answer = agreeable
    given = settings().model_copy(update={"webhook_private_targets": receiver.here})
    monkeypatch.setattr(webhooks, "settings", lambda: given)
    here = f"http://{receiver.here}"
    monkeypatch.setattr(NotifyDingTalk, "notify_url", here + "/robot/send?access_token={token}")
    monkeypatch.setattr(NotifySlack, "webhook_url", here + "/services")
    posting = Settings(smtp_url=f"smtp://127.0.0.1:{office.port}", mail_from="River <no-reply@river.example>")
    monkeypatch.setattr(mails, "settings", lambda: posting)
    with treasury.house.sql("superuser") as connection:
        connection.execute("DELETE FROM notices.channels")
    yield Outside(treasury, receiver, office)
    receiver.close()
    office.close()


def test_a_drained_venue_is_one_message_in_each_room_and_one_mail(treasury, outside):
    rooms = [outside.channel(DINGTALK, ["treasury"]), outside.channel(SLACK, ["treasury"], "zh")]
    superiors = outside.channel(f"dingtalk://{'decade' * 10}", ["escalations"])
    outside.send(*rooms, superiors)
    outside.receiver.got.clear()
    for asset in ("USDT", "BTC"):
        treasury.owns(**{asset: "1000"})
        treasury.line(asset=asset)
    for usdt in ("99", "70", "40", "10", "0"):
        treasury.says(USDT=usdt, BTC="30")
        treasury.watch(after="5 seconds")
    funds.report_shortage(treasury.tenant, Shortage("okx", "USDT", D(20), D(0)))
    treasury.told()
    outside.send(*rooms, superiors)
    [dingtalk] = outside.texts("/robot/send")
    assert dingtalk["text"]["content"].splitlines()[:5] == [
        "Rivermouth: 4 alerts",
        "CRITICAL: BTC at venue:okx: 30 usable, the critical line is 50.",
        "USDT at venue:okx is low: 99 usable, the warning line is 100.",
        "CRITICAL: USDT at venue:okx: 40 usable, the critical line is 50.",
        "Too little USDT at okx: 20 needed, 0 usable.",
    ]
    [slack] = outside.texts("/services")
    assert "严重：venue:okx 的 USDT 可用 40" in repr(slack)
    [(to, mail)] = outside.office.taken
    assert to == ["treasury@first.example"]
    assert str(mail["Subject"]) == "Treasury: 4 raised or worse"
    assert "venue:okx USDT 40 < 50" in " ".join(mail.get_content().split())
    outside.receiver.got.clear()
    outside.office.taken.clear()
    treasury.watch(after="15 minutes")
    treasury.told()
    outside.send(*rooms, superiors)
    told = [text["text"]["content"] for text in outside.texts("/robot/send")]
    assert len(told) == 2, "treasury's room and the superiors'"
    assert all(
        "Nobody has acknowledged for 15 minutes and more: USDT at venue:okx is critical (0)." in text for text in told
    )
    assert sorted(to for to, _ in outside.office.taken) == [["admin@first.example"], ["treasury@first.example"]]
    for asset in ("USDT", "BTC"):
        treasury.owns(**{asset: "-1000"})

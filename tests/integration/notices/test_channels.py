"""Chat channels from the route to the room: sealed, told together, told once, never sent twice, never inside."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.slack import NotifySlack
from sqlalchemy.exc import OperationalError

from broker.controls.events import KillSwitchSet
from identity.approvals.events import ApprovalRequested
from identity.principals.states import Role
from kernel import db
from kernel.ids import uuid7
from kernel.settings import settings
from notices.chat import calls, service
from notices.webhooks import service as webhooks
from tests.chat_houses import ChatHouses, agreeable
from tests.integration.notices.test_webhook_posting import Receiver
from tests.notice_board import advance, as_engine, consume, publish, run_lane
from wallet_bridge.funds.events import VenueBalanceLow

TOKEN = "c0ffee" * 10
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"
ALL = ["approvals", "trading", "treasury", "security"]


class Rooms:
    """Staff with a channel, a chat service on the loopback address, and the engine's work."""

    def __init__(self, house, receiver):
        self.house, self.receiver = house, receiver

    def ask(self, method, path="", body=None, who=Role.TREASURY, **headers):
        headers |= self.house.auth(who)
        answer = self.house.client.request(method, f"/v1/channels{path}", json=body, headers=headers)
        assert answer.status_code < 500, answer.text
        return answer

    def make(self, address=f"dingtalk://{TOKEN}", topics=ALL, **fields):
        answer = self.ask("POST", "", {"name": "ops", "address": address, "topics": topics, **fields})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def told(self, *facts):
        with as_engine(self.house.database, self.house.database.app):
            publish(self.house.first, *facts)
            consume()

    def send(self, channel, *, after="61 seconds"):
        """A minute later: what waits is one message, and its lane sends it. Answers what became of the newest."""
        with as_engine(self.house.database, self.house.database.app):
            advance(after)
            made = service.send_waiting()
            name = f"{service.LANES}{channel['id']}"
            kind = calls.ChatCalls(plain=True, allowed=webhooks.allowed_targets())

            def tried():
                with db.transaction() as tx:
                    return not tx.scalar(
                        "SELECT count(*) FROM kernel.calls WHERE lane = :lane AND state IN ('intent', 'sent')",
                        lane=name,
                    )

            run_lane(name, {service.KIND: kind}, tried, resolving=calls.RESOLVING)
        return made, self.last(channel)

    def last(self, channel):
        return next(c["last_state"] for c in self.ask("GET").json()["items"] if c["id"] == channel["id"])

    @property
    def texts(self):
        return [json.loads(body)["text"] for _, _, body in self.receiver.got]


@pytest.fixture
def rooms(house, monkeypatch):
    receiver = Receiver()
    receiver.answer = agreeable
    given = settings().model_copy(update={"webhook_private_targets": receiver.here})
    monkeypatch.setattr(webhooks, "settings", lambda: given)
    here = f"http://{receiver.here}"
    monkeypatch.setattr(NotifyDingTalk, "notify_url", here + "/robot/send?access_token={token}")
    monkeypatch.setattr(NotifySlack, "webhook_url", here + "/services")
    with house.sql("superuser") as connection:
        connection.execute("DELETE FROM notices.channels")
    yield Rooms(house, receiver)
    receiver.close()


def low(venue="kraken"):
    return VenueBalanceLow(venue, "BTC", Decimal(2), Decimal("0.5"))


def waits():
    return ApprovalRequested(uuid7(), "payments.transfer", uuid7(), uuid7(), "transfers:approve", None)


def test_a_channel_is_made_listed_and_removed_and_its_address_never_shown(rooms):
    made = rooms.make()
    assert (made["service"], made["topics"], made["language"]) == ("DingTalk", sorted(ALL), "en")
    listed = rooms.ask("GET")
    assert [c["id"] for c in listed.json()["items"]] == [made["id"]]
    with rooms.house.sql("superuser") as connection:
        rows = connection.execute(
            "SELECT row_to_json(c)::text FROM notices.channels c UNION ALL SELECT row_to_json(c)::text FROM kernel.calls c"
            " UNION ALL SELECT row_to_json(e)::text FROM identity.audit_entries e"
            " UNION ALL SELECT row_to_json(k)::text FROM kernel.http_idempotency k"
        ).fetchall()
    for place in (json.dumps(made), listed.text, str(rows), str(rows).encode().hex()):
        assert TOKEN not in place
        assert TOKEN.encode().hex() not in place
    assert rooms.ask("DELETE", f"/{made['id']}").status_code == 204
    assert rooms.ask("DELETE", f"/{made['id']}").status_code == 404
    with rooms.house.sql("superuser") as connection:
        actions = [a for (a,) in connection.execute("SELECT action FROM identity.audit_entries ORDER BY id").fetchall()]
    assert [a for a in actions if a.startswith("channel.")][-2:] == ["channel.made", "channel.removed"]


def test_the_same_request_twice_is_one_channel(rooms):
    body = {"name": "ops", "address": f"dingtalk://{TOKEN}", "topics": ["ledger"]}
    one, two = (rooms.ask("POST", "", body, **{"Idempotency-Key": "channel"}) for _ in range(2))
    assert one.json() == two.json()
    other = rooms.ask("POST", "", body | {"name": "other"}, **{"Idempotency-Key": "channel"})
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_another_tenants_channel_is_not_there_and_customers_have_none(rooms):
    made = rooms.make()
    with db.transaction(tenant=rooms.house.second) as tx:
        assert service.queries.find(tx, service.UUID(made["id"])) is None
    assert rooms.ask("GET", who=Role.RETAIL).status_code == 403


@pytest.mark.parametrize("address", ["json://127.0.0.1:1/x", "file:///etc/passwd", f"dingtalk://{TOKEN}?retry=5"])
def test_a_bad_address_is_refused(rooms, address):
    answer = rooms.ask("POST", "", {"name": "ops", "address": address, "topics": ["ledger"]})
    assert (answer.status_code, answer.json()["code"]) == (400, "channel_address_refused")
    assert TOKEN not in answer.text


def test_what_happens_within_a_minute_is_one_message_and_each_fact_is_told_once(rooms):
    channel = rooms.make()
    assert rooms.send(channel, after="0") == (1, "sent")
    assert "approvals, security, trading, treasury" in rooms.texts[0]["content"]
    stop = KillSwitchSet(uuid7(), "venue", "kraken", "halt", "it lies", uuid7(), None)
    rooms.told(low(), low(), low(), low("okx"), stop, waits(), waits())
    assert rooms.send(channel, after="30 seconds") == (0, "sent"), "a minute has not passed"
    assert rooms.send(channel) == (1, "sent")
    [_, text] = rooms.texts
    lines = text["content"].splitlines()
    assert lines[0] == "Rivermouth: 5 alerts"
    assert lines[1] == "Too little BTC at kraken: 2 needed, 0.5 usable."
    assert sum("approval waits" in line for line in lines) == 2
    assert rooms.send(channel) == (0, "sent"), "there is nothing more to tell"
    rooms.told(low())
    advance_hour = rooms.send(channel, after="1 hour")
    assert advance_hour == (0, "sent"), "it was told in this hour"
    rooms.told(low())
    assert rooms.send(channel) == (1, "sent"), "it goes on for more than an hour"


def test_a_channel_gets_its_topics_in_its_language_and_no_other(rooms):
    channel = rooms.make(SLACK, ["treasury"], language="zh")
    rooms.told(waits())
    rooms.send(channel)
    rooms.told(low())
    rooms.send(channel)
    bodies = [body.decode() for _, _, body in rooms.receiver.got]
    assert all(path.startswith("/services/T1JJ3T3L2/") for path, _, _ in rooms.receiver.got)
    assert len(bodies) == 2
    assert "kraken" in json.loads(bodies[1]).__repr__()
    assert "余额不足" in json.loads(bodies[1]).__repr__()
    assert "approval" not in "".join(bodies).lower()


def test_a_signed_robot_is_signed_as_dingtalk_checks_it_and_its_no_is_not_taken_for_a_yes(rooms):
    """DingTalk says no with HTTP 200: a wrong secret, an unknown robot, too many messages."""
    houses = ChatHouses()
    rooms.receiver.answer = lambda handler: houses.answer(handler.path, handler.headers, rooms.receiver.got[-1][2])
    signed = rooms.make(houses.robot("ops"))
    assert rooms.send(signed) == (1, "sent")
    [text] = houses.texts("ops")
    assert text.startswith("Rivermouth")
    wrong = rooms.make(houses.robot("ops").replace("SEC", "SECx"))
    assert rooms.send(wrong)[1] == "unknown"
    unsigned = rooms.make(f"dingtalk://{TOKEN}")
    assert rooms.send(unsigned)[1] == "unknown"
    assert houses.refused == ["sign not match", "token is not exist"]
    assert len(houses.heard) == 1


@pytest.mark.parametrize(
    "answer",
    [(500, {}, b"no"), (302, {"Location": "http://127.0.0.1:1/"}, b""), (200, {}, b'{"errcode":130101}'), (200, {}, b"[]"), None],
)  # fmt: skip
def test_whoever_does_not_say_yes_leaves_it_unknown_and_nothing_is_sent_again(rooms, answer):
    channel = rooms.make()
    rooms.receiver.answer = answer
    assert rooms.send(channel)[1] == "unknown"
    rooms.receiver.answer = (200, {}, b'{"errcode":0}')
    assert rooms.send(channel, after="2 hours") == (0, "unknown")
    assert len(rooms.receiver.got) == 1
    rooms.told(low())
    assert rooms.send(channel)[1] == "sent", "the next alert is a message of its own"
    assert len(rooms.receiver.got) == 2


def test_what_never_left_because_the_database_was_away_is_told_by_the_next_message(rooms, monkeypatch):
    channel = rooms.make()
    with monkeypatch.context() as patch:

        def away(**_given):
            raise OperationalError("SELECT", {}, OSError("connection refused"))

        patch.setattr(service, "prepare", away)
        assert rooms.send(channel) == (1, "refused")
    assert rooms.texts == []
    assert rooms.send(channel) == (1, "sent")
    assert len(rooms.texts) == 1
    assert rooms.send(channel) == (0, "sent")


def test_what_a_dead_owner_was_sending_is_unknown_and_not_sent_again(rooms):
    channel = rooms.make()
    with as_engine(rooms.house.database, rooms.house.database.app):
        advance("61 seconds")
        service.send_waiting()
        with db.transaction() as tx:
            tx.execute(
                "UPDATE kernel.calls SET state = 'sent', sent_at = clock_timestamp(), next_ask_at = clock_timestamp()"
                " WHERE kind = 'chat' AND state = 'intent'"
            )
    rooms.send(channel, after="0")
    deadline = 30
    while rooms.last(channel) == "waiting" and deadline:
        rooms.send(channel, after="0")
        deadline -= 1
    assert (rooms.last(channel), rooms.receiver.got) == ("unknown", [])


def test_a_name_that_leads_inside_gets_nothing_and_that_is_known(rooms, monkeypatch):
    channel = rooms.make(f"json://localhost:{rooms.receiver.port}/room")
    given = settings().model_copy(update={"webhook_private_targets": "127.0.0.1:9"})
    monkeypatch.setattr(webhooks, "settings", lambda: given)
    assert rooms.send(channel)[1] == "refused"
    assert rooms.receiver.got == []


def test_a_removed_channel_is_sent_nothing_more(rooms):
    channel = rooms.make()
    with as_engine(rooms.house.database, rooms.house.database.app):
        advance("61 seconds")
        assert service.send_waiting() == 1
    assert rooms.ask("DELETE", f"/{channel['id']}").status_code == 204
    kept = rooms.make()
    with as_engine(rooms.house.database, rooms.house.database.app):
        kind = calls.ChatCalls(plain=True, allowed=webhooks.allowed_targets())
        name = f"{service.LANES}{channel['id']}"

        def done():
            with db.transaction() as tx:
                return tx.scalar("SELECT state FROM kernel.calls WHERE lane = :lane", lane=name) == "refused"

        run_lane(name, {service.KIND: kind}, done, resolving=calls.RESOLVING)
    assert rooms.receiver.got == []
    assert rooms.send(kept)[1] == "sent"


def test_after_a_month_messages_are_forgotten(rooms):
    channel = rooms.make()
    rooms.send(channel)
    with as_engine(rooms.house.database, rooms.house.database.app):
        advance("31 days")
        service.forget_old()
        with db.transaction() as tx:
            assert tx.scalar("SELECT count(*) FROM notices.alerts") == 0
    assert rooms.last(channel) is None

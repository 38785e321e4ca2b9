"""Webhooks from the route to the receiver: made with a proof, told by the engine, asked again under one id, given up and told, replayed."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from standardwebhooks import Webhook

from broker.orders.events import OrderClosed
from identity.principals import service as principals
from identity.sessions import service as sessions
from identity.sessions.service import Device
from kernel import cache, db
from kernel.ids import uuid7
from kernel.settings import Settings, settings
from notices.webhooks import calls, rules, service
from notices.webhooks.posting import Post
from tests.house import PASSWORD
from tests.integration.notices.test_webhook_posting import Receiver
from tests.notice_board import advance, as_engine, consume, publish, run_lane


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def inside():
    """Somebody on the same machine whom no webhook may reach."""
    made = Receiver()
    yield made
    made.close()


class Integrator:
    """A customer with a session, and the engine's work for them."""

    def __init__(self, house, receiver):
        self.house, self.receiver = house, receiver
        email = f"w{uuid7().hex}@first.example"
        hashed = principals.hash_password(PASSWORD)
        with db.transaction(tenant=house.first) as tx:
            self.id = principals.register_customer(tx, email=email, password_hash=hashed).id
        self.token = sessions.login(email=email, password=PASSWORD, device=Device()).access_token

    def ask(self, method, path, body=None, **headers):
        headers |= {"Authorization": f"Bearer {self.token}"}
        answer = self.house.client.request(method, path, json=body, headers=headers)
        assert answer.status_code < 500, answer.text
        return answer

    def make(self, kinds=("order.closed",), path="/hook"):
        answer = self.ask("POST", "/v1/webhooks", {"url": f"http://{self.receiver.here}{path}", "kinds": list(kinds)})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def closed(self):
        return OrderClosed(uuid7(), self.id, "BTC-USDT", "filled", Decimal("0.1"))

    def deliveries(self, webhook):
        return self.ask("GET", f"/v1/webhooks/{webhook['id']}/deliveries").json()["items"]

    def engine(self):
        return as_engine(self.house.database, self.house.database.app)

    def told(self, *facts):
        with self.engine():
            publish(self.house.first, *facts)
            consume()

    def try_now(self, webhook, *, after="0"):
        """Business time goes on, then the lane does what is due."""
        name = f"{service.LANES}{webhook['id']}"

        def tried():
            with db.transaction() as tx:
                return not tx.scalar(
                    "SELECT count(*) FROM kernel.calls WHERE lane = :lane AND (state IN ('intent', 'sent')"
                    " OR next_ask_at <= clock_timestamp())",
                    lane=name,
                )

        with self.engine():
            advance(after)
            service.ask_due()
            kind = calls.WebhookCalls(Post(plain=True, allowed=service.allowed_targets()))
            run_lane(name, {service.KIND: kind}, tried, resolving=calls.RESOLVING)


@pytest.fixture
def integrator(house, receiver, monkeypatch):
    cache.client().flushall()
    given = settings().model_copy(update={"webhook_private_targets": receiver.here})
    monkeypatch.setattr(service, "settings", lambda: given)
    return Integrator(house, receiver)


def test_a_webhook_is_made_listed_and_removed_and_its_secret_is_shown_once(house, integrator, receiver):
    made = integrator.make(["order.closed", "order.filled", "order.closed"])
    assert made["secret"].startswith("whsec_")
    assert made["kinds"] == ["order.closed", "order.filled"]
    [listed] = integrator.ask("GET", "/v1/webhooks").json()["items"]
    assert listed == {name: value for name, value in made.items() if name != "secret"}
    with house.sql("superuser") as connection:
        dumped = connection.execute("SELECT w::text FROM notices.webhooks w WHERE id = %s", [made["id"]]).fetchone()[0]
    assert made["secret"] not in dumped
    assert made["secret"].encode().hex() not in dumped
    for stranger in ("retail", "other"):
        for method, path in (("DELETE", ""), ("GET", "/deliveries"), ("POST", f"/deliveries/{uuid7()}/replay")):
            answer = house.client.request(method, f"/v1/webhooks/{made['id']}{path}", headers=house.auth(stranger))
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert integrator.ask("DELETE", f"/v1/webhooks/{made['id']}").status_code == 204
    assert integrator.ask("DELETE", f"/v1/webhooks/{made['id']}").status_code == 404
    assert integrator.ask("GET", "/v1/webhooks").json()["items"] == []


def test_a_repeat_of_the_request_gets_no_second_secret(integrator, receiver):
    body = {"url": f"http://{receiver.here}/", "kinds": ["order.closed"]}
    assert integrator.ask("POST", "/v1/webhooks", body, **{"Idempotency-Key": "k"}).status_code == 201
    again = integrator.ask("POST", "/v1/webhooks", body, **{"Idempotency-Key": "k"})
    assert (again.status_code, again.json()["code"]) == (409, "secret_not_repeatable")
    assert len(integrator.ask("GET", "/v1/webhooks").json()["items"]) == 1


def test_making_one_needs_a_proof_of_the_last_ten_minutes(house, integrator, receiver):
    with house.sql("superuser") as connection:
        connection.execute(
            "UPDATE identity.sessions SET proven_at = proven_at - interval '11 minutes' WHERE principal_id = %s",
            [integrator.id],
        )
    answer = integrator.ask("POST", "/v1/webhooks", {"url": f"http://{receiver.here}/", "kinds": ["order.closed"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


def test_in_production_only_https_and_nothing_private_whatever_is_set(integrator, receiver, monkeypatch):
    production = Settings(mode="production", webhook_private_targets=receiver.here)
    monkeypatch.setattr(service, "settings", lambda: production)
    assert service.allowed_targets() == frozenset()
    for url in (f"http://{receiver.here}/", f"https://{receiver.here}/", "http://example.com/"):
        answer = integrator.ask("POST", "/v1/webhooks", {"url": url, "kinds": ["order.closed"]})
        assert answer.json()["code"] == "webhook_url_refused"


def test_nobody_has_more_than_ten(integrator):
    for _ in range(service.MOST):
        integrator.make()
    answer = integrator.ask(
        "POST", "/v1/webhooks", {"url": f"http://{integrator.receiver.here}/", "kinds": ["order.closed"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_webhooks")


def test_an_event_is_told_once_to_whom_it_belongs_and_who_asked(integrator, receiver):
    made = integrator.make()
    other = Integrator(integrator.house, receiver)
    elsewhere = other.make(path="/other")
    unwanted = other.make(["price_alert.fired"], path="/unwanted")
    fact, others = integrator.closed(), other.closed()
    integrator.told(fact, others)
    integrator.try_now(made)
    [(path, headers, body)] = receiver.got
    assert path == "/hook"
    told = Webhook(made["secret"]).verify(body, headers)
    assert told["type"] == "order.closed"
    assert told["data"] == {
        "order_id": str(fact.order_id),
        "owner_id": str(integrator.id),
        "symbol": "BTC-USDT",
        "status": "filled",
        "filled_quantity": "0.1",
    }
    [delivery] = integrator.deliveries(made)
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("delivered", 1, 200)
    assert delivery["event_id"] == headers["webhook-id"]
    integrator.try_now(made, after="3 days")
    assert len(receiver.got) == 1
    [of_the_other] = other.deliveries(elsewhere)
    assert of_the_other["data"]["order_id"] == str(others.order_id)
    assert other.deliveries(unwanted) == []


def test_a_target_that_is_down_then_redirects_inside_then_answers_twice_gets_the_event_once_by_its_id(
    integrator, receiver, inside
):
    """Down for an hour of business time, then a redirect to a private address, then a yes whose answer is lost, then a yes."""
    made = integrator.make()
    port = receiver.port
    receiver.close()
    integrator.told(integrator.closed())
    integrator.try_now(made)
    for after in ("5 seconds", "30 seconds", "2 minutes", "10 minutes", "30 minutes", "1 hour"):
        integrator.try_now(made, after=after)
    [waiting] = integrator.deliveries(made)
    assert (waiting["state"], waiting["attempts"]) == ("pending", 7)
    assert waiting["last_error"] == "the connection failed: ConnectError"

    back = Receiver(port=port)
    try:
        back.answer = (307, {"Location": f"http://{inside.here}/"}, b"")
        integrator.try_now(made, after="3 hours")
        back.answer = lambda _handler: None  # it took it, and the answer never arrived
        integrator.try_now(made, after="6 hours")
        back.answer = (200, {}, b"")
        integrator.try_now(made, after="12 hours")
        integrator.try_now(made, after="3 days")
        assert len(back.got) == 3
        ids = {headers["webhook-id"] for _, headers, _ in back.got}
        bodies = {body for _, _, body in back.got}
        assert len(ids) == len(bodies) == 1, "one event, by one id, in the same words"
        for _, headers, body in back.got:
            assert Webhook(made["secret"]).verify(body, headers)
        [delivery] = integrator.deliveries(made)
        assert (delivery["state"], delivery["attempts"], delivery["event_id"]) == ("delivered", 10, *ids)
        assert inside.got == [], "never inside"
    finally:
        back.close()


def test_nothing_is_asked_again_before_its_time(integrator, receiver, monkeypatch):
    monkeypatch.setattr(
        rules, "PAUSES", (timedelta(hours=5), *rules.PAUSES[1:])
    )  # longer than any machine stands still
    made = integrator.make()
    receiver.answer = (500, {}, b"")
    integrator.told(integrator.closed())
    integrator.try_now(made)
    integrator.try_now(made, after="1 hour")
    assert len(receiver.got) == 1
    with integrator.engine(), db.transaction() as tx:  # a new owner asks about everything at once
        tx.execute("UPDATE kernel.calls SET next_ask_at = clock_timestamp() WHERE state = 'unknown'")
    integrator.try_now(made)
    assert len(receiver.got) == 1
    integrator.try_now(made, after="4 hours")
    assert len(receiver.got) == 2


def test_what_a_dead_owner_sent_is_sent_again_under_the_same_id(integrator, receiver):
    made = integrator.make()
    integrator.told(integrator.closed())
    with integrator.engine(), db.transaction() as tx:
        tx.execute(
            "UPDATE kernel.calls SET state = 'sent', sent_at = now(), next_ask_at = now() WHERE kind = 'webhook'"
        )
    integrator.try_now(made)
    assert len(receiver.got) == 1
    assert integrator.deliveries(made)[0]["state"] == "delivered"


def test_after_more_than_a_day_it_is_given_up_told_and_can_be_replayed(integrator, receiver):
    made = integrator.make(path="/secret-path")
    receiver.answer = (503, {}, b"")
    integrator.told(integrator.closed())
    integrator.try_now(made)
    for _ in range(9):
        integrator.try_now(made, after="1 day")
    [delivery] = integrator.deliveries(made)
    assert (delivery["state"], delivery["attempts"]) == ("pending", 10)
    early = integrator.ask("POST", f"/v1/webhooks/{made['id']}/deliveries/{delivery['id']}/replay")
    assert (early.status_code, early.json()["code"]) == (409, "delivery_pending")
    integrator.try_now(made, after="1 day")
    [delivery] = integrator.deliveries(made)
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("given_up", 11, 503)
    [notice] = integrator.ask("GET", "/v1/notices").json()["items"]
    assert notice["kind"] == "webhook_given_up"
    assert "127.0.0.1" in notice["body"]
    assert "secret-path" not in json.dumps(notice)

    receiver.answer = (200, {}, b"")
    path = f"/v1/webhooks/{made['id']}/deliveries/{delivery['id']}/replay"
    for _ in range(2):
        answer = integrator.ask("POST", path, **{"Idempotency-Key": "again"})
        assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    integrator.try_now(made)
    [delivery] = integrator.deliveries(made)
    assert (delivery["state"], delivery["attempts"]) == ("delivered", 1)
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1
    assert len(receiver.got) == 12


def test_a_webhook_of_a_shut_account_is_told_nothing_until_it_is_open_again(house, integrator, receiver):
    """Who freezes an account does it because a thief is inside, and the webhook may be the thief's."""
    webhook = integrator.make()
    integrator.told(integrator.closed())
    with house.sql("owner", house.first) as owner:
        owner.execute("UPDATE identity.principals SET status = 'frozen' WHERE id = %s", [integrator.id])
    integrator.try_now(webhook)
    assert receiver.got == []
    with house.sql("owner", house.first) as owner:
        owner.execute("UPDATE identity.principals SET status = 'active' WHERE id = %s", [integrator.id])
    [told] = integrator.deliveries(webhook)
    assert (told["state"], told["attempts"], told["last_error"]) == ("pending", 1, "the account is shut")
    integrator.try_now(webhook, after="6 seconds")
    assert len(receiver.got) == 1
    assert integrator.deliveries(webhook)[0]["state"] == "delivered"


def test_a_removed_webhook_is_sent_nothing_more(integrator, receiver):
    made = integrator.make()
    integrator.told(integrator.closed())
    integrator.ask("DELETE", f"/v1/webhooks/{made['id']}")
    integrator.try_now(made)
    assert receiver.got == []
    integrator.told(integrator.closed())
    with integrator.engine(), db.transaction() as tx:
        rows = tx.all("SELECT state FROM kernel.calls WHERE lane = :lane", lane=f"{service.LANES}{made['id']}")
    assert [row.state for row in rows] == ["refused"]


def test_the_call_holds_ids_and_nothing_else(integrator):
    made = integrator.make()
    integrator.told(integrator.closed())
    with integrator.engine(), db.transaction() as tx:
        row = tx.one("SELECT payload, ref FROM kernel.calls WHERE lane = :lane", lane=f"{service.LANES}{made['id']}")
    assert set(row.payload) == {"delivery_id", "round"}
    assert row.ref == f"{row.payload['delivery_id']}/0"


def test_deliveries_come_in_pages(integrator, receiver):
    made = integrator.make()
    integrator.told(*(integrator.closed() for _ in range(5)))
    paged, cursor = [], ""
    while cursor is not None:
        query = f"?limit=2&cursor={cursor}" if cursor else "?limit=2"
        page = integrator.ask("GET", f"/v1/webhooks/{made['id']}/deliveries{query}").json()
        paged += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert paged == sorted(paged, reverse=True)
    assert len(set(paged)) == 5


def test_the_application_cannot_write_what_only_the_engine_tells(house):
    for statement in ("UPDATE notices.webhooks SET url = ''", "INSERT INTO notices.deliveries DEFAULT VALUES"):
        with house.sql("app", house.first) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_a_test_arrives_signed_at_the_one_webhook_that_is_tested(integrator, receiver):
    made, other = integrator.make(), integrator.make()
    path = f"/v1/webhooks/{made['id']}/test"
    asked = [integrator.ask("POST", path, **{"Idempotency-Key": "look"}) for _ in range(2)]
    assert [answer.status_code for answer in asked] == [202, 202]
    [event_id] = {answer.json()["event_id"] for answer in asked}
    integrator.told()
    waiting = integrator.ask("POST", path)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "delivery_pending")
    integrator.try_now(made)
    [(_, headers, body)] = receiver.got
    assert headers["webhook-id"] == event_id
    told = Webhook(made["secret"]).verify(body, headers)
    assert (told["type"], told["data"]["webhook_id"]) == ("webhook.tested", made["id"])
    [delivery] = integrator.deliveries(made)
    assert (delivery["event_id"], delivery["state"]) == (event_id, "delivered")
    assert integrator.deliveries(other) == []
    assert integrator.ask("POST", path).json()["event_id"] != event_id


def test_nobody_tests_somebody_elses_webhook_nor_one_that_is_gone(house, integrator, receiver):
    made = integrator.make()
    path = f"/v1/webhooks/{made['id']}/test"
    for stranger in ("retail", "other"):
        answer = house.client.post(path, headers=house.auth(stranger))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    integrator.ask("POST", path)
    integrator.ask("DELETE", f"/v1/webhooks/{made['id']}")
    integrator.told()
    assert receiver.got == []

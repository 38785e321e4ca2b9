"""The inbox over HTTP and a real database: facts become notices once, are worded when they are read, and belong to one person."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyotp
import pytest

from broker.controls.sweeping import WHY
from broker.orders.events import OrderChanged
from identity import service as identity
from identity.principals import service as principals
from identity.security import factors, password_change
from identity.sessions import refreshing
from identity.sessions.service import Device
from kernel import cache, db
from kernel.ids import uuid7
from markets.price_alerts.events import PriceAlertFired
from notices.states import AT_STAKE, FOR_STAFF, LETTERS, SECURITY, WAITED_FOR, Kind
from tests.house import PASSWORD
from tests.notice_board import as_engine, consume, publish

AT = datetime(2026, 1, 31, 9, tzinfo=UTC)


def alert(owner, count=1, alert_id=None, direction="above"):
    return PriceAlertFired(
        alert_id or uuid7(), owner, "BTC-USDT", direction, Decimal("70000.00"), Decimal("70001.50"), count, AT
    )


def changed(owner, status, reason=None, order_id=None):
    return OrderChanged(order_id or uuid7(), owner, "ETH-USDT", status, reason, Decimal("0.50"), 3)


class Someone:
    """A customer for one test, with a session."""

    def __init__(self, house, email):
        self.house, self.email = house, email
        hashed = principals.hash_password(PASSWORD)
        with db.transaction(tenant=house.first) as tx:
            self.id = principals.register_customer(tx, email=email, password_hash=hashed).id
        self.login()

    def login(self, address="127.0.0.1", **proof):
        opened = identity.login(
            email=self.email, password=PASSWORD, device=Device(address=address, user_agent="curl/8"), **proof
        )
        self.token, self.opened = opened.access_token, opened
        return opened

    def ask(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.house.client.request(method, path, json=body, headers=headers)
        assert answer.status_code < 500, answer.text
        return answer

    def told(self, *facts):
        with as_engine(self.house.database, self.house.database.app):
            publish(self.house.first, *facts)
            consume()

    def inbox(self, query=""):
        return self.ask("GET", "/v1/notices" + query).json()

    def kinds(self):
        return [notice["kind"] for notice in reversed(self.inbox()["items"])]


@pytest.fixture
def someone(house):
    cache.client().flushall()
    return Someone(house, f"n{uuid7().hex}@first.example")


def test_a_price_alert_is_told_once_in_the_readers_language(someone):
    alert_id = uuid7()
    someone.told(
        alert(someone.id, 1, alert_id), alert(someone.id, 1, alert_id), alert(someone.id, 2, alert_id, "below")
    )
    found = someone.inbox()
    assert found["unread"] == 2
    assert [n["title"] for n in found["items"]] == ["BTC-USDT at or below 70000", "BTC-USDT at or above 70000"]
    assert found["items"][1]["body"] == (
        "BTC-USDT stood at 70001.5 at 2026-01-31 09:00:00 UTC: your alert was at or above 70000."
    )
    assert found["items"][1]["params"]["price"] == "70000"
    assert someone.ask("PUT", "/v1/notice-preferences", {"language": "zh"}).json()["language"] == "zh"
    assert [n["title"] for n in someone.inbox()["items"]] == ["BTC-USDT 达到或低于 70000", "BTC-USDT 达到或高于 70000"]
    assert someone.inbox("?language=en")["items"][0]["title"] == "BTC-USDT at or below 70000"


def test_what_was_read_is_marked_once_and_only_by_its_owner(house, someone):
    someone.told(alert(someone.id), alert(someone.id))
    first = someone.inbox()["items"][0]
    assert first["read_at"] is None
    read = someone.ask("POST", f"/v1/notices/{first['id']}/read")
    assert read.status_code == 200
    assert read.json()["read_at"] is not None
    assert someone.ask("POST", f"/v1/notices/{first['id']}/read").json() == read.json()
    assert someone.inbox()["unread"] == 1
    assert [n["id"] for n in someone.inbox("?unread=true")["items"]] == [someone.inbox()["items"][1]["id"]]
    for stranger in ("retail", "other", "admin"):
        answer = house.client.post(f"/v1/notices/{first['id']}/read", headers=house.auth(stranger))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        ids = {n["id"] for n in house.client.get("/v1/notices", headers=house.auth(stranger)).json()["items"]}
        assert first["id"] not in ids


def test_pages_follow_each_other_newest_first(someone):
    someone.told(*(alert(someone.id) for _ in range(5)))
    everything = [n["id"] for n in someone.inbox()["items"]]
    paged, cursor = [], ""
    while cursor is not None:
        page = someone.inbox("?limit=2" + (f"&cursor={cursor}" if cursor else ""))
        paged += [n["id"] for n in page["items"]]
        cursor = page["next_cursor"]
    assert paged == everything == sorted(everything, reverse=True)
    assert someone.inbox("?limit=5")["next_cursor"] is None  # full, and nothing follows
    assert someone.ask("GET", "/v1/notices?cursor=nonsense").status_code == 400


def test_an_order_is_told_of_when_the_house_ended_it(someone):
    expired, cancelled = changed(someone.id, "expired"), changed(someone.id, "cancelled", WHY)
    someone.told(
        expired, cancelled, changed(someone.id, "cancelled", "cancelled by the customer"), changed(someone.id, "filled")
    )
    assert someone.kinds() == ["order_expired", "order_cancelled"]
    assert str(cancelled.order_id) in someone.inbox()["items"][0]["body"]
    assert "0.5 was filled" in someone.inbox()["items"][0]["body"]


def test_everything_a_thief_would_do_is_told(someone, monkeypatch):
    offer = factors.offer_totp(tenant=someone.house.first, principal=someone.id, account=someone.email)
    app = pyotp.TOTP(offer.secret)
    who = {"tenant": someone.house.first, "principal": someone.id}
    now = factors.wall()
    monkeypatch.setattr(factors, "wall", lambda: now)
    factors.confirm_totp(**who, session_id=someone.opened.session_id, code=app.at(now))
    for _ in range(factors.FAILURES):
        with pytest.raises(factors.SecondFactorInvalid):
            factors.check(**who, proof=factors.Proof(totp="000000"))
    with pytest.raises(factors.SecondFactorLocked):
        factors.check(**who, proof=factors.Proof(totp="000000"))
    now += factors.LOCKED_FOR
    again = factors.offer_totp(**who, account=someone.email)
    factors.confirm_totp(**who, session_id=someone.opened.session_id, code=pyotp.TOTP(again.secret).at(now))
    factors.renew_recovery_codes(**who, session_id=someone.opened.session_id)
    factors.remove_totp(**who, session_id=someone.opened.session_id)
    new = {"current_password": PASSWORD, "new_password": "a lantern under the river mouth"}
    assert someone.ask("POST", "/v1/me/password", new).status_code == 204
    someone.told()
    assert someone.kinds() == [
        "second_factor_enrolled",
        "second_factor_locked",
        "second_factor_replaced",
        "recovery_codes_renewed",
        "second_factor_removed",
        "password_changed",
    ]
    assert all(n["security"] for n in someone.inbox()["items"])


def test_what_did_not_happen_is_not_told(someone):
    wrong = {"current_password": "wrong", "new_password": "a lantern under the river mouth"}
    assert someone.ask("POST", "/v1/me/password", wrong).status_code == 401
    assert someone.ask("DELETE", "/v1/mfa/totp").status_code == 409
    someone.told()
    assert someone.kinds() == []


@pytest.mark.parametrize("module", [password_change, factors])
def test_what_cannot_be_told_does_not_happen(someone, monkeypatch, module):
    """The fact and its event are one transaction."""

    def fail(*_, **__):
        raise RuntimeError("no room for the event")

    offer = factors.offer_totp(tenant=someone.house.first, principal=someone.id, account=someone.email)
    monkeypatch.setattr(module.outbox, "publish", fail)
    with pytest.raises(RuntimeError):
        if module is factors:
            factors.confirm_totp(
                tenant=someone.house.first,
                principal=someone.id,
                session_id=someone.opened.session_id,
                code=pyotp.TOTP(offer.secret).at(factors.wall()),
            )
        else:
            password_change.change(
                tenant=someone.house.first,
                principal=someone.id,
                session_id=someone.opened.session_id,
                email=someone.email,
                name="",
                current=PASSWORD,
                new="a lantern under the river mouth",
                address="",
            )
    monkeypatch.undo()
    someone.login()  # the old password alone, as before
    someone.told()
    assert someone.kinds() == []


def test_a_login_from_an_unseen_address_is_told_once(someone):
    someone.login("127.0.0.1")
    someone.login("")
    someone.told()
    assert someone.kinds() == [], "the first address is not news, and no address says nothing"
    someone.login("203.0.113.7")
    someone.login("203.0.113.7")
    someone.login("127.0.0.1")
    someone.told()
    assert someone.kinds() == ["new_address"]
    assert "203.0.113.7 (curl/8)" in someone.inbox()["items"][0]["body"]


def test_a_copied_refresh_token_is_told(someone, monkeypatch):
    first = someone.opened
    identity_wall = refreshing.wall
    refreshing.refresh(first.refresh_token)
    monkeypatch.setattr(refreshing, "wall", lambda: identity_wall() + refreshing.GRACE * 2)
    for _ in range(2):
        with pytest.raises(refreshing.RefreshRefused):
            refreshing.refresh(first.refresh_token)
    someone.login()
    someone.told()
    assert someone.kinds() == ["token_reused"]


def test_preferences_say_where_but_never_silence_what_tells_of_a_thief(someone):
    shown = someone.ask("GET", "/v1/notice-preferences").json()
    assert shown["language"] == "en"
    assert {k["kind"]: (k["security"], k["channels"]) for k in shown["kinds"]} == {
        kind.value: (kind in SECURITY, {"inbox": True, "mail": kind in SECURITY | WAITED_FOR | AT_STAKE})
        for kind in Kind
        if kind not in LETTERS | FOR_STAFF
    }
    for kind in SECURITY | LETTERS:
        answer = someone.ask("PUT", "/v1/notice-preferences", {"language": "en", "kinds": {kind: {"mail": False}}})
        assert (answer.status_code, answer.json()["code"]) == (409, "security_notices_stay")
    wish = {"language": "en", "kinds": {"price_alert": {"inbox": False}, "password_changed": {"mail": True}}}
    changed_to = someone.ask("PUT", "/v1/notice-preferences", wish).json()
    assert changed_to == someone.ask("GET", "/v1/notice-preferences").json()
    [price] = [k for k in changed_to["kinds"] if k["kind"] == "price_alert"]
    assert price["channels"] == {"inbox": False, "mail": False}
    someone.told(alert(someone.id), changed(someone.id, "expired"))
    assert someone.kinds() == ["order_expired"]
    someone.ask("PUT", "/v1/notice-preferences", {"language": "en"})
    someone.told(alert(someone.id))
    assert someone.kinds() == ["order_expired", "price_alert"]


@pytest.mark.parametrize(
    "body",
    [{}, {"language": "fr"}, {"language": "en", "kinds": {"nonsense": {}}}, {"language": "en", "kinds": {"price_alert": {"pigeon": True}}},
     {"language": "en", "more": 1}],
)  # fmt: skip
def test_preferences_that_make_no_sense_are_refused(someone, body):
    assert someone.ask("PUT", "/v1/notice-preferences", body).status_code == 400


def test_notices_of_another_tenant_are_not_there(house, someone):
    someone.told(alert(someone.id))
    with house.sql("app", house.second) as connection:
        assert connection.execute("SELECT count(*) FROM notices.notices").fetchone() == (0,)
    with house.sql("app", house.first) as connection:
        assert connection.execute("SELECT count(*) FROM notices.notices").fetchone() > (0,)


def test_all_that_was_looked_at_is_read_at_once_and_nothing_that_came_after(house, someone):
    someone.told(*(alert(someone.id) for _ in range(3)))
    looked_at = someone.inbox()["items"][0]["id"]
    someone.told(alert(someone.id))
    assert someone.ask("POST", "/v1/notices/read", {"upto": looked_at}).json() == {"unread": 1}
    came_after, *read = someone.inbox()["items"]
    assert came_after["read_at"] is None
    assert all(notice["read_at"] is not None for notice in read)
    stranger = Someone(house, f"n{uuid7().hex}@first.example")
    assert stranger.ask("POST", "/v1/notices/read", {"upto": came_after["id"]}).json() == {"unread": 0}
    assert someone.inbox()["unread"] == 1

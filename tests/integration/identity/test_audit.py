"""The audit over real HTTP: who, from where and what reach the entry through FastAPI's threads, and nothing secret does."""

from __future__ import annotations

import hashlib
import hmac
import itertools
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pyotp
import pytest

from identity.api_keys import service as api_keys
from identity.api_keys.states import Scope
from identity.audit import rules, service
from kernel import clock, commands, db, origin
from kernel.ids import SYSTEM, uuid7
from kernel.schedules import CHANNEL
from rivermouth import audited
from tests.house import PASSWORD

_numbers = itertools.count()


def listed(house, who="auditor", **asked):
    answer = house.client.get("/v1/audit", params=asked, headers=house.auth(who))
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def last(house, action, **asked):
    return listed(house, action=action, limit=1, **asked)[0]


def someone(house):
    """A customer of this test alone: (id, e-mail, headers)."""
    from identity.principals import service as principals

    email = f"audited{next(_numbers)}@first.example"
    found = principals.ensure_customer(house.first, email=email, password=PASSWORD)
    token = house.login(email).json()["access_token"]
    return str(found), email, {"Authorization": f"Bearer {token}"}


def test_a_login_tells_who_and_from_where(house):
    principal, email, _ = someone(house)
    answer = house.login(email, headers={"X-Request-Id": "login-7"})
    entry = last(house, "session.opened", actor=principal)
    assert (entry["actor"], entry["via"], entry["address"], entry["request_id"]) == (
        principal,
        "request",
        "127.0.0.1",
        "login-7",
    )
    assert entry["credential"] is None
    assert entry["resource_kind"] == "session"
    assert entry["asked"] == commands.fingerprint({"email": email}).hex()
    assert answer.status_code == 201
    assert last(house, "principal.registered", resource=f"principal:{principal}")["via"] == "process"


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_session_reaches_the_entry_through_threads(house, kind):
    """FastAPI runs a sync dependency in one thread and its endpoint in another, each with a copy of the context."""
    principal, _, headers = someone(house)
    (session,) = house.client.get("/v1/sessions", headers=headers).json()["items"]
    if kind == "sync":
        house.client.post("/v1/api-keys", json={"name": "bot", "scopes": ["read"]}, headers=headers)
        entry = last(house, "api_key.created", actor=principal)
    else:
        with db.transaction(tenant=house.first) as tx:
            from wallet_bridge.funds import postings

            postings.deposit(tx, customer_id=principal, asset="USDT", amount=Decimal(10), key=str(uuid7()))
        body = {"to": "retail@first.example", "asset": "USDT", "amount": "1"}
        answer = house.client.post("/v1/transfers", json=body, headers=headers | {"X-Request-Id": "t-1"})
        assert answer.status_code == 201, answer.text
        entry = last(house, "transfer.posted", actor=principal)
        assert (entry["resource_id"], entry["request_id"]) == (answer.json()["id"], "t-1")
    assert (entry["via"], entry["credential"], entry["roles"]) == ("session", session["id"], ["retail"])
    assert entry["address"] == "127.0.0.1"
    assert entry["request_id"]


def test_requests_at_the_same_time_do_not_borrow_each_others_origin(house):
    people = [someone(house) for _ in range(8)]

    def act(person):
        principal, _, headers = person
        for number in range(6):
            marked = headers | {"X-Request-Id": f"{principal}-{number}"}
            made = house.client.post("/v1/api-keys", json={"name": "b", "scopes": ["read"]}, headers=marked)
            house.client.delete(f"/v1/api-keys/{made.json()['id']}", headers=marked)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, people))
    for principal, _, _ in people:
        entries = listed(house, actor=principal, action="api_key")
        assert len(entries) == 12
        assert all(entry["request_id"].startswith(principal) for entry in entries)
        assert len({entry["credential"] for entry in entries}) == 1


def test_a_key_is_named_where_a_key_signed(house):
    principal, _, headers = someone(house)
    made = house.client.post("/v1/api-keys", json={"name": "bot", "scopes": ["read"]}, headers=headers).json()
    at = int(clock.wall().timestamp() * 1000)
    payload = f"timestamp={at}".encode()
    with origin.bound(origin.Origin(request_id="r", address="127.0.0.1")):
        api_keys.authenticate_signed(
            key=made["key"], payload=payload, timestamp_ms=at, address="127.0.0.1", scope=Scope.READ,
            signature=hmac.new(made["secret"].encode(), payload, hashlib.sha256).hexdigest(),
        )  # fmt: skip
        with db.transaction(tenant=house.first) as tx:
            service.record(tx, "test.signed", kind="thing", resource="t")
    entry = last(house, "test.signed")
    assert (entry["via"], entry["credential"], entry["actor"]) == ("api_key", made["id"], principal)


def test_what_nobody_asked_for_is_the_products_own(house):
    with db.transaction(tenant=house.first) as tx:
        service.record(tx, "test.alone", kind="thing", resource="t")
    entry = last(house, "test.alone", actor=str(SYSTEM))
    assert (entry["via"], entry["roles"], entry["address"], entry["credential"]) == ("process", [], None, None)


def test_a_change_of_configuration_has_its_digests(house):
    def set_limits(per_order):
        body = {"scope": "customer", "target": "", "per_order": per_order}
        answer = house.client.put("/v1/controls/limits", json=body, headers=house.auth("treasury"))
        assert answer.status_code == 200, answer.text
        return last(house, "limits.set")

    first, second = set_limits("100"), set_limits("250")
    assert first["after"] == second["before"] != second["after"]
    assert second["after"] == rules.digest({"per_order": Decimal(250), "per_day": None, "outstanding": None}).hex()
    assert second["details"] == {
        "was": {"per_order": "100", "per_day": None, "outstanding": None},
        "now": {"per_order": "250", "per_day": None, "outstanding": None},
    }
    assert second["roles"] == ["treasury"]
    assert set_limits(None)["after"] != second["after"]


def test_controls_markets_and_guards_are_written_down(house):
    treasury, admin = house.auth("treasury"), house.auth("admin")
    made = house.client.post(
        "/v1/controls",
        json={"scope": "venue", "target": "kraken", "mode": "no_new", "reason": "drill"},
        headers=treasury,
    )
    assert made.status_code == 201, made.text
    entry = last(house, "control.set")
    assert (entry["resource_id"], entry["details"]["target"]) == (made.json()["id"], "kraken")
    house.client.post(f"/v1/controls/{made.json()['id']}/lift", json={"reason": "over"}, headers=treasury)
    assert last(house, "control.lifted")["before"] != last(house, "control.lifted")["after"]
    house.client.patch("/v1/markets/BTC-USDT", json={"fill": "touch"}, headers=admin)
    changed = last(house, "market.changed", resource="market:BTC-USDT")
    assert (changed["details"]["was"]["fill"], changed["details"]["now"]["fill"]) == ("pass_through", "touch")
    house.client.patch("/v1/markets/BTC-USDT", json={"fill": "pass_through"}, headers=admin)
    house.client.patch("/v1/controls/markets/BTC-USDT", json={"band": "0.03"}, headers=treasury)
    assert last(house, "guards.set")["details"]["now"]["band"] == "0.03"
    house.client.post("/v1/sandbox/clock", json={"advance": "PT1S"}, headers=admin)
    assert last(house, "sandbox.clock_advanced")["roles"] == ["admin"]
    assert CHANNEL


def test_a_repeat_and_a_refusal_leave_no_second_entry(house):
    principal, _, headers = someone(house)
    body = {"name": "bot", "scopes": ["read"]}
    for _ in range(3):
        house.client.post("/v1/api-keys", json=body, headers=headers | {"Idempotency-Key": "once"})
    house.client.post("/v1/api-keys", json={**body, "ip_allow": ["nonsense"]}, headers=headers)
    assert house.client.delete(f"/v1/api-keys/{uuid7()}", headers=headers).status_code == 404
    assert [entry["action"] for entry in listed(house, actor=principal, action="api_key")] == ["api_key.created"]


def test_no_secret_is_in_any_entry(house):
    """Canaries: what people and programs keep secret is used everywhere, and then looked for in every byte of the table."""
    _, email, headers = someone(house)
    password, new = PASSWORD, "a heron stands in the mouth of it"
    key = house.client.post("/v1/api-keys", json={"name": "bot", "scopes": ["read"]}, headers=headers).json()
    offer = house.client.post("/v1/mfa/totp", headers=headers).json()
    code = pyotp.TOTP(offer["secret"]).now()
    codes = house.client.post("/v1/mfa/totp/confirm", json={"totp": code}, headers=headers).json()["recovery_codes"]
    house.client.post("/v1/step-up", json={"recovery_code": codes[0]}, headers=headers)
    again = house.client.post(
        "/v1/sessions", json={"email": email, "password": password, "recovery_code": codes[1]}
    ).json()
    pair = house.client.post("/v1/sessions/refresh", json={"refresh_token": again["refresh_token"]}).json()
    changed = house.client.post(
        "/v1/me/password", json={"current_password": password, "new_password": new}, headers=headers
    )
    assert changed.status_code == 204, changed.text
    renewed = house.client.post("/v1/mfa/recovery-codes", headers=headers).json()["recovery_codes"]
    assert house.client.delete("/v1/mfa/totp", headers=headers).status_code == 204
    assert house.client.delete("/v1/sessions/current", headers=headers).status_code == 204
    secrets = [password, new, key["secret"], key["key"], offer["secret"], *codes, *renewed]
    secrets += [again["access_token"], again["refresh_token"], pair["access_token"], headers["Authorization"][7:]]
    with house.sql("superuser") as superuser:
        rows = superuser.execute("SELECT row_to_json(e)::text FROM identity.audit_entries e").fetchall()
    text = "\n".join(row[0] for row in rows)
    digests = [hashlib.sha256(secret.encode()).hexdigest() for secret in secrets]
    assert [secret for secret in [*secrets, *digests] if secret in text] == []
    wanted = {
        "second_factor.offered", "second_factor.enrolled", "session.proven", "recovery_code.used", "session.refreshed",
        "password.changed", "recovery_codes.renewed", "second_factor.removed", "session.ended", "api_key.created",
    }  # fmt: skip
    assert wanted <= {entry["action"] for entry in listed(house, limit=200)}


def test_every_session_that_ends_is_named_with_its_reason(house):
    principal, email, headers = someone(house)
    others = [house.login(email).json() for _ in range(2)]
    assert house.client.delete("/v1/sessions", headers=headers).status_code == 204
    ended = listed(house, actor=principal, action="session.ended")
    assert len({entry["resource_id"] for entry in ended}) == len(others) == 2
    assert {entry["details"]["reason"] for entry in ended} == {"killed"}
    house.client.delete("/v1/sessions/current", headers=headers)
    assert last(house, "session.ended", actor=principal)["details"]["reason"] == "logout"


def test_pages_and_filters(house):
    mark = uuid7()
    with db.transaction(tenant=house.first) as tx:
        for number in range(5):
            service.record(tx, f"page.made{number % 2}", kind="page", resource=number, actor=mark)
        now = tx.now
    whole = listed(house, actor=mark)
    assert [entry["resource_id"] for entry in whole] == ["4", "3", "2", "1", "0"]
    first = house.client.get("/v1/audit", params={"actor": mark, "limit": 2}, headers=house.auth("admin")).json()
    rest = house.client.get(
        "/v1/audit",
        params={"actor": mark, "limit": 3, "cursor": first["next_cursor"]},
        headers=house.auth("compliance"),
    ).json()
    assert [*first["items"], *rest["items"]] == whole
    assert [e["resource_id"] for e in listed(house, actor=mark, action="page.made1")] == ["3", "1"]
    assert len(listed(house, actor=mark, action="page")) == 5
    assert listed(house, actor=mark, action="pag") == []
    assert [e["resource_id"] for e in listed(house, resource="page:3")] == ["3"]
    assert len(listed(house, resource="page", actor=mark)) == 5
    assert len(listed(house, actor=mark, **{"from": now.isoformat()})) == 5
    assert listed(house, actor=mark, to=now.isoformat()) == []
    for bad in ({"cursor": "x"}, {"actor": "me"}, {"action": "A"}, {"from": "yesterday"}, {"limit": 0}):
        assert house.client.get("/v1/audit", params=bad, headers=house.auth("auditor")).status_code == 400, bad


def test_only_the_own_tenant_is_shown(house):
    with db.transaction(tenant=house.second) as tx:
        service.record(tx, "foreign.done", kind="thing", resource="t")
    assert listed(house, action="foreign") == []


def test_a_command_that_nobody_named_is_written_down_under_its_route():
    done = commands.Done(uuid7(), "POST /v1/new-things/{id}/do", b"", "thing", uuid7())
    assert audited.action_of(done) == "command.post_v1_new_things_id_do"

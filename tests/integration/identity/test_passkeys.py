"""Passkeys over HTTP and a real database: registered, used, and every way of cheating with them refused."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.principals import service as principals
from identity.security import passkeys
from kernel import cache, db
from kernel import settings as kernel_settings
from tests.house import PASSWORD
from tests.soft_authenticator import SoftAuthenticator


@pytest.fixture(autouse=True)
def fresh_counters(house):
    cache.client().flushall()
    yield
    cache.client().flushall()


class Person:
    def __init__(self, house, email):
        self.house, self.email = house, email
        self.token = self.password_login().json()["access_token"]

    def password_login(self, **proof):
        return self.house.client.post("/v1/sessions", json={"email": self.email, "password": PASSWORD, **proof})

    def ask(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.house.client.request(method, path, json=body, headers=headers)

    def device(self, **changes):
        base = self.house.client.base_url
        return SoftAuthenticator(**{"origin": f"http://{base.host}:{base.port}", "rp_id": base.host, **changes})

    def register(self, device, name="telephone"):
        offer = self.ask("POST", "/v1/mfa/passkeys")
        assert offer.status_code == 201, offer.text
        given = offer.json()
        body = {"challenge_id": given["challenge_id"], "credential": device.create(given["options"]), "name": name}
        return self.ask("POST", "/v1/mfa/passkeys/confirm", body)

    def registered(self):
        device = self.device()
        answer = self.register(device)
        assert answer.status_code == 201, answer.text
        return device


def offer(house):
    answer = house.client.post("/v1/sessions/passkey-offers")
    assert answer.status_code == 201, answer.text
    return answer.json()


def answered(house, given, credential):
    body = {"challenge_id": given["challenge_id"], "credential": credential}
    return house.client.post("/v1/sessions/passkey", json=body)


def login(house, device):
    given = offer(house)
    return answered(house, given, device.get(given["options"]))


def refused(answer):
    return (answer.status_code, answer.json()["code"]) == (401, "passkey_invalid")


@pytest.fixture
def person(house, request):
    return somebody(house, request.node.name)


def somebody(house, name):
    email = f"k{abs(hash(name)) % 10**12}@first.example"
    hashed = principals.hash_password(PASSWORD)
    with db.transaction(tenant=house.first) as tx:
        principals.register_customer(tx, email=email, password_hash=hashed)
    return Person(house, email)


def test_a_passkey_is_registered_and_opens_the_account_without_a_password(house, person):
    device = person.device()
    made = person.register(device).json()
    assert len(made["recovery_codes"]) == 10
    for _ in range(2):
        opened = login(house, device)
        assert opened.status_code == 201, opened.text
        me = person.ask("GET", "/v1/me", token=opened.json()["access_token"]).json()
        assert (me["email"], me["second_factor"]) == (person.email, True)
    shown = person.ask("GET", "/v1/mfa").json()
    assert (shown["totp"], shown["recovery_codes_left"]) == (False, 10)
    assert [key["name"] for key in shown["passkeys"]] == ["telephone"]
    assert shown["passkeys"][0]["last_used_at"] is not None
    assert person.register(person.device(), name="laptop").json()["recovery_codes"] is None


def test_with_a_passkey_the_password_alone_is_not_enough_and_a_recovery_code_helps(person):
    codes = person.register(person.device()).json()["recovery_codes"]
    needed = person.password_login()
    assert (needed.status_code, needed.json()["code"]) == (401, "second_factor_required")
    assert needed.json()["methods"] == ["passkey", "recovery_code"]
    assert person.password_login(totp="123456").json()["code"] == "second_factor_invalid"
    assert person.password_login(recovery_code=codes[0]).status_code == 201


def test_a_passkey_proves_for_a_step_up(house, person):
    device = person.registered()
    with house.sql("superuser") as connection:
        connection.execute("UPDATE identity.sessions SET proven_at = proven_at - interval '11 minutes'")
    refused_key = person.ask("POST", "/v1/api-keys", {"name": "bot", "scopes": ["read"]})
    assert refused_key.json()["methods"] == ["passkey", "recovery_code"]
    given = person.ask("POST", "/v1/step-up/passkey").json()
    assert len(given["options"]["allowCredentials"]) == 1
    answer = {"challenge_id": given["challenge_id"], "credential": device.get(given["options"])}
    assert person.ask("POST", "/v1/step-up", {"passkey": answer}).status_code == 204
    assert person.ask("POST", "/v1/api-keys", {"name": "bot", "scopes": ["read"]}).status_code == 201
    assert refused(person.ask("POST", "/v1/step-up", {"passkey": answer}))


def test_of_twenty_parallel_answers_to_one_challenge_one_logs_in(house, person):
    device = person.registered()
    given = offer(house)
    credential = device.get(given["options"])
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: answered(house, given, credential), range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 401: 19}


def test_a_device_without_a_counter_is_accepted(house, person):
    device = person.registered()
    for _ in range(2):
        device.count = -1  # some always say 0
        assert login(house, device).status_code == 201


def test_an_unknown_passkey_and_one_of_a_disabled_person_are_one_answer(house, person):
    assert refused(login(house, person.device()))
    device = person.registered()
    with house.sql("engine") as connection:
        connection.execute("UPDATE identity.principals SET status = 'disabled' WHERE email = %s", [person.email])
    assert refused(login(house, device))


def test_a_passkey_removed_opens_nothing_and_starts_the_pause(house, person):
    device = person.registered()
    other = login(house, device).json()["access_token"]
    (passkey,) = person.ask("GET", "/v1/mfa").json()["passkeys"]
    assert person.ask("DELETE", f"/v1/mfa/passkeys/{passkey['id']}").status_code == 204
    assert refused(login(house, device))
    assert person.ask("GET", "/v1/me", token=other).status_code == 401
    assert person.ask("GET", "/v1/mfa").json() == {"totp": False, "recovery_codes_left": 0, "passkeys": []}
    assert person.password_login().status_code == 201
    cooling = person.ask("POST", "/v1/api-keys", {"name": "bot", "scopes": ["read"]})
    assert cooling.json()["code"] == "cooling_down"


def test_ten_passkeys_are_enough(person):
    for number in range(passkeys.MOST):
        assert person.register(person.device(), name=f"key {number}").status_code == 201
    full = person.ask("POST", "/v1/mfa/passkeys")
    assert (full.status_code, full.json()["code"]) == (409, "too_many_passkeys")


def test_a_flood_of_begun_logins_is_stopped(house, limits):
    limits("logins=10/minute")
    answers = [house.client.post("/v1/sessions/passkey-offers") for _ in range(12)]
    assert [answer.status_code for answer in answers] == [201] * 10 + [429] * 2


def test_a_production_that_does_not_tell_its_address_offers_none(person, monkeypatch):
    monkeypatch.setenv("RIVERMOUTH_MODE", "production")
    kernel_settings.settings.cache_clear()
    try:
        answer = person.ask("POST", "/v1/mfa/passkeys")
        assert (answer.status_code, answer.json()["code"]) == (503, "passkeys_not_configured")
        monkeypatch.setenv("RIVERMOUTH_PUBLIC_URL", "https://trade.example:8443/")
        kernel_settings.settings.cache_clear()
        assert person.ask("POST", "/v1/mfa/passkeys").json()["options"]["rp"]["id"] == "trade.example"
        device = person.device(origin="https://trade.example:8443", rp_id="trade.example")
        assert person.register(device).status_code == 201
    finally:
        monkeypatch.undo()
        kernel_settings.settings.cache_clear()


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nonsense_for_a_credential_is_refused(house, data):
    cache.client().flushall()
    device = SoftAuthenticator(origin="http://x", rp_id="x")
    given_offer = offer(house)
    credential = device.get(given_offer["options"])
    where = data.draw(st.sampled_from([*credential, *(("response", part) for part in credential["response"])]))
    what = data.draw(_json)
    if isinstance(where, tuple):
        credential["response"][where[1]] = what
    else:
        credential[where] = what
    answer = answered(house, given_offer, credential)
    assert answer.status_code in (400, 401), answer.text

"""Second factors over HTTP and a real database: enrolled, demanded, spent once, guarded against guesses, and needed for what is dangerous."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest

from identity.principals import service as principals
from identity.security import factors, step_up
from identity.sessions import attempts
from kernel import cache, clock, db
from kernel.settings import settings
from tests.house import PASSWORD

STRONG = "a lantern under the river mouth"


@pytest.fixture(autouse=True)
def fresh_counters(house):
    cache.client().flushall()
    attempts._local = attempts.LocalCounter()


class Person:
    """A customer of their own for each test, with an authenticator app."""

    def __init__(self, house, email, now):
        self.house, self.email, self.now, self.secret = house, email, now, None
        self.login()

    def login(self, expect=201, password=PASSWORD, **proof):
        answer = self.house.client.post("/v1/sessions", json={"email": self.email, "password": password, **proof})
        assert answer.status_code == expect, answer.text
        if expect == 201:
            self.token = answer.json()["access_token"]
        return answer.json()

    def ask(self, method, path, body=None, token=None):
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.house.client.request(method, path, json=body, headers=headers)

    def code(self, ahead=0):
        return pyotp.TOTP(self.secret).at(self.now + timedelta(seconds=30 * ahead))

    def enrol(self):
        offer = self.ask("POST", "/v1/mfa/totp")
        assert offer.status_code == 201, offer.text
        self.secret = offer.json()["secret"]
        confirmed = self.ask("POST", "/v1/mfa/totp/confirm", {"totp": self.code(-1)})
        assert confirmed.status_code == 200, confirmed.text
        return confirmed.json()["recovery_codes"]

    def later(self, **span):
        """The last proof lies further back."""
        with self.house.sql("superuser") as connection:
            connection.execute("UPDATE identity.sessions SET proven_at = proven_at - %s", [timedelta(**span)])


@pytest.fixture
def person(house, request, monkeypatch):
    email = f"p{abs(hash(request.node.name)) % 10**12}@first.example"
    db_password = principals.hash_password(PASSWORD)
    with db.transaction(tenant=house.first) as tx:
        principals.register_customer(tx, email=email, password_hash=db_password)
    now = clock.wall()
    monkeypatch.setattr(factors, "wall", lambda: now)  # no step of the codes may end in the middle of a test
    return Person(house, email, now)


def refusal(answer):
    return answer.status_code, answer.json()["code"]


def test_an_app_is_enrolled_and_from_then_on_a_login_needs_its_code(person):
    offer = person.ask("POST", "/v1/mfa/totp").json()
    assert offer["address"].startswith(
        f"otpauth://totp/Rivermouth:{person.email.replace('@', '%40')}?secret={offer['secret']}"
    )
    assert len(offer["qr"]) == len(offer["qr"][0]) > 20
    assert set("".join(offer["qr"])) == {"0", "1"}
    assert person.ask("GET", "/v1/mfa").json() == {"totp": False, "recovery_codes_left": 0, "passkeys": []}
    person.login()  # offered is not enrolled
    codes = person.enrol()
    assert len(set(codes)) == 10
    assert person.ask("GET", "/v1/mfa").json() == {"totp": True, "recovery_codes_left": 10, "passkeys": []}
    needed = person.login(expect=401)
    assert (needed["code"], needed["methods"]) == ("second_factor_required", ["totp", "recovery_code"])
    assert "access_token" not in needed
    assert person.login(expect=401, password="wrong", totp=person.code())["code"] == "invalid_credentials"
    person.login(totp=person.code())
    assert person.ask("GET", "/v1/me").json()["second_factor"] is True


def test_of_forty_parallel_uses_of_one_recovery_code_exactly_one_wins(person):
    codes = person.enrol()
    token = person.token

    def attempt(_):
        return person.ask(
            "POST", "/v1/step-up", {"recovery_code": codes[0].upper().replace("-", " ")}, token=token
        ).status_code

    with ThreadPoolExecutor(8) as pool:
        counted = Counter(pool.map(attempt, range(40)))
    assert counted[204] == 1
    assert set(counted) <= {204, 401, 429}
    assert person.ask("GET", "/v1/mfa").json()["recovery_codes_left"] == 9


def test_five_wrong_codes_from_wherever_lock_the_account_and_the_right_one_waits(person, monkeypatch):
    codes = person.enrol()
    for _ in range(factors.FAILURES - 1):
        assert person.login(expect=401, totp="000000")["code"] == "second_factor_invalid"
    assert refusal(person.ask("POST", "/v1/step-up", {"totp": "000000"}))[1] == "second_factor_invalid"
    locked = person.login(expect=429, totp=person.code())
    assert locked["code"] == "second_factor_locked"
    assert 0 < locked["retry_after_s"] <= 15 * 60 + 1
    assert person.login(expect=429, recovery_code=codes[1])["code"] == "second_factor_locked"
    real = factors.wall
    monkeypatch.setattr(factors, "wall", lambda: real() + factors.LOCKED_FOR + timedelta(seconds=1))
    person.login(recovery_code=codes[1])


def test_a_recovery_code_opens_once(person):
    codes = person.enrol()
    person.login(recovery_code=codes[0])
    assert person.login(expect=401, recovery_code=codes[0])["code"] == "second_factor_invalid"
    fresh = person.ask("POST", "/v1/mfa/recovery-codes").json()["recovery_codes"]
    key = {"name": "bot", "scopes": ["read"]}
    assert refusal(person.ask("POST", "/v1/api-keys", key)) == (403, "cooling_down"), "a factor was replaced"
    assert person.login(expect=401, recovery_code=codes[1])["code"] == "second_factor_invalid"
    person.login(recovery_code=fresh[0])


def test_the_database_holds_neither_secret_nor_recovery_code(person):
    codes = person.enrol()
    with person.house.sql("superuser") as connection:
        rows = connection.execute(
            "SELECT row_to_json(f)::text, encode(f.totp_secret, 'escape') FROM identity.second_factors f"
            " UNION ALL SELECT row_to_json(c)::text, '' FROM identity.recovery_codes c"
        ).fetchall()
    text = str(rows)
    assert person.secret not in text
    assert not any(code in text or code.replace("-", "") in text for code in codes)


def test_what_is_dangerous_wants_a_proof_of_the_last_ten_minutes(person):
    key = {"name": "bot", "scopes": ["read"]}
    assert person.ask("POST", "/v1/api-keys", key).status_code == 201, "a login counts"
    person.later(minutes=11)
    refused = person.ask("POST", "/v1/api-keys", key)
    assert refusal(refused) == (403, "step_up_required")
    assert refused.json()["methods"] == ["password"]
    assert refusal(person.ask("POST", "/v1/step-up", {"password": "wrong"})) == (401, "invalid_credentials")
    assert refusal(person.ask("POST", "/v1/step-up", {"totp": "123456"})) == (403, "step_up_required")
    assert person.ask("POST", "/v1/step-up", {"password": PASSWORD}).status_code == 204
    assert person.ask("POST", "/v1/api-keys", key).status_code == 201
    person.enrol()
    person.later(minutes=11)
    assert person.ask("POST", "/v1/api-keys", key).json()["methods"] == ["totp", "recovery_code"]
    assert refusal(person.ask("POST", "/v1/step-up", {"password": PASSWORD})) == (403, "step_up_required")
    assert person.ask("POST", "/v1/step-up", {"totp": person.code()}).status_code == 204
    assert person.ask("POST", "/v1/api-keys", key).status_code == 201


def test_a_proof_belongs_to_the_session_that_gave_it_and_a_refreshed_token_is_none(person):
    pair = person.login()
    person.enrol()
    other = pair["access_token"]
    person.later(minutes=11)
    again = person.house.client.post("/v1/sessions/refresh", json={"refresh_token": pair["refresh_token"]}).json()
    elsewhere = person.house.client.post(
        "/v1/sessions", json={"email": person.email, "password": PASSWORD, "totp": person.code()}
    )
    assert elsewhere.status_code == 201
    for token in (other, again["access_token"]):
        assert refusal(person.ask("POST", "/v1/mfa/recovery-codes", token=token)) == (403, "step_up_required")


def test_enrolling_takes_the_proof_of_every_other_session(person):
    thief = person.login()["access_token"]
    person.login()
    person.enrol()
    assert refusal(person.ask("DELETE", "/v1/mfa/totp", token=thief)) == (403, "step_up_required")
    assert person.ask("GET", "/v1/me", token=thief).status_code == 200


def test_a_factor_removed_ends_other_sessions_and_stops_new_keys_for_a_day(person):
    other = person.login()["access_token"]
    person.login()
    person.enrol()
    assert person.ask("DELETE", "/v1/mfa/totp").status_code == 204
    assert person.ask("GET", "/v1/me", token=other).status_code == 401
    assert person.ask("GET", "/v1/mfa").json() == {"totp": False, "recovery_codes_left": 0, "passkeys": []}
    person.login()
    cooling = person.ask("POST", "/v1/api-keys", {"name": "bot", "scopes": ["read"]})
    assert refusal(cooling) == (403, "cooling_down")
    assert cooling.json()["until"]
    with person.house.sql("superuser") as connection:  # a day of business time later
        connection.execute(
            "UPDATE identity.second_factors SET weakened_at = weakened_at - interval '24 hours 1 second'"
        )
    assert person.ask("POST", "/v1/api-keys", {"name": "bot", "scopes": ["read"]}).status_code == 201
    assert refusal(person.ask("DELETE", "/v1/mfa/totp")) == (409, "second_factor_missing")


def test_a_factor_replaced_starts_the_pause_too(person):
    person.enrol()
    old = person.secret
    person.enrol()
    assert person.secret != old
    assert refusal(person.ask("POST", "/v1/api-keys", {"name": "bot", "scopes": ["read"]})) == (403, "cooling_down")


def test_a_password_is_changed_by_who_knows_it(person):
    other = person.login()["access_token"]
    person.login()

    def change(current, new):
        return person.ask("POST", "/v1/me/password", {"current_password": current, "new_password": new})

    assert refusal(change(PASSWORD, "password1")) == (400, "password_too_weak")
    assert refusal(change(PASSWORD, person.email)) == (400, "password_too_weak")
    assert refusal(change(PASSWORD, PASSWORD)) == (400, "password_too_weak")
    assert refusal(change("wrong", STRONG)) == (401, "invalid_credentials")
    assert change(PASSWORD, STRONG).status_code == 204
    assert person.ask("GET", "/v1/me", token=other).status_code == 401
    assert person.ask("GET", "/v1/me").status_code == 200
    assert person.login(expect=401)["code"] == "invalid_credentials"
    person.login(password=STRONG)
    assert refusal(person.ask("POST", "/v1/api-keys", {"name": "bot", "scopes": ["read"]})) == (403, "cooling_down")


def test_a_deployment_may_demand_a_second_factor_of_a_role(person, monkeypatch):
    monkeypatch.setenv("RIVERMOUTH_SECOND_FACTOR_ROLES", "finance, retail")
    settings.cache_clear()
    try:
        person.login()
        assert refusal(person.ask("GET", "/v1/balances")) == (403, "second_factor_enrolment_required")
        assert person.ask("GET", "/v1/me").status_code == 200
        person.enrol()
        assert person.ask("GET", "/v1/balances").status_code == 200
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_confirming_what_was_not_offered_is_refused_and_guesses_at_it_count(person):
    assert refusal(person.ask("POST", "/v1/mfa/totp/confirm", {"totp": "123456"})) == (409, "second_factor_missing")
    person.secret = person.ask("POST", "/v1/mfa/totp").json()["secret"]
    wrong = f"{(int(person.code()) + 1) % 10**6:06}"
    for _ in range(factors.FAILURES):
        assert refusal(person.ask("POST", "/v1/mfa/totp/confirm", {"totp": wrong})) == (401, "second_factor_invalid")
    locked = person.ask("POST", "/v1/mfa/totp/confirm", {"totp": person.code()})
    assert refusal(locked) == (429, "second_factor_locked")
    person.login()  # nothing is enrolled, so nothing is demanded


def test_methods_tell_what_counts():
    assert step_up.methods(totp=False, passkey=False) == ("password",)
    assert step_up.methods(totp=True, passkey=False) == ("totp", "recovery_code")
    assert step_up.methods(totp=False, passkey=True) == ("passkey", "recovery_code")


def test_a_code_too_short_is_told_in_characters(house):
    body = {"email": "retail@first.example", "password": "x", "totp": "1"}
    answer = house.client.post("/v1/sessions", json=body)
    assert answer.json()["errors"] == [{"field": "body.totp", "message": "must have at least 6 characters"}]

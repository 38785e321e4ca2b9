"""JWT alg none, HS256 with the public key, embedded jwk, kid as path or SQL, 10 MB header, wrong aud/iss: 401, and nothing is followed."""

import base64
import hmac
import json
import warnings

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests import oauth_programs as programs
from tests.oauth_programs import bearer

SUBJECT = "customer-7"


def b64(data):
    return base64.urlsafe_b64encode(data if isinstance(data, bytes) else json.dumps(data).encode()).decode().rstrip("=")


@pytest.fixture(scope="module")
def key():
    return programs.partner_key()


@pytest.fixture(scope="module")
def program(house, key):
    made = programs.embedding(house, key)
    programs.vouched(house, made, subject=SUBJECT)
    return made


def refused(house, program, token):
    answer = programs.exchange(house, program, token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text


def test_34_the_partners_own_token_opens_a_session_once(house, program, key):
    token = programs.signed(key, programs.claims(house, subject=SUBJECT))
    opened = programs.exchange(house, program, token)
    assert opened.status_code == 200, opened.text
    body = opened.json()
    assert (body["scope"], body["token_type"], "refresh_token" in body) == ("read", "Bearer", False)
    assert house.client.get("/v1/balances", headers=bearer(body["access_token"])).status_code == 200
    refused(house, program, token)


def test_34_nobody_is_let_in_without_a_signature(house, program, key):
    body = programs.claims(house, subject=SUBJECT)
    real = programs.signed(key, body).split(".")
    for alg in ("none", "None", "NONE", ""):
        header = b64({"alg": alg, "kid": "one"})
        refused(house, program, f"{header}.{b64(body)}.")
        refused(house, program, f"{header}.{b64(body)}.{real[2]}")
    refused(house, program, f"{real[0]}.{b64({**body, 'sub': 'customer-8'})}.{real[2]}")
    refused(house, program, f"{real[0]}.{real[1]}.")


def test_34_the_public_key_is_no_shared_secret(house, program, key):
    body = programs.claims(house, subject=SUBJECT)
    public = json.dumps(key.as_dict(private=False)).encode()
    for secret in (key.as_pem(private=False), public, b""):
        text = f"{b64({'alg': 'HS256', 'kid': 'one'})}.{b64(body)}"
        refused(house, program, f"{text}.{b64(hmac.digest(secret, text.encode(), 'sha256'))}")


def test_34_a_key_that_comes_along_verifies_nothing(house, program):
    own = ECKey.generate_key("P-256", {"kid": "one"})
    body = programs.claims(house, subject=SUBJECT)
    refused(house, program, programs.signed(own, body))
    refused(house, program, programs.signed(own, body, jwk=own.as_dict(private=False)))
    for name in ("jku", "x5u"):
        refused(house, program, programs.signed(own, body, **{name: "https://evil.example/keys"}))
    rsa = RSAKey.generate_key(2048, {"kid": "one"})
    refused(house, program, programs.signed(rsa, body, alg="RS256"))


@pytest.mark.parametrize(
    "kid",
    [
        "",
        "../../../etc/passwd",
        "one' OR '1'='1",
        "one; DROP TABLE x",
        "two",
        "ONE",
        "one ",
        1,
        None,
        ["one"],
        "k" * 5_000,
        "\x00",
    ],
)
def test_34_a_name_of_a_key_is_compared_and_used_for_nothing_else(house, program, key, kid):
    body, header = programs.claims(house, subject=SUBJECT), {"alg": "ES256", "kid": kid}
    head = b64({name: value for name, value in header.items() if value is not None})
    real = programs.signed(key, body).split(".")
    refused(house, program, f"{head}.{real[1]}.{real[2]}")


def test_34_extensions_that_we_do_not_know_are_refused(house, program, key):
    body = programs.claims(house, subject=SUBJECT)
    refused(house, program, programs.signed(key, body, b64=True, crit=["b64"]))


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://other.example"}, {"aud": None}, {"aud": []}, {"aud": {}}, {"iss": "https://evil.example"}, {"iss": None},
        {"exp": 1}, {"exp": None}, {"exp": "never"}, {"exp": True}, {"exp": 2**60}, {"exp": -1}, {"iat": None}, {"jti": None}, {"jti": ""},
        {"jti": 7}, {"sub": None}, {"sub": ""}, {"sub": "x" * 201}, {"sub": ["customer-7"]}, {"sub": "customer-7\u0000"},
    ],
    ids=str,
)  # fmt: skip
def test_34_what_was_signed_for_others_or_for_another_time_opens_nothing(house, program, key, changes):
    refused(house, program, programs.signed(key, programs.claims(house, subject=SUBJECT, **changes)))


@pytest.mark.parametrize("ahead", ["exp", "iat", "nbf"])
def test_34_a_token_is_of_now_and_lives_for_minutes(house, program, key, ahead):
    later = programs.claims(house, subject=SUBJECT)["iat"] + 3_600
    changes = {"exp": later} if ahead == "exp" else {ahead: later, "exp": later + 60}
    refused(house, program, programs.signed(key, programs.claims(house, subject=SUBJECT, **changes)))


def test_34_two_audiences_are_one_too_many(house, program, key):
    both = [programs.issuer(house), "https://other.example"]
    refused(house, program, programs.signed(key, programs.claims(house, subject=SUBJECT, aud=both)))


@pytest.mark.parametrize("size", [9_000, 700_000])
def test_34_what_is_too_long_is_not_read_although_the_partner_signed_it(house, program, key, size):
    body = programs.claims(house, subject=SUBJECT)
    refused(house, program, programs.signed(key, {**body, "note": "x" * size}))


def test_34_ten_megabytes_are_refused_before_anything_looks_at_them(house, program):
    answer = programs.exchange(house, program, "A" * 10_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "token", ["", "a", "a.b", "a.b.c", "....", "é.é.é", "{}.{}.{}", "bnVsbA.bnVsbA.", "W10.W10.W10"]
)
def test_34_what_is_no_token_is_no_fault_of_ours(house, program, token):
    answer = programs.exchange(house, program, token)
    assert answer.status_code in {400, 401}, answer.text
    assert "access_token" not in answer.json()


def test_34_an_unknown_customer_is_nobody(house, program, key):
    answer = programs.exchange(house, program, programs.signed(key, programs.claims(house, subject="customer-8")))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_34_secrets_private_and_weak_keys_are_not_taken(house, key):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weak = RSAKey.generate_key(1024, {"kid": "one"}).as_dict(private=False)
    entries = [
        {"kty": "oct", "kid": "one", "k": "AAAA"}, key.as_dict(private=True), weak, {"kty": "RSA", "kid": "one"}, {},
        {**key.as_dict(private=False), "kid": ""}, "key",
    ]  # fmt: skip
    for entry in entries:
        body = {
            "name": "p", "grants": [programs.EXCHANGE], "scopes": ["read"], "confidential": False,
            "partner": {"issuer": programs.PARTNER, "jwks": {"keys": [entry]}},
        }  # fmt: skip
        answer = house.client.post("/v1/oauth/clients", json=body, headers=house.auth("admin"))
        assert (answer.status_code, answer.json()["code"]) == (400, "oauth_client_invalid"), (entry, answer.text)

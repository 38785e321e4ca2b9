"""Attack 39: a signature used for another request, late, early, twice, in another spelling, or made with no secret. Each is 401."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.identity.test_signed_requests import ALERT, headers, made, make, now_ms, refusal, text_to_sign

__all__ = ["made"]


def test_39_a_signature_is_worth_nothing_for_another_request(house, made):
    """Attack: reordered query, duplicate parameter, other path, body or method."""
    query = "limit=2&status=resting"
    signed = headers(made, "GET", "/v1/orders", query=query)
    ask = house.client.request
    assert ask("GET", f"/v1/orders?{query}", headers=signed).status_code == 200
    for method, target in (
        ("GET", "/v1/orders?status=resting&limit=2"),
        ("GET", f"/v1/orders?{query}&limit=3"),
        ("GET", "/v1/orders"),
        ("GET", f"/v1/order%73?{query}"),
        ("GET", f"/v1/price-alerts?{query}"),
        ("DELETE", f"/v1/orders?{query}"),
    ):
        assert refusal(ask(method, target, headers=signed)) == (401, "signature_invalid"), (method, target)
    body = json.dumps(ALERT).encode()
    posted = headers(made, "POST", "/v1/price-alerts", body=body) | {"Content-Type": "application/json"}
    other = ask("POST", "/v1/price-alerts", content=body.replace(b"90000", b"90001"), headers=posted)
    assert refusal(other) == (401, "signature_invalid")


@pytest.mark.parametrize(
    ("ahead_ms", "window", "code"),
    [
        (-6_000, None, "request_too_old"),
        (-4_000, None, None),
        (-30_000, "60000", None),
        (-61_000, "60000", "request_too_old"),
        (0, "60001", "request_too_old"),
        (0, "0", "request_too_old"),
        (3_000, None, "request_too_old"),
    ],
)
def test_39_a_request_is_good_for_its_window_only(house, made, ahead_ms, window, code):
    signed = headers(made, "GET", "/v1/balances", at=now_ms() + ahead_ms, window=window)
    answer = house.client.get("/v1/balances", headers=signed)
    assert answer.status_code == (200 if code is None else 401), answer.text
    assert code is None or answer.json()["code"] == code


@pytest.mark.parametrize(
    ("sent", "instead"),
    [
        ({}, {"Rivermouth-Window": "60000"}),
        ({"window": "1000"}, {"Rivermouth-Window": "60000"}),
        ({"window": "1000"}, {"Rivermouth-Window": None}),
        ({}, {"Rivermouth-Realm": "demo"}),
        ({"realm": "demo"}, {"Rivermouth-Realm": "real"}),
        ({"realm": "demo"}, {"Rivermouth-Realm": None}),
        ({"window": "1000", "realm": "demo"}, {"Rivermouth-Realm": "real"}),
    ],
    ids=range(7),
)
def test_39_nobody_on_the_way_makes_a_request_good_for_longer_or_for_other_money(house, made, sent, instead):
    """Attack: a request is held back and its window widened, or an order for play money is sent on for real money."""
    assert house.client.get("/v1/balances", headers=headers(made, "GET", "/v1/balances", **sent)).status_code == 200
    changed = headers(made, "GET", "/v1/balances", **sent) | instead
    changed = {name: value for name, value in changed.items() if value is not None}
    assert refusal(house.client.get("/v1/balances", headers=changed)) == (401, "signature_invalid")


def test_39_of_twenty_parallel_requests_with_one_nonce_one_is_done(house, made):
    body = json.dumps(ALERT).encode()
    signed = headers(made, "POST", "/v1/price-alerts", body=body) | {"Content-Type": "application/json"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: house.client.post("/v1/price-alerts", content=body, headers=signed), range(20))
        )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 401: 19}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 401} == {"nonce_used"}
    elsewhere = headers(made, "DELETE", "/v1/orders", nonce=signed["Rivermouth-Nonce"])
    assert refusal(house.client.delete("/v1/orders", headers=elsewhere)) == (401, "nonce_used")
    other = make(house)  # another key's nonces are its own
    again = headers(other, "POST", "/v1/price-alerts", body=body, nonce=signed["Rivermouth-Nonce"])
    assert (
        house.client.post(
            "/v1/price-alerts", content=body, headers=again | {"Content-Type": "application/json"}
        ).status_code
        == 201
    )


def test_39_the_hex_in_capitals_a_missing_and_a_doubled_header_are_401(house, made):
    signed = headers(made, "GET", "/v1/balances")
    loud = signed | {"Rivermouth-Signature": signed["Rivermouth-Signature"].upper()}
    assert refusal(house.client.get("/v1/balances", headers=loud)) == (401, "signature_invalid")
    for name in ("Rivermouth-Timestamp", "Rivermouth-Nonce", "Rivermouth-Signature"):
        without = {k: v for k, v in signed.items() if k != name}
        assert refusal(house.client.get("/v1/balances", headers=without)) == (401, "signature_invalid")
        twice = [*signed.items(), (name, signed[name])]
        assert refusal(house.client.get("/v1/balances", headers=twice)) == (401, "signature_invalid")
    assert house.client.get("/v1/balances", headers={"Rivermouth-Signature": "x"}).json()["code"] == "unauthorized"


def test_39_an_empty_secret_signs_nothing(house, made):
    signed = headers(made, "GET", "/v1/balances")
    text = text_to_sign("GET", "/v1/balances", "", b"", int(signed["Rivermouth-Timestamp"]), signed["Rivermouth-Nonce"])
    for secret in (b"", b"\0", b"None", made["key"].encode()):
        forged = hmac.new(secret, text, hashlib.sha256).hexdigest()
        answer = house.client.get("/v1/balances", headers=signed | {"Rivermouth-Signature": forged})
        assert refusal(answer) == (401, "signature_invalid"), secret
    answer = house.client.get("/v1/balances", headers=signed | {"Rivermouth-Signature": ""})
    assert refusal(answer) == (401, "signature_invalid")

"""Requests that a program signs: everything that decides what they do is covered, each is good once, and a key does what its scopes say."""

from __future__ import annotations

import base64
import json
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from identity.api_keys import service, signing
from kernel import clock

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "sdk"))
from rivermouth_client import KeyAuth, text_to_sign  # noqa: E402  the client is a package of its own, not installed here
from rivermouth_client.signing import sign  # noqa: E402

VECTORS = json.loads((ROOT / "docs" / "guides" / "signature-vectors.json").read_text())
ALERT = {"symbol": "BTC-USDT", "direction": "above", "price": "90000"}
_count = iter(range(1_000_000))


def make(house, **fields):
    body = {"name": f"program {next(_count)}", "scopes": ["read", "trade"], **fields}
    answer = house.client.post("/v1/api-keys", json=body, headers=house.auth("retail"))
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def made(house):
    return make(house)


def now_ms():
    return int(clock.wall().timestamp() * 1000)


def headers(made, method, path, *, query="", body=b"", at=None, nonce=None, window=None, realm=None):
    at, nonce = now_ms() if at is None else at, nonce or f"nonce-{next(_count):08}"
    text = text_to_sign(method, path, query, body, at, nonce, window_ms=window, realm=realm)
    named = {"Rivermouth-Window": window, "Rivermouth-Realm": realm}
    return {
        "Rivermouth-Key": made["key"], "Rivermouth-Timestamp": str(at), "Rivermouth-Nonce": nonce,
        "Rivermouth-Signature": sign(made["secret"], text), **{name: value for name, value in named.items() if value},
    }  # fmt: skip


def refusal(answer):
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda v: f"{v['method']} {v['path']}")
def test_the_vectors_of_the_guide_are_what_product_and_client_sign(vector):
    given = {
        "method": vector["method"],
        "path": vector["path"],
        "query": vector["query"],
        "body": vector["body"].encode(),
    }
    named = {"window": vector.get("window"), "realm": vector.get("realm")}
    text = signing.text(**given, timestamp=vector["timestamp"], nonce=vector["nonce"], **named)
    assert text.decode() == vector["text"]
    window_ms = vector.get("window") and int(vector["window"])
    told = text_to_sign(
        *given.values(), int(vector["timestamp"]), vector["nonce"], window_ms=window_ms, realm=vector.get("realm")
    )
    assert told == text
    assert sign(VECTORS["secret"], text) == vector["hmac_sha256"]
    assert sign(VECTORS["private_key"], text) == vector["ed25519"]


@pytest.mark.parametrize("algorithm", ["hmac", "ed25519"])
def test_the_client_of_the_sdk_reads_and_changes(house, algorithm):
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    key = make(house, **({"public_key": public} if algorithm == "ed25519" else {}))
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    auth = KeyAuth(key["key"], key["secret"] or pem)
    patient = KeyAuth(key["key"], key["secret"] or pem, window_ms=60_000)
    assert httpx.get(house.client.base_url.join("/v1/balances"), auth=patient, timeout=60).status_code == 200
    with httpx.Client(base_url=house.client.base_url, auth=auth, timeout=60) as client:
        assert client.get("/v1/balances").status_code == 200
        assert client.get("/v1/orders", params={"status": "resting", "limit": 2}).status_code == 200
        assert client.get("/v1/orders?limit=2&status=resting").status_code == 200
        assert client.get("/v1/balances", headers={"Rivermouth-Realm": "demo"}).status_code == 200
        alert = client.post("/v1/price-alerts", json=ALERT)
        assert alert.status_code == 201, alert.text
        assert client.delete(f"/v1/price-alerts/{alert.json()['id']}").status_code == 204


def test_a_repeat_signed_anew_with_the_same_key_of_idempotency_is_done_once(house, made):
    body = json.dumps(ALERT).encode()
    common = {"Content-Type": "application/json", "Idempotency-Key": "signed-repeat"}
    answers = [
        house.client.post(
            "/v1/price-alerts", content=body, headers=headers(made, "POST", "/v1/price-alerts", body=body) | common
        )
        for _ in range(2)
    ]
    assert answers[0].json()["id"] == answers[1].json()["id"]


def test_nonces_are_forgotten_when_no_window_needs_them(house, made):
    signed = headers(made, "DELETE", "/v1/orders")
    house.client.delete("/v1/orders", headers=signed)
    with house.sql("superuser") as connection:
        (longest,) = connection.execute("SELECT max(expires_at) - now() FROM identity.api_nonces").fetchone()
    assert timedelta(seconds=60 + 1) < longest <= service.NONCE_KEPT


@pytest.mark.parametrize(
    "spoil",
    [
        {"Rivermouth-Signature": ""},
        {"Rivermouth-Signature": "00"},
        {"Rivermouth-Signature": "é".encode("latin-1")},
        {"Rivermouth-Nonce": "short"},
        {"Rivermouth-Nonce": "x" * 65},
        {"Rivermouth-Nonce": "semi;colon"},
        {"Rivermouth-Timestamp": "1"},
        {"Rivermouth-Timestamp": "-1767225600000"},
        {"Rivermouth-Timestamp": "1767225600000.5"},
        {"Rivermouth-Window": "soon"},
        {"Authorization": "Bearer rms_" + "a" * 43},
    ],
    ids=range(11),
)
def test_nonsense_in_the_headers_is_401(house, made, spoil):
    answer = house.client.get("/v1/balances", headers=headers(made, "GET", "/v1/balances") | spoil)
    assert refusal(answer) == (401, "signature_invalid")


def test_an_unknown_key_and_a_revoked_or_expired_key_are_one_answer(house, monkeypatch):
    gone = make(house)
    assert house.client.delete(f"/v1/api-keys/{gone['id']}", headers=house.auth("retail")).status_code == 204
    short = make(house, expires_at=(clock.wall() + timedelta(hours=1)).isoformat())
    assert house.client.get("/v1/balances", headers=headers(short, "GET", "/v1/balances")).status_code == 200
    unknown = {**gone, "key": "rmk_" + "a" * 43}
    for key in (gone, unknown):
        answer = house.client.get("/v1/balances", headers=headers(key, "GET", "/v1/balances"))
        assert refusal(answer) == (401, "api_key_refused")
    real = service.wall
    monkeypatch.setattr(service, "wall", lambda: real() + timedelta(hours=1, seconds=1))
    late = headers(short, "GET", "/v1/balances", at=now_ms() + 3_601_000)
    assert refusal(house.client.get("/v1/balances", headers=late)) == (401, "api_key_refused")


def test_a_spoofed_x_forwarded_for_is_ignored(house):
    far = make(house, ip_allow=["203.0.113.7"])
    signed = headers(far, "GET", "/v1/balances") | {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7"}
    assert refusal(house.client.get("/v1/balances", headers=signed)) == (403, "api_key_address_refused")


def test_a_key_that_reads_does_not_trade_and_none_touches_the_account(house, made):
    reader = make(house, scopes=["read"])
    body = json.dumps(ALERT).encode()
    signed = headers(reader, "POST", "/v1/price-alerts", body=body) | {"Content-Type": "application/json"}
    assert refusal(house.client.post("/v1/price-alerts", content=body, headers=signed)) == (403, "forbidden")
    for method, path in (
        ("GET", "/v1/api-keys"),
        ("GET", "/v1/me"),
        ("GET", "/v1/mfa"),
        ("POST", "/v1/mfa/totp"),
        ("GET", "/v1/sessions"),
        ("DELETE", "/v1/sessions"),
        ("DELETE", "/v1/sessions/current"),
        ("GET", "/v1/treasury/exposure"),
    ):
        answer = house.client.request(method, path, headers=headers(made, method, path))
        assert refusal(answer) == (403, "forbidden"), path


def test_a_key_expires_in_the_future(house):
    body = {"name": "late", "scopes": ["read"], "expires_at": (clock.wall() - timedelta(seconds=1)).isoformat()}
    answer = house.client.post("/v1/api-keys", json=body, headers=house.auth("retail"))
    assert refusal(answer) == (400, "api_key_expiry_invalid")

"""Attack 42: ten megabytes, a gzip bomb, deep JSON, bad UTF-8, a signature header that says `v1`. A refusal, and never a fault of ours."""

from __future__ import annotations

import gzip
import itertools

import pytest

from kernel import cache
from tests.integration.identity.test_signed_requests import headers, make

DOORS = ("/v1/sessions", "/v1/sessions/refresh", "/v1/sessions/passkey", "/v1/webhooks", "/v1/step-up")
BODIES = {
    "ten megabytes": (b'{"email": "' + b"x" * 10_000_000 + b'"}', {}),
    "gzip bomb": (gzip.compress(b" " * 50_000_000), {"Content-Encoding": "gzip"}),
    "deep list": (b"[" * 200_000, {}),
    "deep object": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, {}),
    "bad utf-8": (b'{"email": "\xff\xfe"}', {}),
    "half a surrogate": (b'{"email": "\\ud800"}', {}),
    "cut off": (b'{"email": "a', {}),
    "nothing": (b"", {}),
    "another charset": ('{"email": "a"}'.encode("utf-16"), {"Content-Type": "application/json; charset=utf-16"}),
}


@pytest.fixture(autouse=True)
def fresh_counters(house):
    cache.client().flushall()


@pytest.mark.parametrize("body", BODIES)
def test_42_a_hostile_body_is_refused(house, body):
    content, more = BODIES[body]
    for door in DOORS:
        given = house.auth("retail") | {"Content-Type": "application/json"} | more
        answer = house.client.post(door, content=content, headers=given)
        assert 400 <= answer.status_code < 500, (door, answer.status_code)
        assert answer.headers["content-type"] == "application/problem+json"


def test_42_a_signature_header_that_is_no_signature_is_401(house):
    key = make(house)
    words = ("v1", "v1,", "v1,=", ",", "v1,\xff".encode("latin-1"), b"\xff", "=" * 5_000, "v1a,AAAA v1,AAAA")
    names = ("Rivermouth-Signature", "Rivermouth-Key", "Rivermouth-Timestamp", "Rivermouth-Nonce")
    for name, word in itertools.product(names, words):
        signed = headers(key, "GET", "/v1/balances") | {name: word}
        answer = house.client.get("/v1/balances", headers=signed)
        assert (answer.status_code, answer.json()["code"]) in {(401, "signature_invalid"), (401, "api_key_refused")}, (
            name,
            word,
        )

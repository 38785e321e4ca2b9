"""The custodian's hints: signed, believed in nothing, harmless however often and however broken they come."""

from __future__ import annotations

import os
import socket

import pytest
import redis

from kernel import cache, signing
from kernel.clock import wall
from kernel.settings import settings
from kernel.signing import Signer
from wallet_bridge.custody import service
from wallet_bridge.wire import signing as wire
from wallet_bridge.wire.signing import Message

PATH = "/v1/custodian/hooks"
SIGNER = Signer("custodian", os.urandom(32))


@pytest.fixture
def door(house, monkeypatch):
    monkeypatch.setenv("RIVERMOUTH_CUSTODIAN_PUBLIC_KEYS", signing.shown({"custodian": SIGNER.public_key}))
    settings.cache_clear()
    yield house.client
    settings.cache_clear()


@pytest.fixture
def hints(monkeypatch):
    told = []
    monkeypatch.setattr(service, "hint", lambda: told.append(1))
    return told


def signed(body, signer=SIGNER, receiver="bridge", at=None):
    now = wall().timestamp() if at is None else at
    return dict(wire.sign(signer, Message(receiver, "POST", PATH, body), now=now))


def test_a_signed_hint_makes_us_look(door, hints):
    body = b'{"seq": 7}'
    assert door.post(PATH, content=body, headers=signed(body)).status_code == 202
    assert hints == [1]


def test_a_hint_counts_once_and_where_valkey_cannot_tell_it_makes_us_look_again(door, hints, monkeypatch):
    body = b'{"seq": 7}'
    first, second = signed(body), signed(body)

    def post(headers):
        return door.post(PATH, content=body, headers=headers).status_code

    assert [post(first), post(first), post(second), post(first)] == [202, 401, 202, 401]
    assert len(hints) == 2
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        away = redis.Redis(host="127.0.0.1", port=nobody.getsockname()[1])
        monkeypatch.setattr(cache, "_client", away)
        assert [post(first), post(first)] == [202, 202]
    assert len(hints) == 4


def test_a_hint_wakes_the_reader_by_valkey(door, valkey_server):
    with cache.client().pubsub() as heard:
        heard.subscribe(service.WAKE)
        heard.get_message(timeout=5)
        assert door.post(PATH, content=b"{}", headers=signed(b"{}")).status_code == 202
        message = heard.get_message(timeout=10)
    assert message is not None and message["type"] == "message"


OTHER = Signer("custodian", os.urandom(32))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"{}", {}),
        (b"{}", signed(b"{}", signer=OTHER)),
        (b"{}", signed(b'{"seq": 1}')),
        (b"{}", signed(b"{}", receiver="somebody")),
        (b"{}", signed(b"{}", at=0)),
        (b"{}", signed(b"{}") | {"X-Wire-Signature": "v1"}),
        (b"\xff\xfe", signed(b"\xff")),
        (b"{}", signed(b"{}") | {"X-Wire-Nonce": "x"}),
    ],
    ids=["unsigned", "forged", "changed", "another", "late", "truncated", "not-utf-8", "nonce"],
)
def test_what_the_custodian_did_not_sign_is_refused(door, hints, body, headers):
    answer = door.post(PATH, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "hook_unsigned")
    assert hints == []


def test_what_is_signed_and_broken_harms_nobody(door, hints):
    for body in (b"", b"{", b"\xff\xfe\x00", b"[" * 5_000, b"null"):
        for _ in range(3):
            assert door.post(PATH, content=body, headers=signed(body)).status_code == 202


def test_a_house_without_a_custodian_says_so(house):
    answer = house.client.post(PATH, content=b"{}", headers=signed(b"{}"))
    assert (answer.status_code, answer.json()["code"]) == (503, "wallet_not_configured")


def test_a_house_without_networks_shows_none(house):
    answer = house.client.get("/v1/networks", headers=house.auth("retail"))
    assert answer.json()["items"] == []

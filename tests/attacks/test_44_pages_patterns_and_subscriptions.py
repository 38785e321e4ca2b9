"""Attack 44: pages without an end, texts that make patterns explode, thousands of subscriptions. All of it is bounded."""

from __future__ import annotations

import base64
import importlib
import json
import pkgutil
import re
import time

import pytest
from websockets.exceptions import ConnectionClosed

import broker
import identity
import kernel
import markets
import notices
import payments
import rivermouth
import wallet_bridge
from identity.permissions import permissions_of
from identity.principals.states import Role
from kernel.settings import Mode, Settings
from rivermouth.http import create_app
from rivermouth.stream import connection
from rivermouth.stream.requests import MAX_MESSAGE
from tests.integration.test_permissions import concrete
from tests.stream_clients import StreamClient

MOST = 1_500
"""No page of the API is longer; candles are the longest."""
DOCUMENT = create_app(Settings(mode=Mode.SANDBOX)).openapi()
GETS = sorted((path, operations["get"]) for path, operations in DOCUMENT["paths"].items() if "get" in operations)
PAGED = [
    (path, operation)
    for path, operation in GETS
    if any(parameter["name"] in {"limit", "cursor"} for parameter in operation.get("parameters", ()))
    and not path.startswith(
        ("/compat/", "/v1/sandbox/")
    )  # in Binance's words, tested with the gateway; and the simulator's
]


def parameter(operation, name):
    found = [one for one in operation.get("parameters", ()) if one["name"] == name]
    return found[0]["schema"] if found else None


def asker(house, operation):
    """The session of a role that may."""
    wanted = set(operation["x-permission"])
    role = next((role for role in Role if wanted <= {str(one) for one in permissions_of([role])}), None)
    assert role is not None, wanted
    return house.auth(role) if wanted else {}


def needed(operation):
    """The parameters that a request needs beside, so that it is the page that is refused."""
    known = {"asset": "USDT", "interval": "1m", "symbol": "BTC-USDT", "query": "BTC"}
    return {
        one["name"]: known.get(one["name"], "1")
        for one in operation.get("parameters", ())
        if one["required"] and one["in"] == "query"
    }


def test_44_every_page_has_an_end():
    assert len(PAGED) >= 20
    for path, operation in PAGED:
        schema = parameter(operation, "limit")
        assert schema is not None, f"{path} has a cursor and no limit"
        assert 1 <= schema["maximum"] <= MOST and schema["minimum"] >= 1, path


@pytest.mark.parametrize(("path", "operation"), PAGED, ids=[path for path, _ in PAGED])
def test_44_no_page_is_longer_than_it_says(house, path, operation):
    most = parameter(operation, "limit")["maximum"]
    auth, target = asker(house, operation), concrete(path)
    for limit in (0, -1, most + 1, 10**30, "1e3", "NaN", "", "１０"):
        answer = house.client.get(target, params=needed(operation) | {"limit": limit}, headers=auth)
        assert answer.status_code in {400, 404}, (limit, answer.text)
    if parameter(operation, "cursor") is None:
        return
    numbers = base64.urlsafe_b64encode(json.dumps(["9" * 4_000]).encode()).decode().rstrip("=")
    deep = base64.urlsafe_b64encode(b"[" * 3_000).decode().rstrip("=")
    for cursor in ("A" * 8_000, "....", numbers, deep, "%", "null"):
        answer = house.client.get(target, params=needed(operation) | {"cursor": cursor}, headers=auth)
        assert answer.status_code in {400, 404}, (cursor[:20], answer.text)


PACKAGES = (kernel, identity, markets, payments, wallet_bridge, broker, notices, rivermouth)
LEFT_OUT = ("rivermouth.prove", "rivermouth.__main__", "rivermouth.engine")


def patterns():
    """Every pattern that a module of the product keeps."""
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if found.name.startswith(LEFT_OUT):
                continue
            for name, value in vars(importlib.import_module(found.name)).items():
                if isinstance(value, re.Pattern):
                    yield f"{found.name}.{name}", value


SEEDS = ("a", "0", " ", "-", "a.", "A_")


def took(pattern, text):
    began = time.perf_counter()
    pattern.match(text)
    pattern.search(text)
    pattern.fullmatch(text)
    return time.perf_counter() - began


def test_44_no_pattern_explodes():
    """Ten times the text may take a hundred times as long where that is still nothing; a pattern that backtracks takes for ever."""
    checked = 0
    for name, pattern in patterns():
        as_text = (lambda text: text.encode()) if isinstance(pattern.pattern, bytes) else (lambda text: text)
        for seed in SEEDS:
            assert took(pattern, as_text(seed * 28 + "!\n")) < 5, (name, seed)  # 2²⁸ steps would be minutes
            small, large = (took(pattern, as_text(seed * size + "!\n")) for size in (200, 2_000))
            assert large < 0.5 or large < small * 200, (name, seed, small, large)
        checked += 1
    assert checked >= 15


def test_44_texts_of_any_length_are_answered_by_a_refusal(house):
    """What FastAPI checks by a pattern goes through an automaton, whose time grows with the text and no faster."""
    long = "a" * 20_000
    auth = house.auth("retail")
    for answer in (
        house.client.get("/v1/orders", params={"status": long}, headers=auth),
        house.client.post("/v1/sessions", json={"email": "a@" + "a." * 9_000, "password": "x"}),
        house.client.post("/v1/orders", json={}, headers=auth | {"Idempotency-Key": "!" * 18_000}),
        house.client.post("/v1/price-alerts", json={"symbol": long, "price": "1" * 20_000}, headers=auth),
    ):
        assert 400 <= answer.status_code < 500, answer.text


def test_44_a_thousand_subscriptions_on_one_connection_are_too_many(house, monkeypatch):
    monkeypatch.setattr(connection, "MAX_CHANNELS", 3)
    names = [
        f"{kind}:{symbol}"
        for symbol in ("BTC-USDT", "ETH-USDT", "ETH-BTC")
        for kind in ("quotes", "book", "trades", "candles:1m")
    ]
    with StreamClient(house.client.base_url) as client:
        client.send(op="subscribe", channels=names, id=1)
        client.send(op="ping", id=2)
        answers = []
        while not answers or answers[-1].get("op") != "pong":
            answers.append(client.receive())
        joined = [one for one in answers if one.get("op") == "subscribed"]
        refused = [one for one in answers if one.get("op") == "error"]
        assert len(joined) <= 3
        assert {one["code"] for one in refused} <= {
            "too_many_subscriptions",
            "channel_not_found",
            "invalid_request",
            "unknown_channel",
        }
        assert len(joined) + len(refused) == len(names)


def test_44_names_of_nothing_fill_no_memory(house):
    with StreamClient(house.client.base_url) as client:
        client.send(op="subscribe", channels=[f"quotes:NONE-{number}" for number in range(101)])
        assert client.receive()["op"] == "error"  # more names than a message may have
        for batch in range(2):
            client.send(op="subscribe", channels=[f"quotes:NO{batch}-{number}" for number in range(100)], id=batch)
        refused = 0
        while refused < 200:
            refused += client.receive()["op"] == "error"
        assert client.ask(op="ping")["op"] == "pong"


def test_44_a_thousand_streams_of_a_bot_are_too_many(house):
    with StreamClient(house.client.base_url, path="/compat/binance/ws") as client:
        client.send(method="SUBSCRIBE", params=[f"btcusdt@depth{number}" for number in range(300)], id=1)
        assert client.receive()["error"]["code"] == 2


def test_44_a_message_that_is_too_long_or_too_deep_ends_or_is_refused(house):
    with StreamClient(house.client.base_url) as client:
        client.socket.send('{"op":' + "[" * 2_000 + "]" * 2_000 + "}")
        assert client.receive()["op"] == "error"
        client.socket.send("x" * (MAX_MESSAGE + 1))
        with pytest.raises(ConnectionClosed):
            for _ in range(10):
                client.receive()

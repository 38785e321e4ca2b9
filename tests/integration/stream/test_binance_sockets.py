"""The Binance-compatible websockets by hand: books that chain, names that are none, requests that nobody signed."""

import json

import pytest

from markets.instruments import service as instruments
from tests.integration.markets.test_markets_api import publish
from tests.stream_clients import StreamClient

MARKET, USER = "/compat/binance/ws/0", "/compat/binance/ws-api/v3"


@pytest.fixture(autouse=True)
def _read_again():
    instruments.forget()


@pytest.fixture
def market(house):
    with StreamClient(house.client.base_url, path=MARKET) as client:
        yield client


@pytest.fixture
def user(house):
    with StreamClient(house.client.base_url, path=USER) as client:
        yield client


def test_streams_are_followed_and_left(house, market):
    assert market.ask(method="SUBSCRIBE", params=["btcusdt@bookTicker"])["result"] is None
    publish(house)
    best = market.until(lambda frame: "u" in frame)
    assert (best["s"], best["b"], best["a"]) == ("BTCUSDT", "59999.00000000", "60001.00000000")
    assert market.ask(method="LIST_SUBSCRIPTIONS")["result"] == ["btcusdt@bookTicker"]
    assert market.ask(method="UNSUBSCRIBE", params=["btcusdt@bookTicker"])["result"] is None
    assert market.ask(method="LIST_SUBSCRIPTIONS")["result"] == []


def test_a_combined_line_names_its_streams(house):
    publish(house)
    path = "/compat/binance/stream?streams=btcusdt@depth5@100ms"
    with StreamClient(house.client.base_url, path=path) as client:
        told = client.receive()
    assert told["stream"] == "btcusdt@depth5@100ms"
    assert told["data"]["bids"][0] == ["59999.00000000", "3.00000000"]


@pytest.mark.parametrize(
    "name", ["nonsense", "btcusdt@nonsense", "nosuch@trade", "btcusdt@kline_7m", "btcusdt@depth@1ms", 7, None, {}]
)
def test_names_that_are_none(market, name):
    assert market.ask(method="SUBSCRIBE", params=[name])["error"]["code"] == 2


@pytest.mark.parametrize("text", ["", "[]", "7", '{"method":"SUBSCRIBE","params":7}', "\x00"])
def test_what_is_no_message(market, text):
    market.socket.send(text)
    assert market.receive()["error"]["code"] == 2


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"method": "order.place", "params": {}}, -1102),
        ({"method": "userDataStream.subscribe.signature", "params": {"signature": "x", "timestamp": 1}}, -2015),
        ({"method": "order.place", "params": {"apiKey": "rmk_no", "signature": "é", "timestamp": 1}}, -2015),
        ({"method": "order.place", "params": {"price": 1.5}}, -1100),
        ({"method": "order.place", "params": [1]}, -1100),
        ({"method": "withdraw"}, -1000),
        ({}, -1000),
    ],
)
def test_requests_that_nobody_signed(user, message, code):
    answer = user.ask(**message)
    assert answer["error"]["code"] == code
    assert answer["status"] >= 400


def test_the_time_and_a_ping_need_no_key(user):
    assert user.ask(method="ping")["result"] == {}
    assert user.ask(method="time")["result"]["serverTime"] > 0
    user.socket.send(json.dumps([]))
    assert user.receive()["error"]["code"] == -1102

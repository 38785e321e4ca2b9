"""The Binance-compatible websockets by hand: books that chain, names that are none, requests that nobody signed."""

import json

import pytest

from markets.instruments import service as instruments
from tests.integration.identity.test_api_keys import make
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


LISTEN = "/compat/binance/api/v3/userDataStream"
ACCEPTED = {
    "event": "accepted", "number": 7, "client_order_id": "mine", "symbol": "BTC-USDT", "side": "sell", "type": "trailing_stop",
    "time_in_force": "gtc", "quantity": "0.2", "quote_quantity": None, "limit_price": None, "stop_price": None, "post_only": False,
    "trail": {"amount": None, "fraction": "0.01", "best_price": "60000", "stop_price": "59400"}, "display_quantity": None,
    "status": "accepted", "reason": None, "created_at": "2026-01-31T12:00:00Z",
}  # fmt: skip


def _listen_key(house, made):
    answer = house.client.post(LISTEN, headers={"X-MBX-APIKEY": made["key"]})
    assert answer.status_code == 200, answer.text
    return answer.json()["listenKey"]


@pytest.mark.parametrize("path", ["/compat/binance/ws/{}", "/compat/binance/stream?streams={}"])
def test_a_listen_key_opens_ones_own_events(house, teller, path):
    made = make(house)
    listen_key = _listen_key(house, made)
    assert _listen_key(house, made) == listen_key
    with StreamClient(house.client.base_url, path=path.format(listen_key)) as client:
        assert listen_key in client.ask(method="LIST_SUBSCRIPTIONS")["result"]
        teller.tell(house.ids["retail"], ACCEPTED)
        told = client.until(lambda frame: "id" not in frame)
        report = told["data"] if "stream" in told else told
        assert (report["e"], report["o"], report["P"], report["d"]) == (
            "executionReport",
            "STOP_LOSS",
            "59400.00000000",
            100,
        )
        headers = {"X-MBX-APIKEY": made["key"]}
        assert house.client.put(LISTEN, params={"listenKey": listen_key}, headers=headers).json() == {}
        assert house.client.delete(LISTEN, params={"listenKey": listen_key}, headers=headers).json() == {}
        over = client.until(lambda frame: "id" not in frame)
        assert (over["data"] if "stream" in over else over)["e"] == "listenKeyExpired"
    gone = house.client.put(LISTEN, params={"listenKey": listen_key}, headers=headers)
    assert gone.json()["code"] == -1125


def test_a_listen_key_belongs_to_its_key_and_ends_with_it(house):
    made, other = make(house), make(house, who="other")
    listen_key = _listen_key(house, made)
    stolen = house.client.delete(LISTEN, params={"listenKey": listen_key}, headers={"X-MBX-APIKEY": other["key"]})
    assert stolen.json()["code"] == -1125
    with StreamClient(house.client.base_url, path=f"/compat/binance/ws/{listen_key}") as client:
        assert client.ask(method="LIST_SUBSCRIPTIONS")["result"] == [listen_key]
        house.client.delete(f"/v1/api-keys/{made['id']}", headers=house.auth("retail"))
        assert client.closed()[0] == 4410
    assert house.client.post(LISTEN, headers={"X-MBX-APIKEY": "rmk_no"}).json()["code"] == -2015
    with StreamClient(house.client.base_url, path=f"/compat/binance/ws/{'0' * 64}") as client:
        assert client.closed()[0] >= 4000

"""The live stream over a real server: who may listen to what, snapshots, numbers, resume, limits."""

import json
import time
import uuid
from contextlib import suppress
from decimal import Decimal

import psycopg
import pytest
import redis
from websockets.exceptions import ConnectionClosed, InvalidStatus

from kernel import feeds
from kernel.clock import wall
from markets.candles import codec as candles_codec
from markets.candles import service as candles
from markets.candles.service import Candle, Interval
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from markets.trades import codec as trades_codec
from markets.trades import service as trades
from markets.trades.service import Trade
from rivermouth.stream import connection, line
from tests.integration.markets.test_markets_api import publish
from tests.stream_clients import PATIENCE_S, StreamClient


def take(client, channel, count):
    return [client.data(channel) for _ in range(count)]


def head_of(house, owner, channel="orders"):
    with house.sql("engine") as sql:
        row = sql.execute("SELECT seq FROM kernel.feed_heads WHERE owner_id = %s AND channel = %s", [owner, channel])
        found = row.fetchone()
        return found[0] if found else 0


@pytest.fixture(autouse=True)
def _read_again():
    instruments.forget()


def test_quotes_and_book_begin_with_a_snapshot_and_follow_the_owner(house, stream):
    publish(house)
    client = stream()
    assert client.ask(op="subscribe", channels=["quotes:BTC-USDT"])["op"] == "subscribed"
    first = client.data("quotes:BTC-USDT")
    assert (first["type"], first["data"]["composite"]["price"]) == ("snapshot", "60000")
    rest = house.client.get("/v1/markets/BTC-USDT/quotes", headers=house.auth("retail")).json()
    assert set(rest) == set(first["data"])
    client.ask(op="subscribe", channels=["book:BTC-USDT"])
    book = client.data("book:BTC-USDT")
    assert (book["type"], book["data"]["bids"][0]["price"]) == ("snapshot", "59999")
    publish(house, age_s=10)
    aged = client.until(lambda f: f.get("channel") == "quotes:BTC-USDT" and f["data"]["composite"]["state"] == "HALT")
    assert aged["type"] == "update"
    assert aged["seq"] > first["seq"]


def test_a_market_without_a_copy_sends_its_first_state_as_a_snapshot(house, stream):
    with redis.Redis.from_url(house.valkey_url) as valkey:
        valkey.delete(quotes.key("ETH-USDT"))
    client = stream()
    assert client.ask(op="subscribe", channels=["quotes:ETH-USDT"])["op"] == "subscribed"
    publish(house, symbol="ETH-USDT")
    assert client.data("quotes:ETH-USDT")["type"] == "snapshot"


def test_after_unsubscribing_nothing_comes(house, stream):
    publish(house)
    client = stream()
    client.ask(op="subscribe", channels=["quotes:BTC-USDT"])
    client.data("quotes:BTC-USDT")
    assert client.ask(op="unsubscribe", channels=["quotes:BTC-USDT"])["op"] == "unsubscribed"
    publish(house)
    client.send(op="ping", id=99)
    assert client.receive()["op"] == "pong"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"op": "subscribe", "channels": ["orders"]}, "unauthorized"),
        ({"op": "subscribe", "channels": ["nonsense"]}, "unknown_channel"),
        ({"op": "subscribe", "channels": ["quotes:btc-usdt"]}, "unknown_channel"),
        ({"op": "subscribe", "channels": ["quotes:NO-SUCH"]}, "unknown_symbol"),
        ({"op": "subscribe", "channels": ["candles:BTC-USDT:7m"]}, "unknown_channel"),
        ({"op": "subscribe", "channels": []}, "invalid_request"),
        ({"op": "subscribe"}, "invalid_request"),
        ({"op": "dance"}, "invalid_request"),
        ({"op": "ping", "extra": 1}, "invalid_request"),
        ({"op": "ping", "id": 2**63}, "invalid_request"),
        ({"op": "resume", "channel": "quotes:BTC-USDT", "seq": 1}, "not_resumable"),
        ({"op": "resume", "channel": "orders", "seq": -1}, "invalid_request"),
        ({"op": "resume", "channel": "orders", "seq": 0}, "unauthorized"),
    ],
)
def test_refusals_say_why_and_the_connection_goes_on(stream, request_, code):
    client = stream()
    client.send(**request_)
    assert client.until(lambda frame: frame["op"] == "error")["code"] == code
    assert client.ask(op="ping")["op"] == "pong"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"op":"ping","op":"ping"}', '{"op":"ping","id":NaN}', "\x00", '"\\ud800"']
)
def test_what_is_no_message_is_refused(stream, text):
    client = stream()
    client.socket.send(text)
    assert client.receive()["code"] == "invalid_request"


def test_a_wrong_token_ends_the_connection(stream):
    client = stream()
    client.send(op="auth", token="rms_nonsense")
    code, frames = client.closed()
    assert (code, [f["code"] for f in frames]) == (4401, ["unauthorized"])


def test_one_connection_speaks_for_one_person(house, stream):
    client = stream("retail")
    client.send(op="auth", token=house.auth("other")["Authorization"][7:])
    assert client.receive()["code"] == "already_authenticated"


def test_who_may_not_read_orders_may_not_listen_to_them(stream):
    client = stream("treasury")
    client.send(op="subscribe", channels=["orders", "fills", "balances"])
    assert [client.receive()["code"] for _ in range(3)] == ["forbidden"] * 3


def test_play_money_has_balances_but_no_orders_yet(house, stream):
    client = stream().login(house.auth("retail"), realm="demo")
    client.send(op="subscribe", channels=["orders", "balances"])
    assert client.receive()["code"] == "realm_not_offered"
    assert client.data("balances")["data"] == {"items": []}


def test_own_events_come_numbered_and_to_nobody_else(house, stream, teller):
    mine, theirs = house.ids["retail"], house.ids["other"]
    client, stranger = stream("retail"), stream("other")
    for one in (client, stranger):
        one.ask(op="subscribe", channels=["orders"])
    start = client.data("orders")
    assert (start["type"], start["data"], start["seq"]) == ("snapshot", [], head_of(house, mine))
    assert stranger.data("orders")["type"] == "snapshot"
    teller.tell(mine, 1, 2)
    teller.tell(mine, 3)
    got = take(client, "orders", 3)
    assert [(f["seq"] - start["seq"], f["type"], f["data"]["n"]) for f in got] == [(n, "update", n) for n in (1, 2, 3)]
    assert stranger.ask(op="ping")["op"] == "pong"
    assert head_of(house, theirs) == 0


def test_copies_that_get_lost_are_read_from_the_database(house, stream, teller):
    mine = house.ids["retail"]
    client = stream("retail")
    client.ask(op="subscribe", channels=["orders"])
    start = client.data("orders")["seq"]
    teller.tell(mine, 1, hints=False)  # nobody is told: the comparison finds it
    assert client.data("orders")["seq"] == start + 1
    teller.tell(mine, 2, 3, hints=False)
    teller.tell(mine, 4)  # a gap: what lies between is read
    assert [f["data"]["n"] for f in take(client, "orders", 3)] == [2, 3, 4]


def test_repeated_and_strange_copies_change_nothing(house, stream, teller):
    mine = house.ids["retail"]
    client = stream("retail")
    client.ask(op="subscribe", channels=["orders"])
    start = client.data("orders")["seq"]
    teller.tell(mine, 1)
    assert client.data("orders")["seq"] == start + 1
    with redis.Redis.from_url(house.valkey_url) as valkey:
        valkey.publish(feeds.CHANNEL, f"{house.first} {mine} " + json.dumps([["orders", start + 1, '{"n":1}']]))
        valkey.publish(feeds.CHANNEL, f"{house.first} {uuid.uuid4()} []")
    teller.tell(mine, 2)
    assert client.data("orders")["data"] == {"n": 2}


def test_resume_brings_exactly_what_was_missed(house, stream, teller):
    mine = house.ids["retail"]
    client = stream("retail")
    client.ask(op="subscribe", channels=["orders"])
    seq = client.data("orders")["seq"]
    client.socket.close()
    teller.tell(mine, *range(1_200))  # more than a page
    again = stream("retail")
    answer = again.ask(op="resume", channel="orders", seq=seq)
    assert (answer["op"], answer["head"]) == ("resumed", seq + 1_200)
    teller.tell(mine, 1_200)
    got = take(again, "orders", 1_201)
    assert [f["seq"] for f in got] == list(range(seq + 1, seq + 1_202))
    assert [f["data"]["n"] for f in got] == list(range(1_201))


def test_a_number_that_is_not_kept_or_was_never_given_cannot_be_resumed(house, stream, teller):
    mine = house.ids["retail"]
    teller.tell(mine, 1, 2, 3)
    head = head_of(house, mine)
    client = stream("retail")
    assert client.ask(op="resume", channel="orders", seq=head + 1)["code"] == "resume_too_old"
    with house.sql("engine") as sql:
        sql.execute("DELETE FROM kernel.feed_entries WHERE owner_id = %s AND seq < %s", [mine, head])
    assert client.ask(op="resume", channel="orders", seq=head - 2)["code"] == "resume_too_old"
    assert client.ask(op="resume", channel="orders", seq=head - 1)["op"] == "resumed"
    assert client.data("orders")["seq"] == head


def test_old_entries_are_forgotten_and_numbers_are_not(house, teller):
    mine = house.ids["retail"]
    teller.tell(mine, 1)
    head = head_of(house, mine)
    with house.sql("superuser") as sql:
        sql.execute("UPDATE kernel.feed_entries SET told_at = now() - interval '8 days'")
    with teller._engine.begin() as connection:
        from kernel.db import Tx

        assert feeds.forget_old(Tx(connection, None)) is False
    teller.tell(mine, 2)
    assert head_of(house, mine) == head + 1


def test_the_app_may_read_the_feed_and_not_write_it(house):
    with house.sql("app", house.first) as sql, pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute("DELETE FROM kernel.feed_entries")


def test_a_connection_ends_with_its_session(house):
    token = house.login("retail@first.example").json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    with StreamClient(house.client.base_url) as client:
        client.login(headers)
        assert house.client.delete("/v1/sessions/current", headers=headers).status_code < 300
        assert client.closed()[0] == 4410


def test_a_browser_is_known_by_its_cookie_on_our_own_pages_only(house):
    token = house.auth("retail")["Authorization"][7:]
    base = str(house.client.base_url).rstrip("/")
    for origin, known in ((base, True), ("https://elsewhere.example", False)):
        with StreamClient(base, origin=origin, additional_headers={"Cookie": f"rivermouth_session={token}"}) as client:
            client.send(op="subscribe", channels=["balances"])
            assert client.receive()["op"] == ("subscribed" if known else "error")


def test_somebody_who_says_too_much_is_cut_off(stream):
    client = stream()
    with suppress(ConnectionClosed):  # it may be over before everything was said
        for _ in range(int(line.MESSAGES_AT_ONCE) * 3):
            client.send(op="ping")
    assert client.closed()[0] == 4429


def test_messages_have_a_size(stream):
    client = stream()
    client.socket.send("x" * 20_000)
    assert client.closed()[0] == 4413


def test_subscriptions_have_a_number(stream, monkeypatch):
    monkeypatch.setattr(connection, "MAX_CHANNELS", 1)
    client = stream()
    client.send(op="subscribe", channels=["quotes:BTC-USDT", "quotes:ETH-BTC"])
    assert client.until(lambda f: f.get("op") == "error")["code"] == "too_many_subscriptions"


def test_who_neither_speaks_nor_listens_is_sent_away(stream, monkeypatch):
    monkeypatch.setattr(line, "START_WITHIN_S", 0.1)
    assert stream().closed()[0] == 4408


def test_the_line_beats(stream, monkeypatch):
    monkeypatch.setattr(connection, "HEARTBEAT_S", 0.05)
    client = stream("retail")
    assert client.until(lambda f: f.get("op") == "heartbeat")["at"]


def test_without_an_upgrade_the_address_explains_itself(house):
    answer = house.client.get("/v1/stream")
    assert (answer.status_code, answer.json()["code"]) == (426, "upgrade_required")
    with pytest.raises(InvalidStatus):
        StreamClient(house.client.base_url, path="/v1/nothing")


def test_trades_begin_with_the_latest_and_follow(house, stream):
    client = stream()
    client.ask(op="subscribe", channels=["trades:BTC-USDT"])
    first = client.data("trades:BTC-USDT")
    assert (first["type"], first["data"]) == ("snapshot", [])
    new = Trade(id=7, venue="okx", price=Decimal("60000.10"), quantity=Decimal("0.1"), side="buy", at=wall())
    announce(house, trades.channel("BTC-USDT"), trades_codec.encode("BTC-USDT", [new]))
    told = client.data("trades:BTC-USDT")
    assert (told["type"], told["data"][0]["id"], told["data"][0]["price"]) == ("update", 7, "60000.1")


def test_candles_are_told_to_those_of_their_interval(house, stream):
    client = stream()
    client.ask(op="subscribe", channels=["candles:BTC-USDT:1m", "candles:BTC-USDT:1h"])
    assert {client.data(f"candles:BTC-USDT:{i}")["type"] for i in ("1m", "1h")} == {"snapshot"}
    price = Decimal(60_000)
    candle = Candle(
        open_time=wall().replace(second=0, microsecond=0), open=price, high=price, low=price, close=price,
        volume=Decimal(1), quote_volume=price, trades=1, closed=False,
    )  # fmt: skip
    announce(house, candles.channel("BTC-USDT"), candles_codec.encode("BTC-USDT", [(Interval.M1, candle)]))
    told = client.until(lambda frame: frame.get("type") == "update")
    assert (told["channel"], told["data"][0]["close"]) == ("candles:BTC-USDT:1m", "60000")
    assert "interval" not in told["data"][0]


def announce(house, channel, message):
    """Until somebody listens: a process takes a new channel into its subscription within a quarter of a second."""
    deadline = time.monotonic() + PATIENCE_S
    with redis.Redis.from_url(house.valkey_url) as valkey:
        while valkey.publish(channel, message) == 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)

"""Markets and prices over real HTTP: seeds, modes, copies of any age, and what is refused."""

import time
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
import redis

from kernel.clock import wall
from markets.instruments import service as instruments
from markets.instruments.states import FillMode
from markets.quotes import service as quotes
from markets.shard import MarketState
from venues.books import BookState, VenueBook


@pytest.fixture(autouse=True)
def _read_again():
    instruments.forget()


def publish(house, *, age_s=-3600.0, symbol="BTC-USDT"):
    """What the market's owner would have written `age_s` ago; ahead of the clock, so that no machine stands still long enough to make it old."""
    then = wall() - timedelta(seconds=age_s)
    state = MarketState(instruments.get(symbol), venues=("binance", "okx", "kraken"), poll_s=1.0)
    for venue in ("binance", "okx", "kraken"):
        state.on_book(
            VenueBook(
                venue=venue,
                symbol=symbol,
                bids=((Decimal(59999), Decimal(1)),),
                asks=((Decimal(60001), Decimal(1)),),
                last=Decimal(60000),
                volume_24h=None,
                sequence=1,
                received_mono=100.0,
                received_at=then,
                state=BookState.SYNCED,
            )
        )
    with redis.Redis.from_url(house.valkey_url) as client:
        client.set(quotes.key(symbol), quotes.encode(state.tick(100.0, then)))


def test_the_seeded_markets(house):
    items = house.client.get("/v1/markets", headers=house.auth("retail")).json()["items"]
    assert items == [
        {
            "symbol": "BTC-USDT",
            "base": "BTC",
            "quote": "USDT",
            "tick": "0.01",
            "lot": "0.00001",
            "min_notional": "5",
            "trigger": "executable",
            "fill": "pass_through",
            "markup": "0",
            "status": "trading",
        },
        {
            "symbol": "ETH-USDT",
            "base": "ETH",
            "quote": "USDT",
            "tick": "0.01",
            "lot": "0.0001",
            "min_notional": "5",
            "trigger": "executable",
            "fill": "pass_through",
            "markup": "0",
            "status": "trading",
        },
        {
            "symbol": "ETH-BTC",
            "base": "ETH",
            "quote": "BTC",
            "tick": "0.000001",
            "lot": "0.0001",
            "min_notional": "0.0001",
            "trigger": "last",
            "fill": "touch",
            "markup": "0",
            "status": "trading",
        },
    ]


def test_an_admin_changes_modes_one_at_a_time(house):
    admin = house.auth("admin")
    changed = house.client.patch("/v1/markets/ETH-USDT", headers=admin, json={"trigger": "last"}).json()
    assert (changed["trigger"], changed["fill"], changed["status"]) == ("last", "pass_through", "trading")
    changed = house.client.patch(
        "/v1/markets/ETH-USDT", headers=admin, json={"fill": "touch", "status": "paused"}
    ).json()
    assert (changed["trigger"], changed["fill"], changed["status"]) == ("last", "touch", "paused")
    listed = house.client.get("/v1/markets", headers=house.auth("retail")).json()["items"]
    assert next(i for i in listed if i["symbol"] == "ETH-USDT") == changed
    house.client.patch(
        "/v1/markets/ETH-USDT",
        headers=admin,
        json={"trigger": "executable", "fill": "pass_through", "status": "trading"},
    ).raise_for_status()


@pytest.mark.parametrize(
    ("symbol", "body", "status"),
    [
        ("BTC-USDT", {}, 400),
        ("BTC-USDT", {"trigger": "sometimes"}, 400),
        ("BTC-USDT", {"tick": "1"}, 400),
        ("BTC-USDT", {"markup": "0.5", "fill": "touch"}, 400),
        ("NO-SUCH", {"fill": "touch"}, 404),
        ("x" * 40, {"fill": "touch"}, 400),
    ],
)
def test_bad_changes_are_refused(house, symbol, body, status):
    answer = house.client.patch(f"/v1/markets/{symbol}", headers=house.auth("admin"), json=body)
    assert answer.status_code in {status, 422 if status == 400 else status}, answer.text
    assert answer.json()["code"]


def test_a_customer_changes_nothing(house):
    answer = house.client.patch("/v1/markets/BTC-USDT", headers=house.auth("retail"), json={"status": "paused"})
    assert answer.status_code == 403
    assert instruments.get("BTC-USDT", fresh=True).status == "trading"


def test_the_app_may_not_touch_the_grid(house):
    with house.sql("app") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE markets.instruments SET tick = 1")
    with house.sql("engine") as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE markets.instruments SET trigger = 'last'")


def test_unknown_symbols(house):
    for path in ("/v1/markets/NO-SUCH/quotes", "/v1/markets/NO-SUCH/book"):
        answer = house.client.get(path, headers=house.auth("retail"))
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_symbol")


def test_no_copy_is_503(house):
    with redis.Redis.from_url(house.valkey_url) as client:
        client.delete(quotes.key("BTC-USDT"))
    answer = house.client.get("/v1/markets/BTC-USDT/quotes", headers=house.auth("retail"))
    assert (answer.status_code, answer.json()["code"]) == (503, "quotes_unavailable")


def test_quotes_and_books_from_the_copy(house):
    publish(house)
    shown = house.client.get("/v1/markets/BTC-USDT/quotes", headers=house.auth("retail")).json()
    assert (shown["composite"]["price"], shown["composite"]["state"]) == ("60000", "NORMAL")
    assert sum(Decimal(c["weight"]) for c in shown["composite"]["constituents"]) == 1
    assert all(0 <= v["age_ms"] < 3000 and v["state"] == "SYNCED" for v in shown["venues"])
    for venue in ("consolidated", "okx"):
        book = house.client.get(f"/v1/markets/BTC-USDT/book?venue={venue}", headers=house.auth("retail")).json()
        assert (book["bids"][0]["price"], book["asks"][0]["price"]) == ("59999", "60001")
    refused = house.client.get("/v1/markets/BTC-USDT/book?venue=nasdaq", headers=house.auth("retail"))
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_venue")


def test_an_old_copy_is_shown_with_its_age_and_halted(house):
    publish(house, age_s=10)
    shown = house.client.get("/v1/markets/BTC-USDT/quotes", headers=house.auth("retail")).json()
    assert (shown["composite"]["price"], shown["composite"]["state"]) == ("60000", "HALT")
    assert {v["state"] for v in shown["venues"]} == {"STALE"}
    assert all(v["age_ms"] >= 10_000 for v in shown["venues"])
    assert shown["best"] == {"buy": None, "sell": None}


def test_a_change_elsewhere_is_seen_within_a_second(house):
    assert instruments.get("BTC-USDT").fill == "pass_through"
    with house.sql("owner") as connection:
        connection.execute("UPDATE markets.instruments SET fill = 'touch' WHERE symbol = 'BTC-USDT'")
    time.sleep(instruments.FRESH_FOR_S + 0.05)
    assert instruments.get("BTC-USDT").fill == "touch"
    instruments.set_modes("BTC-USDT", fill=FillMode.PASS_THROUGH)

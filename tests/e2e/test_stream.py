"""The live stream and the Binance-compatible websockets on a running demo, the latter through unmodified ccxt.pro."""

import asyncio

import ccxt.pro
import pytest

from rivermouth.prove import stream as proof
from rivermouth.prove.report import Report
from tests.e2e.trading import trade
from tests.stream_clients import StreamClient

PATIENCE_S = 60


def test_a_reader_that_is_killed_again_and_again_misses_nothing(stack):
    report = Report("stream", "small", ("what", "times", "result"))
    proof.resumed(stack, report, kills=4)
    assert report.failed == []


def test_an_order_is_heard_of_with_its_fill_and_its_money(stack):
    with StreamClient(stack.base) as client:
        client.login(dict(stack.retail.http.headers) | {"Authorization": stack.retail.http.headers["Authorization"]})
        client.send(op="subscribe", channels=["orders", "fills", "balances", "quotes:BTC-USDT", "candles:BTC-USDT:1m"])
        before = {row["asset"]: row for row in client.data("balances")["data"]["items"]}
        order = trade(stack, quantity="0.01")
        assert order["status"] == "filled"
        fill, _money = client.each(
            lambda f: f.get("channel") == "fills" and f["type"] == "update",
            lambda f: f.get("channel") == "balances" and f["type"] == "update" and bought(f, before),
        )
        assert fill["data"]["order_id"] == order["id"]


def bought(frame, before):
    now = {row["asset"]: row for row in frame["data"]["items"]}
    return float(now["BTC"]["posted"]) > float(before["BTC"]["posted"])


@pytest.fixture
def key(stack):
    answer = stack.retail.api_key("watcher")
    yield answer
    stack.retail.call("DELETE", f"/v1/api-keys/{answer['id']}")


def bot(stack, key):
    home = stack.base + "/compat/binance"
    stream = "ws" + home.removeprefix("http")
    api = {
        "public": f"{home}/api/v3",
        "private": f"{home}/api/v3",
        "ws": {"spot": f"{stream}/ws", "ws-api": {"spot": f"{stream}/ws-api/v3"}},
    }
    options = {"fetchCurrencies": False, "fetchMargins": False, "fetchMarkets": {"types": ["spot"]}}
    return ccxt.pro.binance({"apiKey": key["key"], "secret": key["secret"], "urls": {"api": api}, "options": options})


def test_unmodified_ccxt_pro_watches_and_trades(stack, key):
    stack.admin.post("/v1/sandbox/prices", {"symbol": "BTC-USDT", "free": True})

    async def use():
        one = bot(stack, key)

        async def soon(what):
            return await asyncio.wait_for(what, PATIENCE_S)

        try:
            await one.load_markets()
            for _ in range(10):
                book = await soon(one.watch_order_book("BTC/USDT"))
                assert book["bids"][0][0] < book["asks"][0][0]
            assert (await soon(one.watch_ticker("BTC/USDT")))["last"] > 0
            assert (await soon(one.watch_bids_asks(["BTC/USDT"])))["BTC/USDT"]["bid"] > 0
            assert (await soon(one.watch_ohlcv("BTC/USDT", "1m")))[-1][4] > 0
            assert (await soon(one.watch_trades("BTC/USDT")))[-1]["price"] > 0
            orders = asyncio.create_task(one.watch_orders("BTC/USDT"))
            fills = asyncio.create_task(one.watch_my_trades("BTC/USDT"))
            funds = asyncio.create_task(one.watch_balance())
            await asyncio.sleep(2)  # the subscriptions are under way before the order is
            order = await one.create_order_ws("BTC/USDT", "limit", "buy", 0.01, 50_000)
            assert (await soon(orders))[-1]["id"] == order["id"]
            assert (await one.fetch_order_ws(order["id"], "BTC/USDT"))["status"] == "open"
            heard = asyncio.create_task(one.watch_orders("BTC/USDT"))
            await one.cancel_order_ws(order["id"], "BTC/USDT")
            assert (await soon(heard))[-1]["status"] == "canceled"
            bought = await one.create_order("BTC/USDT", "market", "buy", 0.01)
            assert (await soon(fills))[-1]["order"] == bought["id"]
            assert (await soon(funds))["USDT"]["total"] > 0  # what the first order put aside was told
        finally:
            await one.close()

    asyncio.run(use())

"""Unmodified ccxt trades with the simulated Binance; nothing but addresses and options is set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import ccxt.async_support as ccxt
import ccxt.pro as ccxtpro
import pytest

from tests.contract.ccxt_clients import PATIENCE_S
from tests.simulator_server import RunningSimulator, start_simulator

SYMBOL = "BTC/USDT"


@pytest.fixture(scope="module")
def running():
    with start_simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running: RunningSimulator):
    running.reset()
    running.pin("BTC-USDT", "60000")
    return running


@asynccontextmanager
async def binance(simulator: RunningSimulator, *, pro: bool = False, **more) -> AsyncIterator[ccxt.binance]:
    base, socket = simulator.url + "/binance", simulator.url.replace("http", "ws") + "/binance"
    every_rest = {name: f"{base}/{name}" for name in ("sapi", "sapiV2", "sapiV3", "sapiV4", "fapiPublic", "dapiPublic")}
    exchange = (ccxtpro if pro else ccxt).binance(
        {
            "apiKey": "sim-binance-key",
            "secret": "sim-binance-secret",
            "timeout": PATIENCE_S * 1000,
            "enableRateLimit": False,
            "urls": {
                "api": {
                    **every_rest,
                    "public": f"{base}/api/v3",
                    "private": f"{base}/api/v3",
                    "ws": {"spot": f"{socket}/ws", "ws-api": {"spot": f"{socket}/ws-api"}},
                }
            },
            "options": {
                "fetchMarkets": {"types": ["spot"]},
                "fetchCurrencies": False,
                "fetchMargins": False,
                "maxRetriesOnFailure": 0,
            },
            **more,
        }
    )
    exchange.number = str
    try:
        yield exchange
    finally:
        await exchange.close()


async def buy(exchange, coid: str, *, amount: str = "0.1", price: str = "60500", **more):
    return await exchange.create_order(
        SYMBOL, "limit", "buy", amount, price, {"timeInForce": "IOC", "newClientOrderId": coid, **more}
    )


async def watch_books(exchange, times: int) -> None:
    for _ in range(times):
        await asyncio.wait_for(exchange.watch_order_book(SYMBOL), PATIENCE_S)


def test_markets_book_and_day_figures(simulator):
    async def run():
        async with binance(simulator) as exchange:
            markets = await exchange.load_markets()
            assert {"BTC/USDT", "ETH/USDT", "ETH/BTC"} <= set(markets)
            precision = markets[SYMBOL]["precision"]
            assert (precision["price"], precision["amount"]) == ("0.01", "0.00001")
            book = await exchange.fetch_order_book(SYMBOL, 5)
            assert [len(book["bids"]), len(book["asks"])] == [5, 5]
            assert Decimal(repr(book["bids"][0][0])) + Decimal(repr(book["asks"][0][0])) == 120000
            ticker = await exchange.fetch_ticker(SYMBOL)
            assert Decimal(ticker["last"]) == 60000
            assert (await exchange.fetch_bids_asks([SYMBOL]))[SYMBOL]["bid"] is not None
            assert len(await exchange.fetch_ohlcv(SYMBOL, "1m", limit=30)) == 30
            assert await exchange.fetch_trades(SYMBOL, limit=1)

    asyncio.run(run())


def test_an_ioc_order_fills_and_is_found_again(simulator):
    async def run():
        async with binance(simulator) as exchange:
            before = (await exchange.fetch_balance())["BTC"]["free"]
            order = await buy(exchange, "rm1a")
            assert (order["status"], Decimal(order["filled"]), order["clientOrderId"]) == (
                "closed",
                Decimal("0.1"),
                "rm1a",
            )
            assert Decimal(order["average"]) == Decimal("60000.01")
            fees = [(trade["fee"]["currency"], Decimal(trade["fee"]["cost"])) for trade in order["trades"]]
            assert fees == [("BTC", Decimal("0.0001"))]
            found = await exchange.fetch_order(None, SYMBOL, {"origClientOrderId": "rm1a"})
            assert (found["id"], found["status"], Decimal(found["filled"])) == (order["id"], "closed", Decimal("0.1"))
            trades = await exchange.fetch_my_trades(SYMBOL, params={"orderId": order["id"]})
            assert [Decimal(trade["amount"]) for trade in trades] == [Decimal("0.1")]
            after = (await exchange.fetch_balance())["BTC"]["free"]
            assert Decimal(after) - Decimal(before) == Decimal("0.0999")

    asyncio.run(run())


def test_a_resting_order_locks_funds_until_it_is_cancelled(simulator):
    async def run():
        async with binance(simulator) as exchange:
            order = await exchange.create_order(SYMBOL, "limit", "buy", "0.5", "50000", {"newClientOrderId": "rest1"})
            assert order["status"] == "open"
            assert Decimal((await exchange.fetch_balance())["USDT"]["used"]) == 25000
            assert [one["id"] for one in await exchange.fetch_open_orders(SYMBOL)] == [order["id"]]
            gone = await exchange.cancel_order(None, SYMBOL, {"origClientOrderId": "rest1"})
            assert gone["status"] == "canceled"
            assert Decimal((await exchange.fetch_balance())["USDT"]["used"]) == 0
            with pytest.raises(ccxt.OrderNotFound):
                await exchange.cancel_order(order["id"], SYMBOL)

    asyncio.run(run())


def test_a_thin_book_fills_a_part_and_the_rest_expires(simulator):
    simulator.control(
        "POST", "/control/books", {"venue": "binance", "symbol": "BTC-USDT", "depth": "0.03", "levels": 2}
    )

    async def run():
        async with binance(simulator) as exchange:
            order = await buy(exchange, "thin1")
            assert (order["status"], Decimal(order["filled"])) == ("expired", Decimal("0.06"))
            assert len(order["trades"]) == 2

    asyncio.run(run())


def test_a_market_buy_by_cost_spends_no_more_than_the_cost(simulator):
    async def run():
        async with binance(simulator) as exchange:
            order = await exchange.create_market_buy_order_with_cost(SYMBOL, "600")
            assert order["status"] == "closed"
            assert Decimal(order["filled"]) == Decimal("0.00999")
            assert Decimal(order["cost"]) <= 600

    asyncio.run(run())


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"amount": "1000"}, ccxt.InsufficientFunds),
        ({"amount": "0.00001", "price": "60001"}, ccxt.ExchangeError),
    ],
)
def test_refusals_leave_no_order(simulator, change, error):
    async def run():
        async with binance(simulator) as exchange:
            with pytest.raises(error):
                await buy(exchange, "refused", **change)
            with pytest.raises(ccxt.OrderNotFound):
                await exchange.fetch_order(None, SYMBOL, {"origClientOrderId": "refused"})

    asyncio.run(run())
    assert simulator.orders("binance", "refused") == []


def test_the_same_id_twice_is_refused_while_the_first_is_open(simulator):
    async def run():
        async with binance(simulator) as exchange:
            await exchange.create_order(SYMBOL, "limit", "buy", "0.1", "50000", {"newClientOrderId": "twin"})
            with pytest.raises(ccxt.InvalidOrder, match="Duplicate"):
                await buy(exchange, "twin")
            await exchange.cancel_order(None, SYMBOL, {"origClientOrderId": "twin"})

    asyncio.run(run())
    assert len(simulator.orders("binance", "twin")) == 1


def test_a_wrong_secret_and_an_unknown_key_are_refused(simulator):
    async def run():
        async with binance(simulator, secret="wrong") as exchange:
            with pytest.raises(ccxt.AuthenticationError, match="-1022"):
                await exchange.fetch_balance()
        async with binance(simulator, apiKey="other") as exchange:
            with pytest.raises(ccxt.AuthenticationError, match="-2015"):
                await exchange.fetch_balance()

    asyncio.run(run())


@pytest.mark.parametrize(("kind", "found"), [("drop_after_accept", True), ("drop_before_accept", False)])
def test_a_lost_answer_leaves_the_truth_with_the_venue(simulator, kind, found):
    coid = f"lost-{found}"
    fault = simulator.fault("binance", kind)

    async def run():
        async with binance(simulator) as exchange:
            await exchange.load_markets()
            with pytest.raises(ccxt.NetworkError):
                await buy(exchange, coid)
            if found:
                order = await exchange.fetch_order(None, SYMBOL, {"origClientOrderId": coid})
                assert (order["status"], Decimal(order["filled"])) == ("closed", Decimal("0.1"))
            else:
                with pytest.raises(ccxt.OrderNotFound):
                    await exchange.fetch_order(None, SYMBOL, {"origClientOrderId": coid})

    asyncio.run(run())
    assert simulator.hits(fault) == 1
    assert len(simulator.orders("binance", coid)) == int(found)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("http_429", ccxt.DDoSProtection),
        ("http_418", ccxt.DDoSProtection),
        ("http_503", ccxt.RequestTimeout),
        ("maintenance", ccxt.ExchangeNotAvailable),
        ("no_balance", ccxt.InsufficientFunds),
    ],
)
def test_faults_of_an_order_reach_the_client_in_binance_words(simulator, kind, error):
    fault = simulator.fault("binance", kind, retry_after_s=7)

    async def run():
        async with binance(simulator) as exchange:
            await exchange.load_markets()
            with pytest.raises(error):
                await buy(exchange, kind)
            if kind in {"http_429", "http_418"}:
                assert exchange.last_response_headers["Retry-After"] == "7"
            await buy(exchange, f"{kind}-after")

    asyncio.run(run())
    assert simulator.hits(fault) == 1
    assert simulator.orders("binance", kind) == []


def test_a_broken_answer_hides_an_accepted_order_and_ccxt_says_nothing(simulator):
    fault = simulator.fault("binance", "bad_json")

    async def run():
        async with binance(simulator) as exchange:
            await exchange.load_markets()
            assert (await buy(exchange, "broken"))["id"] is None

    asyncio.run(run())
    assert simulator.hits(fault) == 1
    assert [order["status"] for order in simulator.orders("binance", "broken")] == ["filled"]


def test_an_order_that_arrives_after_its_window_is_refused(simulator):
    simulator.fault("binance", "slow", delay_ms=600)

    async def run():
        async with binance(simulator) as exchange:
            await exchange.load_markets()
            with pytest.raises(ccxt.InvalidNonce):
                await buy(exchange, "late", recvWindow=300)

    asyncio.run(run())
    assert simulator.orders("binance", "late") == []


def test_a_slow_answer_times_out_and_the_order_appears_later(simulator):
    async def late(exchange, coid):
        """Whether the order was not there yet when its answer was missed; a machine that stands still may miss that moment."""
        fault = simulator.fault("binance", "slow", delay_ms=900)
        exchange.timeout = 400
        try:
            with pytest.raises(ccxt.RequestTimeout):
                await buy(exchange, coid)
            return simulator.orders("binance", coid) == [] and simulator.hits(fault) == 1
        finally:
            exchange.timeout = 60_000
            simulator.control("DELETE", f"/control/faults/{fault}")

    async def run():
        async with binance(simulator) as exchange:
            await exchange.load_markets()
            coid = await anext(coid for coid in ("slow1", "slow2", "slow3") if await late(exchange, coid))
            async with asyncio.timeout(PATIENCE_S):
                while not simulator.orders("binance", coid):
                    await asyncio.sleep(0.05)
            order = await exchange.fetch_order(None, SYMBOL, {"origClientOrderId": coid})
            assert Decimal(order["filled"]) == Decimal("0.1")

    asyncio.run(run())


def test_half_an_order_fills_on_request(simulator):
    simulator.fault("binance", "partial_fill")

    async def run():
        async with binance(simulator) as exchange:
            order = await buy(exchange, "half")
            assert (order["status"], Decimal(order["filled"])) == ("expired", Decimal("0.05"))

    asyncio.run(run())


def test_a_stale_book_stands_still_and_recovers(simulator):
    async def run():
        async with binance(simulator) as exchange:
            fault = simulator.fault("binance", "stale_book", seconds=30)
            first = await exchange.fetch_order_book(SYMBOL)
            simulator.pin("BTC-USDT", "61000")
            assert (await exchange.fetch_order_book(SYMBOL))["nonce"] == first["nonce"]
            assert simulator.hits(fault) >= 2
            simulator.control("DELETE", f"/control/faults/{fault}")
            simulator.pin("BTC-USDT", "61000")
            assert (await exchange.fetch_order_book(SYMBOL))["bids"][0][0] == 60999.99

    asyncio.run(run())


def test_watched_book_and_ticker_follow_a_pin(simulator):
    async def run():
        async with binance(simulator, pro=True) as exchange:
            await exchange.watch_order_book(SYMBOL)
            await exchange.watch_ticker(SYMBOL)
            simulator.pin("BTC-USDT", "62000")
            while True:
                book = await asyncio.wait_for(exchange.watch_order_book(SYMBOL), PATIENCE_S)
                if [book["bids"][0][0], book["asks"][0][0]] == [61999.99, 62000.01]:
                    break
            while Decimal((await asyncio.wait_for(exchange.watch_ticker(SYMBOL), PATIENCE_S))["last"]) != 62000:
                pass
            own = simulator.cores["binance"].markets["BTC-USDT"].shown
            assert len(book["bids"]) == len(own.bids)
            tops = await asyncio.wait_for(exchange.watch_bids_asks([SYMBOL]), PATIENCE_S)
            assert tops[SYMBOL]["ask"] == "62000.01000000"
            assert await asyncio.wait_for(exchange.watch_trades(SYMBOL), PATIENCE_S)

    asyncio.run(run())


def test_a_gap_in_the_sequence_is_noticed_by_the_client(simulator):
    async def run():
        async with binance(simulator, pro=True) as exchange:
            for _ in range(3):
                await exchange.watch_order_book(SYMBOL)
            fault = simulator.fault("binance", "sequence_gap")
            with pytest.raises(ccxt.ChecksumError):
                await watch_books(exchange, 50)
            assert simulator.hits(fault) == 1

    asyncio.run(run())


def test_a_cut_stream_connects_again(simulator):
    async def run():
        async with binance(simulator, pro=True) as exchange:
            await exchange.watch_order_book(SYMBOL)
            fault = simulator.fault("binance", "drop_before_accept", operation="stream")
            with pytest.raises(ccxt.NetworkError):
                await watch_books(exchange, 50)
            assert simulator.hits(fault) == 1
            assert (await asyncio.wait_for(exchange.watch_order_book(SYMBOL), PATIENCE_S))["bids"]

    asyncio.run(run())


def test_the_user_stream_reports_each_fill(simulator):
    simulator.control(
        "POST", "/control/books", {"venue": "binance", "symbol": "BTC-USDT", "depth": "0.03", "levels": 5}
    )

    async def run():
        async with binance(simulator, pro=True) as exchange:
            await exchange.load_markets()
            await exchange.authenticate()  # answers when the venue has taken the subscription
            watching = asyncio.create_task(exchange.watch_my_trades(SYMBOL))
            await buy(exchange, "user1", amount="0.05")
            await asyncio.wait_for(watching, PATIENCE_S)
            async with asyncio.timeout(PATIENCE_S):  # frames that follow at once are cached, no watch wakes for them
                while len(seen := list(exchange.myTrades)) < 2:
                    await asyncio.sleep(0.05)
            assert {Decimal(trade["amount"]) for trade in seen} >= {Decimal("0.03")}

    asyncio.run(run())

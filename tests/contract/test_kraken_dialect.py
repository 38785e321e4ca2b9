"""The simulated Kraken as unmodified ccxt sees it: prefixed assets, ids only, IOC remainders, nonces and deadlines."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import ccxt
import pytest

from tests.contract.ccxt_clients import BTC, call, kraken, levels
from tests.simulator_server import start_simulator


@pytest.fixture(scope="module")
def running():
    with start_simulator(tick_s=0) as simulator:
        yield simulator


@pytest.fixture
def simulator(running):
    running.reset()
    running.pin("BTC-USDT", "60000")
    return running


def ioc(exchange, amount, price, coid, **more):
    params = {"timeInForce": "IOC", "clientOrderId": coid, **more}
    return exchange.create_order(BTC, "limit", "buy", amount, price, params)


async def by_coid(exchange, coid):
    closed = await exchange.fetch_closed_orders(BTC, params={"clientOrderId": coid})
    return closed + await exchange.fetch_open_orders(BTC, params={"clientOrderId": coid})


def test_markets_have_prefixed_names(simulator):
    markets = call(kraken(simulator), lambda e: e.load_markets())
    assert {m["id"]: symbol for symbol, m in markets.items()} == {
        "XBTUSDT": "BTC/USDT",
        "ETHUSDT": "ETH/USDT",
        "XETHXXBT": "ETH/BTC",
    }
    assert Decimal(markets[BTC]["precision"]["price"]) == Decimal("0.1")
    assert Decimal(markets[BTC]["limits"]["amount"]["min"]) == Decimal("0.00005")
    assert Decimal(str(markets[BTC]["taker"])) == Decimal("0.0026")


def test_book_ticker_trades_candles(simulator):
    async def body(e):
        return (
            await e.fetch_order_book(BTC, 5),
            await e.fetch_order_book("ETH/BTC", 5),
            await e.fetch_ticker(BTC),
            await e.fetch_tickers([BTC, "ETH/BTC"]),
            await e.fetch_trades(BTC, limit=3),
            await e.fetch_ohlcv(BTC, "1m"),
            await e.fetch_status(),
            await e.fetch_time(),
        )

    book, cross, ticker, tickers, trades, candles, status, now = call(kraken(simulator), body)
    assert len(book["bids"]) == len(book["asks"]) == 5
    assert Decimal(book["bids"][0][0]) < 60000 < Decimal(book["asks"][0][0])
    assert Decimal(cross["bids"][0][0]) < Decimal(cross["asks"][0][0]) < 1
    assert Decimal(ticker["bid"]) == Decimal(str(book["bids"][0][0]))
    assert Decimal(ticker["ask"]) == Decimal(str(book["asks"][0][0]))
    assert set(tickers) == {BTC, "ETH/BTC"}
    assert trades
    assert trades[-1]["symbol"] == BTC
    assert candles
    assert status["status"] == "ok"
    assert abs(now - time.time() * 1000) < 60_000


def test_trades_since_a_moment(simulator):
    """Whole seconds, as ccxt sends them; whoever polls must not be given the whole tape each time."""

    async def body(e):
        everything = await e.fetch_trades(BTC)
        in_a_minute = everything[-1]["timestamp"] + 60_000
        return everything, await e.fetch_trades(BTC, since=0), await e.fetch_trades(BTC, since=in_a_minute)

    everything, from_the_start, later = call(kraken(simulator), body)
    assert [t["id"] for t in from_the_start][: len(everything)] == [t["id"] for t in everything]
    assert later == []


def test_buy_fills_in_full_and_is_found_by_both_ids(simulator):
    async def body(e):
        before = await e.fetch_balance()
        placed = await ioc(e, "0.1", "61000", "full1")
        by_id = await e.fetch_order(placed["id"], BTC)
        found = await by_coid(e, "full1")
        mine = await e.fetch_my_trades(BTC)
        of_order = await e.fetch_order_trades(placed["id"], BTC, params={"trades": by_id["info"]["trades"]})
        return before, placed, by_id, found, mine, of_order, await e.fetch_balance()

    before, placed, by_id, found, mine, of_order, after = call(kraken(simulator), body)
    assert placed["id"].startswith("O")
    assert placed["clientOrderId"] == "full1"
    assert placed["status"] is None  # Kraken answers with the id only
    assert placed["filled"] is None
    assert [o["id"] for o in found] == [placed["id"]]
    assert (by_id["status"], found[0]["status"]) == ("closed", "closed")
    assert Decimal(by_id["filled"]) == Decimal("0.1")
    trades = [t for t in mine if t["order"] == placed["id"]]
    assert {t["id"] for t in of_order} == {t["id"] for t in trades}
    assert sum(Decimal(t["amount"]) for t in trades) == Decimal("0.1")
    cost = sum(Decimal(t["amount"]) * Decimal(t["price"]) for t in trades)
    fee = sum(Decimal(t["fee"]["cost"]) for t in trades)
    assert {t["fee"]["currency"] for t in trades} == {"USDT"}
    assert abs(fee - cost * Decimal("0.0026")) < Decimal("0.0001")
    assert Decimal(after["BTC"]["total"]) - Decimal(before["BTC"]["total"]) == Decimal("0.1")
    assert Decimal(before["USDT"]["total"]) - Decimal(after["USDT"]["total"]) == cost + fee
    assert Decimal(by_id["fee"]["cost"]) == fee


def test_partly_and_not_filled_ioc_end_canceled(simulator):
    levels(simulator, "kraken", ("buy", "59999", "1"), ("sell", "60001", "0.03"), ("sell", "60100", "5"))

    async def body(e):
        part = await ioc(e, "0.1", "60001", "part1")
        await ioc(e, "0.1", "59000", "none1")
        return await e.fetch_order(part["id"], BTC), await by_coid(e, "none1")

    part, none = call(kraken(simulator), body)
    assert (part["status"], part["info"]["status"]) == ("canceled", "canceled")
    assert (Decimal(part["filled"]), Decimal(part["average"])) == (Decimal("0.03"), 60001)
    assert [(o["status"], Decimal(o["filled"])) for o in none] == [("canceled", 0)]


def test_resting_order_locks_funds_and_is_cancelled_once(simulator):
    async def body(e):
        params = {"clientOrderId": "rest1"}
        placed = await e.create_order(BTC, "limit", "buy", "0.5", "50000", params)
        locked = await e.fetch_balance()
        opened = await e.fetch_open_orders(BTC)
        with pytest.raises(ccxt.ExchangeError, match=r"EOrder:Duplicate"):
            await e.create_order(BTC, "limit", "buy", "0.5", "50000", params)
        await e.cancel_order("", BTC, {"clientOrderId": "rest1"})
        freed = await e.fetch_balance()
        with pytest.raises(ccxt.OrderNotFound):
            await e.cancel_order(placed["id"], BTC)
        again = await e.create_order(BTC, "limit", "buy", "0.5", "50000", params)
        await e.cancel_all_orders()
        return placed, locked, opened, freed, again

    placed, locked, opened, freed, again = call(kraken(simulator), body)
    assert [o["id"] for o in opened] == [placed["id"]]
    assert Decimal(locked["USDT"]["used"]) == Decimal(25000) * Decimal("1.0026")
    assert Decimal(freed["USDT"]["used"]) == 0
    assert again["id"] != placed["id"]  # a client order id is free again once its order is closed
    assert len(simulator.orders("kraken", "rest1")) == 2


def test_market_buy_by_cost(simulator):
    async def body(e):
        placed = await e.create_market_buy_order_with_cost(BTC, "600")
        return await e.fetch_order(placed["id"], BTC)

    order = call(kraken(simulator), body)
    assert order["status"] == "closed"
    assert 599 < Decimal(order["info"]["cost"]) <= 600


@pytest.mark.parametrize(
    ("amount", "price", "error", "text"),
    [
        ("1000", "60001", ccxt.InsufficientFunds, "EOrder:Insufficient funds"),
        ("0.00001", "60001", ccxt.InvalidOrder, "volume minimum not met"),
        ("0.00005", "100", ccxt.ExchangeError, "EOrder:Cost minimum not met"),
    ],
)
def test_refusals_carry_kraken_texts_and_accept_nothing(simulator, amount, price, error, text):
    async def body(e):
        with pytest.raises(error, match=text):
            await ioc(e, amount, price, "refused1")
        return await by_coid(e, "refused1")

    assert call(kraken(simulator), body) == []
    assert not simulator.orders("kraken", "refused1")


def test_unknown_order_id_is_not_found(simulator):
    with pytest.raises(ccxt.OrderNotFound):
        call(kraken(simulator), lambda e: e.fetch_order("OZZZZZ-ZZZZZ-ZZZZZZ", BTC))


def test_lost_answer_is_found_by_client_order_id(simulator):
    fault = simulator.fault("kraken", "drop_after_accept", operation="place")

    async def body(e):
        with pytest.raises(ccxt.NetworkError):
            await ioc(e, "0.1", "61000", "lost1")
        return await by_coid(e, "lost1")

    found = call(kraken(simulator), body)
    assert simulator.hits(fault) == 1
    assert [(o["status"], Decimal(o["filled"])) for o in found] == [("closed", Decimal("0.1"))]
    assert len(simulator.orders("kraken", "lost1")) == 1


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("drop_before_accept", ccxt.NetworkError),
        ("http_503", ccxt.ExchangeNotAvailable),
        ("http_429", ccxt.DDoSProtection),
        ("http_418", ccxt.DDoSProtection),
        ("maintenance", ccxt.OnMaintenance),
        ("no_balance", ccxt.InsufficientFunds),
    ],
)
def test_faults_speak_kraken_and_leave_no_order(simulator, kind, error):
    coid = kind.replace("_", "")[:18]
    simulator.fault("kraken", kind, operation="place")

    async def body(e):
        with pytest.raises(error):
            await ioc(e, "0.1", "61000", coid)
        return await by_coid(e, coid)

    assert call(kraken(simulator), body) == []
    assert not simulator.orders("kraken", coid)


def test_wrong_credentials_are_refused(simulator):
    with pytest.raises(ccxt.ExchangeError, match="EAPI:Invalid signature"):
        call(kraken(simulator, secret="d3Jvbmc="), lambda e: e.fetch_balance())
    with pytest.raises(ccxt.AuthenticationError, match="EAPI:Invalid key"):
        call(kraken(simulator, apiKey="unknown"), lambda e: e.fetch_balance())


def test_nonce_must_rise(simulator):
    async def body(e):
        await e.load_markets()
        await e.fetch_balance()
        e.options["lastNonce"] = 0
        e.nonce = lambda: 5
        with pytest.raises(ccxt.InvalidNonce):
            await ioc(e, "0.1", "61000", "nonce1")

    call(kraken(simulator), body)
    assert not simulator.orders("kraken", "nonce1")


def test_order_after_its_deadline_is_refused(simulator):
    def deadline(seconds):
        return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()

    async def body(e):
        await e.load_markets()
        with pytest.raises(ccxt.ExchangeError, match="EService:Deadline elapsed"):
            await ioc(e, "0.01", "61000", "late1", deadline=deadline(-0.01))
        simulator.fault("kraken", "slow", operation="place", delay_ms=400)
        with pytest.raises(ccxt.ExchangeError, match="EService:Deadline elapsed"):
            await ioc(e, "0.01", "61000", "late2", deadline=deadline(0.2))
        await ioc(e, "0.01", "61000", "intime1", deadline=deadline(50))

    call(kraken(simulator), body)
    assert not simulator.orders("kraken", "late1")
    assert not simulator.orders("kraken", "late2")
    assert len(simulator.orders("kraken", "intime1")) == 1


def test_dead_man_timer_cancels_what_rests(simulator):
    async def body(e):
        await e.create_order(BTC, "limit", "buy", "0.5", "50000", {"clientOrderId": "dead1"})
        await e.cancel_all_orders_after(1000)
        await asyncio.sleep(1.3)
        return await e.fetch_open_orders(BTC), await by_coid(e, "dead1")

    opened, found = call(kraken(simulator), body)
    assert opened == []
    assert [o["status"] for o in found] == ["canceled"]


def test_trading_fee(simulator):
    fee = call(kraken(simulator), lambda e: e.fetch_trading_fee(BTC))
    assert Decimal(fee["taker"]) == Decimal("0.0026")

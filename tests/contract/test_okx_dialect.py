"""The simulated OKX as unmodified ccxt sees it: markets, orders, look-ups, refusals and streams."""

import asyncio
import itertools
import time
from decimal import Decimal

import ccxt
import pytest

from tests.contract.ccxt_clients import BTC, PATIENCE_S, call, levels, okx
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


def ioc(exchange, amount, price, coid):
    params = {"timeInForce": "IOC", "clientOrderId": coid}
    return exchange.create_order(BTC, "limit", "buy", amount, price, params)


def test_markets_carry_grid_and_limits(simulator):
    markets = call(okx(simulator), lambda e: e.load_markets())
    assert set(markets) == {"BTC/USDT", "ETH/USDT", "ETH/BTC"}
    market = markets[BTC]
    assert (market["id"], market["active"], market["spot"]) == ("BTC-USDT", True, True)
    assert Decimal(market["precision"]["price"]) == Decimal("0.1")
    assert Decimal(market["precision"]["amount"]) == Decimal("0.00000001")
    assert Decimal(market["limits"]["amount"]["min"]) == Decimal("0.00001")


def test_book_ticker_trades_candles(simulator):
    async def body(e):
        return (
            await e.fetch_order_book(BTC, 5),
            await e.fetch_ticker(BTC),
            await e.fetch_tickers([BTC, "ETH/BTC"]),
            await e.fetch_trades(BTC, limit=3),
            await e.fetch_ohlcv(BTC, "1m", limit=2),
            await e.fetch_status(),
            await e.fetch_time(),
        )

    book, ticker, tickers, trades, candles, status, now = call(okx(simulator), body)
    assert len(book["bids"]) == len(book["asks"]) == 5
    assert book["bids"][0][0] < 60000 < book["asks"][0][0]
    assert book["bids"][0][0] > book["bids"][1][0]
    assert Decimal(ticker["bid"]) == Decimal(str(book["bids"][0][0]))
    assert Decimal(ticker["ask"]) == Decimal(str(book["asks"][0][0]))
    assert set(tickers) == {BTC, "ETH/BTC"}
    assert trades
    assert trades[-1]["symbol"] == BTC
    assert candles
    assert float(candles[-1][2]) >= float(candles[-1][3])
    assert status["status"] == "ok"
    assert abs(now - time.time() * 1000) < 60_000


def test_buy_fills_in_full_and_is_found_by_both_ids(simulator):
    async def body(e):
        before = await e.fetch_balance()
        placed = await ioc(e, "0.1", "61000", "full1")
        by_id = await e.fetch_order(placed["id"], BTC)
        by_coid = await e.fetch_order("", BTC, {"clientOrderId": "full1"})
        trades = await e.fetch_order_trades(placed["id"], BTC)
        mine = await e.fetch_my_trades(BTC)
        closed = await e.fetch_closed_orders(BTC)
        return before, placed, by_id, by_coid, trades, mine, closed, await e.fetch_balance()

    before, placed, by_id, by_coid, trades, mine, closed, after = call(okx(simulator), body)
    assert placed["id"]
    assert placed["clientOrderId"] == "full1"
    assert placed["status"] is None  # OKX answers with the id only
    assert placed["filled"] is None
    assert by_id["id"] == by_coid["id"] == placed["id"]
    assert by_coid["status"] == "closed"
    assert Decimal(by_coid["filled"]) == Decimal("0.1")
    assert sum(Decimal(t["amount"]) for t in trades) == Decimal("0.1")
    assert {t["fee"]["currency"] for t in trades} == {"BTC"}
    fee = sum(Decimal(t["fee"]["cost"]) for t in trades)
    assert fee == Decimal("0.0001")  # 0.10 % of what was received
    assert {t["id"] for t in trades} <= {t["id"] for t in mine}
    assert placed["id"] in {o["id"] for o in closed}
    cost = sum(Decimal(t["amount"]) * Decimal(t["price"]) for t in trades)
    assert Decimal(after["BTC"]["free"]) - Decimal(before["BTC"]["free"]) == Decimal("0.1") - fee
    assert Decimal(before["USDT"]["free"]) - Decimal(after["USDT"]["free"]) == cost
    assert Decimal(after["USDT"]["used"] or 0) == 0


def test_partly_and_not_filled_ioc_end_canceled(simulator):
    levels(simulator, "okx", ("buy", "59999", "1"), ("sell", "60001", "0.03"), ("sell", "60100", "5"))

    async def body(e):
        part = await ioc(e, "0.1", "60001", "part1")
        none = await ioc(e, "0.1", "59000", "none1")
        canceled = await e.fetch_canceled_orders(BTC)
        return (
            await e.fetch_order(part["id"], BTC),
            await e.fetch_order("", BTC, {"clientOrderId": "none1"}),
            {part["id"], none["id"]} <= {o["id"] for o in canceled},
        )

    part, none, listed = call(okx(simulator), body)
    assert (part["status"], part["info"]["state"], part["info"]["accFillSz"]) == ("canceled", "canceled", "0.03")
    assert Decimal(part["average"]) == 60001
    assert (none["status"], Decimal(none["filled"])) == ("canceled", 0)
    assert listed


def test_resting_order_locks_funds_and_is_cancelled_once(simulator):
    async def body(e):
        params = {"clientOrderId": "rest1"}
        placed = await e.create_order(BTC, "limit", "buy", "0.5", "50000", params)
        locked = await e.fetch_balance()
        opened = await e.fetch_open_orders(BTC)
        await e.cancel_order("", BTC, {"clientOrderId": "rest1"})
        freed = await e.fetch_balance()
        with pytest.raises(ccxt.OrderNotFound):
            await e.cancel_order(placed["id"], BTC)
        return placed, locked, opened, freed, await e.fetch_order(placed["id"], BTC)

    placed, locked, opened, freed, order = call(okx(simulator), body)
    assert [o["id"] for o in opened] == [placed["id"]]
    assert Decimal(locked["USDT"]["total"]) - Decimal(locked["USDT"]["free"]) == 25000
    assert freed["USDT"]["free"] == freed["USDT"]["total"]
    assert order["status"] == "canceled"


def test_market_buy_by_cost(simulator):
    async def body(e):
        placed = await e.create_market_buy_order_with_cost(BTC, "600", {"clientOrderId": "cost1"})
        return await e.fetch_order(placed["id"], BTC)

    order = call(okx(simulator), body)
    assert order["status"] == "closed"
    assert 599 < Decimal(order["filled"]) * Decimal(order["average"]) <= 600


def test_refusals_carry_okx_codes_and_accept_nothing(simulator):
    async def refused(e, error, code, *args):
        with pytest.raises(error, match=f'"{code}"'):
            await e.create_order(BTC, *args[:4], {"timeInForce": "IOC", "clientOrderId": args[4]})

    async def body(e):
        await refused(e, ccxt.InsufficientFunds, 51008, "limit", "buy", "1000", "60001", "poor1")
        await ioc(e, "0.01", "60001", "twice1")
        await refused(e, ccxt.InvalidOrder, 51016, "limit", "buy", "0.01", "60001", "twice1")
        await refused(e, ccxt.InvalidOrder, 51020, "limit", "buy", "0.000001", "60001", "small1")
        with pytest.raises(ccxt.OrderNotFound, match="51603"):
            await e.fetch_order("", BTC, {"clientOrderId": "poor1"})

    call(okx(simulator), body)
    assert not simulator.orders("okx", "poor1")
    assert len(simulator.orders("okx", "twice1")) == 1


def test_lost_answer_is_found_by_client_order_id(simulator):
    fault = simulator.fault("okx", "drop_after_accept", operation="place")

    async def body(e):
        with pytest.raises(ccxt.NetworkError):
            await ioc(e, "0.1", "61000", "lost1")
        return await e.fetch_order("", BTC, {"clientOrderId": "lost1"})

    order = call(okx(simulator), body)
    assert simulator.hits(fault) == 1
    assert (order["status"], Decimal(order["filled"])) == ("closed", Decimal("0.1"))
    assert len(simulator.orders("okx", "lost1")) == 1


def test_request_lost_before_the_venue_accepts_is_absent(simulator):
    simulator.fault("okx", "drop_before_accept", operation="place")

    async def body(e):
        with pytest.raises(ccxt.NetworkError):
            await ioc(e, "0.1", "61000", "gone1")
        with pytest.raises(ccxt.OrderNotFound):
            await e.fetch_order("", BTC, {"clientOrderId": "gone1"})

    call(okx(simulator), body)
    assert not simulator.orders("okx", "gone1")


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("http_503", ccxt.ExchangeNotAvailable),
        ("http_429", ccxt.RateLimitExceeded),
        ("http_418", ccxt.NetworkError),
        ("maintenance", ccxt.OnMaintenance),
        ("no_balance", ccxt.InsufficientFunds),
    ],
)
def test_faults_speak_okx(simulator, kind, error):
    simulator.fault("okx", kind, operation="place", retry_after_s=3)

    async def body(e):
        with pytest.raises(error):
            await ioc(e, "0.1", "61000", f"fault{kind.replace('_', '')}")
        return e.last_response_headers

    headers = call(okx(simulator), body)
    assert not simulator.orders("okx", f"fault{kind.replace('_', '')}")
    if kind != "no_balance":
        assert headers["Retry-After"] == "3"


@pytest.mark.parametrize(
    ("keys", "code"),
    [({"secret": "wrong"}, "50113"), ({"password": "wrong"}, "50105"), ({"apiKey": "unknown"}, "50111")],
)
def test_wrong_credentials_are_refused(simulator, keys, code):
    with pytest.raises(ccxt.AuthenticationError, match=code):
        call(okx(simulator, **keys), lambda e: e.fetch_balance())


def test_order_after_its_exp_time_is_refused(simulator):
    async def send(e, expires_ms, coid):
        e.headers = {"expTime": str(expires_ms)}
        return await ioc(e, "0.01", "61000", coid)

    async def body(e):
        await e.load_markets()
        with pytest.raises(ccxt.ExchangeError, match="50036"):
            await send(e, int(time.time() * 1000) - 1, "late1")
        simulator.fault("okx", "slow", operation="place", delay_ms=400)
        with pytest.raises(ccxt.ExchangeError, match="50036"):
            await send(e, int(time.time() * 1000) + 200, "late2")
        await send(e, int(time.time() * 1000) + 50_000, "intime1")

    call(okx(simulator), body)
    assert not simulator.orders("okx", "late1")
    assert not simulator.orders("okx", "late2")
    assert len(simulator.orders("okx", "intime1")) == 1


def test_trading_fee(simulator):
    fee = call(okx(simulator), lambda e: e.fetch_trading_fee(BTC))
    assert Decimal(str(fee["taker"])) == Decimal("0.001")


async def _until(watch, shown):
    while True:
        seen = await watch(BTC)
        if shown(seen):
            return seen


def test_streams_follow_the_price(simulator):
    async def body(e):
        first = await asyncio.wait_for(e.watch_order_book(BTC), PATIENCE_S)
        top = first["asks"][0][0]
        ticker = await asyncio.wait_for(e.watch_ticker(BTC), PATIENCE_S)
        following = asyncio.ensure_future(_until(e.watch_ticker, lambda t: Decimal(t["last"]) == 61000))
        moving = asyncio.ensure_future(_until(e.watch_order_book, lambda b: b["bids"][0][0] > 60900))
        await asyncio.to_thread(simulator.pin, "BTC-USDT", "61000")
        moved = await asyncio.wait_for(moving, PATIENCE_S)
        await asyncio.wait_for(following, PATIENCE_S)
        rest = await e.fetch_order_book(BTC)
        return top, ticker, moved["bids"][0], moved["asks"][0], moved["nonce"], rest

    top, ticker, bid, ask, nonce, rest = call(okx(simulator, pro=True), body)
    assert 60000 < top < 60100
    assert Decimal(ticker["ask"]) == Decimal(str(top))
    assert bid[0] < 61000 < ask[0]
    assert [bid, ask] == [rest["bids"][0][:2], rest["asks"][0][:2]]
    assert nonce > 0


def test_sequence_gap_is_noticed_and_healed(simulator):
    async def body(e):
        await asyncio.wait_for(e.watch_order_book(BTC), PATIENCE_S)
        fault = await asyncio.to_thread(lambda: simulator.fault("okx", "sequence_gap"))
        await asyncio.to_thread(simulator.pin, "BTC-USDT", "61000")
        waiting = asyncio.ensure_future(e.watch_order_book(BTC))
        await asyncio.sleep(0.2)
        await asyncio.to_thread(simulator.pin, "BTC-USDT", "62000")
        with pytest.raises(ccxt.InvalidNonce):
            await asyncio.wait_for(waiting, PATIENCE_S)
        healed = await asyncio.wait_for(e.watch_order_book(BTC), PATIENCE_S)
        return simulator.hits(fault), healed["bids"][0][0], healed["asks"][0][0]

    hits, bid, ask = call(okx(simulator, pro=True), body)
    assert hits == 1
    assert bid < 62000 < ask


def test_own_orders_arrive_on_the_private_stream(simulator):
    async def body(e):
        await e.load_markets()
        placed, number = None, itertools.count(1)
        watching = asyncio.ensure_future(e.watch_orders(BTC))
        while not watching.done():  # nothing says when the venue has taken the subscription: order until it shows one
            placed = await ioc(e, "0.1", "61000", f"stream{next(number)}")
            await asyncio.wait([watching], timeout=0.5)
        async with asyncio.timeout(PATIENCE_S):  # frames that follow at once are cached, no watch wakes for them
            while not any((o["id"], o["status"]) == (placed["id"], "closed") for o in e.orders):
                await asyncio.sleep(0.05)
        return placed, next(o for o in e.orders if o["id"] == placed["id"])

    placed, seen = call(okx(simulator, pro=True), body)
    assert (seen["id"], seen["clientOrderId"], seen["status"]) == (placed["id"], placed["clientOrderId"], "closed")


def test_private_stream_refuses_a_wrong_secret(simulator):
    with pytest.raises(ccxt.AuthenticationError):
        call(okx(simulator, pro=True, secret="wrong"), lambda e: asyncio.wait_for(e.authenticate(), PATIENCE_S))

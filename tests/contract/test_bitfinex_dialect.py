"""The simulated Bitfinex as unmodified ccxt sees it: arrays, UST, five digits, integer client ids used again and again."""

from decimal import Decimal

import ccxt
import pytest

from tests.contract.ccxt_clients import BTC, bitfinex, call, levels
from tests.simulator_server import start_simulator

CID = 2


@pytest.fixture(scope="module")
def running():
    with start_simulator(tick_s=0) as simulator:
        yield simulator


@pytest.fixture
def simulator(running):
    running.reset()
    running.pin("BTC-USDT", "60000")
    return running


def ioc(exchange, amount, price, cid, side="buy"):
    return exchange.create_order(BTC, "limit", side, amount, price, {"timeInForce": "IOC", "cid": cid})


async def by_cid(exchange, cid):
    """The venue has no look-up by client id: open and closed orders are scanned for it."""
    listed = await exchange.fetch_open_orders(BTC) + await exchange.fetch_closed_orders(BTC, limit=2500)
    return [o for o in listed if o["info"][CID] == cid]


def test_markets_use_the_venues_codes(simulator):
    async def body(e):
        return await e.load_markets(), e.currencies

    markets, currencies = call(bitfinex(simulator), body)
    assert {m["id"]: symbol for symbol, m in markets.items()} == {
        "tBTCUST": "BTC/USDT",
        "tETHUST": "ETH/USDT",
        "tETHBTC": "ETH/BTC",
    }
    assert markets[BTC]["precision"]["price"] == 5
    assert Decimal(markets[BTC]["limits"]["amount"]["min"]) == Decimal("0.00004")
    assert currencies["USDT"]["id"] == "UST"


def test_book_ticker_trades_candles(simulator):
    async def body(e):
        return (
            await e.fetch_order_book(BTC, 25),
            await e.fetch_order_book(BTC, 25, {"precision": "P0"}),
            await e.fetch_ticker(BTC),
            await e.fetch_tickers([BTC, "ETH/BTC"]),
            await e.fetch_trades(BTC, limit=3),
            await e.fetch_ohlcv(BTC, "1m"),
            await e.fetch_status(),
        )

    book, merged, ticker, tickers, trades, candles, status = call(bitfinex(simulator), body)
    assert Decimal(book["bids"][0][0]) < 60000 < Decimal(book["asks"][0][0])
    assert merged["bids"][0] == book["bids"][0]
    assert all(Decimal(price) % 1 == 0 for price, _ in book["asks"])  # five significant digits
    assert Decimal(ticker["bid"]) == Decimal(book["bids"][0][0])
    assert Decimal(ticker["ask"]) == Decimal(book["asks"][0][0])
    assert set(tickers) == {BTC, "ETH/BTC"}
    assert trades
    assert trades[-1]["symbol"] == BTC
    assert candles
    assert float(candles[-1][2]) >= float(candles[-1][3])
    assert status["status"] == "ok"


def test_buy_fills_in_full_and_is_found_by_scanning(simulator):
    async def body(e):
        before = await e.fetch_balance()
        placed = await ioc(e, "0.1", "61000", 1001)
        found = await by_cid(e, 1001)
        trades = await e.fetch_order_trades(placed["id"], BTC)
        mine = await e.fetch_my_trades(BTC)
        opened = await e.fetch_order(placed["id"], BTC)
        return before, placed, found, trades, mine, opened, await e.fetch_balance()

    before, placed, found, trades, mine, opened, after = call(bitfinex(simulator), body)
    assert placed["status"] == "closed"
    assert Decimal(placed["filled"]) == Decimal("0.1")
    assert placed["info"][13].startswith("EXECUTED @ ")
    assert placed["fee"] is None
    assert [(o["id"], o["clientOrderId"]) for o in found] == [(placed["id"], "1001")]
    assert opened["id"] is None  # this call knows open orders only
    assert sum(Decimal(t["amount"]) for t in trades) == Decimal("0.1")
    assert {t["fee"]["currency"] for t in trades} == {"BTC"}
    fee = sum(Decimal(t["fee"]["cost"]) for t in trades)
    assert fee == Decimal("0.0002")  # 0.20 % of what was received
    assert {t["id"] for t in trades} <= {t["id"] for t in mine}
    cost = sum(Decimal(t["amount"]) * Decimal(t["price"]) for t in trades)
    assert Decimal(after["BTC"]["free"]) - Decimal(before["BTC"]["free"]) == Decimal("0.1") - fee
    assert Decimal(before["USDT"]["free"]) - Decimal(after["USDT"]["free"]) == cost


def test_sell_pays_its_fee_in_ust(simulator):
    async def body(e):
        placed = await ioc(e, "0.1", "59000", 1101, side="sell")
        return placed, await e.fetch_order_trades(placed["id"], BTC)

    placed, trades = call(bitfinex(simulator), body)
    assert (placed["side"], placed["status"]) == ("sell", "closed")
    assert {(t["side"], t["fee"]["currency"]) for t in trades} == {("sell", "USDT")}


def test_partly_and_not_filled_ioc(simulator):
    levels(simulator, "bitfinex", ("buy", "59999", "1"), ("sell", "60001", "0.03"), ("sell", "60100", "5"))

    async def body(e):
        part = await ioc(e, "0.1", "60001", 1201)
        none = await ioc(e, "0.1", "59000", 1202)
        return part, none, await by_cid(e, 1201)

    part, none, found = call(bitfinex(simulator), body)
    assert part["info"][13] == "CANCELED was: PARTIALLY FILLED @ 60001(0.03)"
    assert (Decimal(part["filled"]), Decimal(part["average"])) == (Decimal("0.03"), 60001)
    assert none["info"][13] == "IOC CANCELED"
    assert Decimal(none["filled"]) == 0
    assert [o["id"] for o in found] == [part["id"]]


def test_resting_order_locks_funds_and_is_cancelled_once(simulator):
    async def body(e):
        placed = await e.create_order(BTC, "limit", "buy", "0.5", "50000", {"cid": 1301})
        locked = await e.fetch_balance()
        opened = await e.fetch_order(placed["id"], BTC)
        cancelled = await e.cancel_order(placed["id"], BTC)
        with pytest.raises(ccxt.OrderNotFound):
            await e.cancel_order(placed["id"], BTC)
        return placed, locked, opened, cancelled, await e.fetch_balance()

    placed, locked, opened, cancelled, freed = call(bitfinex(simulator), body)
    assert (placed["status"], opened["id"]) == ("open", placed["id"])
    assert Decimal(locked["USDT"]["total"]) - Decimal(locked["USDT"]["free"]) == 25000
    assert (cancelled["id"], cancelled["status"]) == (placed["id"], "canceled")
    assert freed["USDT"]["free"] == freed["USDT"]["total"]


def test_cancel_by_client_id_needs_its_date(simulator):
    async def body(e):
        placed = await e.create_order(BTC, "limit", "buy", "0.5", "50000", {"cid": 1401})
        day = e.iso8601(placed["timestamp"])[:10]
        return await e.cancel_order("", BTC, {"cid": 1401, "cidDate": day, "cid_date": day})

    assert call(bitfinex(simulator), body)["status"] == "canceled"


def test_the_same_client_id_is_accepted_again(simulator):
    async def body(e):
        await ioc(e, "0.01", "61000", 1501)
        await ioc(e, "0.01", "61000", 1501)
        return await by_cid(e, 1501)

    assert len(call(bitfinex(simulator), body)) == 2
    assert len(simulator.orders("bitfinex", "1501")) == 2


@pytest.mark.parametrize(
    ("amount", "cid", "error", "text"),
    [
        ("1000", 1601, ccxt.InsufficientFunds, "not enough exchange balance"),
        ("0.00001", 1602, ccxt.PermissionDenied, "minimum size"),  # what ccxt makes of 10001 without funds in it
        ("0.01", 2**45, ccxt.BadRequest, "cid: invalid"),
        ("0.01", "1604", ccxt.BadRequest, "cid: invalid"),
    ],
)
def test_refusals_accept_nothing(simulator, amount, cid, error, text):
    before = len(simulator.orders("bitfinex"))

    async def body(e):
        with pytest.raises(error, match=text):
            await ioc(e, amount, "60001", cid)

    call(bitfinex(simulator), body)
    assert len(simulator.orders("bitfinex")) == before


def test_prices_are_cut_to_five_digits(simulator):
    async def body(e):
        await e.load_markets()
        return await e.privatePostAuthWOrderSubmit(
            {"symbol": "tBTCUST", "type": "EXCHANGE LIMIT", "amount": "0.01", "price": "50000.9", "cid": 1701}
        )

    assert call(bitfinex(simulator), body)[4][0][16] == 50000


def test_lost_answer_is_found_by_scanning(simulator):
    fault = simulator.fault("bitfinex", "drop_after_accept", operation="place")

    async def body(e):
        with pytest.raises(ccxt.NetworkError):
            await ioc(e, "0.1", "61000", 1801)
        return await by_cid(e, 1801)

    found = call(bitfinex(simulator), body)
    assert simulator.hits(fault) == 1
    assert [(o["status"], Decimal(o["filled"])) for o in found] == [("closed", Decimal("0.1"))]


@pytest.mark.parametrize(
    ("kind", "cid", "error"),
    [
        ("drop_before_accept", 1901, ccxt.NetworkError),
        ("http_503", 1902, ccxt.ExchangeNotAvailable),
        ("http_429", 1903, ccxt.RateLimitExceeded),
        ("http_418", 1904, ccxt.DDoSProtection),
        ("maintenance", 1905, ccxt.OnMaintenance),
        ("no_balance", 1906, ccxt.InsufficientFunds),
    ],
)
def test_faults_speak_bitfinex_and_leave_no_order(simulator, kind, cid, error):
    simulator.fault("bitfinex", kind, operation="place")

    async def body(e):
        with pytest.raises(error):
            await ioc(e, "0.1", "61000", cid)
        return await by_cid(e, cid)

    assert call(bitfinex(simulator), body) == []
    assert not simulator.orders("bitfinex", str(cid))


def test_wrong_credentials_are_refused(simulator):
    for keys in ({"secret": "wrong"}, {"apiKey": "unknown"}):
        with pytest.raises(ccxt.AuthenticationError):
            call(bitfinex(simulator, **keys), lambda e: e.fetch_balance())


def test_nonce_must_rise(simulator):
    async def body(e):
        await e.load_markets()
        await e.fetch_balance()
        e.options["lastNonce"] = 0
        e.nonce = lambda: 5
        with pytest.raises(ccxt.InvalidNonce):
            await ioc(e, "0.1", "61000", 2001)

    call(bitfinex(simulator), body)
    assert not simulator.orders("bitfinex", "2001")


def test_trading_fees(simulator):
    fees = call(bitfinex(simulator), lambda e: e.fetch_trading_fees())
    assert Decimal(fees[BTC]["taker"]) == Decimal("0.002")

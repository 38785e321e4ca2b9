"""Candles, trades, statistics and the feed of charting libraries over real HTTP."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest

from kernel import db
from kernel.clock import wall
from markets.instruments import service as instruments
from markets.stats import service as stats
from markets.tape import Tape
from venues.public_trades import PublicTrade

SYMBOL = "BTC-USDT"
NOW = wall()
PRICES = ["60000", "60010.5", "59990.01", "60020"]


@pytest.fixture(scope="module", autouse=True)
def traded(house):
    """Four trades in the last minutes, a minute and a half apart."""
    house.client.get("/healthz")
    db.configure(house.database.engine, pool_size=2)
    tape, now = Tape(SYMBOL), wall()  # not the moment at which this file was read: in a whole run that is long ago
    tape.add(
        [
            PublicTrade(
                venue="okx", symbol=SYMBOL, trade_id=str(n), price=D(price), quantity=D("0.25"), side="sell",
                at=now - timedelta(seconds=90 * (4 - n)),
            )
            for n, price in enumerate(PRICES)
        ]
    )  # fmt: skip
    tape.write(wall())
    db.configure(house.database.app, pool_size=4)
    instruments.forget()
    stats.forget()
    return now


def get(house, path, *, who="retail", **params):
    headers = house.auth(who) if who else {}
    return house.client.get(path, params=params, headers=headers)


def test_candles(house):
    body = get(house, f"/v1/markets/{SYMBOL}/candles", interval="1m", limit=500).json()
    assert (body["symbol"], body["interval"]) == (SYMBOL, "1m")
    opens = [datetime.fromisoformat(item["open_time"]) for item in body["items"]]
    assert opens == [opens[0] + n * timedelta(minutes=1) for n in range(len(opens))]
    assert body["items"][-1]["close"] == "60020"
    assert [item["closed"] for item in body["items"]][:-1] == [True] * (len(opens) - 1)
    assert sum(D(item["volume"]) for item in body["items"]) == 1


def test_from_and_to(house):
    start = datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC) - timedelta(days=30)
    whole = get(house, f"/v1/markets/{SYMBOL}/candles", **{"from": start.isoformat(), "interval": "1s"}).json()["items"]
    assert whole[0]["open"] == "60000"  # nothing before the first trade
    cut = get(
        house, f"/v1/markets/{SYMBOL}/candles",
        **{"from": whole[3]["open_time"], "to": whole[9]["open_time"], "interval": "1s"},
    ).json()["items"]  # fmt: skip
    assert cut == whole[3:9]
    for interval in ("1w", "1d", "4h"):
        everything = get(house, f"/v1/markets/{SYMBOL}/candles", interval=interval).json()["items"]
        assert sum(item["trades"] for item in everything) == 4


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        (f"/v1/markets/{SYMBOL}/candles", {"interval": "7m"}, 400, "unknown_interval"),
        (f"/v1/markets/{SYMBOL}/candles", {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, 400, "invalid_request"),
        (f"/v1/markets/{SYMBOL}/candles", {"from": "yesterday"}, 400, "invalid_request"),
        ("/v1/markets/XXX-YYY/candles", {}, 404, "unknown_symbol"),
        ("/v1/markets/XXX-YYY/trades", {}, 404, "unknown_symbol"),
        (f"/v1/markets/{SYMBOL}/trades", {"cursor": "nonsense"}, 400, "invalid_cursor"),
        ("/v1/markets/XXX-YYY/stats", {}, 404, "unknown_symbol"),
        ("/v1/markets/ETH-BTC/stats", {}, 503, "stats_unavailable"),
    ],
)  # fmt: skip
def test_refusals(house, path, params, status, code):
    answer = get(house, path, **params)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_times_far_away_are_no_fault(house, moment):
    for name in ("from", "to"):
        for interval in ("1s", "1w"):
            answer = get(house, f"/v1/markets/{SYMBOL}/candles", **{name: moment, "interval": interval})
            assert answer.status_code == 200


def test_a_market_without_trades_has_no_candles(house):
    assert get(house, "/v1/markets/ETH-BTC/candles").json()["items"] == []


def test_trades_in_pages(house):
    first = get(house, f"/v1/markets/{SYMBOL}/trades", limit=3).json()
    assert [item["price"] for item in first["items"]] == ["60020", "59990.01", "60010.5"]
    rest = get(house, f"/v1/markets/{SYMBOL}/trades", limit=3, cursor=first["next_cursor"]).json()
    assert [item["price"] for item in rest["items"]] == ["60000"]
    assert rest["next_cursor"] is None


def test_statistics_of_the_day(house):
    body = get(house, f"/v1/markets/{SYMBOL}/stats").json()
    assert {name: body[name] for name in ("open", "high", "low", "last", "change", "volume", "trades")} == {
        "open": "60000", "high": "60020", "low": "59990.01", "last": "60020", "change": "20", "volume": "1", "trades": 4,
    }  # fmt: skip
    assert body["change_fraction"] == "0.00033333"
    assert D(body["quote_volume"]) == sum(map(D, PRICES)) / 4


def test_a_chart_reads_without_a_session_from_any_page(house):
    config = get(house, "/udf/config", who=None)
    assert config.headers["access-control-allow-origin"] == "*"
    assert {"1S", "1", "60", "1D", "1W"} <= set(config.json()["supported_resolutions"])
    assert abs(int(get(house, "/udf/time", who=None).text) - wall().timestamp()) < 60
    for name in (SYMBOL, "RIVERMOUTH:BTC-USDT", "btc/usdt"):
        symbol = get(house, "/udf/symbols", who=None, symbol=name).json()
        assert (symbol["name"], symbol["pricescale"], symbol["minmov"]) == (SYMBOL, 100, 1)
    found = get(house, "/udf/search", who=None, query="eth", limit=30).json()
    assert [item["symbol"] for item in found] == ["ETH-USDT", "ETH-BTC"]


def test_bars_of_a_chart_are_the_candles_as_exact_numbers(house):
    end = int(wall().timestamp()) + 60
    answer = get(house, "/udf/history", who=None, symbol=SYMBOL, resolution="1", **{"from": end - 3600, "to": end})
    bars = json.loads(answer.text, parse_float=D, parse_int=D)
    items = get(house, f"/v1/markets/{SYMBOL}/candles", interval="1m").json()["items"]
    assert bars["s"] == "ok"
    assert bars["c"][: len(items)] == [D(item["close"]) for item in items]
    assert bars["t"][0] == int(datetime.fromisoformat(items[0]["open_time"]).timestamp())
    counted = get(house, "/udf/history", who=None, symbol=SYMBOL, resolution="1", to=end, countback=2).json()
    assert len(counted["t"]) == 2


def test_a_chart_is_told_where_there_are_no_bars(house):
    long_ago = {"from": 1_000_000_000, "to": 1_000_100_000}
    assert get(house, "/udf/history", who=None, symbol=SYMBOL, resolution="1D", **long_ago).json() == {"s": "no_data"}
    error = {"s": "error", "errmsg": "unknown_symbol"}
    assert get(house, "/udf/history", who=None, symbol="NO-SUCH", resolution="1D", **long_ago).json() == error
    assert get(house, "/udf/symbols", who=None, symbol="NO-SUCH").json() == error
    odd = get(house, "/udf/history", who=None, symbol=SYMBOL, resolution="7", **long_ago).json()
    assert odd["errmsg"] == "unknown_resolution"


def test_quotes_of_a_chart(house):
    body = get(house, "/udf/quotes", who=None, symbols=f"{SYMBOL},NO-SUCH").json()
    good, bad = body["d"]
    assert (good["s"], good["v"]["lp"], good["v"]["open_price"]) == ("ok", 60020, 60000)
    assert (bad["s"], bad["n"]) == ("error", "NO-SUCH")

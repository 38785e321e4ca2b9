"""Market data of the running product: trades come from all venues, candles follow the price, an alert tells a crossing once."""

import time
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import pytest

PATIENCE_S = 90.0
SYMBOL = "BTC-USDT"


def until(ask, test):
    """The first answer that passes the test."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        answer = ask()
        if test(answer):
            return answer
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)


@pytest.mark.stack
def test_trades_of_every_venue_make_candles_without_gaps(stack):
    items = until(
        lambda: stack.retail.get(f"/v1/markets/{SYMBOL}/trades?limit=1000")["items"],
        lambda found: {t["venue"] for t in found} == {"binance", "bitfinex", "kraken", "okx"},
    )
    assert len({(t["venue"], t["id"]) for t in items}) == len(items)
    candles = stack.retail.get(f"/v1/markets/{SYMBOL}/candles?interval=1s&limit=60")["items"]
    opens = [datetime.fromisoformat(c["open_time"]).timestamp() for c in candles]
    assert opens == [opens[0] + n for n in range(len(opens))]
    assert all(Decimal(a["close"]) == Decimal(b["open"]) for a, b in pairwise(candles) if b["trades"] == 0)


@pytest.mark.stack
def test_a_past_is_filled_in_from_the_venues(stack):
    for interval, least in (("1m", 60), ("1h", 3)):
        until(
            lambda interval=interval: stack.retail.get(f"/v1/markets/{SYMBOL}/candles?interval={interval}")["items"],
            lambda found, least=least: sum(Decimal(c["volume"]) > 0 for c in found) >= least,
        )
    day = stack.retail.get(f"/v1/markets/{SYMBOL}/stats")
    assert Decimal(day["low"]) <= Decimal(day["last"]) <= Decimal(day["high"])
    assert Decimal(day["best_bid"]) <= Decimal(day["best_ask"]) * Decimal("1.01")


@pytest.mark.stack
def test_a_new_price_is_in_the_candle_and_crosses_an_alert_once(stack):
    alert = stack.retail.post(
        "/v1/price-alerts", {"symbol": SYMBOL, "direction": "above", "price": "60500", "repeat": True}
    )["id"]
    until(lambda: stack.retail.get(f"/v1/price-alerts/{alert}"), lambda a: a["status"] == "armed")
    stack.price(SYMBOL, "60600")
    fired = until(lambda: stack.retail.get(f"/v1/price-alerts/{alert}"), lambda a: a["fired"] > 0)
    assert (fired["status"], fired["fired"]) == ("waiting", 1)
    stack.price(SYMBOL, "60700")
    stack.price(SYMBOL, "60400")
    until(lambda: stack.retail.get(f"/v1/price-alerts/{alert}"), lambda a: a["status"] == "armed")
    stack.price(SYMBOL, "60550")
    until(lambda: stack.retail.get(f"/v1/price-alerts/{alert}"), lambda a: a["fired"] == 2)
    until(
        lambda: stack.retail.get(f"/v1/markets/{SYMBOL}/candles?interval=1d&limit=1")["items"][-1],
        lambda candle: Decimal(candle["high"]) >= 60_650 and Decimal(candle["close"]) > 60_500,
    )
    stack.retail.call("DELETE", f"/v1/price-alerts/{alert}")

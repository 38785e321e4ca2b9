"""Treasury sees how each venue is doing: prices, calls, and whether orders could be sent now."""

import time

from tests.e2e.trading import trade


def health(stack):
    page = stack.client("treasury").get("/v1/treasury/venues")
    return {row["venue"]: row for row in page["items"]}


def wait_for(stack, condition, *, within_s=90):
    deadline = time.monotonic() + within_s
    while not condition(found := health(stack)):
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    return found


def test_every_venue_is_open_and_shows_what_its_calls_took(stack):
    trade(stack, quantity="0.001", venue="okx")
    found = wait_for(stack, lambda venues: venues["okx"]["open"] and venues["okx"]["lane"]["calls"] > 0)
    assert set(found) == {"binance", "bitfinex", "kraken", "okx"}
    okx = found["okx"]
    assert {feed["symbol"] for feed in okx["feeds"]} >= {"BTC-USDT", "ETH-USDT"}
    assert 0 <= okx["lane"]["p50_ms"] <= okx["lane"]["p99_ms"]
    assert {"operation": "place", "state": "closed"} in okx["breakers"]


def test_a_venue_that_told_us_to_wait_is_not_open(stack):
    wait_for(stack, lambda venues: venues["kraken"]["open"])
    stack.fault("kraken", "http_429", operation="any", retry_after_s=30, count=50)
    paused = wait_for(stack, lambda venues: venues["kraken"]["open"] is False)["kraken"]
    assert 0 < paused["paused_s"] <= 30
    stack.reset()
    wait_for(stack, lambda venues: venues["kraken"]["open"] and venues["kraken"]["paused_s"] == 0)


def test_customers_do_not_see_it(stack):
    assert stack.retail.call("GET", "/v1/treasury/venues").status_code == 403

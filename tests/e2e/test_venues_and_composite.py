"""Composite states as venues die, exclusion of a venue that is off, and orders under each of them."""

import time
from decimal import Decimal

import pytest

from tests.e2e.trading import PATIENCE_S

VENUES = ("binance", "bitfinex", "kraken", "okx")


def _quotes(stack):
    return stack.retail.get("/v1/markets/BTC-USDT/quotes")


def _wait(stack, condition, within_s=PATIENCE_S):
    deadline = time.monotonic() + within_s
    while True:
        quotes = _quotes(stack)
        if condition(quotes) or time.monotonic() > deadline:
            return quotes
        time.sleep(0.1)


def _market(stack, venue="best"):
    return stack.retail.call(
        "POST",
        "/v1/orders",
        {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.001", "venue": venue},
    )


@pytest.mark.stack
def test_quotes_show_composite_and_every_venue(stack):
    quotes = _quotes(stack)
    assert quotes["composite"]["state"] == "NORMAL"
    assert Decimal(quotes["composite"]["price"]) == Decimal(60000)
    assert {v["venue"] for v in quotes["venues"]} == set(VENUES)
    assert all(v["state"] == "SYNCED" for v in quotes["venues"])
    assert all(Decimal(v["bid"]) < Decimal(v["ask"]) for v in quotes["venues"])
    assert sum(Decimal(c["weight"]) for c in quotes["composite"]["constituents"] if c["used"]) == 1
    for venue in ("consolidated", *VENUES):
        book = stack.retail.get(f"/v1/markets/BTC-USDT/book?venue={venue}")
        assert book["bids"]
        assert book["asks"]


@pytest.mark.stack
@pytest.mark.slow
def test_venues_die_one_after_the_other(stack):
    states = []
    for dead, expected in ((VENUES[0], "NORMAL"), (VENUES[1], "DEGRADED"), (VENUES[2], "SINGLE"), (VENUES[3], "HALT")):
        stack.fault(dead, "maintenance", operation="any")
        quotes = _wait(stack, lambda q, e=expected: q["composite"]["state"] == e)
        states.append(quotes["composite"]["state"])
        assert states[-1] == expected, quotes
        if expected == "SINGLE":
            assert _market(stack).json()["code"] == "market_halted"
            named = _market(stack, VENUES[3])
            assert named.is_success, named.text
            assert stack.retail.finished(named.json()["id"])["status"] == "filled"
    denied = _market(stack)
    assert (denied.status_code, denied.json()["code"]) == (409, "market_halted")
    stack.reset()
    assert _wait(stack, lambda q: q["composite"]["state"] == "NORMAL")["composite"]["state"] == "NORMAL"


@pytest.mark.stack
def test_a_venue_ten_per_cent_off_is_excluded_with_its_reason(stack):
    stack.price("BTC-USDT", "66000", venue="kraken")
    quotes = _wait(
        stack, lambda q: not next(c for c in q["composite"]["constituents"] if c["venue"] == "kraken")["used"]
    )
    kraken = next(c for c in quotes["composite"]["constituents"] if c["venue"] == "kraken")
    assert (kraken["used"], kraken["reason"]) in {(False, "deviates"), (False, "boxed")}
    assert Decimal(quotes["composite"]["price"]) == Decimal(60000)

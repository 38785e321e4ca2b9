"""Revenue, exposure and venue fees of the running product, a moment after a trade."""

import time
from decimal import Decimal

import pytest

from tests.e2e.trading import PATIENCE_S, trade


def eventually(look, good):
    """What `look` shows once it is good; what it last showed when the patience is over."""
    deadline = time.monotonic() + PATIENCE_S
    while not good(shown := look()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return shown


@pytest.mark.stack
def test_a_trade_shows_in_revenue_volume_and_exposure(stack):
    treasury, finance = stack.client("treasury"), stack.client("finance")
    before = Decimal(stack.retail.get("/v1/fees")["volume"])
    order = trade(stack, quantity="0.1")
    cost = sum(Decimal(fill["cost"]) for fill in order["fills"])

    path = f"/v1/revenue?by=order&order_id={order['id']}"
    found = eventually(
        lambda: finance.get(path), lambda r: r["items"] and r["items"][0]["fills"] == len(order["fills"])
    )
    [row] = found["items"]
    assert Decimal(row["volume"]) + Decimal(row["spread"]) == cost
    assert Decimal(row["trade_fees"]) == Decimal(order["fee"])
    assert Decimal(row["venue_fees"]) > 0
    assert found["assets"], "what the fills say per asset"
    assert all(asset["agrees"] for asset in found["assets"]), found["assets"]
    now = stack.retail.get("/v1/fees")
    assert Decimal(now["volume"]) - before >= cost - Decimal(row["spread"])

    house = eventually(lambda: treasury.get("/v1/treasury/exposure"), lambda e: e["flat"] and e["waiting"] == 0)
    assert house["flat"], house
    usdt = next(asset for asset in house["assets"] if asset["asset"] == "USDT")
    assert Decimal(usdt["earned"]) >= Decimal(order["fee"])
    assert next(asset for asset in house["assets"] if asset["asset"] == "BTC")["price"] is not None


@pytest.mark.stack
def test_every_venue_tells_its_fees(stack):
    treasury = stack.client("treasury")
    shown = eventually(
        lambda: treasury.get("/v1/treasury/venue-fees")["items"], lambda venues: all(v["reported"] for v in venues)
    )
    assert {venue["venue"] for venue in shown} == {"binance", "bitfinex", "kraken", "okx"}
    for venue in shown:
        assert {row["taker"] for row in venue["reported"]} == {venue["planned_with"]}, venue

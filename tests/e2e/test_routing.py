"""An order that several venues share, through the whole stack, and its execution report as different people may see it."""

from decimal import Decimal

import httpx
import pytest

from tests.e2e.trading import trade

VENUES = ("binance", "bitfinex", "kraken", "okx")


def _thin(stack, **depths):
    """Give venues books of one size a level; what is not named keeps its own."""
    simulator = stack.urls()["simulator"]
    for venue, depth in depths.items():
        body = {"symbol": "BTC-USDT", "venue": venue, "depth": depth, "levels": 3}
        httpx.post(f"{simulator}/control/books", json=body, timeout=30).raise_for_status()


@pytest.mark.stack
def test_a_large_order_is_shared_by_venues_and_explained(stack):
    """No venue shows 0.3 in its three levels, all of them together do."""
    _thin(stack, **dict.fromkeys(VENUES, "0.05"))
    try:
        order = trade(stack, quantity="0.3", venue="best")
        assert order["status"] == "filled", order
        assert len({child["venue"] for child in order["venue_orders"]}) > 1
        assert sum(Decimal(child["filled_quantity"]) for child in order["venue_orders"]) == Decimal("0.3")
    finally:
        stack.reset()
    path = f"/v1/orders/{order['id']}/execution-report"
    report = stack.retail.get(path)
    rounds = report["rounds"]
    assert sum(Decimal(r["filled_quantity"]) for r in rounds) == Decimal("0.3")
    chosen = {v["venue"] for r in rounds for v in r["venues"] if v["chosen"]}
    assert chosen == {child["venue"] for child in order["venue_orders"]}
    assert all(v["effective_price"] is None and v["limit_price"] is None for r in rounds for v in r["venues"])
    assert stack.client("retail2").call("GET", path).status_code == 404
    assert stack.admin.call("GET", path).status_code == 404

"""Limit orders rest in our book, trigger on the venue's price, fill by a venue fill, and give back exactly what is left."""

import time
from decimal import Decimal

import pytest

from rivermouth.prove.stack import TERMINAL
from tests.e2e.trading import ask, trade


def _rest(stack, **fields):
    answer = ask(stack, {"type": "limit", **fields})
    assert answer.is_success, answer.text
    order = stack.retail.finished(answer.json()["id"], states={"resting", *TERMINAL})
    assert order["status"] == "resting", order
    return order


@pytest.mark.stack
def test_a_limit_buy_rests_and_fills_at_the_limit_or_better(stack):
    order = _rest(stack, symbol="BTC-USDT", side="buy", quantity="0.1", limit_price="59000")
    assert stack.retail.get(f"/v1/orders/{order['id']}")["venue_orders"] == []
    stack.price("BTC-USDT", "58900")
    done = stack.retail.finished(order["id"])
    assert done["status"] == "filled", done
    assert Decimal(done["average_price"]) <= Decimal(59000)
    assert len(done["venue_orders"]) == 1
    assert Decimal(stack.retail.balances()["USDT"]["held"]) == 0


@pytest.mark.stack
def test_a_limit_sell_mirrors(stack):
    order = _rest(stack, symbol="BTC-USDT", side="sell", quantity="0.1", limit_price="61000")
    stack.price("BTC-USDT", "61100")
    done = stack.retail.finished(order["id"])
    assert done["status"] == "filled", done
    assert Decimal(done["average_price"]) >= Decimal(61000)


@pytest.mark.stack
def test_cancel_releases_exactly_the_rest(stack):
    before = stack.retail.balances()["USDT"]
    order = _rest(stack, symbol="BTC-USDT", side="buy", quantity="0.1", limit_price="50000")
    held = Decimal(stack.retail.balances()["USDT"]["held"]) - Decimal(before["held"])
    assert held == Decimal(5005)  # 0.1 x 50,000 and 0.10 % fee
    cancelled = stack.retail.call("DELETE", f"/v1/orders/{order['id']}").json()
    assert cancelled["status"] == "cancelled"
    assert stack.retail.balances()["USDT"] == before
    again = stack.retail.call("DELETE", f"/v1/orders/{order['id']}")
    assert (again.status_code, again.json()["code"]) == (409, "order_not_open")


@pytest.mark.stack
def test_an_ioc_limit_that_cannot_trade_now_is_cancelled(stack):
    order = trade(stack, type="limit", quantity="0.1", limit_price="59000", time_in_force="ioc")
    assert order["status"] == "cancelled"
    assert Decimal(stack.retail.balances()["USDT"]["held"]) == 0


@pytest.mark.stack
def test_a_named_venue_triggers_on_its_own_price(stack):
    order = _rest(stack, symbol="BTC-USDT", side="buy", quantity="0.01", limit_price="59900", venue="okx")
    stack.price("BTC-USDT", "59850", venue="binance")
    assert stack.retail.get(f"/v1/orders/{order['id']}")["status"] == "resting"
    stack.price("BTC-USDT", "59850", venue="okx")
    done = stack.retail.finished(order["id"])
    assert (done["status"], done["venue_orders"][0]["venue"]) == ("filled", "okx")


@pytest.mark.stack
def test_touch_keeps_the_improvement_pass_through_gives_it(stack):
    results = {}
    for mode in ("pass_through", "touch"):
        stack.admin.call("PATCH", "/v1/markets/BTC-USDT", {"fill": mode}).raise_for_status()
        stack.price("BTC-USDT", "60000")
        order = _rest(stack, symbol="BTC-USDT", side="buy", quantity="0.1", limit_price="59000")
        stack.price("BTC-USDT", "58800")
        results[mode] = Decimal(stack.retail.finished(order["id"])["average_price"])
    stack.admin.call("PATCH", "/v1/markets/BTC-USDT", {"fill": "pass_through"}).raise_for_status()
    assert results["touch"] == Decimal(59000)
    assert results["pass_through"] < Decimal(58900)


@pytest.mark.stack
def test_a_print_below_the_limit_starts_an_order_in_mode_last_and_not_in_mode_executable(stack):
    """Kraken's grid is 0.1: last 60,000.0, ask 60,000.1. A buy at 60,000.05 is above the print and below what can be had."""

    def started():
        """The statuses of what went out to the venue."""
        time.sleep(2.5)  # other processes read a market's modes once a second
        body = {"symbol": "BTC-USDT", "side": "buy", "quantity": "0.01", "limit_price": "60000.05", "venue": "kraken"}
        order = ask(stack, {"type": "limit", **body}).json()
        done = stack.retail.finished(order["id"], states={"resting"})
        assert done["status"] == "resting"
        assert Decimal(done["filled_quantity"]) == 0
        stack.retail.call("DELETE", f"/v1/orders/{order['id']}").raise_for_status()
        return [child["status"] for child in done["venue_orders"]]

    stack.price("BTC-USDT", "60000")
    for mode, expected in {"executable": [], "last": ["cancelled"], "back to executable": []}.items():
        stack.admin.call("PATCH", "/v1/markets/BTC-USDT", {"trigger": mode.split()[-1]}).raise_for_status()
        tries = [started()]
        while tries[-1] != expected and len(tries) < 4:  # a process that stood still has not read the mode yet
            tries.append(started())
        assert tries[-1] == expected, (mode, tries)


@pytest.mark.stack
def test_an_order_fills_in_parts_over_a_thin_book_and_keeps_what_it_has(stack):
    """Three times the venue fills only a part; each time the rest goes back to its place and out again."""
    order = _rest(stack, symbol="BTC-USDT", side="buy", quantity="0.8", limit_price="59000", venue="binance")
    stack.fault("binance", "partial_fill", count=3)
    stack.price("BTC-USDT", "58900")
    done = stack.retail.finished(order["id"])
    assert done["status"] == "filled", done
    assert len(done["venue_orders"]) == 4
    assert sum(Decimal(child["filled_quantity"]) for child in done["venue_orders"]) == Decimal("0.8")

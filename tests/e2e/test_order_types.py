"""Order types over HTTP on a running demo: the engine starts stops and slices, a venue's own fill-or-kill stands behind firm quotes."""

import time
from decimal import Decimal

import pytest

from rivermouth.prove.stack import TERMINAL
from tests.e2e.trading import NOT_NOW, PATIENCE_S, ask, trade

BASE = {"symbol": "BTC-USDT", "side": "sell", "quantity": "0.1"}


def _resting(stack, **fields):
    answer = ask(stack, {**BASE, **fields})
    assert answer.is_success, answer.text
    return stack.retail.finished(answer.json()["id"], states={"resting", *TERMINAL})


@pytest.mark.stack
def test_a_stop_and_a_trailing_stop_sell_when_the_price_falls(stack):
    stop = _resting(stack, type="stop", stop_price="59500")
    trail = _resting(stack, type="trailing_stop", trail={"fraction": "0.01"})
    assert stop["status"] == trail["status"] == "resting"
    stack.price("BTC-USDT", "59300")
    for order in (stop, trail):
        done = stack.retail.finished(order["id"], within_s=PATIENCE_S)
        assert done["status"] == "filled", done
        assert done["stopped_at"] is not None
    assert Decimal(stack.retail.balances()["BTC"]["held"]) == 0


@pytest.mark.stack
def test_a_pair_sells_once(stack):
    body = {**BASE, "limit_price": "60600", "stop_price": "59000"}
    answer = stack.retail.call("POST", "/v1/orders/oco", body)
    assert answer.status_code == 201, answer.text
    limit, stop = answer.json()["orders"]
    assert Decimal(stack.retail.balances()["BTC"]["held"]) == Decimal("0.1")
    stack.price("BTC-USDT", "60700")
    assert stack.retail.finished(limit["id"], within_s=PATIENCE_S)["status"] == "filled"
    assert stack.retail.get(f"/v1/orders/{stop['id']}")["status"] == "cancelled"
    assert Decimal(stack.retail.balances()["BTC"]["held"]) == 0


@pytest.mark.stack
def test_fill_or_kill_batch_amend_and_cancel_all(stack):
    done = trade(stack, type="limit", quantity="0.05", limit_price="60500", time_in_force="fok")
    assert done["status"] == "filled", done
    assert len([c for c in done["venue_orders"] if c["status"] == "filled"]) == 1
    orders = [{**BASE, "side": "buy", "type": "limit", "limit_price": "50000"}, {**BASE, "type": "stop"}]
    items = stack.retail.call("POST", "/v1/orders:batch", {"orders": orders}).json()["items"]
    assert [item["status"] for item in items] == [201, 400]
    assert items[1]["problem"]["code"] == "invalid_combination"
    changed = stack.retail.call("PATCH", f"/v1/orders/{items[0]['order']['id']}", {"quantity": "0.05"}).json()
    assert changed["quantity"] == "0.05"
    ended = stack.retail.call("DELETE", "/v1/orders?symbol=BTC-USDT").json()["orders"]
    assert items[0]["order"]["id"] in ended
    assert Decimal(stack.retail.balances()["USDT"]["held"]) == 0


@pytest.mark.stack
def test_a_firm_quote_is_hedged_or_expires(stack):
    """On a machine that stands still two seconds pass by themselves; then another quote is asked for."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        quote = stack.retail.call("POST", "/v1/quotes", {**BASE, "side": "buy", "quantity": "0.01"})
        if quote.is_success:
            taken = stack.retail.call("POST", f"/v1/quotes/{quote.json()['id']}/accept", {})
            if taken.is_success or taken.json()["code"] != "quote_expired":
                break
        else:
            assert quote.json()["code"] in NOT_NOW | {"not_fillable"}
        assert time.monotonic() < deadline, quote.text
    assert taken.is_success, taken.text
    done = stack.retail.finished(taken.json()["id"], within_s=PATIENCE_S)
    assert done["status"] == "filled", done
    assert Decimal(done["average_price"]) <= Decimal(quote.json()["price"])


@pytest.mark.stack
def test_a_twap_fills_by_its_slices(stack):
    answer = ask(
        stack, {**BASE, "quantity": "0.03", "type": "market", "algo": {"twap": {"duration_s": 2, "slices": 3}}}
    )
    assert answer.status_code == 201, answer.text
    done = stack.retail.finished(answer.json()["id"], within_s=PATIENCE_S)
    assert done["status"] in {"filled", "cancelled"}, done
    assert Decimal(done["filled_quantity"]) > 0
    assert Decimal(stack.retail.balances()["BTC"]["held"]) == 0

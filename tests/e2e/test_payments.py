"""A payment order on the running product: bought, refunded, and another one left to expire; the engine folds stock and sweeps."""

import time

import psycopg
import pytest

from kernel.roles import conninfo

SKU = "demo-ticket"


def _order(stack):
    return stack.retail.post("/v1/payment-orders", {"sku": SKU, "quantity": 2})


def _until(read, wanted, within_s=90):
    """Read until it is as wanted; what was read last is shown otherwise."""
    deadline = time.monotonic() + within_s
    while (found := read()) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found == wanted


@pytest.mark.stack
def test_bought_refunded_and_left_to_expire(stack):
    def folded():
        with psycopg.connect(conninfo(stack.urls()["engine"])) as engine:
            row = engine.execute("SELECT on_hand, reserved FROM payments.inventory WHERE sku = %s", (SKU,)).fetchone()
        return tuple(row)

    def in_stock():
        product = stack.retail.get(f"/v1/products/{SKU}")
        return product["on_hand"], product["reserved"]

    units, _ = in_stock()
    money = stack.retail.balances()["USDT"]["available"]
    order = _order(stack)
    at = f"/v1/payment-orders/{order['id']}"
    stack.retail.post(f"{at}/prepay", {"amount_seen": order["amount"]})
    assert stack.retail.post(f"{at}/pay", None)["status"] == "paid"
    _until(folded, (units - 2, 0))
    assert stack.client("product").post(f"{at}/refund", {})["status"] == "refunded"
    _until(folded, (units, 0))
    assert stack.retail.balances()["USDT"]["available"] == money

    late = _order(stack)
    at = f"/v1/payment-orders/{late['id']}"
    stack.retail.post(f"{at}/prepay", {"amount_seen": late["amount"]})
    assert in_stock() == (units, 2)
    stack.admin.post("/v1/sandbox/clock", {"advance": "PT16M"})
    _until(lambda: stack.retail.get(at)["status"], "expired")
    answer = stack.retail.call("POST", f"{at}/pay")
    assert (answer.status_code, answer.json()["code"]) == (409, "order_expired")
    assert in_stock() == (units, 0)
    assert stack.retail.balances()["USDT"]["available"] == money

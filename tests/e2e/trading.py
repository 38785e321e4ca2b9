"""Orders of end-to-end tests on machines that may stand still for seconds.

While a machine stands still, prices age and an order that could not leave within its five seconds is withdrawn: that is the product
keeping its promises, not a failure. So these tests wait for an order's end instead of the answer's three seconds, wait for fresh prices
before they trade, and place an order again that no venue ever had. An order that a venue did have is never placed again.
"""

import time

PATIENCE_S = 90.0
NOT_NOW = {"market_halted", "venue_unavailable", "no_liquidity"}


def wait_for_all_venues(stack, symbol):
    """A venue that a test has silenced comes back by itself; the next test wants all four."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        venues = stack.retail.get(f"/v1/markets/{symbol}/quotes")["venues"]
        if all(v["state"] == "SYNCED" for v in venues):
            return
        assert time.monotonic() < deadline, venues
        time.sleep(0.1)


def ask(stack, body, *, customer=None):
    """The answer to an order for which all venues had fresh prices."""
    customer = customer or stack.retail
    deadline = time.monotonic() + PATIENCE_S
    while True:
        answer = customer.call("POST", "/v1/orders", body)
        if answer.is_success or answer.json()["code"] not in NOT_NOW or time.monotonic() > deadline:
            return answer
        wait_for_all_venues(stack, body["symbol"])
        time.sleep(0.2)


def lent(customer, wish):
    """The loan that was wished for; where prices were too old for an offer, or an offer ran out, another one is asked for."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        answer = customer.call("POST", "/v1/loan-quotes", wish)
        if answer.is_success:
            answer = customer.call("POST", "/v1/loans", {"quote_id": answer.json()["id"]})
            if answer.is_success:
                return answer.json()
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.2)


def trade(stack, *, customer=None, **body):
    """A market order at its end; the venues have had it exactly once."""
    customer = customer or stack.retail
    body = {"symbol": "BTC-USDT", "side": "buy", "type": "market", **body}
    for _ in range(3):
        answer = ask(stack, body, customer=customer)
        assert answer.is_success, answer.text
        order = customer.finished(answer.json()["id"], within_s=PATIENCE_S)
        if any(child["status"] not in {"refused", "not_placed"} for child in order["venue_orders"]):
            return order
    return order


def until(what, read, wanted):
    """What is read once it is as wanted; a machine that stands still has patience."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = read()
        if wanted(found):
            return found
        assert time.monotonic() < deadline, (what, found)
        time.sleep(0.2)

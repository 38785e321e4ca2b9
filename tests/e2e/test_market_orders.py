"""Market orders through the whole stack: filled, hedged once, booked to the cent."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from tests.e2e.trading import ask, trade

VENUES = ("binance", "bitfinex", "kraken", "okx")


@pytest.mark.stack
@pytest.mark.parametrize("venue", ["best", *VENUES])
def test_market_buy_is_filled_hedged_and_booked(stack, venue):
    before = stack.retail.balances()
    seen = {v: {o["client_order_id"] for o in stack.venue_orders(v)} for v in VENUES}
    order = trade(stack, quantity="0.1", venue=venue)
    assert order["status"] == "filled", order
    assert Decimal(order["filled_quantity"]) == Decimal("0.1")
    assert order["fee_asset"] == "USDT"
    new = [(v, o) for v in VENUES for o in stack.venue_orders(v) if o["client_order_id"] not in seen[v]]
    assert len(new) == 1, new
    where, hedge = new[0]
    if venue != "best":
        assert where == venue
    assert hedge["client_order_id"] == order["venue_orders"][0]["client_order_id"]
    assert Decimal(hedge["filled_quantity"]) == Decimal("0.1")
    after = stack.retail.balances()
    cost = sum(Decimal(f["cost"]) for f in order["fills"])
    fee = Decimal(order["fee"])
    assert fee > 0
    assert Decimal(after["BTC"]["posted"]) - Decimal(before["BTC"]["posted"]) == Decimal("0.1")
    assert Decimal(before["USDT"]["posted"]) - Decimal(after["USDT"]["posted"]) == cost + fee
    assert Decimal(after["USDT"]["held"]) == Decimal(before["USDT"]["held"])
    lines = stack.retail.get("/v1/statements?asset=USDT")["items"]
    mine = [line for line in lines if line["order_id"] == order["id"]]
    assert sum(Decimal(line["amount"]) for line in mine) == -(cost + fee)


@pytest.mark.stack
def test_market_sell_pays_out_quote_less_fee(stack):
    before = stack.retail.balances()
    order = trade(stack, side="sell", quantity="0.05")
    assert order["status"] == "filled", order
    after = stack.retail.balances()
    proceeds = sum(Decimal(f["cost"]) - Decimal(f["fee"]) for f in order["fills"])
    assert Decimal(after["USDT"]["posted"]) - Decimal(before["USDT"]["posted"]) == proceeds
    assert Decimal(before["BTC"]["posted"]) - Decimal(after["BTC"]["posted"]) == Decimal("0.05")


@pytest.mark.stack
def test_quote_quantity_is_never_exceeded(stack):
    before = stack.retail.balances()
    order = trade(stack, quote_quantity="1000")
    assert order["status"] in {"filled", "cancelled"}, order
    after = stack.retail.balances()
    spent = Decimal(before["USDT"]["posted"]) - Decimal(after["USDT"]["posted"])
    assert Decimal(950) < spent <= Decimal(1000)


@pytest.mark.stack
def test_a_worse_price_than_expected_is_refused_and_a_better_one_is_not(stack):
    body = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.01"}
    denied = ask(stack, {**body, "expected_price": "59000"})
    assert (denied.status_code, denied.json()["code"]) == (409, "price_changed")
    assert trade(stack, **body, expected_price="61000")["status"] == "filled"


@pytest.mark.stack
def test_a_dry_venue_denies_by_name_and_is_passed_over_by_best(stack):
    free = next(
        r["free"]
        for r in stack.client("treasury").get("/v1/treasury/venue-balances")["items"]
        if (r["venue"], r["asset"]) == ("binance", "USDT")
    )
    stack.admin.post("/v1/sandbox/venue-balances", {"venue": "binance", "asset": "USDT", "free": "10"})
    try:
        before = stack.retail.balances()
        body = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.1", "venue": "binance"}
        denied = ask(stack, body)
        assert (denied.status_code, denied.json()["code"]) == (409, "venue_balance_low")
        assert stack.retail.balances() == before, "a denial holds nothing"
        alerts = stack.client("treasury").get("/v1/treasury/alerts")["items"]
        assert any(
            a["venue"] == "binance" and a["asset"] == "USDT" and a["kind"] == "venue_balance_low" for a in alerts
        )
        order = trade(stack, quantity="0.1", venue="best")
        assert order["status"] == "filled"
        assert {v["venue"] for v in order["venue_orders"]} & {"binance"} == set()
    finally:
        stack.admin.post("/v1/sandbox/venue-balances", {"venue": "binance", "asset": "USDT", "free": free})


@pytest.mark.stack
def test_identical_requests_with_one_key_make_one_order(stack):
    body = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.001"}
    key = {"Idempotency-Key": "e2e-one-order"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: stack.retail.call("POST", "/v1/orders", body, headers=key), range(8)))
    assert {a.status_code for a in answers} <= {200, 201, 202}, [a.text for a in answers]
    assert len({a.json()["id"] for a in answers}) == 1
    other = stack.client("retail2").call("POST", "/v1/orders", body, headers=key)
    assert other.status_code in {201, 202}
    assert other.json()["id"] != answers[0].json()["id"]
    conflict = stack.retail.call("POST", "/v1/orders", {**body, "quantity": "0.002"}, headers=key)
    assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.stack
def test_forty_parallel_orders_against_funds_for_three(stack):
    poor = stack.client("retail2")
    have = Decimal(poor.balances()["USDT"]["available"])
    price = (have / 3 / Decimal("1.001")).quantize(Decimal("0.01")) - 1  # the fee is held too; three fit, four never do
    limit = str((price / 10).quantize(Decimal("0.01")))
    body = {"symbol": "BTC-USDT", "side": "buy", "type": "limit", "quantity": "10", "limit_price": limit}
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: poor.call("POST", "/v1/orders", body), range(40)))
    accepted = [a.json() for a in answers if a.status_code == 201]
    refused = {a.json()["code"] for a in answers if a.status_code != 201}
    for order in accepted:
        poor.call("DELETE", f"/v1/orders/{order['id']}")
    assert len(accepted) == 3, [a.text for a in answers if a.status_code not in {201, 409}]
    assert refused == {"insufficient_funds"}
    assert Decimal(poor.balances()["USDT"]["available"]) == have

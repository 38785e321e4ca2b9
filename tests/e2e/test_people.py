"""Who sees what: roles, tenants, bad input over the running product."""

import json
import time
from decimal import Decimal

import pytest

from rivermouth.prove.stack import Client


@pytest.mark.stack
def test_the_other_tenant_sees_nothing_of_the_first(stack):
    order = stack.retail.order(symbol="BTC-USDT", side="buy", type="limit", quantity="0.01", limit_price="50000")
    other = Client(stack.base, "retail@other.rivermouth.example")
    assert other.get("/v1/orders")["items"] == []
    assert other.call("GET", f"/v1/orders/{order['id']}").status_code == 404
    assert other.call("DELETE", f"/v1/orders/{order['id']}").status_code == 404
    assert stack.client("retail2").call("DELETE", f"/v1/orders/{order['id']}").status_code == 404
    assert Decimal(other.balances()["USDT"]["available"]) == 100_000
    assert stack.retail.call("DELETE", f"/v1/orders/{order['id']}").status_code == 200


BASE = {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.01"}
BAD = [
    {**BASE, "quantity": value}
    for value in (
        "-1",
        "0",
        "NaN",
        "Infinity",
        "1e400",
        "0.123456789",
        "",
        "abc",
        0.01,
        1,
        None,
        True,
        [],
        {},
        "9" * 40,
        "1e-5",
        " 1",
    )
] + [
    {**BASE, "symbol": "DOGE-USDT"},
    {**BASE, "symbol": "btc"},
    {**BASE, "side": "hold"},
    {**BASE, "type": "stop"},
    {**BASE, "venue": "nasdaq"},
    {**BASE, "limit_price": "1"},
    {**BASE, "surprise": "1"},
    {"symbol": "BTC-USDT"},
    [],
    "x",
    None,
    {**BASE, "type": "limit", "limit_price": "60000.001"},
    {**BASE, "type": "limit", "limit_price": "0"},
    {**BASE, "client_order_id": "\u0000"},
    {**BASE, "client_order_id": "x" * 65},
    {**BASE, "tolerance": "2"},
    {**BASE, "quantity": "1000000"},
]


@pytest.mark.stack
@pytest.mark.parametrize("body", BAD, ids=lambda b: json.dumps(b)[:60])
def test_bad_orders_get_a_code_and_change_nothing(stack, body):
    before = stack.retail.balances()
    answer = stack.retail.call("POST", "/v1/orders", body)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"]
    assert stack.retail.balances() == before


@pytest.mark.stack
def test_bodies_of_two_megabytes_and_broken_ones(stack):
    for content in (b"{" + b" " * 2_000_000 + b"}", b"\xff\xfe", b"{", b"[" * 100_000):
        answer = stack.retail.http.post("/v1/orders", content=content, headers={"content-type": "application/json"})
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json()["code"]


@pytest.mark.stack
def test_a_reused_client_order_id_is_refused(stack):
    body = {**BASE, "quantity": "0.001", "client_order_id": "mine-once"}
    assert stack.retail.order(**body)["client_order_id"] == "mine-once"
    again = stack.retail.call("POST", "/v1/orders", body)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_client_order_id")


@pytest.mark.stack
def test_the_demo_realm_is_not_offered_for_orders(stack):
    answer = stack.retail.call("POST", "/v1/orders", BASE, headers={"Rivermouth-Realm": "demo"})
    assert (answer.status_code, answer.json()["code"]) == (409, "realm_not_offered")


@pytest.mark.stack
def test_the_clock_advances_and_says_when_it_is_done(stack):
    before = stack.admin.get("/v1/sandbox/clock")["business_now"]
    asked = stack.admin.call("POST", "/v1/sandbox/clock", {"advance": "PT1H"})
    assert asked.status_code == 202
    deadline = time.monotonic() + 90
    while stack.admin.get(f"/v1/sandbox/clock/{asked.json()['id']}")["state"] != "done" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert stack.admin.get(f"/v1/sandbox/clock/{asked.json()['id']}")["state"] == "done"
    assert stack.admin.get("/v1/sandbox/clock")["business_now"] > before

"""Fees, revenue and exposure over HTTP: who sees what, and every refusal with its code."""

from decimal import Decimal

import pytest

from broker.fees import service as fees
from kernel import db
from venues import fee_reports
from venues import fees as venue_fees
from wallet_bridge.funds import postings

D = Decimal
TIERS = [
    {"min_volume": "0", "maker": "0.0008", "taker": "0.001"},
    {"min_volume": "1000", "maker": "0.0005", "taker": "0.0009"},
]


@pytest.fixture(autouse=True)
def fresh():
    fees.forget()
    yield
    fees.forget()


@pytest.fixture(scope="module")
def reported(house):
    """Kraken has told what it charges us."""
    with house.sql("engine", house.first) as connection:
        connection.execute(
            """INSERT INTO venues.fee_reports (tenant_id, venue, symbol, maker, taker, volume, changed_at, reported_at)
               VALUES (%s, 'kraken', 'BTC-USDT', 0.0014, 0.0024, 60000, now(), now())""",
            [house.first],
        )
    return house


def call(house, who, method, path, body=None, key=None):
    headers = house.auth(who) | ({"Idempotency-Key": key} if key else {})
    return house.client.request(method, path, json=body, headers=headers)


def ok(house, who, method, path, body=None, status=200, key=None):
    answer = call(house, who, method, path, body, key)
    assert answer.status_code == status, answer.text
    return answer.json()


def refused(house, who, method, path, body, status, code):
    answer = call(house, who, method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_everybody_sees_the_own_tier_and_the_table(house):
    mine = ok(house, "retail", "GET", "/v1/fees")
    assert (mine["maker"], mine["taker"], mine["tier"], mine["volume"]) == ("0.001", "0.001", 0, "0")
    assert (mine["source"], mine["agreed_until"], mine["reporting_currency"], mine["volume_days"]) == (
        "tier",
        None,
        "USDT",
        30,
    )
    assert (mine["next_tier"]["tier"], mine["next_tier"]["missing"]) == (1, "100000")
    assert len(mine["tiers"]) == 6


def test_an_administrator_publishes_a_table_for_the_own_house(house):
    body = {"tiers": TIERS, "reason": "summer"}
    made = ok(house, "admin", "POST", "/v1/fees/schedules", body, status=201, key="table-1")
    again = ok(house, "admin", "POST", "/v1/fees/schedules", body, key="table-1")
    assert made == again
    assert [tier["taker"] for tier in made["tiers"]] == ["0.001", "0.0009"]
    assert ok(house, "retail", "GET", "/v1/fees")["maker"] == "0.0008"
    assert ok(house, "other", "GET", "/v1/fees")["maker"] == "0.001"
    assert ok(house, "finance", "GET", "/v1/fees/schedules")["items"][0] == made


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tiers": TIERS[::-1]}, "tiers_do_not_fit"),
        ({"tiers": [TIERS[0] | {"taker": "0.5"}]}, "tiers_do_not_fit"),
        ({"tiers": [TIERS[0] | {"maker": "0.002"}]}, "tiers_do_not_fit"),
        ({"tiers": []}, "invalid_request"),
        ({"tiers": [TIERS[0] | {"maker": 0.0001}]}, "invalid_request"),
        ({"valid_from": "2001-01-01T00:00:00Z"}, "valid_in_the_past"),
        ({"valid_from": "2001-01-01T00:00:00"}, "invalid_request"),
        ({"reason": ""}, "invalid_request"),
    ],
)
def test_a_table_that_is_none(house, change, code):
    answer = call(house, "admin", "POST", "/v1/fees/schedules", {"tiers": TIERS, "reason": "x"} | change)
    assert answer.status_code in {400, 422}
    assert answer.json()["code"] == code, answer.text


def test_rates_agreed_with_a_customer(house):
    customer = str(house.ids["retail"])
    body = {"customer_id": customer, "maker": "0", "taker": "0.0002", "reason": "market maker"}
    made = ok(house, "admin", "POST", "/v1/fees/overrides", body, status=201)
    assert (made["maker"], made["taker"], made["valid_until"]) == ("0", "0.0002", None)
    mine = ok(house, "retail", "GET", "/v1/fees")
    assert (mine["maker"], mine["taker"], mine["source"]) == ("0", "0.0002", "agreement")
    assert ok(house, "finance", "GET", f"/v1/fees/overrides?customer_id={customer}")["items"] == [made]
    ok(house, "admin", "POST", "/v1/fees/overrides", {"customer_id": customer, "reason": "over"}, status=201)
    assert ok(house, "retail", "GET", "/v1/fees")["source"] == "tier"
    first = ok(house, "finance", "GET", "/v1/fees/overrides?limit=1")
    second = ok(house, "finance", "GET", f"/v1/fees/overrides?limit=1&cursor={first['next_cursor']}")
    assert [first["items"][0]["maker"], second["items"][0]["maker"]] == [None, "0"]


def test_agreements_that_are_refused(house):
    customer, other = str(house.ids["retail"]), str(house.ids["other"])
    path, good = "/v1/fees/overrides", {"customer_id": customer, "maker": "0", "taker": "0.0002", "reason": "x"}
    refused(house, "admin", "POST", path, good | {"customer_id": other}, 404, "customer_unknown")
    refused(house, "admin", "POST", path, good | {"customer_id": str(house.ids["admin"])}, 404, "customer_unknown")
    refused(house, "admin", "POST", path, good | {"maker": "0.001"}, 400, "tiers_do_not_fit")
    refused(house, "admin", "POST", path, good | {"valid_from": "2001-01-01T00:00:00Z"}, 400, "valid_in_the_past")
    refused(house, "admin", "POST", path, good | {"valid_until": "2001-01-01T00:00:00Z"}, 400, "invalid_request")
    assert call(house, "admin", "POST", path, good | {"maker": None}).status_code in {400, 422}


def test_the_spread_of_a_market_is_set_by_an_administrator(house):
    changed = ok(house, "admin", "PATCH", "/v1/markets/ETH-USDT", {"markup": "0.0003"})
    assert (changed["markup"], changed["status"]) == ("0.0003", "trading")
    for markup in ("-0.1", "0.06", 0.01):
        assert call(house, "admin", "PATCH", "/v1/markets/ETH-USDT", {"markup": markup}).status_code in {400, 422}
    assert ok(house, "admin", "PATCH", "/v1/markets/ETH-USDT", {"markup": "0"})["markup"] == "0"


@pytest.mark.parametrize("by", ["order", "venue", "day", "symbol"])
def test_revenue_of_a_house_that_has_not_traded(house, by):
    found = ok(house, "finance", "GET", f"/v1/revenue?by={by}")
    assert (found["items"], found["next_cursor"], found["assets"], found["unbooked_fees"]) == ([], None, [], [])
    assert (found["totals"]["net"], found["totals"]["fills"], found["waiting"]) == ("0", 0, 0)


@pytest.mark.parametrize(
    "question",
    [
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        "to=0001-01-01T00:00:00Z",
        "by=customer",
        "cursor=!!!",
        "from=yesterday",
    ],
)
def test_revenue_of_a_period_that_is_none(house, question):
    assert call(house, "finance", "GET", f"/v1/revenue?{question}").status_code in {400, 422}


def test_the_books_as_treasury_sees_them(house):
    with db.transaction(tenant=house.first) as tx:
        postings.deposit(tx, customer_id=house.ids["retail"], asset="USDT", amount=D(500), key="exposure")
        postings.fund_venue(tx, venue="binance", asset="USDT", amount=D(70), key="exposure")
    now = ok(house, "treasury", "GET", "/v1/treasury/exposure")
    [usdt] = [asset for asset in now["assets"] if asset["asset"] == "USDT"]
    assert (usdt["custody"], usdt["outside"], usdt["customers"], usdt["capital"]) == ("70", "500", "500", "70")
    assert (usdt["trading"], usdt["position"], usdt["price"], usdt["unrealised"]) == ("0", "0", "1", "0")
    assert (now["flat"], now["hedge_gaps"], now["unknown_orders"], now["waiting"]) == (True, [], [], 0)
    assert ok(house, "treasury", "GET", "/v1/treasury/exposure/reports")["items"] == []
    assert call(house, "treasury", "GET", "/v1/treasury/exposure/reports?cursor=e30").status_code == 400


def test_our_tiers_at_the_venues(reported):
    house = reported
    found = ok(house, "treasury", "GET", "/v1/treasury/venue-fees")
    rows = {row["venue"]: row for row in found["items"]}
    assert {"binance", "bitfinex", "kraken", "okx"} <= rows.keys()
    kraken = rows["kraken"]
    assert (kraken["planned_with"], kraken["as_published"], kraken["tier"]["taker"]) == ("0.0024", False, "0.0026")
    assert (kraken["missing"], kraken["reported"][0]["volume"]) == ("50000", "60000")
    assert (rows["okx"]["reported"], rows["okx"]["as_published"]) == ([], None)


def test_what_a_process_learns(reported):
    try:
        fee_reports.learn(reported.first)
        assert venue_fees.taker_fee("kraken") == D("0.0024")
    finally:
        venue_fees.learn({})


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("retail", "/v1/revenue"),
        ("retail", "/v1/treasury/exposure"),
        ("retail", "/v1/treasury/venue-fees"),
        ("retail", "/v1/fees/overrides"),
        ("support", "/v1/revenue"),
        ("finance", "/v1/treasury/exposure"),
    ],
)
def test_customers_never_see_our_costs(house, who, path):
    refused(house, who, "GET", path, None, 403, "forbidden")

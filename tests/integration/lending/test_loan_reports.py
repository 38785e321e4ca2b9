"""The loan book and its stress test over HTTP: exact sums over stored loans, one house's only, for those who may."""

import json
from decimal import Decimal as D

import pytest
import redis

from kernel.ids import uuid7
from markets.quotes import service as quotes
from tests.loan_book import make_product
from tests.market_views import fresh, make_quote, make_view

VENUES = ("binance", "kraken", "okx")


def _product(owner, tenant):
    """The brief's product, published, on a funding line of its own; returns (product, line)."""
    made, line = make_product(name="BTC loan"), uuid7()
    owner.execute(
        """INSERT INTO lending.funding_lines (tenant_id, id, name, adapter, source, asset, line_limit, rate, day_count, drawn,
                                              accrued_through, created_at)
           VALUES (%s, %s, %s, 'ledger', 'house', 'USDT', 1000000, 0.05, 'actual/365', 66000, CURRENT_DATE, now())""",
        [tenant, line, f"line {line}"],
    )
    owner.execute(
        """INSERT INTO lending.loan_products (tenant_id, id, version, status, name, asset, funding_line_id, terms, created_by, created_at)
           VALUES (%s, %s, 1, 'published', %s, 'USDT', %s, %s, %s, now())""",
        [tenant, made.id, made.name, line, json.dumps(made.terms.document()), uuid7()],
    )
    (kind,) = made.collaterals.values()
    ratios = [
        kind.thresholds.pledge,
        kind.thresholds.warning,
        kind.thresholds.displayed,
        kind.thresholds.actual,
        kind.thresholds.hard,
    ]
    owner.execute(
        "INSERT INTO lending.product_collaterals VALUES (%s, %s, 1, 'BTC', %s, %s, %s, %s, %s, %s, %s::numeric[], %s::numeric[], 0, NULL)",
        [
            tenant, made.id, kind.lines.basis.value, *(getattr(kind.lines, n) for n in ("pledge", "warning", "displayed", "actual", "hard")),
            [r.numerator for r in ratios], [r.denominator for r in ratios],
        ],
    )  # fmt: skip
    return made, line


def _loan(owner, tenant, product, customer, *, principal, btc, days=0, status="active"):
    """A loan that has run for `days`."""
    quote, loan = uuid7(), uuid7()
    owner.execute(
        """INSERT INTO lending.loan_quotes (tenant_id, id, customer_id, product_id, version, amount, fee, rate, tenor_days, collateral,
                                            prices, expires_at, created_at)
           VALUES (%s, %s, %s, %s, 1, %s, 0, 0.12, 90, '[]', '{}', now(), now())""",
        [tenant, quote, customer, product.id, principal],
    )
    owner.execute(
        """INSERT INTO lending.loans (tenant_id, id, customer_id, product_id, version, quote_id, asset, status, drawn, principal, rate,
                                      interest_from, debt_at_event, origination, opened_on, matures_on, created_at, updated_at)
           VALUES (%s, %s, %s, %s, 1, %s, 'USDT', %s, %s, %s, 0.12, (now() AT TIME ZONE 'UTC')::date - %s::int, %s, '{}',
                   (now() AT TIME ZONE 'UTC')::date - %s::int, CURRENT_DATE + 90, now(), now())""",
        [tenant, loan, customer, product.id, quote, status, principal, principal, days, principal, days],
    )
    owner.execute("INSERT INTO lending.loan_collaterals VALUES (%s, %s, 'BTC', %s)", [tenant, loan, btc])
    return loan


@pytest.fixture(scope="module")
def book(house):
    """Three running loans of the first house, one that is being sold, and one of the other house."""
    with house.sql("superuser") as owner:
        product, line = _product(owner, house.first)
        customer = house.ids["retail"]
        loans = [
            _loan(owner, house.first, product, customer, principal="24000", btc="1"),
            _loan(owner, house.first, product, customer, principal="18000", btc="1", days=73),
            _loan(owner, house.first, product, customer, principal="24000", btc="1.25"),
        ]
        _loan(owner, house.first, product, customer, principal="5000", btc="0", status="liquidating")
        other, _ = _product(owner, house.second)
        _loan(owner, house.second, other, house.ids["other"], principal="999", btc="1")
    return product, line, loans


def _market(house, price, depth="0.4"):
    parts = [
        make_quote(v, asks=[(str(D(price) + 1), depth)], bids=[(price, depth), (str(D(price) * D("0.9")), "9")])
        for v in VENUES
    ]
    view = fresh(make_view(*parts, price=price))
    with redis.Redis.from_url(house.valkey_url) as valkey:
        valkey.set(quotes.key("BTC-USDT"), quotes.encode(view))


def _book(house, who="treasury"):
    return house.client.get("/v1/lending/book", headers=house.auth(who))


def _stress(house, body, who="treasury"):
    return house.client.post("/v1/lending/stress", json=body, headers=house.auth(who))


def test_the_book_adds_up_to_the_last_unit(house, book):
    product, line, _ = book
    _market(house, "30000")
    found = _book(house).json()
    (total,) = found["totals"]
    assert (found["loans"], found["unsecured"], total["loans"]) == (3, 0, 3)
    assert (total["principal"], total["interest"], total["debt"]) == ("66000", "432", "66432")  # 18,000 × 12 % × 73/365
    assert total["value"] == "97500"
    (of_product,) = found["products"]
    assert (of_product["product_id"], of_product["name"], of_product["debt"]) == (str(product.id), "BTC loan", "66432")
    buckets = {(each["above"], each["upto"]): each["loans"] for each in found["buckets"]}
    assert buckets == {("1.2", "1.5"): 1, ("1.5", None): 2}
    assert found["collateral"] == [
        {"asset": "BTC", "quote": "USDT", "quantity": "3.25", "price": "30000", "state": "NORMAL",
         "age_ms": found["collateral"][0]["age_ms"], "value": "97500"}
    ]  # fmt: skip
    (funding,) = found["funding"]
    assert (funding["id"], funding["drawn"], funding["free"]) == (str(line), "66000", "934000")
    assert found["selling"] == [{"asset": "USDT", "loans": 1, "debt": "5000"}]


def test_a_fall_to_the_actual_line_sells_who_is_on_it_and_nobody_else(house, book):
    _, _, loans = book
    _market(house, "30000")
    found = _stress(house, {"shocks": [{"asset": "BTC", "change": "-0.18"}], "steps": 4}).json()
    assert found["liquidations"] == 1
    assert {each["level"]: (each["before"], each["after"]) for each in found["levels"]} == {
        "HEALTHY": (3, 2), "WARNING": (0, 0), "MARGIN_CALL": (0, 0), "PENDING_LIQUIDATION": (0, 1), "LIQUIDATING": (0, 0),
    }  # fmt: skip
    (sold,) = found["losses"]
    assert (sold["debt"], sold["losses"]) == ("24000", "0")
    assert D(sold["proceeds"]) == D(sold["debt"]) + D(sold["fees"]) + D(sold["surplus"])
    (market,) = found["to_sell"]
    assert (market["price"], market["shocked"], market["depth"]) == (
        "30000",
        "24600",
        "1.2",
    )  # the levels 10 % below do not count
    assert D("0.97") < D(market["quantity"]) < 1
    assert [point["liquidations"] for point in found["curve"]] == [0, 0, 0, 0, 1]
    assert [one["loan_id"] for one in found["worst"]] == [str(loans[0])]


def test_a_crash_is_a_loss_and_what_no_pool_pays_is_a_bad_debt(house, book):
    _market(house, "30000")
    found = _stress(house, {"shocks": [{"asset": "BTC", "change": "-0.5"}], "cost": "0.01"}).json()
    (lost,) = found["losses"]
    assert found["liquidations"] == 3
    assert lost["liquidity_needed"] == "48750"
    assert lost["proceeds"] == "48262.5"
    assert lost["losses"] == lost["bad_debt"] == "18169.5"  # 66,432 − 48,262.5; each loan loses
    assert [D(one["loss"]) for one in found["worst"]] == sorted(
        (D(one["loss"]) for one in found["worst"]), reverse=True
    )


def test_without_a_price_nothing_is_said_of_a_loan(house, book):
    with redis.Redis.from_url(house.valkey_url) as valkey:
        valkey.delete(quotes.key("BTC-USDT"))
    found = _book(house).json()
    assert found["totals"][0]["unpriced"] == 3
    assert [(each["above"], each["upto"], each["loans"]) for each in found["buckets"]] == [(None, None, 3)]
    assert found["collateral"][0]["price"] is None
    stressed = _stress(house, {"shocks": [{"asset": "BTC", "change": "-0.5"}]}).json()
    assert (stressed["unpriced"], stressed["liquidations"], stressed["to_sell"]) == (3, 0, [])


@pytest.mark.parametrize(
    "body",
    [
        {"shocks": []},
        {"shocks": [{"asset": "BTC", "change": "-1"}]},
        {"shocks": [{"asset": "BTC", "change": -0.5}]},
        {"shocks": [{"asset": "DOGE", "change": "-0.5"}]},
        {"shocks": [{"asset": "BTC", "change": "-0.5"}, {"asset": "BTC", "change": "-0.4"}]},
        {"shocks": [{"asset": "BTC", "change": "-0.5"}], "steps": 21},
        {"shocks": [{"asset": "BTC", "change": "-0.5"}], "cost": "1"},
        {"shocks": [{"asset": "BTC", "change": "-0.5"}], "more": 1},
    ],
)
def test_nonsense_is_refused(house, book, body):
    answer = _stress(house, body)
    assert answer.status_code in {400, 422}, answer.text
    assert answer.json()["code"] == "invalid_request"


def test_a_customer_sees_neither(house, book):
    for answer in (_book(house, "retail"), _stress(house, {"shocks": [{"asset": "BTC", "change": "-0.5"}]}, "retail")):
        assert answer.status_code == 403

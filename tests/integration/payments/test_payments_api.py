"""The contract over HTTP: what product staff and customers send, what they get, and every refusal with its code."""

from decimal import Decimal

import pytest

from kernel import db
from wallet_bridge.funds import postings

SOME_ID = "00000000-0000-7000-8000-00000000dead"


@pytest.fixture(scope="module")
def api(house):
    return Api(house)


class Api:
    def __init__(self, house):
        self.house = house
        for who, money in (("retail", "1000"), ("other", "1000")):
            self.deposit(who, money)

    def deposit(self, who, amount):
        tenant = self.house.second if who == "other" else self.house.first
        with db.transaction(tenant=tenant) as tx:
            postings.deposit(
                tx, customer_id=self.house.ids[who], asset="USDT", amount=Decimal(amount), key=f"{who}:{amount}"
            )

    def call(self, who, method, path, body=None, key=None):
        headers = self.house.auth(who) | ({"Idempotency-Key": key} if key else {})
        return self.house.client.request(method, path, json=body, headers=headers)

    def ok(self, who, method, path, body=None, status=200, key=None):
        answer = self.call(who, method, path, body, key)
        assert answer.status_code == status, answer.text
        return answer.json()

    def refused(self, who, method, path, body, status, code):
        answer = self.call(who, method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        return answer.json()

    def product(self, sku, **more):
        body = {"sku": sku, "name": sku, "price": "200", "asset": "USDT", "stock": 10} | more
        return self.ok("product", "POST", "/v1/products", body, status=201)

    def order(self, sku, quantity=1, who="retail"):
        return self.ok(who, "POST", "/v1/payment-orders", {"sku": sku, "quantity": quantity}, status=201)

    def available(self, who="retail"):
        rows = {row["asset"]: row for row in self.ok(who, "GET", "/v1/balances")["items"]}
        return rows["USDT"]["available"], rows["USDT"]["held"]


def test_the_whole_contract(api):
    made = api.product("book", price="20.50", fee_rate="0.02")
    assert (made["price"], made["price_version"], made["stock"], made["asset"]) == ("20.5", 1, 10, "USDT")
    order = api.order("book", 2)
    assert {k: order[k] for k in ("status", "amount", "asset", "price_version", "quantity", "legs")} == {
        "status": "pending", "amount": "41", "asset": "USDT", "price_version": 1, "quantity": 2, "legs": None,
    }  # fmt: skip
    assert order["expires_at"] > order["created_at"]
    at = f"/v1/payment-orders/{order['id']}"
    before = api.available()[0]
    assert api.ok("retail", "POST", f"{at}/prepay", {"amount_seen": "41.00"})["status"] == "reserved"
    assert api.available()[1] == "41"
    paid = api.ok("retail", "POST", f"{at}/pay")
    assert (paid["status"], paid["paid_at"] is not None) == ("paid", True)
    assert api.ok("retail", "GET", at)["legs"] is None
    legs = api.ok("product", "GET", at)["legs"]
    assert [(leg["role"], leg["amount"]) for leg in legs] == [("merchant", "40.18"), ("fee", "0.82")]
    done = api.ok("product", "POST", f"{at}/refund", {"amount": "1.5"})
    assert (done["status"], done["refunded"], done["returned"]) == ("partially_refunded", "1.5", 0)
    done = api.ok("finance", "POST", f"{at}/refund")
    assert (done["status"], done["refunded"], done["returned"]) == ("refunded", "41", 2)
    assert api.available() == (before, "0")
    assert api.ok("retail", "GET", "/v1/products/book")["stock"] == 10
    kinds = [line["kind"] for line in api.ok("retail", "GET", "/v1/statements?limit=3")["items"]]
    assert kinds == ["refund", "refund", "payment"]


def test_price_changed_and_the_rest_of_the_refusals(api):
    api.product("lamp", stock="1")
    order = api.order("lamp")
    at = f"/v1/payment-orders/{order['id']}"
    changed = api.ok("product", "PATCH", "/v1/products/lamp", {"price": "400"})
    assert (changed["price"], changed["price_version"]) == ("400", 2)
    told = api.refused("retail", "POST", f"{at}/prepay", {"amount_seen": "200"}, 409, "price_changed")
    assert (told["price"], told["price_version"]) == ("400", 2)
    assert api.ok("retail", "GET", at)["status"] == "pending"
    api.refused("retail", "POST", f"{at}/pay", None, 409, "order_not_reserved")
    assert api.ok("retail", "POST", f"{at}/cancel")["status"] == "cancelled"
    api.refused("retail", "POST", f"{at}/prepay", {"amount_seen": "200"}, 409, "order_cancelled")
    many = api.order("lamp", 2)
    api.refused(
        "retail", "POST", f"/v1/payment-orders/{many['id']}/prepay", {"amount_seen": "800"}, 409, "out_of_stock"
    )
    api.ok("product", "PATCH", "/v1/products/lamp", {"stock_delta": 9})
    dear = api.order("lamp", 10)
    api.refused(
        "retail", "POST", f"/v1/payment-orders/{dear['id']}/prepay", {"amount_seen": "4000"}, 409, "insufficient_funds"
    )
    api.refused("product", "PATCH", "/v1/products/lamp", {"stock_delta": -11}, 409, "out_of_stock")
    api.refused("product", "POST", f"{at}/refund", {"amount": "1"}, 409, "order_not_paid")
    api.refused("product", "PATCH", "/v1/products/nothing", {"price": "1"}, 404, "product_not_found")
    api.refused("retail", "POST", "/v1/payment-orders", {"sku": "nothing", "quantity": 1}, 404, "product_not_found")


def test_what_is_somebody_elses_does_not_exist(api):
    api.product("mine")
    order = api.order("mine")
    at = f"/v1/payment-orders/{order['id']}"
    for step, body in (("prepay", {"amount_seen": "200"}), ("pay", None), ("cancel", None)):
        api.refused("other", "POST", f"{at}/{step}", body, 404, "payment_order_not_found")
    api.refused("other", "GET", at, None, 404, "payment_order_not_found")
    api.refused("other", "POST", "/v1/payment-orders", {"sku": "mine", "quantity": 1}, 404, "product_not_found")
    assert "mine" not in {row["sku"] for row in api.ok("other", "GET", "/v1/products")["items"]}
    for path in (f"/v1/payment-orders/{SOME_ID}", f"/v1/payment-orders/{SOME_ID}"):
        api.refused("retail", "GET", path, None, 404, "payment_order_not_found")


def test_the_same_key_is_the_same_order(api):
    api.product("keyed")
    body = {"sku": "keyed", "quantity": 1}
    first = api.ok("retail", "POST", "/v1/payment-orders", body, status=201, key="order-1")
    assert api.ok("retail", "POST", "/v1/payment-orders", body, status=200, key="order-1")["id"] == first["id"]
    answer = api.call("retail", "POST", "/v1/payment-orders", body | {"quantity": 2}, key="order-1")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")
    at = f"/v1/payment-orders/{first['id']}"
    api.ok("retail", "POST", f"{at}/prepay", {"amount_seen": "200"}, key="prepay-1")
    api.ok("retail", "POST", f"{at}/pay", key="pay-1")
    for _ in range(2):
        done = api.ok("product", "POST", f"{at}/refund", {"amount": "5"}, key="refund-1")
        assert done["refunded"] == "5"


def test_lists_are_pages_and_staff_see_everybody(api):
    api.product("listed")
    ids = [api.order("listed")["id"] for _ in range(3)]
    page = api.ok("retail", "GET", "/v1/payment-orders?sku=listed&limit=2")
    assert [row["id"] for row in page["items"]] == ids[:0:-1]
    rest = api.ok("retail", "GET", f"/v1/payment-orders?sku=listed&limit=2&cursor={page['next_cursor']}")
    assert ([row["id"] for row in rest["items"]], rest["next_cursor"]) == (ids[:1], None)
    for who in ("product", "finance", "auditor"):
        assert len(api.ok(who, "GET", "/v1/payment-orders?sku=listed&status=pending")["items"]) == 3
    skus, cursor = [], ""
    while cursor is not None:
        page = api.ok("retail", "GET", f"/v1/products?limit=1{'&cursor=' + cursor if cursor else ''}")
        skus += [row["sku"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert skus == sorted(set(skus))
    assert "listed" in skus
    api.ok("product", "PATCH", "/v1/products/listed", {"price": "7"})
    history = api.ok("retail", "GET", "/v1/products/listed/prices?limit=1")
    assert [row["price"] for row in history["items"]] == ["7"]
    history = api.ok("retail", "GET", f"/v1/products/listed/prices?cursor={history['next_cursor']}")
    assert [row["price"] for row in history["items"]] == ["200"]


PRODUCT = {"sku": "bad", "name": "bad", "price": "1", "asset": "USDT", "stock": 1}
BAD_PRODUCTS = [
    {"price": 1}, {"price": "0"}, {"price": "-1"}, {"price": "1e5"}, {"stock": -1}, {"stock": 1.0}, {"stock": True}, {"stock": "1.5"},
    {"stock": 10**13}, {"sku": ""}, {"sku": "a b"}, {"sku": "x" * 65}, {"name": ""}, {"fee_rate": "1"}, {"fee_rate": "-0.1"},
    {"fee_rate": "0.0000000000001"}, {"surprise": 1}, {"payees": [{"account_id": 0}]}, {"payees": [{"account_id": 2**63}]},
    {"payees": [{"account_id": 1, "weight": "0"}]}, {"payees": [{"account_id": 1}, {"account_id": 1}]}, {"commission_account": "x"},
    {"asset": "NOPE"}, {"price": "0.0000001"}, {"payees": [{"account_id": 2**62}]}, {"fee_rate": "0.5", "commission_rate": "0.5"},
]  # fmt: skip


@pytest.mark.parametrize("change", BAD_PRODUCTS, ids=range(len(BAD_PRODUCTS)))
def test_a_bad_product_is_400(api, change):
    assert api.call("product", "POST", "/v1/products", PRODUCT | change).status_code == 400


@pytest.mark.parametrize("body", [{}, {"price": None}, {"stock_delta": "x"}, {"price": "0"}, {"stock_delta": 10**20}])
def test_a_bad_change_is_400(api, body):
    api.refused("product", "PATCH", "/v1/products/nothing", body, 400, "invalid_request")


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "1e3", True, None, 10**13, "9" * 30])
def test_a_bad_quantity_is_400(api, quantity):
    api.refused("retail", "POST", "/v1/payment-orders", {"sku": "book", "quantity": quantity}, 400, "invalid_request")


def test_an_order_too_large_for_the_ledger_is_400(api):
    api.product("star", price="9" * 37)
    api.refused("retail", "POST", "/v1/payment-orders", {"sku": "star", "quantity": 10**12}, 400, "invalid_amount")
    order = api.order("star", 1)
    api.refused(
        "retail", "POST", f"/v1/payment-orders/{order['id']}/prepay", {"amount_seen": "9" * 37}, 409, "insufficient_funds"
    )  # fmt: skip


@pytest.mark.parametrize("body", [{"amount": "0"}, {"amount": "-1"}, {"amount": 1}, {"quantity": 0}, {"quantity": -1}])
def test_a_bad_refund_is_400(api, body):
    api.refused("product", "POST", f"/v1/payment-orders/{SOME_ID}/refund", body, 400, "invalid_request")


def test_the_realms_do_not_meet(api):
    api.product("real")
    headers = api.house.auth("retail") | {"Rivermouth-Realm": "demo"}
    answer = api.house.client.post("/v1/payment-orders", json={"sku": "real", "quantity": 1}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "product_not_found")
    demo = api.house.client.get("/v1/products", headers=headers).json()["items"]
    assert demo == []

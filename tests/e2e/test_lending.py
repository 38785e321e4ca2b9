"""The brief's loan as a customer and staff see it: lent, warned, spared by a wick, sold once the price stayed, and settled."""

import time
from decimal import Decimal

import pytest

from rivermouth.prove.stack import running
from tests.e2e.trading import PATIENCE_S, lent, wait_for_all_venues


@pytest.fixture(scope="module")
def lender():
    """A demo of its own: what a sale does at the venues belongs to no customer, and others here count every venue order."""
    with running() as demo:
        yield demo


def until(what, read, wanted):
    """What is read once it is as wanted; a machine that stands still has patience."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        found = read()
        if wanted(found):
            return found
        assert time.monotonic() < deadline, (what, found)
        time.sleep(0.2)


def show(stack, price):
    stack.price("BTC-USDT", price, exact=True)
    wait_for_all_venues(stack, "BTC-USDT")


def borrow(stack):
    """24,000 against 1 BTC at 30,000."""
    products = stack.retail.get("/v1/loan-products")["items"]
    product = next(each["id"] for each in products if each["name"] == "BTC loan")
    wish = {
        "product_id": product, "collateral": [{"asset": "BTC", "quantity": "1"}], "borrow_asset": "USDT", "amount": "24000",
        "tenor_days": 30,
    }  # fmt: skip
    return lent(stack.retail, wish)["id"]


@pytest.mark.stack
def test_the_briefs_loan(lender):
    stack = lender
    show(stack, "30000")
    before = {asset: Decimal(row["available"]) for asset, row in stack.retail.balances().items()}
    loan_id = borrow(stack)

    def loan(who=stack.retail):
        return who.get(f"/v1/loans/{loan_id}")

    def at_level(level):
        return until(level, loan, lambda seen: seen["level"] == level)

    at_level("HEALTHY")
    show(stack, "25500")
    at_level("WARNING")
    told = until(
        "the warning",
        lambda: stack.retail.get("/v1/notices")["items"],
        lambda items: [n for n in items if n["kind"] == "loan_warning"],
    )
    assert not [notice for notice in told if notice["kind"] == "loan_sale_begun"]

    show(stack, "24900")
    assert at_level("MARGIN_CALL")["status"] == "active"

    wick = [{"price": price} for price in ("24900", "24590", "24910")]
    stack.admin.post("/v1/sandbox/prices", {"symbol": "BTC-USDT", "path": wick})
    show(stack, "25300")
    assert at_level("WARNING")["status"] == "active"

    show(stack, "24600")
    done = until("the sale", loan, lambda seen: seen["status"] in {"liquidated", "bad_debt"})
    assert done["status"] == "liquidated"
    assert Decimal(done["debt"]) == 0
    (sold,) = [
        each for each in stack.admin.get("/v1/lending/liquidations?live=false")["items"] if each["loan_id"] == loan_id
    ]
    settled = sold["settlement"]
    paid = sum(Decimal(part) for part in settled["paid"].values())
    assert paid == 24000
    assert Decimal(settled["fee"]) == 120
    assert Decimal(settled["proceeds"]) == paid + Decimal(settled["fee"]) + Decimal(settled["surplus"])

    def mine():
        return {
            asset: Decimal(row["available"]) - before.get(asset, 0) for asset, row in stack.retail.balances().items()
        }

    gone = sum(Decimal(sale["sold"]) for sale in sold["sales"])
    until("what came back", mine, lambda now: (now["USDT"], now["BTC"]) == (24000 + Decimal(settled["surplus"]), -gone))
    assert 0 < gone < 1
    until(
        "the end is told",
        lambda: stack.retail.get("/v1/notices")["items"],
        lambda items: [n for n in items if n["kind"] == "loan_sale_settled"],
    )

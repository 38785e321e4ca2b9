"""The brief's loan as a customer and staff see it: lent, warned, spared by a wick, sold once the price stayed, and settled to the last unit.

Then the published vectors at prices that the venues themselves show.
"""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rivermouth.prove.silence import advance
from rivermouth.prove.stack import running
from tests.e2e.clock import business_now, go_to
from tests.e2e.trading import lent, until, wait_for_all_venues

D = Decimal
UNIT = D("0.000001")  # of USDT
DAYS = 2
ENDED = {"liquidated", "bad_debt"}
VECTORS = json.loads((Path(__file__).parents[1] / "unit" / "lending" / "lending_lines.json").read_text())["cases"]
INTEREST, COST = D("15.780822"), D("6.575342")  # 24,000 for two days: 12 % up to the unit, 5 % down to it


STORY = pytest.mark.xdist_group("lending_story")  # one demo for both of its tests


@pytest.fixture(scope="module")
def lender():
    """A demo of its own: what a sale does at the venues belongs to no customer, and others here count every venue order."""
    with running() as demo:
        yield demo


def show(stack, price):
    stack.price("BTC-USDT", price, exact=True)
    wait_for_all_venues(stack, "BTC-USDT")


def borrow(stack, amount="24000", quantity="1"):
    """The brief's: 24,000 against 1 BTC at 30,000."""
    products = stack.retail.get("/v1/loan-products")["items"]
    product = next(each["id"] for each in products if each["name"] == "BTC loan")
    wish = {
        "product_id": product, "collateral": [{"asset": "BTC", "quantity": quantity}], "borrow_asset": "USDT", "amount": amount,
        "tenor_days": 30,
    }  # fmt: skip
    return lent(stack.retail, wish)


def funding_line(stack):
    (line,) = stack.admin.get("/v1/lending/funding-lines")["items"]
    return line


def spread_of(stack, loan):
    found = stack.admin.get(f"/v1/lending/loans/{loan['id']}/spread")
    return D(found["interest"]), D(found["cost"]), D(found["spread"])


def spread_by_day(stack, loan):
    """(day, interest, cost) of the loan's product, from the day the loan began."""
    rows = stack.admin.get(f"/v1/lending/spread?product_id={loan['product_id']}&days=60")["items"]
    assert all(D(row["interest"]) - D(row["cost"]) == D(row["spread"]) for row in rows)
    return [(row["day"], D(row["interest"]), D(row["cost"])) for row in rows if row["day"] >= loan["opened_on"]]


def earned(stack):
    """What lending has earned in the ledger so far, by account."""
    rows = stack.admin.get("/v1/lending/book")["earned"]
    return {row["account"]: D(row["amount"]) for row in rows if row["asset"] == "USDT"}


def balance(stack):
    """What the customer may spend."""
    return {asset: D(row["available"]) for asset, row in stack.retail.balances().items()}


def lent_days_ago(stack):
    """The loan as it stands after some days whose interest was paid: it owes 24,000 again, so its lines are the brief's once more."""
    loan = borrow(stack)
    assert D(funding_line(stack)["drawn"]) == 24000
    opened = datetime.fromisoformat(loan["opened_on"]).date()
    go_to(stack, opened + timedelta(days=DAYS))
    days = spread_by_day(stack, loan)
    assert [day for day, _, _ in days] == [(opened + timedelta(days=n)).isoformat() for n in range(DAYS)]
    assert all(abs(interest - D("7.890411")) <= UNIT and cost == D("3.287671") for _, interest, cost in days)
    wait_for_all_venues(stack, "BTC-USDT")
    owes = stack.retail.get(f"/v1/loans/{loan['id']}")["debt"]
    assert D(owes) == 24000 + INTEREST
    paid = stack.retail.post(f"/v1/loans/{loan['id']}/repayments", {"amount": str(INTEREST)})
    assert D(paid["debt"]) == 24000
    assert (paid["lines"]["warning"], paid["lines"]["displayed"]) == ("25500", "24900")
    return loan


def sales_of(stack, loan_id):
    every = [
        each for live in ("true", "false") for each in stack.admin.get(f"/v1/lending/liquidations?live={live}")["items"]
    ]
    return [each for each in every if each["loan_id"] == loan_id]


def falls_to_the_line(stack, loan_id):
    """25,500 is told before anything is sold, 24,900 passes the line that is shown, and a wick below the actual one is survived."""

    def loan():
        return stack.retail.get(f"/v1/loans/{loan_id}")

    def at_level(level):
        seen = until(level, loan, lambda seen: seen["level"] == level)
        assert seen["status"] == "active"
        assert not sales_of(stack, loan_id)

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
    at_level("MARGIN_CALL")
    wick = [{"price": price} for price in ("24900", "24590", "24910")]
    stack.admin.post("/v1/sandbox/prices", {"symbol": "BTC-USDT", "path": wick})
    show(stack, "25300")
    at_level("WARNING")
    show(stack, "24600")
    return until("the sale", loan, lambda seen: seen["status"] in ENDED)


@pytest.mark.stack
@STORY
def test_the_briefs_loan(lender):
    stack = lender
    show(stack, "30000")
    before, drawn, had = balance(stack), D(funding_line(stack)["drawn"]), earned(stack)
    loan = lent_days_ago(stack)
    assert spread_of(stack, loan) == (INTEREST, COST, INTEREST - COST)

    done = falls_to_the_line(stack, loan["id"])
    assert (done["status"], D(done["debt"])) == ("liquidated", 0)
    (sold,) = sales_of(stack, loan["id"])
    settled = sold["settlement"]
    paid = sum(D(part) for part in settled["paid"].values())
    surplus = D(settled["surplus"])
    assert (paid, D(settled["fee"]), D(settled["shortfall"])) == (24000, 120, 0)
    assert D(settled["proceeds"]) == paid + D(settled["fee"]) + surplus

    gone = sum(D(sale["sold"]) for sale in sold["sales"])
    assert 0 < gone < 1
    expected = (before["USDT"] + 24000 - INTEREST + surplus, before["BTC"] - gone)
    until("what came back", lambda: balance(stack), lambda now: (now["USDT"], now["BTC"]) == expected)
    until(
        "the end is told",
        lambda: stack.retail.get("/v1/notices")["items"],
        lambda items: [n for n in items if n["kind"] == "loan_sale_settled"],
    )

    line = funding_line(stack)
    assert (D(line["drawn"]), D(line["asked"])) == (drawn, 0)
    assert D(line["cost_owed"]) < UNIT  # paid with the principal, to the last whole unit
    go_to(stack, datetime.fromisoformat(loan["opened_on"]).date() + timedelta(days=DAYS + 1))
    assert spread_of(stack, loan) == (INTEREST, COST, INTEREST - COST)
    days = spread_by_day(stack, loan)
    assert sum(interest for _, interest, _ in days) == INTEREST
    assert abs(sum(cost for _, _, cost in days) - COST) <= UNIT * DAYS  # a day's cost is shown rounded
    now = earned(stack)
    gains = {account: now[account] - had.get(account, 0) for account in now}
    assert {name: gain for name, gain in gains.items() if gain} == {
        "revenue.loan_interest": INTEREST, "expense.funding": -COST, "revenue.liquidation_fee": D(120),
    }  # fmt: skip

    assert stack.broken_invariants() == []
    totals = stack.client("finance").get("/v1/ledger/trial-balance")["totals"]
    assert {"BTC", "USDT"} <= {total["asset"] for total in totals}
    assert all(D(total["debit"]) - D(total["credit"]) == 0 for total in totals), totals


def is_shown_by_two(price):
    """Kraken and OKX step by 0.1, Bitfinex by 1; hundredths are shown by Binance alone, and one venue is not believed."""
    return D(price) % D("0.1") == 0


def loans_of_the_vectors(stack):
    """A loan per group of the tables at 30,000, by the group's name."""
    repaid, withdrawn = borrow(stack), borrow(stack)
    for loan in (repaid, withdrawn):
        stack.retail.post(f"/v1/loans/{loan['id']}/repayments", {"amount": "6000"})
    stack.retail.post(f"/v1/loans/{withdrawn['id']}/collateral-withdrawals", {"asset": "BTC", "quantity": "0.25"})
    topped, origin = borrow(stack), borrow(stack)
    stack.retail.post(f"/v1/loans/{topped['id']}/collateral", {"asset": "BTC", "quantity": "0.2"})
    return {
        "origination": origin["id"], "interest12pct_day0": origin["id"], "repay6000": repaid["id"], "topup0.2": topped["id"],
        "draw60pct": borrow(stack, "18000")["id"], "repay6000_withdraw0.25": withdrawn["id"],
    }  # fmt: skip


def status_of(stack, loan_id):
    return stack.admin.get(f"/v1/loans/{loan_id}")["status"]


def state_of(stack, loan_id):
    """The vectors know one word for all that lies below the actual line, the end of the sale among it."""
    seen = stack.admin.get(f"/v1/loans/{loan_id}")
    below = seen["status"] != "active" or seen["level"] in {"PENDING_LIQUIDATION", "LIQUIDATING"}
    return "LIQUIDATE" if below else seen["level"]


@pytest.mark.stack
@STORY
def test_the_published_vectors_at_prices_that_two_venues_show(lender):
    """Each price is shown by the venues, the watch decides, and the answer is read over the API; whoever was sold is sold to the end."""
    stack = lender
    show(stack, "30000")
    go_to(stack, business_now(stack).date() + timedelta(days=1))
    stack.admin.post("/v1/sandbox/deposits", {"email": stack.retail.email, "asset": "BTC", "amount": "6"})
    wait_for_all_venues(stack, "BTC-USDT")
    loans = loans_of_the_vectors(stack)
    cases = [case for case in VECTORS if case["group"] in loans and is_shown_by_two(case["price"])]
    assert len(cases) == 20
    deep = [case for case in cases if case["price"] == "24000"]  # its loan is long sold by then: it gets one of its own

    def falls_to(price, states):
        show(stack, price)
        until(price, lambda: {loan_id: state_of(stack, loan_id) for loan_id in states}, lambda found: found == states)
        sold = [loan_id for loan_id, state in states.items() if state == "LIQUIDATE"]
        if sold:
            advance(stack, 11)  # what the guard waits for
            until("the sales", lambda: {status_of(stack, loan_id) for loan_id in sold}, lambda found: found <= ENDED)

    for price in sorted({case["price"] for case in cases if case not in deep}, key=D, reverse=True):
        falls_to(price, {loans[case["group"]]: case["state"] for case in cases if case["price"] == price})
    show(stack, "30000")
    falls_to("24000", {borrow(stack)["id"]: case["state"] for case in deep})
    assert stack.broken_invariants() == []

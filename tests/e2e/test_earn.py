"""The brief's story over a quarter: two people publish, days of sale are made month by month, customers buy until nothing is left, are paid when

it is due, leave on a due day and on the day before, and get their principal back at the maturity; at the end nothing is owed to anybody.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from kernel.day_count import add_months
from rivermouth.prove.stack import running
from tests.e2e.clock import business_now, go_to
from tests.e2e.trading import until

D = Decimal
QUARTER = {
    "apr": "0.06", "payout": "monthly", "tenor": "3M", "daily_quota": "10000", "minimum": "100", "step": "10",
}  # fmt: skip
DAILY = {
    "apr": "0.0365", "payout": "daily", "tenor": "4D", "daily_quota": "5000", "minimum": "100", "step": "10",
    "renewals": ["pay_out", "renew_principal"],
}  # fmt: skip
FOUR_DAYS = D("0.4")  # 1,000 at 3.65 %
ISO = date.fromisoformat


@pytest.fixture(scope="module")
def bank():
    """A demo of its own: months of business time pass in it."""
    with running() as demo:
        yield demo


def published(stack, name, terms):
    """Written by product staff, agreed to by somebody else, and on sale today; answers the template and its offer."""
    product = stack.client("product")
    made = product.post("/v1/earn/templates", {"name": name, "asset": "USDT", "terms": terms})
    approval = product.post(f"/v1/earn/templates/{made['id']}/publish", None)["approval_id"]
    asked = stack.admin.get(f"/v1/approvals/{approval}")
    own = product.call("POST", f"/v1/approvals/{approval}/approve", {"digest": asked["digest"]})
    assert own.json()["code"] == "approval_own_request"
    stack.admin.post(f"/v1/approvals/{approval}/approve", {"digest": asked["digest"]})
    (offer,) = until(
        "the sale", lambda: _offers(stack, made["id"]), lambda offers: [one["status"] for one in offers] == ["on_sale"]
    )
    return made["id"], offer


def _offers(stack, template):
    offers = stack.retail.get("/v1/earn/instances?open=true&limit=200")["items"]
    return [one for one in offers if one["template"] == template]


def calendar(stack, template, month):
    """The days of a month, by status."""
    days = stack.client("finance").get(f"/v1/earn/calendar?month={month:%Y-%m}&template={template}")["items"]
    return {one["sale_date"]: one["status"] for one in days}


def whole(month):
    return [(month + timedelta(days=n)).isoformat() for n in range((add_months(month, 1) - month).days)]


def wish(offer, principal):
    return {
        "instance_id": offer["id"], "principal": principal, "expected_apr": offer["apr"], "expected_version": offer["version"],
    }  # fmt: skip


def plan(customer, subscription_id):
    seen = customer.get(f"/v1/earn/subscriptions/{subscription_id}")
    return seen, [row["status"] for row in seen["plan"]]


def owed(stack, template):
    """(principal, interest) that the ledger owes the customers of a template."""
    sums = []
    for what in ("principal", "interest"):
        items = stack.client("finance").get(f"/v1/ledger/chart?under=earn.{what}&depth=2")["items"]
        sums.append(sum(D(row["posted"]) for one in items if template in one["path"] for row in one["sums"]))
    return tuple(sums)


def usdt(customer):
    row = customer.balances()["USDT"]
    assert D(row["held"]) == 0
    return D(row["available"])


def sold_out(stack, offer):
    """Two customers take all of a day; whoever comes later is told so and loses nothing."""
    other = stack.client("retail2")
    kept = stack.retail.post("/v1/earn/subscriptions", wish(offer, "5000"))
    due_day = stack.retail.post("/v1/earn/subscriptions", wish(offer, "1000"))
    day_before = other.post("/v1/earn/subscriptions", wish(offer, "4000"))
    had = usdt(other)
    late = other.call("POST", "/v1/earn/subscriptions", wish(offer, "100"))
    assert (late.status_code, late.json()["code"]) == (409, "sold_out")
    assert usdt(other) == had
    now = stack.retail.get(f"/v1/earn/instances/{offer['id']}")
    assert (now["status"], now["quota_left"]) == ("sold_out", "0")
    return kept, due_day, day_before


def leaves(customer, subscription_id, paid_first):
    """Told before what it will bring, and then brought that."""
    end = f"/v1/earn/subscriptions/{subscription_id}/redemptions"
    told, had = customer.post(end, {"preview": True}), usdt(customer)
    done = customer.post(end, {"preview": False})
    assert done["cash"] == told["cash"] == done["principal"]
    assert usdt(customer) == had + D(done["cash"])
    seen, rows = plan(customer, subscription_id)
    assert (seen["status"], rows) == ("redeemed_early", ["paid"] * paid_first + ["void"] * (3 - paid_first))
    return seen


def paid_daily_and_renewed(stack, subscription_id):
    """Each day its interest; with the last the principal goes on in the day's sale of then, which is paid out in its turn."""
    seen, _ = plan(stack.retail, subscription_id)
    had = usdt(stack.retail)
    for number, row in enumerate(seen["plan"], start=1):
        go_to(stack, ISO(row["due_date"]))
        now, rows = plan(stack.retail, subscription_id)
        assert rows == ["paid"] * number + ["pending"] * (len(rows) - number)
        had += D(row["interest"])
        assert usdt(stack.retail) == had
    assert sum(D(row["interest"]) for row in now["plan"]) == D(now["total_interest"]) == FOUR_DAYS
    assert (now["status"], now["renewal_refused"]) == ("renewed", None)
    following, _ = plan(stack.retail, now["renewed_into"])
    assert (following["renewed_from"], following["principal"], following["status"]) == (now["id"], "1000", "active")
    choice = {"renewal": "pay_out"}
    answer = stack.retail.call("PUT", f"/v1/earn/subscriptions/{following['id']}/renewal", choice)
    assert answer.json()["renewal"] == "pay_out"
    return following


def costs_by_day(stack, template, first, last):
    """What finance sees that a template cost, by day."""
    items = stack.client("finance").get(f"/v1/earn/costs?from={first}&to={last}&asset=USDT")["items"]
    return {ISO(one["day"]): D(one["interest"]) for one in items if one["template"] == template}


@pytest.mark.stack
def test_the_briefs_quarter(bank):
    stack = bank
    go_to(stack, business_now(stack).date() + timedelta(days=1))
    before = {name: usdt(stack.client(name)) for name in ("retail", "retail2")}
    daily, offer = published(stack, "Story by days", DAILY)
    quarter, sale = published(stack, "Story of a quarter", QUARTER)
    first = ISO(sale["sale_date"]).replace(day=1)
    months = [add_months(first, number) for number in range(3)]
    assert [list(calendar(stack, quarter, month)) for month in months[1:]] == [whole(months[1]), []]

    by_days = stack.retail.post("/v1/earn/subscriptions", wish(offer, "1000") | {"renewal": "renew_principal"})
    kept, due_day, day_before = sold_out(stack, sale)
    assert owed(stack, quarter) == (10000, 0)
    following = paid_daily_and_renewed(stack, by_days["id"])
    assert owed(stack, daily) == (1000, 0)
    passed = (business_now(stack).date() - ISO(sale["value_date"])).days
    assert abs(owed(stack, quarter)[1] - D(10000) * D("0.06") * passed / 365) < D("0.0001"), (
        "what is owed grows day by day"
    )

    dues = [ISO(row["due_date"]) for row in kept["plan"]]
    assert dues == [add_months(ISO(sale["value_date"]), number) for number in (1, 2, 3)]
    go_to(stack, dues[0] - timedelta(days=1))
    assert leaves(stack.client("retail2"), day_before["id"], 0)["interest_paid"] == "0"
    go_to(stack, dues[0])
    assert leaves(stack.retail, due_day["id"], 1)["interest_paid"] == due_day["plan"][0]["interest"]

    late = dues[2].replace(day=1)
    assert calendar(stack, quarter, late) == {}
    go_to(stack, dues[2])  # two payouts, and the days of a month that has begun by then
    made = calendar(stack, quarter, late)
    assert list(made) == whole(late)
    assert made[dues[2].isoformat()] == "on_sale"
    assert dues[2] == late or made[late.isoformat()] in {"closed", "running"}
    again = stack.client("product").post("/v1/earn/instances:generate", {"month": f"{late:%Y-%m}"})
    assert (again["made"], again["changed"]) == (0, 0)
    assert calendar(stack, quarter, late) == made

    ended, rows = plan(stack.retail, kept["id"])
    assert (ended["status"], set(rows), ended["next_payout"]) == ("paid_out", {"paid"}, None)
    assert plan(stack.retail, following["id"])[0]["status"] == "paid_out"
    assert owed(stack, quarter) == owed(stack, daily) == (0, 0)
    by_quarter = D(kept["total_interest"]) + D(due_day["plan"][0]["interest"])
    assert usdt(stack.retail) == before["retail"] + by_quarter + 2 * FOUR_DAYS
    assert usdt(stack.client("retail2")) == before["retail2"]
    days = costs_by_day(stack, quarter, sale["sale_date"], dues[2])
    assert sum(days.values()) == by_quarter
    assert len(days) >= (dues[2] - ISO(sale["value_date"])).days, "each day has its cost, those of a jump too"
    begun = [days[ISO(sale["value_date"]) + timedelta(days=n)] for n in range(2, 5)]
    assert all(abs(cost - D(10000) * D("0.06") / 365) < D("0.0001") for cost in begun), begun
    assert sum(costs_by_day(stack, daily, sale["sale_date"], dues[2]).values()) == 2 * FOUR_DAYS
    assert stack.broken_invariants() == []
    totals = stack.client("finance").get("/v1/ledger/trial-balance")["totals"]
    assert all(total["balanced"] for total in totals), totals

"""Coupons as staff and customers meet them: drafted, agreed to by a second person, used, refused without telling tales."""

from decimal import Decimal

import pytest

from earn.coupons import postings
from identity.principals import service as principals
from kernel import db
from kernel.ids import uuid7
from tests.earn_desk import EarnDesk, coupon_wish
from tests.ledger_books import as_engine
from wallet_bridge.funds import postings as funds

NOBODY = "00000000-0000-7000-8000-00000000dead"


@pytest.fixture(scope="module")
def desk(house):
    made = EarnDesk(house)
    with as_engine(house.database), db.transaction(tenant=house.first) as tx:
        funds.deposit(tx, customer_id=house.ids["retail"], asset="USDT", amount=Decimal(100000), key="s/test:coupons")
        postings.fund(tx, "USDT", Decimal(1000), key="test")
    return made


@pytest.fixture(scope="module")
def offer(desk):
    made = desk.draft(name="boosted", tenor="30D", payout="weekly", early="CLAWBACK_PAID", daily_quota="100000")
    desk.publish(made["id"])
    offers = desk.call("retail", "GET", "/instances?open=true&limit=200").json()["items"]
    return next(one for one in offers if one["template"] == made["id"])


def buy(desk, offer, coupon_id, principal="1000", **headers):
    seen = {"instance_id": offer["id"], "expected_apr": offer["apr"], "expected_version": offer["version"]}
    return desk.call(
        "retail", "POST", "/subscriptions", seen | {"principal": principal, "coupon_id": coupon_id}, **headers
    )


def problem(answer):
    return answer.status_code, answer.json()["code"]


def mine(desk):
    return {one["id"]: one for one in desk.call("retail", "GET", "/coupons/mine").json()["items"]}


def test_two_people_publish_it_and_a_customer_uses_it(desk, offer):
    made = desk.call("product", "POST", "/coupons", coupon_wish(name="Two people", days=14))
    assert made.status_code == 201, made.text
    draft = made.json()
    assert (draft["status"], draft["used"], draft["uses"], draft["account"]) == ("draft", "0", 0, "marketing.earn:USDT")
    assert draft["id"] not in mine(desk)
    assert problem(buy(desk, offer, draft["id"])) == (409, "coupon_not_usable")
    asked = desk.call("product", "POST", f"/coupons/{draft['id']}/publish")
    assert asked.status_code == 202
    assert problem(desk.agree(asked.json()["approval_id"], "product")) == (403, "approval_own_request")
    assert desk.agree(asked.json()["approval_id"]).status_code == 200
    desk.run_events()
    assert desk.call("product", "GET", f"/coupons/{draft['id']}").json()["status"] == "published"
    assert mine(desk)[draft["id"]] == {
        "id": draft["id"], "name": "Two people", "asset": "USDT", "apr_boost": "0.02", "max_principal": "1000", "days": 14,
        "minimum": "0", "ends_at": "2099-01-01T00:00:00Z", "templates": [], "uses_left": 1,
    }  # fmt: skip

    key = {"Idempotency-Key": f"k-{uuid7()}"}
    bought = buy(desk, offer, draft["id"], "2000", **key)
    assert bought.status_code == 201, bought.text
    assert buy(desk, offer, draft["id"], "2000", **key).json() == bought.json()
    plan = bought.json()["plan"]
    assert bought.json()["coupon"] == {"id": draft["id"], "name": "Two people", "apr_boost": "0.02"}
    assert [row["bonus"] for row in plan] == ["0.383561", "0.383562", "0", "0", "0"], "1000 for 14 days at 2 %"
    assert draft["id"] not in mine(desk), "its one use is spent"
    after = desk.call("product", "GET", f"/coupons/{draft['id']}").json()
    assert (after["used"], after["uses"]) == ("0.767123", 1)

    end = f"/subscriptions/{bought.json()['id']}/redemptions"
    look = desk.call("retail", "POST", end, {"preview": True}).json()
    assert (look["cash"], look["bonus_forfeited"], look["bonus_clawed_back"]) == ("2000", "0.767123", "0")
    assert desk.call("retail", "POST", end, {"preview": False}).json() == look
    assert desk.call("product", "GET", f"/coupons/{draft['id']}").json()["used"] == "0", "it went back to the budget"
    assert problem(buy(desk, offer, draft["id"])) == (409, "coupon_not_usable"), "the use does not come back"


def test_a_subscription_without_a_coupon_says_so(desk, offer):
    made = buy(desk, offer, None).json()
    assert (made["coupon"], {row["bonus"] for row in made["plan"]}) == (None, {"0"})


@pytest.mark.parametrize(
    ("changes", "principal", "reason"),
    [
        ({"customers": "others"}, "1000", "unknown"),
        ({"starts_at": "2098-01-01T00:00:00Z"}, "1000", "not_started"),
        ({"asset": "BTC"}, "1000", "other_product"),
        ({"templates": "others"}, "1000", "other_product"),
        ({"minimum": "1010"}, "1000", "below_minimum"),
        ({"max_principal": "0.000001"}, "1000", "no_bonus"),
    ],
)
def test_what_it_is_not_good_for_is_refused_and_counts_nothing(desk, offer, changes, principal, reason):
    if changes.get("customers"):
        changes = {"customers": [somebody(desk)]}
    if changes.get("templates"):
        made = desk.draft(name=f"other {reason}")
        desk.publish(made["id"])
        changes = {"templates": [made["id"]]}
    coupon = desk.coupon(name=f"not {reason}", **changes)
    before = desk.call("retail", "GET", "/../balances").json()
    answer = buy(desk, offer, coupon["id"], principal)
    assert (problem(answer), answer.json()["reason"]) == ((409, "coupon_not_usable"), reason)
    assert desk.call("retail", "GET", "/../balances").json() == before
    after = desk.call("product", "GET", f"/coupons/{coupon['id']}").json()
    assert (after["used"], after["uses"]) == ("0", 0)


def somebody(desk):
    """Another customer."""
    with as_engine(desk.house.database):
        return str(principals.ensure_customer(desk.house.first, email="other@first.example", password="x" * 12))


def test_the_answer_about_a_coupon_of_others_is_that_about_none(desk, offer):
    coupon = desk.coupon(name="of others", customers=[somebody(desk)])
    assert coupon["id"] not in mine(desk)
    stopped = desk.call("product", "POST", f"/coupons/{coupon['id']}/stop")
    assert stopped.json()["status"] == "stopped"

    def told(coupon_id):
        answer = buy(desk, offer, coupon_id).json()
        return {name: value for name, value in answer.items() if name not in {"instance", "request_id"}}

    assert told(coupon["id"]) == told(NOBODY)


def test_a_stopped_one_is_refused_and_what_was_bought_stays(desk, offer):
    coupon = desk.coupon(name="stopped", uses_per_customer=2)
    bought = buy(desk, offer, coupon["id"]).json()
    assert mine(desk)[coupon["id"]]["uses_left"] == 1
    stop = f"/coupons/{coupon['id']}/stop"
    assert desk.call("product", "POST", stop).json()["status"] == "stopped"
    assert problem(desk.call("product", "POST", stop)) == (409, "earn_coupon_stopped")
    assert problem(desk.call("product", "POST", f"/coupons/{coupon['id']}/publish")) == (409, "earn_coupon_no_draft")
    answer = buy(desk, offer, coupon["id"])
    assert (problem(answer), answer.json()["reason"]) == ((409, "coupon_not_usable"), "stopped")
    again = desk.call("retail", "GET", f"/subscriptions/{bought['id']}").json()
    assert again["plan"] == bought["plan"]


def test_a_draft_is_given_up_and_its_question_is_void(desk):
    made = desk.call("product", "POST", "/coupons", coupon_wish(name="given up")).json()
    approval = desk.call("product", "POST", f"/coupons/{made['id']}/publish").json()["approval_id"]
    assert desk.call("product", "POST", f"/coupons/{made['id']}/stop").json()["status"] == "stopped"
    assert problem(desk.agree(approval)) == (409, "approval_void")


def test_one_key_makes_one_coupon(desk):
    key = {"Idempotency-Key": f"k-{uuid7()}"}
    first = desk.call("product", "POST", "/coupons", coupon_wish(name="once"), **key)
    again = desk.call("product", "POST", "/coupons", coupon_wish(name="once"), **key)
    assert (first.status_code, again.status_code, first.json()["id"]) == (201, 200, again.json()["id"])
    listed = desk.call("product", "GET", "/coupons?limit=1").json()
    assert [one["name"] for one in listed["items"]] == ["once"]
    older = desk.call("product", "GET", f"/coupons?limit=1&cursor={listed['next_cursor']}").json()
    assert older["items"][0]["id"] < first.json()["id"]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"asset": "NONE"}, ["asset"]),
        ({"apr_boost": "0"}, ["apr_boost"]),
        ({"apr_boost": "1.01"}, ["apr_boost"]),
        ({"max_principal": "0", "budget": "-1", "minimum": "-1"}, ["max_principal", "minimum", "budget"]),
        ({"budget": "0.0000001"}, ["budget"]),
        ({"templates": [NOBODY]}, ["templates"]),
        ({"ends_at": "2019-01-01T00:00:00Z"}, ["ends_at"]),
        ({"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-02-01T00:00:00Z"}, ["ends_at"]),
        ({"customers": []}, ["customers"]),
        ({"customers": [NOBODY]}, ["customers"]),
        ({"apr_boost": "-1", "budget": "0", "customers": [NOBODY, NOBODY]}, ["apr_boost", "budget", "customers", "customers"]),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_told_with_its_field(desk, changes, fields):
    answer = desk.call("product", "POST", "/coupons", coupon_wish(name="wrong", **changes))
    assert problem(answer) == (400, "earn_coupon_unfit")
    assert [one["field"] for one in answer.json()["errors"]] == fields


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "}, {"apr_boost": 0.01}, {"days": 0}, {"uses_per_customer": 0}, {"starts_at": "2020-01-01T00:00:00"}, {"more": 1},
        {"budget": "1" + "0" * 60}, {"customers": ["x"]},
    ],
)  # fmt: skip
def test_what_is_no_coupon_is_refused(desk, changes):
    assert problem(desk.call("product", "POST", "/coupons", coupon_wish(**{"name": "no", **changes}))) == (
        400,
        "invalid_request",
    )


def test_customers_see_no_campaigns_and_staff_decide_in_pairs(desk):
    for method, path in (("GET", "/coupons"), ("POST", "/coupons"), ("GET", f"/coupons/{NOBODY}")):
        assert problem(desk.call("retail", method, path, coupon_wish())) == (403, "forbidden")
    assert problem(desk.call("product", "POST", f"/coupons/{NOBODY}/publish")) == (404, "earn_coupon_not_found")


def test_a_preview_tells_what_a_coupon_would_add_and_uses_nothing_of_it(desk, offer):
    made = desk.coupon(name="looked at", apr_boost="0.02", max_principal="500", minimum="100")

    def look(principal):
        wish = {"principal": principal, "coupon_id": made["id"]}
        return desk.call("retail", "POST", f"/instances/{offer['id']}/preview", wish)

    shown = look("1000").json()
    assert mine(desk)[made["id"]]["uses_left"] == 1
    bought = buy(desk, offer, made["id"]).json()
    assert (shown["rows"], shown["apr"], shown["total_interest"]) == (bought["plan"], "0.05", bought["total_interest"])
    assert Decimal(shown["total_bonus"]) == sum(Decimal(row["bonus"]) for row in bought["plan"]) > 0
    assert problem(look("1000")) == (409, "coupon_not_usable")
    assert look("1000").json()["reason"] == "uses_spent"

"""Subscriptions as their customer meets them: an offer, a click at its terms, a plan, a look at an early end, and nonsense."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kernel import db
from kernel.ids import uuid7
from tests.earn_desk import EarnDesk
from tests.ledger_books import as_engine
from wallet_bridge.funds import postings


@pytest.fixture(scope="module")
def desk(house):
    made = EarnDesk(house)
    with as_engine(house.database), db.transaction(tenant=house.first) as tx:
        postings.deposit(tx, customer_id=house.ids["retail"], asset="USDT", amount=Decimal(100000), key="s/test:earn")
    return made


@pytest.fixture(scope="module")
def offer(desk):
    made = desk.draft(name="offered", tenor="30D", payout="weekly")
    desk.publish(made["id"])
    offers = desk.call("retail", "GET", "/instances?open=true&limit=200").json()["items"]
    return next(one for one in offers if one["template"] == made["id"])


def seen(offer, **changes):
    return {
        "instance_id": offer["id"],
        "principal": "1000",
        "expected_apr": offer["apr"],
        "expected_version": offer["version"],
    } | changes


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_an_offer_becomes_a_plan(desk, offer):
    left = Decimal(desk.call("retail", "GET", f"/instances/{offer['id']}").json()["quota_left"])
    made = desk.call("retail", "POST", "/subscriptions", seen(offer), **{"Idempotency-Key": f"k-{uuid7()}"})
    assert made.status_code == 201, made.text
    mine = made.json()
    assert (mine["status"], mine["principal"], mine["asset"], mine["apr"]) == ("active", "1000", "USDT", "0.05")
    assert [row["seq"] for row in mine["plan"]] == [1, 2, 3, 4, 5]
    assert mine["plan"][0].keys() >= {
        "seq",
        "period_start",
        "period_end",
        "due_date",
        "interest",
        "principal",
        "status",
    }
    assert (mine["next_payout"], mine["maturity"]) == (mine["plan"][0]["due_date"], mine["plan"][-1]["due_date"])
    assert mine["total_interest"] == "4.109589"
    assert desk.call("retail", "GET", f"/instances/{offer['id']}").json()["quota_left"] == str(left - 1000)
    assert mine["id"] in {one["id"] for one in desk.call("retail", "GET", "/subscriptions").json()["items"]}
    assert mine["id"] in {
        one["id"] for one in desk.call("finance", "GET", "/subscriptions?status=active").json()["items"]
    }

    end = f"/subscriptions/{mine['id']}/redemptions"
    look = desk.call("retail", "POST", end, {"preview": True}).json()
    assert (look["cash"], look["forfeited"], look["void"]) == ("1000", "4.109589", [1, 2, 3, 4, 5])
    assert desk.call("retail", "GET", f"/subscriptions/{mine['id']}").json()["status"] == "active"
    key = {"Idempotency-Key": f"k-{uuid7()}"}
    done = desk.call("retail", "POST", end, {"preview": False}, **key)
    assert done.json() == look
    assert desk.call("retail", "POST", end, {"preview": False}, **key).json() == look, "a repeat tells the same"
    assert problem(desk.call("retail", "POST", end, {})) == (409, "subscription_ended")
    ended = desk.call("retail", "GET", f"/subscriptions/{mine['id']}").json()
    assert (ended["status"], ended["next_payout"], {row["status"] for row in ended["plan"]}) == (
        "redeemed_early",
        None,
        {"void"},
    )


def test_an_offer_tells_its_plan_and_what_one_may_still_have(desk):
    made = desk.draft(
        name="tiered", tenor="3M", customer_cap="3000", customer_day_cap="2000", apr=None,
        tiers=[{"above": "0", "apr": "0.08"}, {"above": "1000", "apr": "0.06"}],
    )  # fmt: skip
    desk.publish(made["id"])
    offers = desk.call("retail", "GET", "/instances?limit=200").json()["items"]
    offer, later = [one for one in offers if one["template"] == made["id"]][:2]
    assert offer["opens_at"] <= offer["at"] < offer["closes_at"] <= later["opens_at"]
    assert (offer["quota"], offer["quota_left"]) == ("10000", "10000")

    def look(one, principal):
        return desk.call("retail", "POST", f"/instances/{one['id']}/preview", {"principal": principal})

    shown = look(offer, "2000").json()
    assert (shown["apr"], shown["cap_left"], shown["version"]) == ("0.07", "2000", 1)
    bought = desk.call("retail", "POST", "/subscriptions", seen(offer, principal="1500")).json()
    assert (look(offer, "1500").json()["rows"], bought["total_interest"]) == (
        bought["plan"],
        look(offer, "1500").json()["total_interest"],
    )
    assert look(offer, "100").json()["cap_left"] == "500"
    assert look(later, "100").json()["cap_left"] == "1500"
    desk.call("retail", "POST", f"/subscriptions/{bought['id']}/redemptions", {})
    assert look(offer, "100").json()["cap_left"] == "500", "what was bought of a day stays bought"
    assert look(later, "100").json()["cap_left"] == "2000"
    assert problem(look(offer, "90")) == (400, "principal_unfit")
    assert problem(look(offer, "10010")) == (409, "sold_out")
    assert problem(look({"id": uuid7()}, "100")) == (404, "earn_instance_not_found")


def test_one_key_buys_once(desk, offer):
    key = {"Idempotency-Key": f"k-{uuid7()}"}
    first = desk.call("retail", "POST", "/subscriptions", seen(offer), **key)
    again = desk.call("retail", "POST", "/subscriptions", seen(offer), **key)
    assert (first.status_code, again.status_code, first.json()["id"]) == (201, 200, again.json()["id"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"expected_apr": "0.06"}, (409, "terms_changed")),
        ({"expected_version": 7}, (409, "terms_changed")),
        ({"principal": "99"}, (400, "principal_unfit")),
        ({"principal": "1005"}, (400, "principal_unfit")),
        ({"principal": "0"}, (400, "principal_unfit")),
        ({"principal": "-1000"}, (400, "principal_unfit")),
        ({"principal": "1000.0000001"}, (400, "principal_unfit")),
        ({"principal": "10010"}, (409, "sold_out")),
        ({"principal": "1" + "0" * 30}, (409, "sold_out")),
        ({"principal": "1" + "0" * 80}, (400, "invalid_request")),
        ({"principal": 1000}, (400, "invalid_request")),
        ({"principal": "NaN"}, (400, "invalid_request")),
        ({"expected_version": 0}, (400, "invalid_request")),
        ({"instance_id": "00000000-0000-7000-8000-00000000dead"}, (404, "earn_instance_not_found")),
        ({"instance_id": "x"}, (400, "invalid_request")),
        ({"more": 1}, (400, "invalid_request")),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(desk, offer, changes, expected):
    before = desk.call("retail", "GET", "/../balances").json()
    assert problem(desk.call("retail", "POST", "/subscriptions", seen(offer, **changes))) == expected
    assert desk.call("retail", "GET", "/../balances").json() == before


def test_the_payout_by_hand_is_for_days_that_have_begun(desk):
    today = datetime.now(UTC).date()
    assert problem(desk.call("retail", "POST", "/payouts:run", {"date": today.isoformat()})) == (403, "forbidden")
    for _ in range(2):
        done = desk.call("product", "POST", "/payouts:run", {"date": today.isoformat()})
        assert (done.status_code, done.json()["paid"], done.json()["refused"]) == (200, 0, 0)
    assert desk.call("product", "POST", "/payouts:run", {"date": "0001-01-01"}).status_code == 200
    late = (today + timedelta(days=2)).isoformat()
    assert problem(desk.call("product", "POST", "/payouts:run", {"date": late})) == (400, "invalid_request")
    assert problem(desk.call("product", "POST", "/payouts:run", {"date": "9999-12-31"})) == (400, "invalid_request")

"""The choice for the maturity as its customer meets it: with the purchase, changed later, and what is refused."""

from decimal import Decimal

import pytest

from kernel import db
from tests.earn_desk import EarnDesk
from tests.ledger_books import as_engine
from wallet_bridge.funds import postings

RENEWALS = ["renew_principal", "pay_out", "renew_all"]


@pytest.fixture(scope="module")
def desk(house):
    made = EarnDesk(house)
    with as_engine(house.database), db.transaction(tenant=house.first) as tx:
        postings.deposit(
            tx, customer_id=house.ids["retail"], asset="USDT", amount=Decimal(100000), key="s/test:renewals"
        )
    return made


@pytest.fixture(scope="module")
def offer(desk):
    made = desk.draft(name="renewable", tenor="30D", payout="weekly", renewals=RENEWALS)
    desk.publish(made["id"])
    offers = desk.call("retail", "GET", "/instances?open=true&limit=200").json()["items"]
    return next(one for one in offers if one["template"] == made["id"])


def bought(desk, offer, **more):
    wish = {
        "instance_id": offer["id"], "principal": "100", "expected_apr": offer["apr"], "expected_version": offer["version"],
    }  # fmt: skip
    return desk.call("retail", "POST", "/subscriptions", wish | more)


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_it_is_chosen_with_the_purchase_and_changed_until_the_maturity(desk, offer):
    assert offer["renewals"] == RENEWALS
    plain = bought(desk, offer).json()
    assert plain["renewal"] == "renew_principal", "the offer's first"
    mine = bought(desk, offer, renewal="renew_all").json()
    assert [mine[name] for name in ("renewal", "renewed_from", "renewed_into", "renewal_refused")] == [
        "renew_all", None, None, None,
    ]  # fmt: skip
    changed = desk.call("retail", "PUT", f"/subscriptions/{mine['id']}/renewal", {"renewal": "pay_out"})
    assert (changed.status_code, changed.json()) == (200, mine | {"renewal": "pay_out"})
    assert desk.call("retail", "GET", f"/subscriptions/{plain['id']}").json() == plain


def test_what_cannot_be_chosen_is_refused_with_its_code(desk, offer):
    assert problem(bought(desk, offer, renewal="move")) == (409, "renewal_not_offered")
    assert problem(bought(desk, offer, renewal="for_ever")) == (400, "invalid_request")
    mine = f"/subscriptions/{bought(desk, offer).json()['id']}"
    for body, expected in (
        ({"renewal": "move"}, (409, "renewal_not_offered")),
        ({"renewal": None}, (400, "invalid_request")),
        ({}, (400, "invalid_request")),
        ({"renewal": "pay_out", "more": 1}, (400, "invalid_request")),
    ):
        assert problem(desk.call("retail", "PUT", f"{mine}/renewal", body)) == expected
    assert problem(desk.call("product", "PUT", f"{mine}/renewal", {"renewal": "pay_out"})) == (403, "forbidden")
    assert desk.call("retail", "POST", f"{mine}/redemptions", {}).status_code == 200
    ended = desk.call("retail", "PUT", f"{mine}/renewal", {"renewal": "pay_out"})
    assert problem(ended) == (409, "subscription_ended")
    unknown = "/subscriptions/00000000-0000-7000-8000-00000000dead/renewal"
    assert problem(desk.call("retail", "PUT", unknown, {"renewal": "pay_out"})) == (404, "subscription_not_found")

"""What a house decides about earn: whether it is sold, and the highest rate that may be promised."""

from decimal import Decimal

import pytest

from identity.tenants import policies
from identity.tenants import service as tenants
from identity.tenants.service import Wish
from identity.tenants.states import Product
from kernel import db
from kernel.ids import uuid7
from tests.earn_desk import EarnDesk, wish
from tests.ledger_books import as_engine
from tests.tenant_desk import TenantDesk
from wallet_bridge.funds import postings


@pytest.fixture(scope="module")
def desk(house):
    made = EarnDesk(house)
    with as_engine(house.database), db.transaction(tenant=house.first) as tx:
        postings.deposit(tx, customer_id=house.ids["retail"], asset="USDT", amount=Decimal(100_000), key="s/test:earn")
    return made


@pytest.fixture(scope="module")
def admins(house):
    return TenantDesk(house)


@pytest.fixture(scope="module")
def offer(desk):
    made = desk.draft(name="sold by a house", tenor="30D")
    desk.publish(made["id"])
    return next(one for one in listed(desk) if one["template"] == made["id"])


@pytest.fixture
def stop(desk):
    """Switches earn off; it is on again afterwards."""

    def offered(*products):
        wanted = Wish({"products": frozenset(products)})
        tenants.change(tenant=desk.house.first, by=desk.house.ids["admin"], wish=wanted)

    yield lambda: offered(*(product for product in Product if product is not Product.EARN))
    offered(*Product)


@pytest.fixture
def cap(desk, admins):
    """Sets the highest rate of the house; it is 1 again afterwards."""

    def lower(rate):
        assert admins.ask({"highest_apr": rate}).status_code == 200

    yield lower
    admins.loosen({"highest_apr": "1"})


def listed(desk, query="open=true&limit=200"):
    return desk.call("retail", "GET", f"/instances?{query}").json()["items"]


def buy(desk, offer, key=None):
    body = {
        "instance_id": offer["id"], "principal": "100", "expected_apr": offer["apr"], "expected_version": offer["version"],
    }  # fmt: skip
    return desk.call("retail", "POST", "/subscriptions", body, **{"Idempotency-Key": key or f"k-{uuid7()}"})


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_a_house_that_stopped_sells_nothing_new(desk, offer, stop):
    key = f"k-{uuid7()}"
    before = buy(desk, offer, key).json()
    stop()
    refused = buy(desk, offer)
    assert (problem(refused), refused.json()["product"]) == ((403, "product_not_offered"), "earn")
    assert problem(buy(desk, offer | {"id": str(uuid7())}))[1] == "product_not_offered"
    assert listed(desk) == listed(desk, "limit=200") == []
    again = buy(desk, offer, key)
    assert (again.status_code, again.json()["id"]) == (200, before["id"]), "a repeat is answered as ever"


def test_what_runs_goes_on_to_be_paid_and_ended(desk, offer, stop):
    mine = buy(desk, offer).json()
    other = buy(desk, offer).json()
    stop()
    assert desk.call("retail", "GET", f"/subscriptions/{mine['id']}").json()["status"] == "active"
    assert desk.call("retail", "GET", f"/instances/{offer['id']}").status_code == 200
    ended = desk.call("retail", "POST", f"/subscriptions/{other['id']}/redemptions", {"preview": False})
    assert (ended.status_code, ended.json()["cash"]) == (200, "100")
    day = offer["sale_date"]
    assert desk.call("product", "POST", "/payouts:run", {"date": day}).status_code == 200
    planned = desk.call("product", "POST", "/instances:generate", {"month": day[:7]})
    assert planned.status_code == 200, "staff plan on, for the day it sells again"


def test_it_sells_again_once_it_says_so(desk, offer, stop):
    stop()
    assert listed(desk) == []
    wanted = Wish({"products": frozenset(Product)})
    tenants.change(tenant=desk.house.first, by=desk.house.ids["admin"], wish=wanted)
    assert offer["id"] in {one["id"] for one in listed(desk)}
    assert buy(desk, offer).status_code == 201


@pytest.mark.parametrize(
    "changes",
    [{"apr": "0.200001"}, {"apr": None, "tiers": [{"above": "0", "apr": "0.1"}, {"above": "1000", "apr": "0.3"}]}],
)
def test_no_template_promises_more_than_the_house_lets_itself(desk, cap, changes):
    cap("0.2")
    assert desk.draft(name="as much as it may", apr="0.2")["status"] == "draft"
    refused = desk.call("product", "POST", "/templates", wish(name="capped", **changes))
    assert (problem(refused), refused.json()["field"]) == ((400, "terms_impossible"), "terms.apr")
    assert "from 0 to 0.2" in refused.json()["errors"][0]["message"]


def test_a_draft_that_became_too_dear_is_not_published(desk, cap):
    early, late = (desk.draft(name=name, apr="0.3")["id"] for name in ("asked before", "asked after"))
    approval = desk.ask(early).json()["approval_id"]
    cap("0.2")
    assert desk.agree(approval).status_code == 200
    desk.run_events()
    assert desk.template(early)["status"] == "draft"
    ended = desk.call("product", "GET", f"/../approvals/{approval}").json()
    assert (ended["state"], ended["reason"]) == ("failed", "terms_impossible")
    refused = desk.ask(late)
    assert (problem(refused), refused.json()["field"]) == ((400, "terms_impossible"), "terms.apr")
    edited = desk.call("product", "PUT", f"/templates/{late}", wish(name="asked after", apr="0.3"))
    assert problem(edited) == (400, "terms_impossible")


def test_what_is_published_already_is_sold_on(desk, cap):
    """A lower rate stops what is written from now on; what was promised ends when somebody retires it."""
    made = desk.draft(name="published before", tenor="30D")
    desk.publish(made["id"])
    offer = next(one for one in listed(desk) if one["template"] == made["id"])
    cap("0.01")
    assert buy(desk, offer).status_code == 201
    with db.read_only(tenant=desk.house.first) as tx:
        assert policies.in_force(tx).highest_apr == Decimal("0.01")

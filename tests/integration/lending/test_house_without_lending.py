"""A house that stopped lending: nobody begins a loan, and every loan there is goes on to its end."""

import pytest

from identity.tenants import service as tenants
from identity.tenants.service import Wish
from identity.tenants.states import Product
from tests.loan_desk import LoanDesk


@pytest.fixture(scope="module")
def desk(house):
    made = LoanDesk(house)
    yield made
    broken = made.broken()
    made.close()
    assert broken == {}


@pytest.fixture
def stop(desk):
    """Switches lending off; it is on again afterwards."""

    def offer(*products):
        wish = Wish({"products": frozenset(products)})
        tenants.change(tenant=desk.tenant, by=desk.house.ids["admin"], wish=wish)

    yield lambda: offer(Product.TRADING, Product.PAYMENTS)
    offer(*Product)


def refused(answer):
    return answer.status_code, answer.json()["code"], answer.json().get("product")


def test_nothing_begins(desk, stop):
    quoted, taken = desk.quote().json()["id"], desk.quote(key="before").json()["id"]
    loan = desk.accept(taken, key="taken").json()["id"]
    stop()
    assert refused(desk.quote()) == refused(desk.accept(quoted)) == (403, "product_not_offered", "lending")
    assert refused(desk.quote(product="00000000-0000-0000-0000-000000000000"))[1] == "product_not_offered"
    repeated = desk.accept(taken, key="taken")
    assert (repeated.status_code, repeated.json()["id"]) == (200, loan), "a repeat is answered as ever"
    assert desk.accept(taken, key="again").json()["id"] == loan


def test_what_runs_goes_on(desk, stop):
    loan = desk.lend()["id"]
    stop()
    assert desk.get(loan)["status"] == "active"
    assert desk.act(loan, "collateral", {"asset": "BTC", "quantity": "0.5"}).status_code == 200
    early = desk.act(loan, "extensions", {"tenor_days": 180})
    assert (early.status_code, early.json()["code"]) == (409, "extension_not_offered"), "for the day, not for the house"
    assert desk.act(loan, "repayments", {"amount": "100"}).status_code == 200
    assert desk.act(loan, "collateral-withdrawals", {"asset": "BTC", "quantity": "0.1"}).status_code == 200
    assert desk.act(loan, "repayments", {"full": True}).json()["status"] == "repaid"


def test_it_lends_again_once_it_says_so(desk, stop):
    stop()
    assert refused(desk.quote())[0] == 403
    wish = Wish({"products": frozenset(Product)})
    tenants.change(tenant=desk.tenant, by=desk.house.ids["admin"], wish=wish)
    assert desk.lend()["status"] == "active"

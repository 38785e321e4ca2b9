"""A customer who owes something, or whose collateral we hold, cannot be closed."""

import pytest

from tests.house import PASSWORD
from tests.loan_desk import LoanDesk


@pytest.fixture
def desk(house):
    made = LoanDesk(house)
    yield made
    made.close()


def test_an_account_is_not_closed_while_a_loan_runs(desk):
    leaver = desk.customer_named("leaver", BTC="2", USDT="1000")
    loan = desk.lend(who=leaver)["id"]
    house, path = desk.house, f"/v1/customers/{desk.house.ids[leaver]}"

    def shut():
        proof = house.client.post("/v1/step-up", json={"password": PASSWORD}, headers=house.auth("support"))
        assert proof.status_code < 300, proof.text
        body = {"status": "disabled", "reason": "a test of it"}
        return house.client.patch(path, json=body, headers=house.auth("support"))

    refused = shut().json()
    assert (refused["code"], refused["running"]) == ("account_in_use", ["lending"])
    assert desk.act(loan, "repayments", {"full": True}, who=leaver).json()["status"] == "repaid"
    assert shut().status_code == 200

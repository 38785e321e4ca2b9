"""Who may begin, over HTTP: each reason for a no, with nothing taken; and a customer whose account is locked or should be closed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from earn.payouts import tasks as payouts
from identity.principals import service as principals
from kernel import db
from kernel.ids import uuid7
from tests import oauth_programs as programs
from tests.earn_desk import EarnDesk
from tests.house import PASSWORD
from tests.ledger_books import as_engine
from wallet_bridge.funds import postings


@pytest.fixture(scope="module")
def desk(house):
    return EarnDesk(house)


@pytest.fixture(scope="module")
def template(desk):
    made = desk.draft(name="for whom", tenor="30D", payout="weekly")
    desk.publish(made["id"])
    return made["id"]


class Saver:
    """A customer with 1,000 USDT, known well enough to begin."""

    def __init__(self, desk, template):
        self.desk, self.template = desk, template
        self.email = f"{uuid7().hex[-12:]}@mail.example"
        self.id = principals.ensure_customer(desk.house.first, email=self.email, password=PASSWORD, country="NZ")
        with as_engine(desk.house.database), db.transaction(tenant=desk.house.first) as tx:
            postings.deposit(tx, customer_id=self.id, asset="USDT", amount=Decimal(1000), key=f"s/test:{self.id}")
        self.standing(level=2)

    def standing(self, **values):
        with self.desk.house.sql("superuser") as root:
            for column, value in values.items():
                root.execute(f"UPDATE identity.standings SET {column} = %s WHERE customer_id = %s", [value, self.id])

    def token(self):
        return {"Authorization": f"Bearer {self.desk.house.login(self.email).json()['access_token']}"}

    def buy(self, headers=None):
        offers = self.desk.call("retail", "GET", "/instances?open=true&limit=200").json()["items"]
        one = next(offer for offer in offers if offer["template"] == self.template)
        body = {
            "instance_id": one["id"], "principal": "500", "expected_apr": one["apr"], "expected_version": one["version"],
        }  # fmt: skip
        return self.desk.house.client.post("/v1/earn/subscriptions", json=body, headers=headers or self.token())

    def look(self, subscription):
        return self.desk.call("finance", "GET", f"/subscriptions/{subscription}").json()

    def usdt(self):
        with db.read_only(tenant=self.desk.house.first) as tx:
            return tx.scalar(
                """SELECT x.posted FROM payments.accounts a CROSS JOIN LATERAL payments.exact(ARRAY[a.account_id]) x
                    WHERE a.owner = :id AND a.kind = 'customer'""",
                id=self.id,
            )

    def shut(self, status, expect=200):
        house, body = self.desk.house, {"status": status, "reason": "a test of it"}
        proof = house.client.post("/v1/step-up", json={"password": PASSWORD}, headers=house.auth("support"))
        assert proof.status_code < 300, proof.text
        answer = house.client.patch(f"/v1/customers/{self.id}", json=body, headers=house.auth("support"))
        assert answer.status_code == expect, answer.text
        return answer.json()


@pytest.fixture
def saver(desk, template):
    return Saver(desk, template)


def no(answer):
    body = answer.json()
    return answer.status_code, body["code"], body.get("reasons"), body.get("level")


def test_who_is_not_known_well_enough_is_told_what_it_takes(saver):
    saver.standing(level=1)
    assert no(saver.buy()) == (403, "not_eligible", ["level_too_low"], 2)
    assert saver.usdt() == 1000
    saver.standing(level=2)
    assert saver.buy().status_code == 201


def test_a_country_may_be_shut_out_of_earn_alone(desk, saver):
    rule = {"country": "NZ", "product": "earn", "verdict": "deny", "note": "no licence"}
    made = desk.house.client.post("/v1/eligibility/rules", json=rule, headers=desk.house.auth("compliance"))
    assert made.status_code in {200, 201}, made.text
    try:
        assert no(saver.buy()) == (403, "not_eligible", ["country_denied"], None)
        assert saver.usdt() == 1000
    finally:
        with desk.house.sql("superuser") as root:
            root.execute("ALTER TABLE identity.country_rules DISABLE TRIGGER USER")
            root.execute("DELETE FROM identity.country_rules")
            root.execute("ALTER TABLE identity.country_rules ENABLE TRIGGER USER")


def test_a_program_subscribes_for_nobody(desk, saver):
    """No scope holds it: a customer can agree to what a program may see of offers, not that it ties their money up."""
    house = desk.house
    house._tokens[saver.email.split("@")[0]] = saver.token()["Authorization"].removeprefix("Bearer ")
    who = saver.email.split("@")[0]
    for scopes in ("read", "read trade"):
        program = programs.register(house)
        given = programs.bearer(programs.connect(house, program, scope=scopes, who=who)["access_token"])
        assert house.client.get("/v1/earn/instances", headers=given).status_code == 200
        assert no(saver.buy(given))[:2] == (403, "forbidden")
    assert saver.usdt() == 1000


def test_a_locked_customer_is_paid_as_planned_and_closed_after_that(desk, saver):
    mine = saver.buy().json()
    refused = saver.shut("disabled", expect=409)
    assert (refused["code"], refused["running"]) == ("account_in_use", ["earn"])
    assert saver.look(mine["id"])["status"] == "active"
    saver.shut("locked")
    house = desk.house
    assert house.login(saver.email).status_code in {401, 403}
    days = date.fromisoformat(mine["maturity"]) - date.fromisoformat(mine["value_date"])
    with as_engine(house.database, later=days + timedelta(days=3)):
        with db.read_only() as tx:
            now = tx.now
        payouts.hour(now)
    assert saver.look(mine["id"])["status"] == "paid_out"
    assert saver.usdt() == 1000 + Decimal(mine["total_interest"])
    saver.shut("disabled")

"""Who may do what: levels, countries and lists together; whatever is not known counts against."""

from datetime import timedelta
from decimal import Decimal

import pytest

from identity.eligibility import rules
from identity.eligibility import service as eligibility
from identity.eligibility.errors import NotEligible
from identity.eligibility.rules import CountryRule, Right, Standing
from identity.eligibility.states import Action, Level, Product, Ruling, Screening
from identity.principals import service as principals
from identity.principals.states import Role
from kernel import db, outbox
from kernel.ids import uuid7
from rivermouth.registry import CONSUMERS
from tests.house import PASSWORD
from tests.notice_board import as_engine

RIGHTS = (Right(Level.IDENTIFIED, Decimal(100)), Right(Level.VERIFIED))
ALLOW, REVIEW, DENY = Ruling.ALLOW, Ruling.REVIEW, Ruling.DENY


def known(level=Level.VERIFIED, country="SG", screening=Screening.CLEAR):
    return Standing(level, country, screening)


@pytest.mark.parametrize(
    ("standing", "rights", "countries", "verdict", "reasons"),
    [
        (None, RIGHTS, (), DENY, ["unknown_customer"]),
        (known(), (), (), DENY, ["not_offered"]),
        (known(), RIGHTS, (), ALLOW, []),
        (known(Level.REGISTERED), RIGHTS, (), DENY, ["level_too_low"]),
        (known(screening=Screening.REVIEW), RIGHTS, (), REVIEW, ["screening_review"]),
        (known(screening=Screening.CONFIRMED), RIGHTS, (), DENY, ["screening_confirmed"]),
        (known(), RIGHTS, (CountryRule("US", DENY),), ALLOW, []),
        (known(country="US"), RIGHTS, (CountryRule("US", DENY),), DENY, ["country_denied"]),
        (known(country="US"), RIGHTS, (CountryRule("US", REVIEW),), REVIEW, ["country_review"]),
        (known(country=None), RIGHTS, (CountryRule("US", DENY),), REVIEW, ["country_unknown"]),
        (known(country=None), RIGHTS, (), ALLOW, []),
        (known(), RIGHTS, (CountryRule("*", DENY),), DENY, ["country_denied"]),
        (known(), RIGHTS, (CountryRule("*", DENY), CountryRule("SG", ALLOW)), ALLOW, []),
        (known(country=None), RIGHTS, (CountryRule("*", DENY), CountryRule("SG", ALLOW)), DENY, ["country_denied"]),
        (known(), RIGHTS, (CountryRule("SG", ALLOW), CountryRule("SG", DENY)), ALLOW, []),  # the last one counts
        (
            known(Level.REGISTERED, "US"),
            RIGHTS,
            (CountryRule("US", REVIEW),),
            DENY,
            ["level_too_low", "country_review"],
        ),
    ],
)
def test_the_strictest_counts(standing, rights, countries, verdict, reasons):
    decision = rules.decide(standing, rights, countries, action=Action.BEGIN)
    assert (decision.verdict, list(decision.reasons)) == (verdict, reasons)


def test_a_level_brings_its_limit():
    assert rules.decide(known(Level.IDENTIFIED), RIGHTS, (), action=Action.BEGIN).per_day == 100
    assert rules.decide(known(), RIGHTS, (), action=Action.BEGIN).per_day is None
    assert rules.decide(known(Level.REGISTERED), RIGHTS, (), action=Action.BEGIN).level == Level.IDENTIFIED


def test_what_was_begun_can_be_ended_by_all_but_who_is_on_a_list():
    anything = (CountryRule("US", REVIEW),)
    end = {"action": Action.END}
    for product in Product:
        given = rules.RIGHTS[product, Action.END]
        assert rules.decide(known(Level.REGISTERED, None, Screening.REVIEW), given, anything, **end).allowed
        assert not rules.decide(known(screening=Screening.CONFIRMED), given, (), **end).allowed


def test_nobody_without_a_standing_may_anything(house):
    with db.transaction(tenant=house.first) as tx:
        for product in Product:
            for action in Action:
                with pytest.raises(NotEligible) as refusal:
                    eligibility.require(tx, uuid7(), product, action)
                assert refusal.value.extra["reasons"] == ["unknown_customer"]


class Countries:
    def __init__(self, house):
        self.house = house
        self.email = f"c-{uuid7()}@first.example"
        self.id = principals.ensure_customer(house.first, email=self.email, password=PASSWORD, country="NZ")

    def write(self, who=Role.COMPLIANCE, **wish):
        body = {"country": "NZ", "product": "trading", "verdict": "deny", "note": "a test"} | wish
        return self.house.client.post("/v1/eligibility/rules", json=body, headers=self.house.auth(who))

    def verdict(self, product=Product.TRADING):
        with db.transaction(tenant=self.house.first) as tx:
            return eligibility.eligibility(tx, self.id, product, Action.BEGIN).verdict

    def now(self):
        with db.transaction(tenant=self.house.first) as tx:
            return tx.now

    def consume(self):
        with as_engine(self.house.database, back_to=self.house.database.app):
            for consumer in CONSUMERS:
                if consumer.name == "country_rules":
                    while outbox.consume(consumer):
                        pass


@pytest.fixture
def countries(house):
    return Countries(house)


def test_what_forbids_counts_at_once_and_what_allows_takes_a_second_person(house, countries):
    assert countries.verdict() is ALLOW
    assert countries.write().status_code == 201
    assert (countries.verdict(), countries.verdict(Product.EARN)) == (DENY, ALLOW)
    again = countries.write(verdict="allow")
    assert (again.status_code, again.json()["state"]) == (202, "proposed")
    assert countries.verdict() is DENY
    inbox = house.client.get(
        "/v1/approvals", params={"kind": "identity.country_rule"}, headers=house.auth(Role.COMPLIANCE)
    )
    asked = next(one for one in inbox.json()["items"] if one["resource_id"] == again.json()["id"])
    assert (asked["summary"]["country"], asked["own"]) == ("NZ", True)
    own = house.client.post(
        f"/v1/approvals/{asked['id']}/approve", json={"digest": asked["digest"]}, headers=house.auth(Role.COMPLIANCE)
    )
    assert own.json()["code"] == "approval_own_request"
    email = f"second-{uuid7()}@first.example"
    with db.transaction(tenant=house.first) as tx:
        principals.register_staff(
            tx, email=email, password_hash=principals.hash_password(PASSWORD), roles=[Role.COMPLIANCE]
        )
    second = {"Authorization": f"Bearer {house.login(email).json()['access_token']}"}
    yes = house.client.post(f"/v1/approvals/{asked['id']}/approve", json={"digest": asked["digest"]}, headers=second)
    assert yes.status_code == 200, yes.text
    countries.consume()
    assert countries.verdict() is ALLOW


def test_a_permission_cannot_be_written_by_the_api_alone(house):
    """Whatever the code of the API does: its role may only propose what allows."""
    with house.sql("app", house.first) as connection, pytest.raises(Exception, match="row-level security"):
        connection.execute(
            "INSERT INTO identity.country_rules (tenant_id, id, country, product, action, verdict, note, actor, created_at, valid_from, state)"
            " VALUES (%s, %s, 'NZ', '*', '*', 'allow', 'x', %s, now(), now(), 'standing')",
            [house.first, uuid7(), uuid7()],
        )


def test_rules_have_their_dates(house, countries):
    later = countries.now() + timedelta(days=30)
    assert countries.write(product="earn", valid_from=later.isoformat()).status_code == 201
    assert countries.verdict(Product.EARN) is ALLOW
    past = countries.write(valid_from=(countries.now() - timedelta(days=1)).isoformat())
    assert (past.status_code, past.json()["code"]) == (400, "rule_invalid")
    listed = house.client.get("/v1/eligibility/rules", headers=house.auth(Role.COMPLIANCE)).json()["items"]
    assert listed[0]["product"] == "earn"
    assert countries.write(who=Role.ADMIN).status_code == 403


def test_another_house_has_rules_of_its_own(house, countries):
    assert countries.write(country="*", product="lending").status_code == 201
    with db.transaction(tenant=house.second) as tx:
        assert eligibility.eligibility(tx, house.ids["other"], Product.LENDING, Action.BEGIN).verdict is ALLOW
    with db.transaction(tenant=house.first) as tx:
        assert eligibility.eligibility(tx, house.ids["other"], Product.LENDING, Action.BEGIN).reasons == (
            "unknown_customer",
        )

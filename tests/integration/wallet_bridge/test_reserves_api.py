"""The reserves over HTTP: roots without a session, the own leaf with one, a snapshot asked for by staff."""

import pytest

from identity.principals.states import Role
from kernel.ids import uuid7
from tests.ledger_books import Books, as_engine
from tests.reserve_desk import D, building
from tests.reserve_trees import script

verifier = script()
pytestmark = pytest.mark.usefixtures("signing_key")
WRITERS = {Role.TREASURY, Role.FINANCE}


@pytest.fixture(scope="module")
def published(house):
    """The first house's books, with one customer who has something."""
    books = Books(house.database)
    books.tenant = house.first
    books.credit(books.customer("BTC", owner=house.ids[Role.RETAIL]), "0.5", "BTC")
    yield books
    books.close()


def ask(house, who=Role.TREASURY, key=None):
    headers = house.auth(who) | {"Idempotency-Key": key or str(uuid7())}
    return house.client.post("/v1/reserves/snapshots", headers=headers)


def publish(house):
    answer = ask(house)
    assert answer.status_code == 202, answer.text
    with as_engine(house.database):
        building.work_off()
    return answer.json()["id"]


def reserves(house, **params):
    """As anybody sees them: this house is reached by its name."""
    answer = house.client.get("/v1/reserves", params=params, headers={"Host": "first.example"})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module", autouse=True)
def named(house):
    with house.sql("engine", house.first) as connection:
        connection.execute(
            "INSERT INTO identity.tenant_hosts (host, tenant_id) VALUES ('first.example', %s)", [house.first]
        )


def test_from_the_wish_to_the_check_of_a_customer(house, published):
    first = publish(house)
    entry = reserves(house)["items"][0]
    assert (entry["id"], entry["proofs"]) == (first, True)
    assert [(each["asset"], each["liabilities"], each["customers"]) for each in entry["assets"]] == [("BTC", "0.5", 1)]
    answer = house.client.get("/v1/reserves/proof", headers=house.auth(Role.RETAIL))
    assert answer.headers["Cache-Control"] == "no-store"
    own = answer.json()
    assert own["customer_id"] == str(house.ids[Role.RETAIL])
    assert verifier.verify(own, reserves(house)["items"]) == {"BTC": D("0.5")}
    second = publish(house)
    named = house.client.get(
        "/v1/reserves/proof", params={"snapshot_id": first}, headers=house.auth(Role.RETAIL)
    ).json()
    assert named["snapshot_id"] == first
    newest = reserves(house, limit=1)
    assert newest["items"][0]["id"] == second
    assert reserves(house, limit=1, cursor=newest["next_cursor"])["items"][0]["id"] == first
    states = house.client.get("/v1/reserves/snapshots", headers=house.auth(Role.FINANCE)).json()["items"]
    assert {each["state"] for each in states} == {"published"}


def test_the_public_answer_names_no_customer(house, published):
    publish(house)
    text = house.client.get("/v1/reserves", headers={"Host": "first.example"}).text
    assert str(house.ids[Role.RETAIL]) not in text
    assert "nonce" not in text


def test_staff_and_others_have_no_leaf_and_see_nobody_elses(house, published):
    snapshot = publish(house)
    for who in (Role.FINANCE, Role.AUDITOR):
        own = house.client.get("/v1/reserves/proof", headers=house.auth(who))
        assert (own.status_code, own.json()["items"]) == (200, [])
    for params in ({}, {"snapshot_id": snapshot}):  # another house
        answer = house.client.get("/v1/reserves/proof", params=params, headers=house.auth("other"))
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert house.client.get("/v1/reserves/proof").status_code == 401
    assert house.client.get("/v1/reserves", headers=house.auth("other")).json()["items"] == []


@pytest.mark.parametrize("role", list(Role))
def test_only_treasury_and_finance_ask_for_one(house, published, role):
    answer = ask(house, role)
    assert (answer.status_code == 202) == (role in WRITERS), answer.text
    if role in WRITERS:
        assert ask(house, role).json()["code"] == "snapshot_under_way"
        with as_engine(house.database):
            building.work_off()
    else:
        assert answer.status_code == 403


def test_the_same_key_asks_once(house, published):
    key = str(uuid7())
    first = ask(house, key=key)
    with as_engine(house.database):
        building.work_off()
    again = ask(house, key=key)
    assert again.json()["id"] == first.json()["id"]
    assert again.json()["state"] == "published"


@pytest.mark.parametrize("params", [{"snapshot_id": "x"}, {"cursor": "x"}, {"limit": 0}, {"limit": 101}])
def test_nonsense_is_refused(house, params):
    path = "/v1/reserves/proof" if "snapshot_id" in params else "/v1/reserves"
    answer = house.client.get(path, params=params, headers=house.auth(Role.RETAIL))
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"]

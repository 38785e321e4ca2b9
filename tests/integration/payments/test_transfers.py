"""Transfers over HTTP: between customers at once, by staff with a second person, on a day to come, and back again once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest

from identity.principals import service as principals
from identity.principals.states import Role
from kernel import db, roles
from kernel.clock import wall
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, move
from payments.invariants import INVARIANTS
from payments.journal import service as journal
from payments.transfers import service as transfers
from tests.house import PASSWORD
from tests.ledger_books import as_engine

D = Decimal
BOB, CAROL, SECOND = "bob@first.example", "carol@first.example", "finance2@first.example"


class People:
    """The house's people with accounts, and short words for what they do."""

    def __init__(self, house):
        self.house = house
        self.tokens = {}

    def headers(self, who):
        if "@" not in who:
            return self.house.auth(who)
        if who not in self.tokens:
            self.tokens[who] = self.house.login(who).json()["access_token"]
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    def post(self, who, path, body=None, key=None, **headers):
        given = {**self.headers(who), **headers} | ({"Idempotency-Key": key} if key else {})
        return self.house.client.post(path, json=body, headers=given)

    def get(self, who, path, **params):
        return self.house.client.get(path, headers=self.headers(who), params=params)

    def send(self, who, to, amount, key=None, asset="USDT", **rest):
        return self.post(who, "/v1/transfers", {"to": to, "asset": asset, "amount": amount, **rest}, key)

    def account(self, who, asset="USDT"):
        with db.transaction(tenant=self.house.first) as tx:
            return accounts.customer(tx, customer_id=self.house.ids[who], asset=asset)

    def outside(self):
        with db.transaction(tenant=self.house.first) as tx:
            return accounts.house(
                tx, path="external.deposits", asset="USDT", kind=AccountKind.EXTERNAL, normal_side="debit"
            )

    def credit(self, who, amount):
        lines = move(self.outside(), self.account(who), D(amount))
        with db.transaction(tenant=self.house.first) as tx:
            journal.post(tx, [JournalIn(key=f"s/deposit:{uuid7()}", kind="deposit", lines=lines)])

    def money(self, who):
        with self.house.sql("engine") as engine:
            row = engine.execute(
                "SELECT posted - held FROM payments.exact(ARRAY[%s::bigint])", [self.account(who)]
            ).fetchone()
        return row[0]


@pytest.fixture(scope="module")
def everybody(house):
    """More people: two customers and a second person of finance. The API's own pool serves what tests do directly."""
    for email in (BOB, CAROL):
        house.ids[email] = principals.ensure_customer(house.first, email=email, password=PASSWORD)
    house.ids[SECOND] = principals.ensure_staff(house.first, email=SECOND, password=PASSWORD, roles=[Role.FINANCE])
    return People(house)


@pytest.fixture
def people(everybody, house):
    yield everybody
    with house.sql("engine") as engine:
        engine.execute("SELECT payments.fold(10000)")
    with house.sql("engine") as engine:
        assert {i.name for i in INVARIANTS if engine.execute(i.sql).fetchone()[0]} == set()


def _due(house, by=timedelta(days=2)):
    with as_engine(house.database, later=by):
        transfers.post_due()


# Between customers
def test_money_goes_to_a_customer_by_mail_number_or_id(people):
    people.credit("retail", "30")
    bob = people.house.ids[BOB]
    before, mine_before = people.money(BOB), people.money("retail")
    for to in (BOB, str(people.account(BOB)), str(bob)):
        answer = people.send("retail", to, "10", memo="rent", metadata={"flat": "4b"})
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert (made["status"], made["to"], made["amount"]) == ("posted", str(people.account(BOB)), "10")
        assert (made["memo"], made["metadata"], made["kind"]) == ("rent", {"flat": "4b"}, "transfer")
        assert people.get(BOB, f"/v1/transfers/{made['id']}").json() == made
    assert (people.money("retail"), people.money(BOB)) == (mine_before - 30, before + 30)
    newest = people.get("retail", "/v1/transfers", limit=2).json()
    assert newest["items"][0] == made
    older = people.get("retail", "/v1/transfers", limit=2, cursor=newest["next_cursor"]).json()["items"]
    assert {t["id"] for t in older}.isdisjoint(t["id"] for t in newest["items"])
    assert made["id"] not in {t["id"] for t in people.get(BOB, "/v1/transfers").json()["items"]}


def test_one_key_is_one_transfer(people):
    people.credit("retail", "10")
    before = people.money("retail")
    first = people.send("retail", BOB, "4", key="k-1", memo="once")
    again = people.send("retail", BOB, "4.00", key="k-1", memo="once")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    others = [{"amount": "5", "memo": "once"}, {"amount": "4", "memo": "twice"}]
    others.append({"amount": "4", "memo": "once", "execute_at": (wall() + timedelta(days=9)).isoformat()})
    for other in others:
        answer = people.send("retail", BOB, key="k-1", **other)
        assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict"), answer.text
    assert people.money("retail") == before - 4


def test_twenty_callers_with_one_key_get_one_transfer(people):
    people.credit("retail", "20")
    before = people.money("retail")
    people.headers("retail")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: people.send("retail", BOB, "1", key="twenty"), range(20)))
    assert sorted(a.status_code for a in answers) == [200] * 19 + [201]
    assert len({a.json()["id"] for a in answers}) == 1
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda i: people.send("retail", BOB, "1", key=f"each-{i}"), range(19)))
    assert {a.status_code for a in answers} == {201}
    assert people.money("retail") == before - 20


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to": BOB, "amount": "1000000"}, 409, "insufficient_funds"),
        ({"to": BOB, "amount": "0.0000001"}, 400, "amount_too_fine"),
        ({"to": BOB, "amount": "1", "asset": "NOPE"}, 400, "asset_unknown"),
        ({"to": "nobody@first.example", "amount": "1"}, 404, "account_not_found"),
        ({"to": "retail@second.example", "amount": "1"}, 404, "account_not_found"),
        ({"to": "999999999", "amount": "1"}, 404, "account_not_found"),
        ({"to": "9" * 40, "amount": "1"}, 404, "account_not_found"),
        ({"to": "external.deposits:USDT", "amount": "1"}, 404, "account_not_found"),
        ({"to": "retail@first.example", "amount": "1"}, 400, "same_account"),
        ({"to": BOB, "amount": "0"}, 400, "invalid_request"),
        ({"to": BOB, "amount": "-1"}, 400, "invalid_request"),
        ({"to": BOB, "amount": 1}, 400, "invalid_request"),
        ({"to": BOB, "amount": "1", "execute_at": "2001-01-01T00:00:00Z"}, 400, "invalid_request"),
        ({"to": BOB, "amount": "1", "effective_at": "2030-01-01T00:00:00Z"}, 400, "invalid_request"),
    ],
)
def test_what_is_refused(people, body, status, code):
    answer = people.post("retail", "/v1/transfers", {"asset": "USDT", **body})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text


def test_nobody_pays_out_of_or_into_what_is_not_for_customers(people):
    bob, house_account = people.account(BOB), people.outside()
    people.credit(BOB, "5")
    for body in (
        {"from": str(bob), "to": CAROL},
        {"from": str(house_account), "to": CAROL},
        {"to": str(house_account)},
    ):
        answer = people.post("retail", "/v1/transfers", {"asset": "USDT", "amount": "1", **body})
        assert (answer.status_code, answer.json()["code"]) == (404, "account_not_found")
    wrong = people.post("retail", "/v1/transfers", {"to": str(bob), "asset": "BTC", "amount": "1"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "asset_mismatch")
    demo = people.post(
        "retail", "/v1/transfers", {"to": str(bob), "asset": "USDT", "amount": "1"}, **{"Rivermouth-Realm": "demo"}
    )
    assert demo.json()["code"] == "account_not_found"  # of the other realm


def test_a_transfer_is_seen_by_its_two_sides_and_staff_only(people):
    people.credit("retail", "1")
    made = people.send("retail", BOB, "1").json()
    assert people.get("finance", f"/v1/transfers/{made['id']}").status_code == 200
    assert made["id"] in {t["id"] for t in people.get("auditor", "/v1/transfers").json()["items"]}
    for who in (CAROL, "other"):
        answer = people.get(who, f"/v1/transfers/{made['id']}")
        assert (answer.status_code, answer.json()["code"]) == (404, "transfer_not_found")


# Back again
def test_who_received_it_sends_it_back_once(people):
    people.credit("retail", "8")
    before, mine_before = people.money(BOB), people.money("retail")
    made = people.send("retail", BOB, "8").json()
    mine = people.post("retail", f"/v1/transfers/{made['id']}/reverse")
    assert (mine.status_code, mine.json()["code"]) == (409, "not_reversible")
    assert people.post(CAROL, f"/v1/transfers/{made['id']}/reverse").status_code == 404
    back = people.post(BOB, f"/v1/transfers/{made['id']}/reverse", {"memo": "not mine"}, "back-1")
    assert back.status_code == 201, back.text
    assert (back.json()["kind"], back.json()["reverses"], back.json()["memo"]) == ("reversal", made["id"], "not mine")
    again = people.post(BOB, f"/v1/transfers/{made['id']}/reverse", {"memo": "not mine"}, "back-1")
    assert (again.status_code, again.json()) == (200, back.json())
    twice = people.post(BOB, f"/v1/transfers/{made['id']}/reverse")
    assert (twice.status_code, twice.json()["code"]) == (409, "already_reversed")
    of_it = people.post("retail", f"/v1/transfers/{back.json()['id']}/reverse")
    assert (of_it.status_code, of_it.json()["code"]) == (409, "not_reversible")
    assert people.get("retail", f"/v1/transfers/{made['id']}").json()["reversed_by"] == back.json()["id"]
    assert (people.money("retail"), people.money(BOB)) == (mine_before, before)


# Staff
def _staff_wish(people, amount="7", **rest):
    body = {"from": "external.deposits:USDT", "to": BOB, "asset": "USDT", "amount": amount, **rest}
    return people.post("finance", "/v1/transfers", body)


def test_staff_need_a_second_person(people):
    people.outside()
    before = people.money(BOB)
    asked = _staff_wish(people, memo="goodwill")
    assert asked.status_code == 202, asked.text
    address = f"/v1/transfers/{asked.json()['id']}"
    assert (asked.json()["status"], asked.json()["journal_id"]) == ("awaiting_approval", None)
    assert people.get(BOB, address).status_code == 404  # not before it is posted
    alone = people.post("finance", f"{address}/approve")
    assert (alone.status_code, alone.json()["code"]) == (409, "second_person_required")
    assert people.post("retail", f"{address}/approve").status_code == 403
    assert people.post("auditor", f"{address}/approve").status_code == 403
    assert people.money(BOB) == before
    done = people.post(SECOND, f"{address}/approve", key="yes-1")
    assert (done.status_code, done.json()["status"]) == (200, "posted"), done.text
    assert done.json()["approved_by"] == str(people.house.ids[SECOND])
    assert people.post(SECOND, f"{address}/approve", key="yes-1").json() == done.json()
    late = people.post(SECOND, f"{address}/approve")
    assert (late.status_code, late.json()["code"]) == (409, "invalid_transition")
    assert people.money(BOB) == before + 7
    assert people.get(BOB, address).json()["memo"] == "goodwill"
    booked = people.get(BOB, f"/v1/transfers/{done.json()['journal_id']}")  # the id that a statement shows
    assert booked.json()["id"] == asked.json()["id"]
    listed = [t["id"] for t in people.get("finance", "/v1/transfers").json()["items"]]
    assert listed.count(asked.json()["id"]) == 1
    assert done.json()["journal_id"] not in listed


def test_what_waits_is_no_finer_than_its_asset(people):
    """Not accepted today to be refused by its second person, or on its day."""
    fine = {"to": BOB, "asset": "USDT", "amount": "0.0000001"}
    asked = people.post("retail", "/v1/transfers", fine | {"execute_at": "2031-01-01T00:00:00Z"})
    assert (asked.status_code, asked.json()["code"]) == (400, "amount_too_fine"), asked.text
    asked = people.post("finance", "/v1/transfers", fine | {"from": CAROL})
    assert (asked.status_code, asked.json()["code"]) == (400, "amount_too_fine"), asked.text
    items = [fine | {"from": CAROL, "amount": "0.000001"}, fine | {"from": CAROL}]
    done = people.post("finance", "/v1/transfers:batch", {"mode": "continue", "items": items})
    assert (done.status_code, done.json()["code"]) == (400, "amount_too_fine"), done.text


def test_what_the_ledger_refuses_stays_unapproved(people):
    asked = people.post("finance", "/v1/transfers", {"from": CAROL, "to": BOB, "asset": "USDT", "amount": "999999"})
    address = f"/v1/transfers/{asked.json()['id']}"
    answer = people.post(SECOND, f"{address}/approve")
    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_funds")
    assert people.get("finance", address).json()["status"] == "awaiting_approval"
    cancelled = people.post("finance", f"{address}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert people.post(SECOND, f"{address}/approve").json()["code"] == "invalid_transition"


def test_staff_reverse_with_a_second_person_and_only_once(people):
    people.credit("retail", "3")
    made = people.send("retail", BOB, "3").json()
    before = people.money("retail")
    asked = people.post("finance", f"/v1/transfers/{made['id']}/reverse")
    assert (asked.status_code, asked.json()["status"]) == (202, "awaiting_approval")
    for who in ("finance", SECOND):
        assert people.post(who, f"/v1/transfers/{made['id']}/reverse").json()["code"] == "already_reversed"
    done = people.post(SECOND, f"/v1/transfers/{asked.json()['id']}/approve")
    assert (done.json()["status"], done.json()["reverses"]) == ("posted", made["id"]), done.text
    assert people.money("retail") == before + 3
    assert people.post(BOB, f"/v1/transfers/{made['id']}/reverse").json()["code"] == "already_reversed"


def test_a_receiver_may_be_faster_than_the_second_person(people):
    people.credit("retail", "3")
    made = people.send("retail", BOB, "3").json()
    asked = people.post("finance", f"/v1/transfers/{made['id']}/reverse").json()
    assert people.post(BOB, f"/v1/transfers/{made['id']}/reverse").status_code == 201
    late = people.post(SECOND, f"/v1/transfers/{asked['id']}/approve")
    assert (late.status_code, late.json()["code"]) == (409, "already_reversed")
    assert people.post("finance", f"/v1/transfers/{asked['id']}/cancel").json()["status"] == "cancelled"


def test_staff_name_the_payer_and_customers_know_nothing_of_waiting_ones(people):
    nobody = people.post("finance", "/v1/transfers", {"to": BOB, "asset": "USDT", "amount": "1"})
    assert (nobody.status_code, nobody.json()["code"]) == (400, "invalid_request")
    asked = _staff_wish(people).json()
    assert people.post("retail", f"/v1/transfers/{asked['id']}/cancel").json()["code"] == "transfer_not_found"
    people.post("finance", f"/v1/transfers/{asked['id']}/cancel")


@pytest.mark.parametrize("day", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1970-01-01T00:00:00Z"])
def test_a_day_that_no_book_knows_is_refused(people, day):
    for field in ("effective_at", "execute_at"):
        answer = _staff_wish(people, **{field: day})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), answer.text


def test_staff_date_a_transfer(people):
    asked = _staff_wish(people, effective_at=_in_business_time(people, days=-30)).json()
    done = people.post(SECOND, f"/v1/transfers/{asked['id']}/approve").json()
    assert done["effective_at"] == asked["effective_at"]
    shown = people.get("finance", f"/v1/ledger/journals/{done['journal_id']}").json()
    assert (shown["effective_at"], shown["key"]) == (asked["effective_at"], f"s/transfer:{asked['id']}")


def test_the_table_itself_refuses_the_same_person_twice(people):
    asked = _staff_wish(people).json()
    with people.house.sql("app", people.house.first) as app, pytest.raises(psycopg.errors.CheckViolation):
        app.execute("UPDATE payments.transfers SET approved_by = created_by WHERE id = %s", [asked["id"]])
    people.post("finance", f"/v1/transfers/{asked['id']}/cancel")


# On a day to come
def test_a_transfer_waits_for_its_day(people):
    people.credit("retail", "5")
    before = people.money("retail")
    day = (wall() + timedelta(days=4000 / 24)).isoformat()
    asked = people.send("retail", BOB, "5", execute_at=day, key="later-1")
    assert (asked.status_code, asked.json()["status"]) == (202, "scheduled"), asked.text
    assert people.send("retail", BOB, "5", execute_at=day, key="later-1").status_code == 200
    conflict = people.send("retail", BOB, "5", key="later-1")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "idempotency_conflict")
    _due(people.house, timedelta(0))
    assert people.money("retail") == before
    _due(people.house, timedelta(days=200))
    done = people.get("retail", f"/v1/transfers/{asked.json()['id']}").json()
    assert (done["status"], done["reason"]) == ("posted", None)
    assert people.money("retail") == before - 5
    _due(people.house)
    assert people.money("retail") == before - 5
    back = people.post(BOB, f"/v1/transfers/{done['id']}/reverse")
    assert back.json()["reverses"] == done["journal_id"]


def _in_business_time(people, **ahead):
    with db.read_only(tenant=people.house.first) as tx:
        return (tx.now + timedelta(**ahead)).isoformat()


def test_funds_are_looked_at_on_the_day(people):
    asked = people.send(CAROL, BOB, "123456", execute_at=_in_business_time(people, days=1)).json()
    kept = people.send(CAROL, BOB, "1", execute_at=_in_business_time(people, days=1)).json()
    assert people.post(CAROL, f"/v1/transfers/{kept['id']}/cancel").json()["status"] == "cancelled"
    _due(people.house)
    refused = people.get(CAROL, f"/v1/transfers/{asked['id']}").json()
    assert (refused["status"], refused["reason"]) == ("refused", "insufficient_funds")
    people.credit(CAROL, "200000")
    _due(people.house)
    assert people.get(CAROL, f"/v1/transfers/{asked['id']}").json()["status"] == "refused"
    assert people.get(CAROL, f"/v1/transfers/{kept['id']}").json()["status"] == "cancelled"
    refusals = people.get(CAROL, "/v1/transfers", status="refused").json()["items"]
    assert [t["id"] for t in refusals] == [asked["id"]]


def test_staff_may_ask_for_a_day_to_come(people):
    asked = _staff_wish(people, execute_at=_in_business_time(people, days=1)).json()
    approved = people.post(SECOND, f"/v1/transfers/{asked['id']}/approve").json()
    assert approved["status"] == "scheduled"
    before = people.money(BOB)
    _due(people.house)
    assert people.money(BOB) == before + 7


# Batches
def _batch(people, items, mode="continue", key=None, who="retail"):
    items = [{"asset": "USDT", **item} for item in items]
    return people.post(who, "/v1/transfers:batch", {"mode": mode, "items": items}, key)


def test_one_bad_item_fails_alone(people):
    people.credit("retail", "10")
    before = people.money("retail")
    items = [{"to": BOB, "amount": "4"}, {"to": "no@where.example", "amount": "1"}, {"to": BOB, "amount": "99999"}]
    items += [{"to": CAROL, "amount": "0.0000001"}, {"to": CAROL, "amount": "6"}, {"to": BOB, "amount": str(before)}]
    answer = _batch(people, items, key="batch-1")
    words = ["ok", "account_not_found", "insufficient_funds", "amount_too_fine", "ok", "insufficient_funds"]
    assert [i["status"] for i in answer.json()["items"]] == words
    assert people.money("retail") == before - 10
    again = _batch(people, items, key="batch-1").json()["items"]
    assert [i["status"] for i in again] == ["exists" if w == "ok" else w for w in words]
    assert [i["id"] for i in again if i["id"]] == [i["id"] for i in answer.json()["items"] if i["id"]]
    other = _batch(people, items[:1], key="batch-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    posted = people.get("retail", f"/v1/transfers/{answer.json()['items'][0]['id']}").json()
    assert (posted["status"], posted["amount"]) == ("posted", "4")


def test_an_atomic_batch_is_posted_whole_or_not_at_all(people):
    people.credit("retail", "10")
    before = people.money("retail")
    refused = _batch(people, [{"to": BOB, "amount": "4"}, {"to": BOB, "amount": "9999999"}], "atomic", "atomic-1")
    assert (refused.status_code, refused.json()["code"]) == (409, "batch_refused")
    assert [i["status"] for i in refused.json()["items"]] == ["not_posted", "insufficient_funds"]
    unknown = _batch(people, [{"to": BOB, "amount": "4"}, {"to": "no@where.example", "amount": "1"}], "atomic")
    assert [i["status"] for i in unknown.json()["items"]] == ["not_posted", "account_not_found"]
    assert people.money("retail") == before
    done = _batch(people, [{"to": BOB, "amount": "4"}, {"to": CAROL, "amount": "6"}], "atomic")
    assert [i["status"] for i in done.json()["items"]] == ["ok", "ok"]
    assert people.money("retail") == before - 10


def test_a_chain_is_posted_whole_or_not_at_all(people):
    people.credit("retail", "10")
    before = people.money("retail")
    items = [
        {"to": BOB, "amount": "1"},
        {"to": BOB, "amount": "1", "linked": True},
        {"to": BOB, "amount": "9999999", "linked": True},
        {"to": CAROL, "amount": "1"},
        {"to": CAROL, "amount": "2", "linked": True},
        {"to": BOB, "amount": "3"},
        {"to": "no@where.example", "amount": "1", "linked": True},
        {"to": BOB, "amount": "1", "linked": True},
    ]
    answer = _batch(people, items).json()["items"]
    assert [i["status"] for i in answer] == [
        "ok", "not_posted", "insufficient_funds", "not_posted", "ok", "ok", "account_not_found", "not_posted",
    ]  # fmt: skip
    assert people.money("retail") == before - 6


def test_a_thousand_items_and_not_one_more(people):
    people.credit("retail", "10")
    before = people.money("retail")
    many = [{"to": BOB, "amount": "0.001"}] * 1000
    answer = _batch(people, many)
    assert {i["status"] for i in answer.json()["items"]} == {"ok"}
    assert people.money("retail") == before - 1
    assert _batch(people, [*many, many[0]]).json()["code"] == "invalid_request"


def test_items_of_staff_wait_one_by_one(people):
    people.outside()
    items = [{"from": "external.deposits:USDT", "to": to, "amount": "2"} for to in (BOB, CAROL)]
    answer = _batch(people, items, key="staff-1", who="finance").json()["items"]
    assert [i["status"] for i in answer] == ["awaiting_approval"] * 2
    assert _batch(people, items, key="staff-1", who="finance").json()["items"] == answer
    before = people.money(CAROL)
    assert people.post(SECOND, f"/v1/transfers/{answer[1]['id']}/approve").json()["status"] == "posted"
    assert people.money(CAROL) == before + 2
    people.post("finance", f"/v1/transfers/{answer[0]['id']}/cancel")
    assert _batch(people, items, "atomic", who="finance").json()["code"] == "invalid_request"
    assert _batch(people, [{**items[0], "to": "no@where.example"}], who="finance").status_code == 404


def test_two_post_one_scheduled_transfer_once(people):
    """Two engines at the same due row: one posts, the other finds nothing."""
    people.credit("retail", "2")
    made = people.send("retail", BOB, "2", execute_at=_in_business_time(people, hours=1)).json()
    before = people.money("retail")
    with as_engine(people.house.database, later=timedelta(hours=2)), ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: transfers.post_due(), range(4))) == 1
    assert people.money("retail") == before - 2
    with people.house.sql("engine") as engine:
        journals = engine.execute(
            "SELECT count(*) FROM payments.journals WHERE order_id = %s", [UUID(made["id"])]
        ).fetchone()
    assert journals == (1,)


def test_a_ledger_that_is_being_opened_refuses_no_scheduled_transfer(people):
    people.credit("retail", "5")
    day = (wall() + timedelta(days=1500)).isoformat()
    asked = people.send("retail", BOB, "5", execute_at=day).json()
    with people.house.sql("engine") as engine:
        engine.execute("SELECT payments.fold(10000)")
    with psycopg.connect(roles.conninfo(people.house.database.superuser), autocommit=True) as root:
        [(horizon,)] = root.execute("SELECT w::text FROM payments.fold_state WHERE stream = 'ledger'").fetchall()
        root.execute("UPDATE payments.fold_state SET w = '999999999999' WHERE stream = 'ledger'")
        try:
            _due(people.house, timedelta(days=1501))
        finally:
            root.execute("UPDATE payments.fold_state SET w = %s::xid8 WHERE stream = 'ledger'", [horizon])
    assert people.get("retail", f"/v1/transfers/{asked['id']}").json()["status"] == "scheduled"
    _due(people.house, timedelta(0))
    assert people.get("retail", f"/v1/transfers/{asked['id']}").json()["status"] == "posted"

"""Reconciliation over HTTP: finance runs and resolves, a colleague confirms, auditors read, tenants never meet."""

from __future__ import annotations

from decimal import Decimal

import pytest

from identity.principals import service as principals
from identity.principals.states import Role
from kernel import db
from kernel.ids import uuid7
from kernel.settings import settings
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import move
from payments.reconciliation import service
from rivermouth import checks
from tests.house import PASSWORD
from tests.ledger_books import Books

D = Decimal
NOBODY = "00000000-0000-7000-8000-00000000dead"


@pytest.fixture(scope="module")
def desk(house):
    """The house with a partner account of 100 USDT, and a second person of finance."""
    api, db._engine = db._engine, None
    db.configure(house.database.engine, pool_size=2)
    principals.ensure_staff(house.first, email="finance2@first.example", password=PASSWORD, roles=[Role.FINANCE])
    db.dispose()
    db._engine = api
    books = Books(house.database)
    books.tenant = house.first
    with books.tx() as tx:
        account = accounts.house(tx, path="bank.main", asset="USDT", kind=AccountKind.CUSTODY, normal_side="debit")
    books.post(*move(account, books.outside(), D(100)), meta={"reference": "A-1"})
    yield house
    books.close()


def call(house, who, method, path, **rest):
    return house.client.request(
        method, f"/v1/reconciliation{path}", headers=house.auth(who) | rest.pop("headers", {}), **rest
    )


def upload(house, text, who="finance", **params):
    return call(
        house, who, "POST", "/statements", params={"partner": "bank", "account": "bank.main:USDT", **params}, content=text,
        headers={"Content-Type": "text/csv", "Idempotency-Key": str(uuid7())},
    )  # fmt: skip


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_from_a_statement_to_a_confirmed_resolution(desk):
    with db.read_only(tenant=desk.first) as tx:
        at = tx.now.isoformat()
    text = f"reference,booked_at,amount\nA-1,{at},100\nA-2,{at},7.5\n"
    kept = upload(desk, text)
    assert (kept.status_code, kept.json()["lines"], kept.json()["total"]) == (201, 2, "107.5")
    body = {"level": "batch", "source": "statement", "scope": kept.json()["id"]}
    started = call(desk, "finance", "POST", "/runs", json=body, headers={"Idempotency-Key": "run-1"})
    assert (started.status_code, started.json()["status"]) == (201, "queued")
    again = call(desk, "finance", "POST", "/runs", json=body, headers={"Idempotency-Key": "run-1"})
    assert (again.status_code, again.json()["id"]) == (200, started.json()["id"])
    service.run_now(desk.first, _id(started))
    run = call(desk, "auditor", "GET", f"/runs/{started.json()['id']}").json()
    assert (run["status"], run["compared"], run["agreed"], run["ticketed"]) == ("done", 3, 2, 1)
    assert call(desk, "auditor", "GET", "/runs?limit=1").json()["items"][0]["id"] == run["id"]

    [found] = call(desk, "auditor", "GET", "/breaks?source=statement&class=missing_ours").json()["items"]
    assert (found["ours"], found["theirs"], found["difference"], found["suspended"]) == (None, "7.5", "7.5", True)
    one = f"/breaks/{found['id']}"
    assert problem(call(desk, "auditor", "POST", f"{one}/resolve", json={"resolution": "write_off"})) == (
        403,
        "forbidden",
    )
    proposed = call(desk, "finance", "POST", f"{one}/resolve", json={"resolution": "write_off", "note": "interest"})
    assert proposed.json()["status"] == "proposed", proposed.text
    assert problem(call(desk, "finance", "POST", f"{one}/confirm")) == (409, "second_person_required")
    owner = desk.ids["finance"]
    assert call(desk, "finance2", "POST", f"{one}/assign", json={"owner": str(owner)}).json()["ticket"]["owner"] == str(
        owner
    )
    assert (
        call(desk, "finance2", "POST", f"{one}/notes", json={"text": " agreed "}).json()["notes"][-1]["text"]
        == "agreed"
    )
    earlier = {"proposed_at": "2026-01-01T00:00:00Z"}
    assert problem(call(desk, "finance2", "POST", f"{one}/confirm", json=earlier)) == (409, "proposal_changed")
    seen = {"proposed_at": proposed.json()["ticket"]["proposed_at"]}
    closed = call(desk, "finance2", "POST", f"{one}/confirm", json=seen, headers={"Idempotency-Key": "yes"})
    assert (closed.status_code, closed.json()["status"]) == (200, "resolved")
    again = call(desk, "finance2", "POST", f"{one}/confirm", json=seen, headers={"Idempotency-Key": "yes"})
    assert again.json() == closed.json()
    assert problem(call(desk, "finance2", "POST", f"{one}/reject", json={"text": "no"})) == (409, "break_not_open")

    day = call(desk, "auditor", "GET", f"/days/{found['first_seen_at'][:10]}").json()
    assert day["complete"] is False
    assert {b["status"] for b in day["breaks"]} == {"resolved"}
    assert all(Decimal(b["posted"]) == 0 for b in day["suspense"])


def _id(answer):
    from uuid import UUID

    return UUID(answer.json()["id"])


def test_what_is_refused(desk):
    def start(**body):
        return problem(call(desk, "finance", "POST", "/runs", json={"level": "day", "source": "venue", **body}))

    assert start(source="moon") == (400, "source_unknown")
    assert start(date="9999-12-31") == (400, "invalid_request")
    assert start(level="week") == (400, "invalid_request")
    for source in ("balances", "venue", "wallet", "statement", "funding"):
        for level in ("single", "batch", "day"):
            answer = call(
                desk, "finance", "POST", "/runs", json={"level": level, "source": source, "date": "0001-01-01"}
            )
            assert answer.status_code == 201, answer.text
            assert service.run_now(desk.first, _id(answer)).state == "done"
    assert problem(upload(desk, "reference,booked_at,amount\n")) == (400, "statement_invalid")
    assert problem(upload(desk, b"reference,booked_at,amount\n\xff")) == (400, "statement_invalid")
    assert problem(upload(desk, "x", account="nowhere")) == (404, "account_not_found")
    assert problem(upload(desk, "x", partner="No Partner")) == (400, "invalid_request")
    for verb, body in (
        ("resolve", {"resolution": "close"}),
        ("confirm", None),
        ("reject", {"text": "x"}),
        ("notes", {"text": "x"}),
    ):
        assert problem(call(desk, "finance", "POST", f"/breaks/{NOBODY}/{verb}", json=body)) == (404, "break_not_found")
    for path in ("runs", "breaks", "statements"):
        assert call(desk, "auditor", "GET", f"/{path}/{NOBODY}").status_code == 404
    assert problem(call(desk, "auditor", "GET", "/breaks?cursor=x")) == (400, "invalid_cursor")
    assert call(desk, "auditor", "GET", "/days/0001-01-01").status_code == 200


def test_a_broken_invariant_is_an_incident_until_it_holds_again(desk, monkeypatch):
    monkeypatch.setenv("RIVERMOUTH_HOUSE_TENANT", str(desk.first))
    settings.cache_clear()

    def incidents():
        items = call(desk, "auditor", "GET", "/incidents").json()["items"]
        return [(i["name"], i["state"], i["times"]) for i in items if i["kind"] == "invariant"]

    first = checks.INVARIANTS[0]
    broken = checks.Invariant(first.name, first.title, "SELECT 3")
    for table in ((broken,), (broken,), (first,)):
        monkeypatch.setattr(checks, "INVARIANTS", table)
        checks.check_on_schedule(None)
        if table == (broken,):
            assert checks.INVARIANT_VIOLATIONS.labels(first.name)._value.get() == 3
    assert incidents() == [(first.name, "closed", 2)]
    settings.cache_clear()

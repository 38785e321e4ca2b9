"""Transfers of staff and files of journals in the inbox of approvals: agreed to there or at their own routes, carried out once."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from identity.approvals.events import ApprovalGranted
from identity.principals import service as principals
from identity.principals.states import Role
from kernel import db, outbox, roles
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.imports import service as imports
from payments.imports import tasks as import_tasks
from payments.transfers import tasks as transfer_tasks
from rivermouth.checks import INVARIANTS
from rivermouth.registry import CONSUMERS
from tests.house import PASSWORD
from tests.ledger_books import as_engine

D = Decimal
SECOND, AGAIN, BOB = "finance2@first.example", "finance-again@first.example", "bob@first.example"
OWNERS = [consumer for consumer in CONSUMERS if consumer.name in {"transfers", "imports"}]


class Desk:
    def __init__(self, house):
        self.house = house
        self.tokens = {}

    def call(self, who, method, path, body=None, **rest):
        if "@" in who and who not in self.tokens:
            self.tokens[who] = self.house.login(who).json()["access_token"]
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if "@" in who else self.house.auth(who)
        return self.house.client.request(
            method, f"/v1{path}", headers=headers | rest.pop("headers", {}), json=body, **rest
        )

    def wish(self, amount="7", **rest):
        body = {"from": "external.deposits:USDT", "to": BOB, "asset": "USDT", "amount": amount, **rest}
        asked = self.call("finance", "POST", "/transfers", body)
        assert asked.status_code == 202, asked.text
        return asked.json()["id"]

    def approval(self, resource):
        listed = self.call("finance", "GET", "/approvals", params={"limit": 200}).json()["items"]
        return next(item for item in listed if item["resource_id"] == resource)

    def agree(self, resource, who=SECOND):
        shown = self.approval(resource)
        return self.call(who, "POST", f"/approvals/{shown['id']}/approve", {"digest": shown["digest"]})

    def transfer(self, transfer_id):
        return self.call("finance", "GET", f"/transfers/{transfer_id}").json()

    def journals(self, transfer_id):
        with self.house.sql("engine") as engine:
            return engine.execute(
                "SELECT count(*) FROM payments.journals WHERE order_id = %s", [transfer_id]
            ).fetchone()[0]

    def run_events(self):
        """What the engine does with events, until there are no more."""
        with as_engine(self.house.database):
            while sum(outbox.consume(consumer) for consumer in OWNERS):
                pass


@pytest.fixture(scope="module")
def desk(house):
    for email in (SECOND, AGAIN):
        house.ids[email] = principals.ensure_staff(house.first, email=email, password=PASSWORD, roles=[Role.FINANCE])
    house.ids[BOB] = principals.ensure_customer(house.first, email=BOB, password=PASSWORD)
    principals.same_person(house.first, ["finance@first.example", AGAIN])
    with db.transaction(tenant=house.first) as tx:
        accounts.house(tx, path="external.deposits", asset="USDT", kind=AccountKind.EXTERNAL, normal_side="debit")
    made = Desk(house)
    for who in ("finance", SECOND, AGAIN):
        made.call(who, "GET", "/approvals")  # logs in, not several threads at once
    yield made
    with house.sql("engine") as engine:
        engine.execute("SELECT payments.fold(10000)")
    assert violations(house) == set()


def violations(house):
    with house.sql("engine") as engine:
        return {i.name for i in INVARIANTS if engine.execute(i.sql).fetchone()[0]}


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_a_transfer_waits_in_the_inbox_and_is_posted_once(desk):
    transfer_id = desk.wish(memo="goodwill", metadata={"case": "9"})
    shown = desk.approval(transfer_id)
    asked = desk.transfer(transfer_id)
    assert (shown["kind"], shown["state"], shown["expires_at"]) == ("payments.transfer", "requested", None)
    summary = shown["summary"]
    assert {name: summary[name] for name in ("from", "to", "asset", "amount", "memo", "metadata")} == {
        name: asked[name] for name in ("from", "to", "asset", "amount", "memo", "metadata")
    }
    for who in ("finance", AGAIN):
        assert problem(desk.agree(transfer_id, who)) == (403, "approval_own_request")
    assert desk.agree(transfer_id).json()["state"] == "granted"
    assert desk.transfer(transfer_id)["status"] == "awaiting_approval"
    desk.run_events()
    done = desk.transfer(transfer_id)
    assert (done["status"], done["approved_by"]) == ("posted", str(desk.house.ids[SECOND]))
    assert desk.approval(transfer_id)["state"] == "carried_out"
    assert desk.journals(transfer_id) == 1


def test_an_event_that_is_delivered_twice_posts_once(desk):
    transfer_id = desk.wish()
    desk.agree(transfer_id)
    shown = desk.approval(transfer_id)
    fact = ApprovalGranted(
        UUID(shown["id"]),
        shown["kind"],
        UUID(transfer_id),
        shown["digest"],
        UUID(shown["maker"]),
        desk.house.ids[SECOND],
    )
    for _ in range(2):
        with as_engine(desk.house.database), db.transaction(tenant=desk.house.first) as tx:
            transfer_tasks.granted(tx, fact)
            transfer_tasks.granted(tx, fact)
    desk.run_events()
    with as_engine(desk.house.database), db.transaction() as tx:
        outbox.restart(tx)
    desk.run_events()
    assert (desk.transfer(transfer_id)["status"], desk.journals(transfer_id)) == ("posted", 1)


def test_a_transfer_that_was_tampered_with_is_not_posted(desk):
    """Somebody with the keys of the house changes the row after it was agreed to: the digest is made again before anything moves."""
    transfer_id = desk.wish("1")
    desk.agree(transfer_id)
    with desk.house.sql("superuser") as root:
        root.execute("UPDATE payments.transfers SET amount = 1000 WHERE id = %s", [transfer_id])
    desk.run_events()
    assert (desk.transfer(transfer_id)["status"], desk.journals(transfer_id)) == ("awaiting_approval", 0)
    assert desk.approval(transfer_id)["state"] == "void"
    assert problem(desk.call(SECOND, "POST", f"/transfers/{transfer_id}/approve")) == (409, "approval_void")
    assert desk.call("finance", "POST", f"/transfers/{transfer_id}/cancel").json()["status"] == "cancelled"


def test_tampered_before_it_was_agreed_to(desk):
    transfer_id = desk.wish("1")
    with desk.house.sql("superuser") as root:
        root.execute("UPDATE payments.transfers SET amount = 1000 WHERE id = %s", [transfer_id])
    assert problem(desk.call(SECOND, "POST", f"/transfers/{transfer_id}/approve")) == (409, "approval_void")
    assert desk.journals(transfer_id) == 0


def test_the_route_of_transfers_decides_the_same_approval_at_once(desk):
    transfer_id = desk.wish()
    address = f"/transfers/{transfer_id}/approve"
    assert problem(desk.call(AGAIN, "POST", address)) == (409, "second_person_required")
    done = desk.call(SECOND, "POST", address)
    assert (done.status_code, done.json()["status"]) == (200, "posted")
    assert desk.approval(transfer_id)["state"] == "carried_out"
    assert problem(desk.agree(transfer_id)) == (409, "approval_closed")
    desk.run_events()
    assert desk.journals(transfer_id) == 1


def test_agreed_to_in_the_inbox_and_then_at_the_route(desk):
    transfer_id = desk.wish()
    desk.agree(transfer_id)
    assert problem(desk.call(SECOND, "POST", f"/transfers/{transfer_id}/approve")) == (409, "invalid_transition")
    assert desk.call("finance", "POST", f"/transfers/{transfer_id}/cancel").json()["status"] == "cancelled"
    assert desk.approval(transfer_id)["state"] == "void"
    desk.run_events()
    assert (desk.transfer(transfer_id)["status"], desk.journals(transfer_id)) == ("cancelled", 0)


def test_both_doors_and_a_cancel_at_once_are_one_of_them(desk):
    for _ in range(5):
        transfer_id = desk.wish()
        shown = desk.approval(transfer_id)

        def act(n, transfer_id=transfer_id, shown=shown):
            if n % 3 == 0:
                return desk.call(SECOND, "POST", f"/approvals/{shown['id']}/approve", {"digest": shown["digest"]})
            return desk.call(SECOND, "POST", f"/transfers/{transfer_id}/{'approve' if n % 3 == 1 else 'cancel'}")

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(act, range(12)))
        refused = {a.json()["code"] for a in answers if a.status_code != 200}
        assert refused <= {"approval_closed", "approval_void", "invalid_transition"}
        won = sorted(a.json().get("status") or a.json()["state"] for a in answers if a.status_code == 200)
        # granted in the inbox, it may still be taken back before the engine carries it out, and even before the answer is read
        assert won in (["posted"], ["cancelled"], ["granted"], ["cancelled", "granted"], ["cancelled", "void"]), won
        desk.run_events()
        posted = "cancelled" not in won
        assert desk.transfer(transfer_id)["status"] == ("posted" if posted else "cancelled")
        assert desk.journals(transfer_id) == int(posted)
        assert desk.approval(transfer_id)["state"] == ("carried_out" if posted else "void")


def test_a_no_in_the_inbox_ends_the_transfer(desk):
    transfer_id = desk.wish()
    shown = desk.approval(transfer_id)
    desk.call(SECOND, "POST", f"/approvals/{shown['id']}/reject", {"reason": "twice"})
    assert problem(desk.call(SECOND, "POST", f"/transfers/{transfer_id}/approve")) == (409, "invalid_transition")
    desk.run_events()
    assert desk.transfer(transfer_id)["status"] == "cancelled"


def test_a_cancelled_transfer_waits_in_no_inbox(desk):
    transfer_id = desk.wish()
    desk.call("finance", "POST", f"/transfers/{transfer_id}/cancel")
    assert desk.approval(transfer_id)["state"] == "void"
    assert problem(desk.agree(transfer_id)) == (409, "approval_void")


def test_what_the_ledger_refuses_is_asked_again(desk):
    asked = desk.call(
        "finance",
        "POST",
        "/transfers",
        {"from": BOB, "to": "retail@first.example", "asset": "USDT", "amount": "999999"},
    )
    transfer_id = asked.json()["id"]
    first = desk.approval(transfer_id)
    posted = desk.wish("3")
    desk.agree(transfer_id)
    desk.agree(posted)
    desk.run_events()
    failed = desk.call("finance", "GET", f"/approvals/{first['id']}").json()
    assert (failed["state"], failed["reason"]) == ("failed", "insufficient_funds")
    assert desk.transfer(posted)["status"] == "posted"  # the one behind it in the queue
    again = desk.approval(transfer_id)
    assert (again["state"], again["digest"]) == ("requested", first["digest"])
    assert desk.transfer(transfer_id)["status"] == "awaiting_approval"
    desk.call("finance", "POST", f"/transfers/{transfer_id}/cancel")


def test_a_ledger_that_is_being_opened_is_no_refusal(desk):
    transfer_id = desk.wish()
    desk.agree(transfer_id)
    with desk.house.sql("engine") as engine:
        engine.execute("SELECT payments.fold(10000)")
    with psycopg.connect(roles.conninfo(desk.house.database.superuser), autocommit=True) as root:
        [(horizon,)] = root.execute("SELECT w::text FROM payments.fold_state WHERE stream = 'ledger'").fetchall()
        root.execute("UPDATE payments.fold_state SET w = '999999999999' WHERE stream = 'ledger'")
        try:
            with pytest.raises(DBAPIError):  # what the engine's loop knows: it tries again
                desk.run_events()
        finally:
            root.execute("UPDATE payments.fold_state SET w = %s::xid8 WHERE stream = 'ledger'", [horizon])
    assert desk.approval(transfer_id)["state"] == "granted"
    desk.run_events()
    assert (desk.transfer(transfer_id)["status"], desk.journals(transfer_id)) == ("posted", 1)


def test_items_of_a_batch_and_reversals_wait_one_by_one(desk):
    items = [{"from": "external.deposits:USDT", "to": BOB, "asset": "USDT", "amount": n} for n in ("1", "2")]
    made = desk.call("finance", "POST", "/transfers:batch", {"mode": "continue", "items": items}).json()["items"]
    assert [desk.approval(one["id"])["summary"]["amount"] for one in made] == ["1", "2"]
    desk.agree(made[1]["id"])
    desk.run_events()
    assert [desk.transfer(one["id"])["status"] for one in made] == ["awaiting_approval", "posted"]
    back = desk.call("finance", "POST", f"/transfers/{made[1]['id']}/reverse").json()
    shown = desk.approval(back["id"])["summary"]
    assert (shown["kind"], shown["reverses"]) == ("reversal", desk.transfer(made[1]["id"])["journal_id"])
    desk.agree(back["id"])
    desk.run_events()
    assert desk.transfer(back["id"])["status"] == "posted"


def test_a_transfer_for_a_day_to_come_waits_for_its_day(desk):
    transfer_id = desk.wish(execute_at="2031-01-01T00:00:00+08:00", effective_at="2026-01-01T00:00:00.123456Z")
    desk.agree(transfer_id)
    desk.run_events()
    assert desk.transfer(transfer_id)["status"] == "scheduled"
    assert desk.approval(transfer_id)["state"] == "carried_out"
    desk.call("finance", "POST", f"/transfers/{transfer_id}/cancel")


def test_a_transfer_from_before_there_was_an_inbox_is_approved_as_ever(desk):
    transfer_id = desk.wish()
    with desk.house.sql("superuser") as root:
        root.execute("DELETE FROM identity.approvals WHERE resource_id = %s", [transfer_id])
    assert problem(desk.call(AGAIN, "POST", f"/transfers/{transfer_id}/approve")) == (409, "second_person_required")
    assert desk.call(SECOND, "POST", f"/transfers/{transfer_id}/approve").json()["status"] == "posted"
    assert desk.approval(transfer_id)["state"] == "carried_out"


# Files of journals
def _file(desk, name, amount="5"):
    with db.read_only(tenant=desk.house.first) as tx:
        path = tx.scalar("SELECT path FROM payments.accounts WHERE owner = :id", id=desk.house.ids[BOB])
    csv = f"journal,account,amount\n1,external.deposits:USDT,-{amount}\n1,{path},{amount}\n2,nobody,-1\n2,nobody,1\n"
    given = {"params": {"file_key": name}, "content": csv}
    answer = desk.call("finance", "POST", "/ledger/imports", headers={"Content-Type": "text/csv"}, **given)
    assert answer.status_code == 202, answer.text
    imports.run(desk.house.first, UUID(answer.json()["id"]))
    return answer.json()["id"]


def _import(desk, import_id):
    return desk.call("finance", "GET", f"/ledger/imports/{import_id}").json()


def test_a_file_waits_in_the_inbox_once_it_is_checked(desk, monkeypatch):
    woken = []
    monkeypatch.setattr(import_tasks, "wake", lambda *args: woken.append(args))
    desk.wish()  # opens the account
    import_id = _file(desk, "inbox-1")
    shown = desk.approval(import_id)
    assert (shown["kind"], shown["permission"]) == ("payments.import", "ledger:import")
    summary = shown["summary"]
    assert (summary["sha256"], summary["rows"]) == (_import(desk, import_id)["sha256"], 2)
    assert summary["checked"] == {"ok": 1, "account_not_found": 1}
    for who in ("finance", AGAIN):
        assert problem(desk.agree(import_id, who)) == (403, "approval_own_request")
    desk.agree(import_id)
    woken.clear()
    desk.run_events()
    assert woken == [(desk.house.first, UUID(import_id))]
    seen = _import(desk, import_id)
    assert (seen["status"], seen["decided_by"]) == ("posting", str(desk.house.ids[SECOND]))
    imports.run(desk.house.first, UUID(import_id))
    assert (_import(desk, import_id)["status"], _import(desk, import_id)["accepted"]) == ("done", 1)
    assert desk.approval(import_id)["state"] == "carried_out"


def test_the_routes_of_imports_decide_the_same_approval(desk):
    import_id = _file(desk, "inbox-2")
    body = {"sha256": _import(desk, import_id)["sha256"]}
    assert problem(desk.call(AGAIN, "POST", f"/ledger/imports/{import_id}/approve", body)) == (
        409,
        "second_person_required",
    )
    assert desk.call(SECOND, "POST", f"/ledger/imports/{import_id}/approve", body).json()["status"] == "posting"
    assert desk.approval(import_id)["state"] == "carried_out"
    other = _file(desk, "inbox-3")
    assert desk.call("finance", "POST", f"/ledger/imports/{other}/reject").json()["status"] == "rejected"
    assert desk.approval(other)["state"] == "void"


def test_a_file_refused_in_the_inbox_may_come_again(desk):
    import_id = _file(desk, "inbox-4")
    shown = desk.approval(import_id)
    desk.call(SECOND, "POST", f"/approvals/{shown['id']}/reject", {"reason": "last month's"})
    body = {"sha256": _import(desk, import_id)["sha256"]}
    assert problem(desk.call(SECOND, "POST", f"/ledger/imports/{import_id}/approve", body)) == (
        409,
        "import_not_waiting",
    )
    desk.run_events()
    seen = _import(desk, import_id)
    assert (seen["status"], seen["decided_by"]) == ("rejected", str(desk.house.ids[SECOND]))
    assert _file(desk, "inbox-4") != import_id


def test_a_file_that_was_tampered_with_is_not_posted(desk):
    import_id = _file(desk, "inbox-5")
    desk.agree(import_id)
    with desk.house.sql("superuser") as root:
        root.execute("UPDATE payments.imports SET sha256 = sha256(sha256) WHERE id = %s", [import_id])
    desk.run_events()
    assert _import(desk, import_id)["status"] == "awaiting_approval"
    assert desk.approval(import_id)["state"] == "void"


@pytest.mark.parametrize(
    ("name", "table", "fault", "cure"),
    [
        ("transfers_have_their_two_people", "transfers", "approved_by = gen_random_uuid()", "approved_by = %s"),
        ("imports_have_their_two_people", "imports", "decided_by = gen_random_uuid()", "decided_by = %s"),
    ],
)
def test_the_invariants_find_another_person(desk, name, table, fault, cure):
    if table == "transfers":
        one = desk.wish()
        desk.call(SECOND, "POST", f"/transfers/{one}/approve")
    else:
        one = _file(desk, "inbox-6")
        body = {"sha256": _import(desk, one)["sha256"]}
        desk.call(SECOND, "POST", f"/ledger/imports/{one}/approve", body)
        imports.run(desk.house.first, UUID(one))
    assert violations(desk.house) == set()
    with desk.house.sql("superuser") as root:
        root.execute(f"UPDATE payments.{table} SET {fault} WHERE id = %s", [one])
    assert violations(desk.house) == {name}
    with desk.house.sql("superuser") as root:
        root.execute(f"UPDATE payments.{table} SET {cure} WHERE id = %s", [desk.house.ids[SECOND], one])
    assert violations(desk.house) == set()

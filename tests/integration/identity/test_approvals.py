"""Approvals over HTTP: two different people, the digest that was shown, in time, once."""

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.permissions import Permission
from identity.principals import service as principals
from identity.principals.states import Role
from kernel import db, roles, schedules
from kernel.errors import NotFound
from kernel.ids import uuid7
from rivermouth.registry import SCHEDULES
from tests.house import PASSWORD
from tests.ledger_books import as_engine

ROOT = Path(__file__).resolve().parents[3]
KIND = "tests.thing"
AGAIN, LEAVER = "finance-again@first.example", "leaver@first.example"
CHECKERS = [f"finance{n}@first.example" for n in range(2, 6)]
SECOND = CHECKERS[0]


class Inbox:
    """Short words for asking and deciding; everything people do goes over HTTP."""

    def __init__(self, house):
        self.house = house
        self.tokens = {}

    def headers(self, who):
        if "@" not in who:
            return self.house.auth(who)
        if who not in self.tokens:
            self.tokens[who] = self.house.login(who).json()["access_token"]
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    def get(self, who, path="", **params):
        return self.house.client.get(f"/v1/approvals{path}", headers=self.headers(who), params=params)

    def ids(self, who, **params):
        answer = self.get(who, **params)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    def post(self, who, approval_id, verb, body, key=None):
        headers = self.headers(who) | ({"Idempotency-Key": key} if key else {})
        return self.house.client.post(f"/v1/approvals/{approval_id}/{verb}", json=body, headers=headers)

    def approve(self, who, approval_id, digest=None, key=None):
        return self.post(who, approval_id, "approve", {"digest": digest or self.digest(approval_id)}, key)

    def reject(self, who, approval_id, reason="not like this", key=None):
        return self.post(who, approval_id, "reject", {"reason": reason}, key)

    def digest(self, approval_id):
        return self.get("finance", f"/{approval_id}").json()["digest"]

    def state(self, approval_id):
        return self.get("finance", f"/{approval_id}").json()["state"]

    def ask(self, *, maker=None, tenant=None, expires_in=timedelta(hours=1), resource=None, version=1, **summary):
        subject = Subject(
            kind=KIND, resource_id=resource or uuid7(), summary={"amount": "12.5"} | summary, version=version
        )
        with db.transaction(tenant=tenant or self.house.first) as tx:
            return approvals.request(
                tx,
                subject,
                maker=maker or self.house.ids["finance"],
                permission=Permission.TRANSFERS_APPROVE,
                read_permission=Permission.TRANSFERS_READ,
                expires_in=expires_in,
            )

    def events(self, approval_id):
        with self.house.sql("engine") as engine:
            rows = engine.execute(
                "SELECT topic, payload FROM kernel.outbox WHERE key = %s ORDER BY id", [str(approval_id)]
            )
            return [(topic.split(".")[1], payload) for topic, payload in rows]

    def set_roles(self, who, *roles):
        with self.house.sql("engine") as engine:
            engine.execute("UPDATE identity.principals SET roles = %s WHERE email = %s", [list(roles), who])


@pytest.fixture(scope="module")
def inbox(house):
    for email in (*CHECKERS, AGAIN, LEAVER):
        house.ids[email] = principals.ensure_staff(house.first, email=email, password=PASSWORD, roles=[Role.FINANCE])
    made = Inbox(house)
    for email in CHECKERS:
        made.headers(email)
    return made


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_one_asks_another_agrees(inbox):
    resource = uuid7()
    asked = inbox.ask(resource=resource, to="42", note="é ✓", parts={"b": 1, "a": ["x", None, True]})
    seen = inbox.get(SECOND, f"/{asked}").json()
    assert seen["summary"] == {"amount": "12.5", "to": "42", "note": "é ✓", "parts": {"b": 1, "a": ["x", None, True]}}
    assert (seen["kind"], seen["resource_id"], seen["state"]) == (KIND, str(resource), "requested")
    assert (seen["may_decide"], seen["own"], seen["permission"]) == (True, False, "transfers:approve")
    assert (
        inbox.get("finance", f"/{asked}").json()["own"],
        inbox.get("auditor", f"/{asked}").json()["may_decide"],
    ) == (
        True,
        False,
    )
    done = inbox.approve(SECOND, asked, seen["digest"].upper(), key="yes")
    assert (done.status_code, done.json()["state"]) == (200, "granted"), done.text
    assert done.json()["checker"] == str(inbox.house.ids[SECOND])
    assert inbox.approve(SECOND, asked, seen["digest"], key="yes").json() == done.json()
    other_body = inbox.approve(SECOND, asked, "0" * 64, key="yes")
    assert problem(other_body) == (409, "idempotency_conflict")
    topics = inbox.events(asked)
    assert [topic for topic, _ in topics] == ["approval_requested", "approval_granted"]
    granted = topics[1][1]
    assert (granted["digest"], granted["checker"]) == (seen["digest"], str(inbox.house.ids[SECOND]))
    for again in (inbox.approve(SECOND, asked, seen["digest"]), inbox.reject(CHECKERS[1], asked)):
        assert problem(again) == (409, "approval_closed")
        assert again.json()["state"] == "granted"


def test_another_may_say_no_with_a_reason(inbox):
    asked = inbox.ask()
    done = inbox.reject(SECOND, asked, "wrong account")
    assert (done.json()["state"], done.json()["reason"], done.json()["may_decide"]) == (
        "rejected",
        "wrong account",
        False,
    )
    assert inbox.get("finance", f"/{asked}").json()["reason"] == "wrong account"
    name, ended = inbox.events(asked)[-1]
    assert (name, ended["state"], ended["reason"]) == ("approval_ended", "rejected", "wrong account")
    assert problem(inbox.approve(CHECKERS[1], asked)) == (409, "approval_closed")


# Attack 45: the maker, the maker's other account, somebody who lost the role
def test_accounts_of_one_person_are_joined_over_and_over(inbox):
    house = inbox.house
    names = [f"many{n}@first.example" for n in range(4)]
    ids = [principals.ensure_staff(house.first, email=n, password=PASSWORD, roles=[Role.FINANCE]) for n in names]
    assert principals.same_person(house.first, names[:2]) == 2
    assert principals.same_person(house.first, names[2:]) == 2
    assert principals.same_person(house.first, [names[3], names[1]]) == 4
    with house.sql("engine") as engine:
        rows = engine.execute("SELECT count(DISTINCT person_id) FROM identity.principals WHERE id = ANY(%s)", [ids])
        assert rows.fetchone() == (1,)
        written = engine.execute(
            "SELECT details FROM identity.audit_entries WHERE action = 'person.joined' ORDER BY id DESC LIMIT 3"
        ).fetchall()
    assert [len(details["accounts"]) for (details,) in written] == [4, 2, 2]
    assert set(written[0][0]["accounts"]) == {str(one) for one in ids}
    for emails in (["nobody@first.example", names[0]], [names[0], "retail@second.example"]):
        with pytest.raises(NotFound):
            principals.same_person(house.first, emails)


def test_the_command_notes_that_accounts_are_of_one_person(inbox, tmp_path):
    given = os.environ | {
        "RIVERMOUTH_DATABASE_URL": inbox.house.database.engine,
        "RIVERMOUTH_REDIS_URL": inbox.house.valkey_url,
    }

    def run(*words):
        command = [sys.executable, "-m", "rivermouth", "same-person", *words, "--tenant", str(inbox.house.first)]
        command += ["--data", str(tmp_path)]
        done = subprocess.run(command, env=given, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    assert run("admin@first.example", "support@first.example") == (0, "one person with 2 accounts\n")
    asked = inbox.ask(maker=inbox.house.ids["admin"])
    assert inbox.get("support", f"/{asked}").json()["own"] is True
    for words in (("admin@first.example",), ("admin@first.example", "nobody@first.example")):
        code, said = run(*words)
        assert (code, "Traceback" in said) == (1, False), said


def test_a_role_cannot_go_while_its_holder_decides(inbox):
    """The decision holds the rows of both people: whoever takes the role waits, and the deed was done by somebody who had it."""
    asked, digest = inbox.ask(), None
    digest = bytes.fromhex(inbox.digest(asked))
    with db.transaction(tenant=inbox.house.first) as tx:
        approvals.grant(tx, asked, by=inbox.house.ids[LEAVER], digest=digest)
        for statement in (
            "SET roles = '{support}'",
            "SET status = 'disabled'",
            f"SET person_id = '{inbox.house.ids['finance']}'",
        ):
            with inbox.house.sql("engine") as engine, pytest.raises(psycopg.errors.LockNotAvailable):
                engine.execute("SET LOCAL lock_timeout = '100ms'")
                engine.execute(f"UPDATE identity.principals {statement} WHERE email = %s", [LEAVER])
    assert inbox.state(asked) == "granted"


def test_who_may_not_decide_may_look_at_most(inbox):
    asked = inbox.ask()
    assert problem(inbox.approve("auditor", asked)) == (403, "approval_own_request")
    assert problem(inbox.approve("support", asked)) == (403, "approval_own_request")
    assert inbox.get("support", f"/{asked}").status_code == 404
    assert problem(inbox.approve("retail", asked)) == (403, "forbidden")
    assert problem(inbox.get("retail")) == (403, "forbidden")


def test_another_tenant_has_no_such_thing(inbox):
    foreign = inbox.ask(maker=inbox.house.ids["other"], tenant=inbox.house.second)
    for answer in (
        inbox.get("finance", f"/{foreign}"),
        inbox.approve(SECOND, foreign, "0" * 64),
        inbox.reject(SECOND, foreign),
    ):
        assert problem(answer) == (404, "not_found")
    assert str(foreign) not in inbox.ids("finance", limit=200)


# Bound to a digest
def test_only_what_was_seen_is_approved(inbox):
    asked = inbox.ask()
    assert problem(inbox.approve(SECOND, asked, "0" * 64)) == (409, "approval_void")
    other = inbox.digest(inbox.ask(amount="12.50"))
    assert problem(inbox.approve(SECOND, asked, other)) == (409, "approval_void")
    assert inbox.state(asked) == "requested"


def test_an_edit_voids_what_was_asked_or_granted_before(inbox):
    resource = uuid7()
    first = inbox.ask(resource=resource)
    seen = inbox.digest(first)
    second = inbox.ask(resource=resource, version=2)
    assert inbox.digest(second) != seen
    assert problem(inbox.approve(SECOND, first, seen)) == (409, "approval_void")
    assert problem(inbox.reject(SECOND, first)) == (409, "approval_void")
    assert inbox.approve(SECOND, second).status_code == 200
    third = inbox.ask(resource=resource, version=3)
    assert (inbox.state(second), inbox.state(third)) == ("void", "requested")
    with db.transaction(tenant=inbox.house.first) as tx:
        edited = Subject(kind=KIND, resource_id=resource, summary={"amount": "12.5"}, version=2)
        assert approvals.granted(tx, second, edited) is None
        assert approvals.void(tx, kind=KIND, resource_id=resource, reason="taken back") is True
        assert approvals.void(tx, kind=KIND, resource_id=resource, reason="taken back") is False
    assert problem(inbox.approve(SECOND, third)) == (409, "approval_void")
    assert inbox.events(third)[-1][1]["reason"] == "taken back"


def test_what_changed_after_it_was_granted_is_not_carried_out(inbox):
    resource = uuid7()
    asked = inbox.ask(resource=resource)
    inbox.approve(SECOND, asked)
    with db.transaction(tenant=inbox.house.first) as tx:
        now = Subject(kind=KIND, resource_id=resource, summary={"amount": "1250"})
        assert approvals.granted(tx, asked, now) is None
    assert inbox.state(asked) == "void"


def test_a_summary_that_somebody_changed_in_the_table_is_void(inbox):
    asked = inbox.ask()
    with inbox.house.sql("superuser") as root:
        root.execute("""UPDATE identity.approvals SET summary = '{"amount": "1"}' WHERE id = %s""", [asked])
    assert problem(inbox.approve(SECOND, asked)) == (409, "approval_void")


@pytest.mark.parametrize("bad", [1.5, b"x", {"a": {1: "x"}}, [timedelta(1)]])
def test_a_summary_holds_what_reads_back_as_it_was_written(inbox, bad):
    with pytest.raises(AssertionError):
        inbox.ask(bad=bad)


# Many at once
def test_of_forty_decisions_at_once_one_wins(inbox):
    asked = inbox.ask()
    digest = inbox.digest(asked)
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda n: inbox.approve(CHECKERS[n % 4], asked, digest), range(40)))
    words = Counter(a.json().get("code", "granted") for a in answers)
    assert words == {"granted": 1, "approval_closed": 39}
    assert [name for name, _ in inbox.events(asked)].count("approval_granted") == 1


def test_a_yes_and_a_no_at_once_are_one_of_them(inbox):
    for _ in range(5):
        asked = inbox.ask()
        digest = inbox.digest(asked)

        def decide(n, asked=asked, digest=digest):
            who = CHECKERS[n % 4]
            return inbox.approve(who, asked, digest) if n % 2 else inbox.reject(who, asked)

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(decide, range(8)))
        won = [a.json()["state"] for a in answers if a.status_code == 200]
        assert len(won) == 1
        assert inbox.state(asked) == won[0]
        assert len([n for n, _ in inbox.events(asked) if n != "approval_requested"]) == 1


# In time, in business time
def test_nobody_decides_too_late_and_the_sandbox_clock_counts(inbox):
    soon, later, endless = inbox.ask(), inbox.ask(expires_in=timedelta(days=9)), inbox.ask(expires_in=None)
    only = {"approvals": SCHEDULES["approvals"]}
    with as_engine(inbox.house.database, later=timedelta(hours=1)):
        pass
    assert problem(inbox.approve(SECOND, soon)) == (409, "approval_expired")  # before anybody swept
    assert inbox.get(SECOND, f"/{soon}").json()["may_decide"] is False
    assert str(soon) not in inbox.ids(SECOND, box="to_decide", limit=200)
    with as_engine(inbox.house.database):
        schedules.register(only)
        schedules.request_advance(timedelta(hours=1))
        schedules.carry_out_advances(only)
    assert [inbox.state(one) for one in (soon, later, endless)] == ["expired", "requested", "requested"]
    assert inbox.events(soon)[-1][1]["state"] == "expired"
    assert problem(inbox.approve(SECOND, soon)) == (409, "approval_expired")
    assert problem(inbox.reject(SECOND, soon)) == (409, "approval_expired")
    assert inbox.approve(SECOND, later).status_code == 200
    with as_engine(inbox.house.database, later=timedelta(days=3000)):
        assert approvals.expire_due() >= 0
    assert (inbox.state(later), inbox.state(endless)) == ("granted", "requested")


# The list
def test_the_list_is_filtered_and_paged(inbox):
    mine = [str(inbox.ask()) for _ in range(3)]
    theirs = str(inbox.ask(maker=inbox.house.ids[SECOND]))
    inbox.reject(SECOND, mine[0])
    assert inbox.ids("finance", limit=4) == [theirs, *reversed(mine)]
    first = inbox.get("finance", limit=2).json()
    rest = inbox.get("finance", limit=2, cursor=first["next_cursor"]).json()
    assert [i["id"] for i in first["items"] + rest["items"]] == [theirs, *reversed(mine)]
    assert theirs not in inbox.ids("finance", box="asked", limit=200)
    waiting = inbox.get("finance", box="to_decide", limit=200).json()["items"]
    assert theirs in [i["id"] for i in waiting]
    assert all(i["may_decide"] and not i["own"] for i in waiting)
    assert set(mine).isdisjoint(i["id"] for i in waiting)
    assert inbox.ids("finance", state="rejected", limit=1) == [mine[0]]
    assert inbox.ids("finance", kind="tests.other") == []
    assert inbox.ids("finance", kind=KIND, state="requested", limit=2) == [theirs, mine[2]]
    assert inbox.ids("auditor", limit=4) == [theirs, *reversed(mine)]
    assert inbox.ids("product") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "0" * 64,
        *({"digest": digest} for digest in ("", "0" * 63, "g" * 64, 1, None)),
        {"digest": "0" * 64, "more": 1},
    ],
)
def test_a_digest_that_is_none_is_refused(inbox, body):
    assert problem(inbox.post(SECOND, uuid7(), "approve", body)) == (400, "invalid_request")


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501, "a\0b", 1, None])
def test_a_reason_that_is_none_is_refused(inbox, reason):
    assert problem(inbox.reject(SECOND, uuid7(), reason)) == (400, "invalid_request")


def test_bad_questions_are_refused(inbox):
    bad = [{"state": "done"}, {"box": "all"}, {"limit": 0}, {"limit": 201}, {"cursor": "eyJ"}, {"kind": "x" * 65}]
    for params in bad:
        assert inbox.get("finance", **params).status_code == 400, params
    assert inbox.get("finance", "/nothing").status_code == 400
    assert problem(inbox.get("finance", f"/{uuid7()}")) == (404, "not_found")
    assert problem(inbox.approve(SECOND, uuid7(), "0" * 64)) == (404, "not_found")


# What the table itself refuses
@pytest.mark.parametrize(
    ("role", "change", "error"),
    [
        ("app", "state = 'granted', decided_at = now(), checker = maker", psycopg.errors.CheckViolation),
        ("engine", "state = 'granted', decided_at = now(), checker = %(again)s", psycopg.errors.CheckViolation),
        ("app", "state = 'granted', decided_at = now(), checker = %(foreign)s", psycopg.errors.CheckViolation),
        ("app", "state = 'granted'", psycopg.errors.CheckViolation),
        ("app", "summary = '{}'", psycopg.errors.InsufficientPrivilege),
        ("app", "digest = digest", psycopg.errors.InsufficientPrivilege),
        ("app", "maker = %(again)s", psycopg.errors.InsufficientPrivilege),
        ("engine", "expires_at = NULL", psycopg.errors.InsufficientPrivilege),
    ],
)
def test_the_table_refuses_what_no_service_would_write(inbox, role, change, error):
    house = inbox.house
    principals.same_person(house.first, ["finance@first.example", AGAIN])
    asked = inbox.ask()
    given = {"id": asked, "again": house.ids[AGAIN], "foreign": house.ids["other"]}
    with house.sql(role, house.first) as connection, pytest.raises(error):
        connection.execute(f"UPDATE identity.approvals SET {change} WHERE id = %(id)s", given)


def test_a_decision_keeps_who_made_it_and_nothing_is_deleted(inbox):
    asked = inbox.ask()
    inbox.approve(SECOND, asked)
    for statement, error in (
        ("UPDATE identity.approvals SET checker = %(other)s WHERE id = %(id)s", psycopg.errors.CheckViolation),
        ("DELETE FROM identity.approvals WHERE id = %(id)s", psycopg.errors.InsufficientPrivilege),
    ):
        with inbox.house.sql("app", inbox.house.first) as app, pytest.raises(error):
            app.execute(statement, {"id": asked, "other": inbox.house.ids[CHECKERS[1]]})
    with inbox.house.sql("app", inbox.house.first) as app, pytest.raises(psycopg.errors.CheckViolation):
        app.execute(
            """INSERT INTO identity.approvals (id, tenant_id, kind, resource_id, version, summary, digest, permission,
                   read_permission, maker, state, checker, created_at, decided_at)
               SELECT gen_random_uuid(), tenant_id, kind, gen_random_uuid(), version, summary, digest, permission, read_permission,
                   maker, 'granted', checker, created_at, decided_at FROM identity.approvals WHERE id = %s""",
            [asked],
        )


@pytest.mark.parametrize(("who", "box"), [("finance", "asked"), (SECOND, "to_decide")])
def test_the_list_passes_over_what_is_long_done_and_anothers(inbox, monkeypatch, who, box):
    asked = str(inbox.ask())
    with inbox.house.sql("superuser") as root:
        root.execute(
            """INSERT INTO identity.approvals (id, tenant_id, kind, resource_id, version, summary, digest, permission, read_permission,
                   maker, state, reason, created_at, ended_at)
               SELECT uuidv7(), tenant_id, kind, gen_random_uuid(), version, summary, digest, permission, read_permission, %s, 'requested',
                   NULL, created_at, NULL FROM identity.approvals CROSS JOIN generate_series(1, 3000) WHERE id = %s""",
            [inbox.house.ids["admin"], asked],
        )
        root.execute(
            "UPDATE identity.approvals SET state = 'void', reason = 'gone', ended_at = now() WHERE maker = %s",
            [inbox.house.ids["admin"]],
        )
    with psycopg.connect(roles.conninfo(inbox.house.database.superuser), autocommit=True) as root:
        root.execute("ANALYZE identity.approvals, identity.principals")
    plans, real = [], db.Tx.all

    def explaining(self, statement, /, **params):
        if "FROM identity.approvals" in statement:
            plans.extend(
                row[0] for row in real(self, f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {statement}", **params)
            )
        return real(self, statement, **params)

    monkeypatch.setattr(db.Tx, "all", explaining)
    assert inbox.ids(who, box=box, limit=200)[0] == asked
    passed_over = [int(line.split(":")[1]) for line in plans if "Rows Removed by Filter" in line]
    assert plans and sum(passed_over) < 500, "\n".join(plans)


def test_people_are_called_by_their_names(inbox):
    approval_id = inbox.ask()
    asked = inbox.get("finance", f"/{approval_id}").json()
    assert (asked["maker_name"], asked["checker_name"]) == ("finance@first.example", None)
    inbox.approve(SECOND, approval_id)
    [decided] = [one for one in inbox.get("finance", box="asked").json()["items"] if one["id"] == str(approval_id)]
    assert decided["checker_name"] == SECOND

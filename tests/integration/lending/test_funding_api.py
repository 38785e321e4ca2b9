"""Funding lines over HTTP: who may see and change them, what a second person has to agree to, and what the answers say."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from rivermouth import demo_loans
from tests.ledger_books import as_engine
from tests.product_desk import SECOND, ProductDesk

LINES = "/lending/funding-lines"


@pytest.fixture(scope="module")
def desk(house):
    return ProductDesk(house)


def asked(desk, who="product", key=None, **changes):
    body = {
        "name": f"line {uuid.uuid4()}"[:40],
        "adapter": "ledger",
        "source": "partner",
        "asset": "USDT",
        "limit": "1000",
        "rate": "0.05",
    }
    return desk.call(who, "POST", LINES, body | changes, **{"Idempotency-Key": key or str(uuid.uuid4())})


def agreed(desk, answer):
    """What became of it, once a second person agreed."""
    assert answer.status_code == 202, answer.text
    approval = answer.json()["approval_id"]
    assert desk.agree(approval).status_code == 200
    desk.run_events()
    return desk.call(SECOND, "GET", f"/approvals/{approval}").json()


def made(desk, **changes):
    approval = agreed(desk, asked(desk, **changes))
    assert approval["state"] == "carried_out"
    return desk.call("product", "GET", f"{LINES}/{approval['resource_id']}").json()


def patch(desk, line, **body):
    return desk.call("product", "PATCH", f"{LINES}/{line['id']}", body)


def stands(desk, line):
    now = desk.call("product", "GET", f"{LINES}/{line['id']}").json()
    return now["limit"], now["rate"]


def written(desk, line):
    with desk.house.sql("superuser") as connection:
        rows = connection.execute(
            "SELECT action, actor FROM identity.audit_entries WHERE resource_id = %s ORDER BY id", [line["id"]]
        ).fetchall()
    who = {desk.house.ids["product"]: "maker", desk.house.ids[SECOND]: "checker"}
    return [(action, who[actor]) for action, actor in rows]


def test_two_people_open_a_line_and_everybody_who_reads_lending_sees_it(desk):
    answer = asked(desk, name="a partner", limit="1000.50", rate="0.050")
    approval = desk.call(SECOND, "GET", f"/approvals/{answer.json()['approval_id']}").json()
    assert approval["summary"] == {
        "name": "a partner", "adapter": "ledger", "source": "partner", "asset": "USDT", "limit": "1000.5", "rate": "0.05",
        "day_count": "actual/365",
    }  # fmt: skip
    assert "a partner" not in {line["name"] for line in desk.call("product", "GET", LINES).json()["items"]}
    assert agreed(desk, answer)["state"] == "carried_out"
    desk.run_events()
    listed = desk.call("treasury", "GET", LINES).json()["items"]
    [line] = [line for line in listed if line["name"] == "a partner"]
    assert line["id"] == approval["resource_id"]
    assert (line["drawn"], line["free"], line["cost_owed"]) == ("0", "1000.5", "0")
    story = desk.call("finance", "GET", f"{LINES}/{line['id']}").json()
    assert (story["moves"], story["days"]) == ([], [])
    assert written(desk, line) == [("funding_line.opened", "checker")]


def test_the_same_request_asks_once(desk):
    key = str(uuid.uuid4())
    first, again = asked(desk, key=key, name="once"), asked(desk, key=key, name="once")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    agreed(desk, first)
    other = asked(desk, name="once")
    assert (other.status_code, other.json()["code"]) == (409, "funding_line_taken")


def test_nobody_agrees_to_their_own_line_nor_to_another_than_was_shown(desk):
    approval = asked(desk).json()["approval_id"]
    assert desk.agree(approval, who="product").json()["code"] == "approval_own_request"
    other = desk.call(SECOND, "POST", f"/approvals/{approval}/approve", {"digest": "0" * 64})
    assert other.json()["code"] == "approval_void"
    desk.run_events()
    assert desk.call(SECOND, "GET", f"/approvals/{approval}").json()["state"] == "requested"


def test_what_was_asked_for_and_then_falsified_opens_nothing(desk):
    answer = asked(desk, name="false")
    approval = answer.json()["approval_id"]
    assert desk.agree(approval).status_code == 200
    with desk.house.sql("superuser") as connection:
        connection.execute("ALTER TABLE identity.approvals DISABLE TRIGGER ALL")
        connection.execute(
            """UPDATE identity.approvals SET summary = jsonb_set(summary, '{limit}', '"999999"') WHERE id = %s""",
            [approval],
        )
        connection.execute("ALTER TABLE identity.approvals ENABLE TRIGGER ALL")
    desk.run_events()
    assert desk.call(SECOND, "GET", f"/approvals/{approval}").json()["state"] == "void"
    assert "false" not in {line["name"] for line in desk.call("product", "GET", LINES).json()["items"]}


def test_two_who_ask_for_one_name_get_one_line(desk):
    answers = [asked(desk, name="twins") for _ in range(2)]
    approvals = [agreed(desk, answer) for answer in answers]
    assert [(one["state"], one["reason"]) for one in approvals] == [
        ("carried_out", None), ("failed", "funding_line_taken")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"asset": "NOSUCH"}, 400, "asset_unknown"),
        ({"limit": "0.0000001"}, 400, "amount_too_fine"),
        ({"limit": "-1"}, 400, "invalid_request"),
        ({"rate": "11"}, 400, "invalid_request"),
        ({"rate": 0.05}, 400, "invalid_request"),
        ({"adapter": "bank"}, 400, "invalid_request"),
        ({"day_count": "actual/364"}, 400, "invalid_request"),
        ({"adapter": "bitfinex", "source": "kraken"}, 400, "funding_source_unfit"),
    ],
)
def test_nonsense_is_refused_with_its_reason(desk, changes, status, code):
    answer = asked(desk, **changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_what_is_tighter_counts_at_once_and_what_is_looser_waits_whole(desk):
    line = made(desk)
    lower = patch(desk, line, limit="500", rate="0.04")
    assert (lower.status_code, lower.json()["limit"], lower.json()["rate"]) == (200, "500", "0.04")
    for body, after in (
        ({"limit": "600"}, ("600", "0.04")),
        ({"rate": "0.05"}, ("600", "0.05")),
        ({"limit": "400", "rate": "0.06"}, ("400", "0.06")),
    ):
        before = stands(desk, line)
        answer = patch(desk, line, **body)
        assert stands(desk, line) == before, "nothing of it counts before somebody agreed"
        assert agreed(desk, answer)["state"] == "carried_out"
        assert stands(desk, line) == after
    waits = [("funding_line.change_asked", "maker"), ("funding_line.changed", "checker")]
    assert written(desk, line) == [("funding_line.opened", "checker"), ("funding_line.changed", "maker"), *waits * 3]


def test_a_repeat_of_a_change_answers_the_same(desk):
    line, key = made(desk), {"Idempotency-Key": str(uuid.uuid4())}
    answers = [desk.call("product", "PATCH", f"{LINES}/{line['id']}", {"limit": "2000"}, **key) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {202}
    assert answers[0].json() == answers[1].json()


def test_a_change_that_waits_is_void_once_the_line_is_another(desk):
    line = made(desk)
    waiting = patch(desk, line, limit="5000").json()["approval_id"]
    assert patch(desk, line, limit="900").status_code == 200
    assert desk.agree(waiting).json()["code"] == "approval_void"
    granted = patch(desk, line, limit="5000").json()["approval_id"]
    assert desk.agree(granted).status_code == 200
    assert patch(desk, line, rate="0.03").status_code == 200  # agreed to, and not carried out yet
    desk.run_events()
    assert desk.call(SECOND, "GET", f"/approvals/{granted}").json()["state"] == "void"
    assert stands(desk, line) == ("900", "0.03")
    mind = patch(desk, line, limit="5000").json()["approval_id"]
    assert patch(desk, line).status_code == 200  # nothing is wanted any more: taken back
    assert desk.agree(mind).json()["code"] == "approval_void"


def test_of_many_who_agree_one_counts_and_the_change_is_made_once(desk):
    line = made(desk)
    approval = patch(desk, line, limit="7000").json()["approval_id"]
    digest = desk.call(SECOND, "GET", f"/approvals/{approval}").json()["digest"]
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(
            lambda _: desk.call(SECOND, "POST", f"/approvals/{approval}/approve", {"digest": digest}), range(4)
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    desk.run_events()
    assert stands(desk, line) == ("7000", "0.05")
    assert written(desk, line).count(("funding_line.changed", "checker")) == 1


def test_a_limit_below_what_is_drawn_is_refused_now_and_when_it_was_agreed_to(desk):
    line = made(desk)
    with desk.house.sql("superuser") as connection:
        connection.execute("UPDATE lending.funding_lines SET drawn = 300 WHERE id = %s", [line["id"]])
    try:
        assert patch(desk, line, limit="200").json()["code"] == "funding_limit_too_low"
        answer = patch(desk, line, limit="400", rate="0.06")
        with desk.house.sql("superuser") as connection:
            connection.execute("UPDATE lending.funding_lines SET drawn = 500 WHERE id = %s", [line["id"]])
        approval = agreed(desk, answer)
        assert (approval["state"], approval["reason"]) == ("failed", "funding_limit_too_low")
        assert stands(desk, line) == ("1000", "0.05")
    finally:
        with desk.house.sql("superuser") as connection:
            connection.execute("UPDATE lending.funding_lines SET drawn = 0 WHERE id = %s", [line["id"]])


def test_who_may_not_sees_and_changes_nothing(desk):
    line = made(desk)
    for who in ("retail", "other"):
        assert desk.call(who, "GET", LINES).status_code == 403
        assert desk.call(who, "GET", f"{LINES}/{line['id']}").status_code == 403
    assert asked(desk, who="finance").status_code == 403
    assert desk.call("product", "GET", f"{LINES}/{uuid.uuid4()}").status_code == 404
    assert patch(desk, {"id": uuid.uuid4()}, limit="1").status_code == 404
    assert desk.call("retail", "GET", "/lending/spread").status_code == 403
    assert desk.call("treasury", "GET", "/lending/spread").json()["items"] == []
    nobody = desk.call("treasury", "GET", f"/lending/loans/{uuid.uuid4()}/spread")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "loan_not_found")


def test_the_demo_opens_its_line_on_nobodys_account(desk):
    with as_engine(desk.house.database):
        for _ in range(2):
            demo_loans.ensure(desk.house.second)
    with desk.house.sql("superuser") as connection:
        names = connection.execute(
            "SELECT name FROM lending.funding_lines WHERE tenant_id = %s", [desk.house.second]
        ).fetchall()
    assert names == [("house USDT",)]

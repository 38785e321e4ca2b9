"""When a person looks first, and what two people or one may do then."""

from decimal import Decimal

import pytest

from tests.withdrawal_desk import LIMITS, address
from wallet_bridge.withdrawals import screening

D = Decimal


def problem(answer):
    return answer.status_code, answer.json()["code"]


def reasons(desk, made):
    return desk.staff("treasury@first.example", "GET", f"/withdrawals/{made['id']}").json()["review"]["reasons"]


def reviewed(desk, **rest):
    """A withdrawal that is above what goes out unseen."""
    desk.limits(**LIMITS | {"withdrawal_unreviewed": "20"})
    anna = desk.customer("100")
    return anna, anna.made("30", anna.book(**rest))


def test_two_people_let_it_out(desk):
    anna, made = reviewed(desk)
    assert (made["state"], made["status"], made["can_cancel"], anna.has()) == ("review", "in_review", True, (69, 31))
    assert (reasons(desk, made), desk.intents(made["id"])) == (["above_unreviewed"], [])
    approval = desk.release(made["id"])
    own = desk.agree(approval, by=0)
    assert problem(own) == (403, "approval_own_request")
    assert desk.agree(approval).status_code == 200
    desk.run_events()
    after = anna.look(made["id"])
    assert [step["name"] for step in after["steps"]] == ["review", "approved", "reserved"]
    [(state, payload)] = desk.intents(made["id"])
    people = [str(desk.house.ids[role]) for role in ("treasury", "compliance")]
    assert (state, [one["by"] for one in payload["approvals"]]) == ("intent", people)
    desk.run_events()
    assert len(desk.intents(made["id"])) == 1
    assert problem(desk.staff("treasury@first.example", "POST", f"/withdrawals/{made['id']}/release")) == (
        409,
        "withdrawal_decided",
    )
    desk.report(made, "final")
    assert anna.has() == (69, 0)


def test_one_person_sends_it_back_and_says_why(desk):
    anna, made = reviewed(desk)
    approval = desk.release(made["id"])
    back = desk.staff("compliance@first.example", "POST", f"/withdrawals/{made['id']}/reject", {"reason": "Call us."})
    assert back.status_code == 200, back.text
    done = anna.look(made["id"])
    assert (done["status"], done["reason"], anna.has()) == ("rejected", "Call us.", (100, 0))
    assert problem(desk.agree(approval)) == (409, "approval_void")
    desk.run_events()
    assert desk.intents(made["id"]) == []


def test_customers_and_others_of_the_staff_decide_nothing(desk):
    anna, made = reviewed(desk)
    path = f"/withdrawals/{made['id']}"
    assert anna.ask("POST", f"{path}/release").status_code == 403
    assert anna.ask("POST", f"{path}/reject", {"reason": "x"}).status_code == 403
    for who in ("support", "finance", "auditor", "admin", "product"):
        assert desk.staff(f"{who}@first.example", "POST", f"{path}/release").status_code == 403
    assert desk.staff("admin@first.example", "GET", path).status_code == 403


def test_what_stands_against_it_by_then_leaves_it_in_review(desk):
    anna, made = reviewed(desk)
    approval = desk.release(made["id"])
    desk.offer(withdrawals=False)
    assert desk.agree(approval).status_code == 200
    desk.run_events()
    shown = desk.staff("treasury@first.example", "GET", f"/approvals/{approval}").json()
    assert (anna.look(made["id"])["state"], shown["state"], shown["reason"]) == (
        "review",
        "failed",
        "withdrawals_closed",
    )
    desk.offer()
    again = desk.release(made["id"])
    assert desk.agree(again).status_code == 200
    desk.run_events()
    assert anna.look(made["id"])["state"] == "reserved"


@pytest.mark.parametrize("missing", sorted(LIMITS))
def test_a_missing_limit_makes_a_person_look(desk, missing):
    desk.limits(**{name: limit for name, limit in LIMITS.items() if name != missing})
    anna = desk.customer("100")
    made = anna.made("30", anna.book())
    assert (made["state"], reasons(desk, made)) == ("review", ["limit_missing"])


def test_the_first_one_to_an_address_has_a_limit_of_its_own(desk):
    desk.limits(**LIMITS | {"withdrawal_new_address": "20"})
    anna = desk.customer("200")
    to = anna.book()
    first = anna.made("30", to)
    assert (first["state"], reasons(desk, first)) == ("review", ["new_address"])
    small = anna.made("20", to)
    assert small["state"] == "reserved"
    desk.report(small, "final")
    assert anna.made("30", to)["state"] == "reserved"


def test_a_listed_address_or_a_screen_that_is_away_makes_a_person_look(desk, monkeypatch):
    anna, to = desk.customer("300"), address()
    entry = anna.book(to)
    listed = desk.superuser("SELECT gen_random_uuid()")[0][0]
    desk.superuser(
        "INSERT INTO identity.screening_lists (tenant_id, id, name, version, sha256, entries, current, imported_at)"
        " VALUES (%s, %s, 'addresses', '1', decode(repeat('00', 32), 'hex'), 1, true, now())",
        desk.house.first, listed,
    )  # fmt: skip
    desk.superuser(
        "INSERT INTO identity.screening_entries (tenant_id, list_id, ref, names, born, note) VALUES (%s, %s, 'A-1', %s, NULL, '')",
        desk.house.first, listed, [to],
    )  # fmt: skip
    hit = anna.made("30", entry)
    assert (hit["state"], hit["reason"], reasons(desk, hit)) == ("review", None, ["address_listed"])
    assert anna.made("30", anna.book())["state"] == "reserved"

    def away(_tenant, _to):
        raise TimeoutError

    monkeypatch.setitem(screening._screens, "partner", away)
    down = anna.made("30", anna.book())
    assert reasons(desk, down) == ["screening_unavailable"]


def test_more_than_a_limit_is_refused_and_a_day_ends_after_24_hours_to_the_moment(desk):
    desk.limits(**LIMITS | {"withdrawal_single": "50", "withdrawal_day": "100"})
    anna = desk.customer("1000")
    to = anna.book()
    once = anna.withdraw("50.000001", to)
    assert (problem(once), once.json()["per"], once.json()["left"]) == (
        (409, "withdrawal_limit_exceeded"),
        "once",
        "50",
    )
    first = anna.made("50", to)
    assert anna.made("50", to)["state"] == "reserved"
    full = anna.withdraw("2", to)
    assert (problem(full), full.json()["per"], full.json()["left"]) == ((409, "withdrawal_limit_exceeded"), "24h", "0")
    assert anna.has() == (898, 102)
    move = "UPDATE wallet_bridge.withdrawals SET created_at = kernel.business_now() - interval %s WHERE id = %s"
    desk.superuser(move.replace("interval %s", "interval '23:59:00'"), first["id"])
    assert problem(anna.withdraw("2", to)) == (409, "withdrawal_limit_exceeded")
    desk.superuser(move.replace("interval %s", "interval '24:00:00'"), first["id"])
    assert anna.made("50", to)["state"] == "reserved"
    assert problem(anna.withdraw("2", to)) == (409, "withdrawal_limit_exceeded")


def test_what_was_given_back_counts_no_more(desk):
    desk.limits(**LIMITS | {"withdrawal_day": "50"})
    anna = desk.customer("1000")
    to = anna.book()
    made = anna.made("50", to)
    assert problem(anna.withdraw("2", to)) == (409, "withdrawal_limit_exceeded")
    assert anna.ask("DELETE", f"/withdrawals/{made['id']}").json()["state"] == "cancelled"
    assert anna.made("50", to)["state"] == "reserved"


def test_the_level_has_a_limit_of_a_day_of_its_own(desk):
    anna = desk.customer("5000")
    desk.superuser("UPDATE identity.standings SET level = 1 WHERE customer_id = %s", anna.id)
    to = anna.book()
    assert anna.made("1999", to)["state"] == "reserved"
    assert problem(anna.withdraw("2", to)) == (409, "withdrawal_limit_exceeded")
    desk.superuser("UPDATE identity.standings SET level = 0 WHERE customer_id = %s", anna.id)
    assert problem(anna.withdraw("2", to)) == (403, "not_eligible")
    assert problem(anna.add()) == (403, "not_eligible")


def test_a_house_that_pays_nothing_out_takes_no_address_and_no_wish(desk):
    anna = desk.customer("100")
    to = anna.book()
    with desk.paying_nothing_out():
        assert problem(anna.withdraw("10", to)) == (403, "product_not_offered")
        assert problem(anna.add()) == (403, "product_not_offered")
    assert anna.made("10", to)["state"] == "reserved"


def _agreed(desk, made):
    """Two people let it out; why it stayed, where it did."""
    approval = desk.release(made["id"])
    assert desk.agree(approval).status_code == 200
    desk.run_events()
    return desk.staff("compliance@first.example", "GET", f"/approvals/{approval}").json()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE identity.principals SET status = 'frozen' WHERE id = %s", "not_eligible"),
        ("UPDATE identity.principals SET status = 'locked' WHERE id = %s", "not_eligible"),
        ("UPDATE identity.standings SET screening = 'confirmed' WHERE customer_id = %s", "not_eligible"),
        ("UPDATE payments.accounts SET status = 'frozen' WHERE owner = %s", "account_frozen"),
    ],
    ids=["frozen", "locked", "listed", "account"],
)
def test_what_shuts_the_customer_meanwhile_keeps_it_in(desk, statement, code):
    anna, made = reviewed(desk)
    desk.superuser(statement, anna.id)
    approval = _agreed(desk, made)
    assert desk.intents(made["id"]) == []
    assert (approval["state"], approval["reason"]) == ("failed", code)


def test_a_receiver_whose_account_is_closed_stops_nobody_elses(desk):
    bert, to = desk.customer("0"), address()
    desk.deposit_address(bert, to)
    desk.credit(bert, "1")
    _anna, made = reviewed(desk, to=to)
    desk.superuser("UPDATE payments.accounts SET status = 'closed' WHERE owner = %s", bert.id)
    approval = _agreed(desk, made)
    assert (approval["state"], approval["reason"]) == ("failed", "account_closed")

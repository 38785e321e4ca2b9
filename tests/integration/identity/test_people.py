"""Staff on other people's accounts: find, look, shut at once; what gives a way in waits for a second role and then happens once."""

from __future__ import annotations

import pytest

from identity.principals import service as principals
from identity.sessions import attempts
from kernel import cache, db
from kernel.ids import uuid7
from tests.house import PASSWORD
from tests.mailbox import links, posting

REASON = "asked by video call"
NEW = "a lantern under the river mouth"


@pytest.fixture(autouse=True)
def fresh_counters(house):
    cache.client().flushall()
    attempts._local = attempts.LocalCounter()


@pytest.fixture
def box(house, monkeypatch):
    with posting(house, monkeypatch) as made:
        yield made


@pytest.fixture
def customer(house):
    """(id, e-mail, a live token) of somebody new."""
    email = f"{uuid7().hex[-12:]}@mail.example"
    found = principals.ensure_customer(house.first, email=email, password=PASSWORD)
    return found, email, house.login(email).json()["access_token"]


def ask(house, who, method, path, body=None, expect=200, **headers):
    answer = house.client.request(method, path, json=body, headers={**house.auth(who), **headers})
    assert answer.status_code == expect, answer.text
    return answer.json() if answer.content else None


def patch(house, who, customer, expect=200, **wish):
    return ask(house, who, "PATCH", f"/v1/customers/{customer}", {"reason": REASON, **wish}, expect)


def decide(house, who, approval, expect=200, verb="approve"):
    seen = ask(house, who, "GET", f"/v1/approvals/{approval}")
    body = {"digest": seen["digest"]} if verb == "approve" else {"reason": "no"}
    return ask(house, who, "POST", f"/v1/approvals/{approval}/{verb}", body, expect)


def alive(house, token):
    return house.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_customers_are_found_by_a_part_of_what_they_are_called(house, customer):
    person, email, _ = customer
    found = ask(house, "support", "GET", f"/v1/customers?q={email[:8].upper()}")
    assert [row["id"] for row in found["items"]] == [str(person)]
    assert ask(house, "support", "GET", "/v1/customers?q=%25")["items"] == [], "a percent sign is a percent sign"
    assert ask(house, "auditor", "GET", f"/v1/customers?q={email}&status=locked")["items"] == []
    pages, cursor = [], ""
    while cursor is not None:
        page = ask(house, "support", "GET", f"/v1/customers?limit=1{cursor and '&cursor=' + cursor}")
        pages += [row["email"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert email in pages and "retail@first.example" in pages
    assert "retail@second.example" not in pages and "admin@first.example" not in pages


def test_a_customer_is_shown_with_what_stands_around_the_account(house, customer):
    person, email, _ = customer
    shown = ask(house, "compliance", "GET", f"/v1/customers/{person}")
    assert (shown["email"], shown["status"], shown["totp"], shown["passkeys"]) == (email, "active", False, 0)
    assert [one["address"] for one in shown["sessions"]] == ["127.0.0.1"]
    assert "password_hash" not in str(shown)
    for stranger in (house.ids["other"], house.ids["admin"], uuid7()):
        ask(house, "support", "GET", f"/v1/customers/{stranger}", expect=404)


def test_who_is_locked_is_out_at_once_and_staff_opens_it_again(house, customer, box):
    person, email, token = customer
    assert patch(house, "support", person, status="locked")["status"] == "locked"
    assert not alive(house, token)
    assert house.login(email).json()["code"] == "invalid_credentials"
    [(to, subject, _)] = box.fetch()
    assert (to, subject) == (email, "Your account is locked")
    assert patch(house, "support", person, 409, status="locked")["code"] == "status_unfit"
    assert patch(house, "support", person, status="active")["status"] == "active"
    assert house.login(email).status_code == 201


def test_what_a_customer_froze_is_opened_by_two(house, customer, box):
    person, email, token = customer
    ask_own = {"current_password": PASSWORD, "new_password": NEW}
    house.client.post("/v1/me/password", json=ask_own, headers={"Authorization": f"Bearer {token}"})
    house.client.post("/v1/account-freezes", json={"token": box.link(email, "/freeze")})
    waiting = patch(house, "support", person, 202, status="active")
    assert waiting["status"] == "frozen"
    assert house.login(email, NEW).status_code == 401
    decide(house, "compliance", waiting["approval_id"])
    box.work()
    assert house.login(email, NEW).status_code == 201


def test_an_email_moves_when_a_second_role_agreed_and_the_old_address_is_told(house, customer, box):
    person, email, token = customer
    wanted = "moved-" + email
    waiting = patch(house, "support", person, 202, email=wanted)
    assert waiting["email"] == email and alive(house, token)
    decide(house, "compliance", waiting["approval_id"])
    told = {to: body for to, _, body in box.fetch()}
    assert ask(house, "support", "GET", f"/v1/customers/{person}")["email"] == wanted
    assert not alive(house, token)
    [(page, freeze)] = links(told[email])
    assert page == "/freeze" and house.client.post("/v1/account-freezes", json={"token": freeze}).status_code == 204
    assert house.login(wanted).status_code == 401, "the owner, at the old address, shut it"


def test_a_change_in_between_voids_what_was_agreed(house, customer, box):
    person, email, _ = customer
    waiting = patch(house, "support", person, 202, email="first-" + email)
    decide(house, "compliance", waiting["approval_id"])
    with house.sql("superuser") as connection:
        connection.execute("UPDATE identity.principals SET email = %s WHERE id = %s", ["other-" + email, person])
    box.work()
    assert ask(house, "support", "GET", f"/v1/customers/{person}")["email"] == "other-" + email
    assert ask(house, "compliance", "GET", f"/v1/approvals/{waiting['approval_id']}")["state"] == "void"


def test_an_email_that_somebody_took_meanwhile_fails_and_blocks_nobody(house, customer, box):
    person, email, _ = customer
    waiting = patch(house, "support", person, 202, email="contested-" + email)
    decide(house, "compliance", waiting["approval_id"])
    principals.ensure_customer(house.second, email="contested-" + email, password=PASSWORD)
    box.work()
    ended = ask(house, "compliance", "GET", f"/v1/approvals/{waiting['approval_id']}")
    assert (ended["state"], ended["reason"]) == ("failed", "email_taken")


@pytest.mark.parametrize(
    "body",
    [{"reason": REASON}, {"reason": REASON, "status": "locked", "name": "x"}, {"status": "locked"}, {"reason": " ", "name": "x"},
     {"reason": REASON, "status": "frozen"}, {"reason": REASON, "reset_factors": False}, {"reason": REASON, "email": "nonsense"}],
)  # fmt: skip
def test_one_change_at_a_time_and_never_without_a_reason(house, customer, body):
    refused = ask(house, "support", "PATCH", f"/v1/customers/{customer[0]}", body, 400)
    assert refused["code"] in {"invalid_request", "email_invalid"}


def test_there_must_be_something_to_reset_and_a_free_address(house, customer):
    assert patch(house, "support", customer[0], 409, reset_factors=True)["code"] == "nothing_to_reset"
    assert patch(house, "support", customer[0], 409, email="retail@second.example")["code"] == "email_taken"
    assert patch(house, "support", customer[0], 409, email=customer[1])["code"] == "email_unchanged"
    assert patch(house, "support", customer[0], name="Ann Example")["name"] == "Ann Example"


def test_a_member_of_staff_begins_with_a_second_persons_yes_and_a_mail(house, box):
    wish = {"email": "new.treasurer@first.example", "name": "Tess", "roles": ["treasury"], "reason": REASON}
    asked = ask(house, "admin", "POST", "/v1/staff", wish, 202, **{"Idempotency-Key": "tess"})
    assert ask(house, "admin", "POST", "/v1/staff", wish, 202, **{"Idempotency-Key": "tess"}) == asked
    assert decide(house, "admin", asked["approval_id"], 403)["code"] == "approval_own_request"
    decide(house, "compliance", asked["approval_id"])
    token = box.link(wish["email"], "/reset")
    assert house.login(wish["email"]).status_code == 401, "there is no password yet"
    set_it = {"token": token, "password": NEW}
    assert house.client.post("/v1/password-resets/confirm", json=set_it).status_code == 204
    session = house.login(wish["email"], NEW).json()["access_token"]
    me = house.client.get("/v1/me", headers={"Authorization": f"Bearer {session}"}).json()
    assert (me["roles"], me["kind"], me["name"]) == (["treasury"], "staff", "Tess")
    found = ask(house, "admin", "GET", "/v1/staff?q=tess")["items"]
    assert [one["id"] for one in found] == [asked["id"]]
    roles = {"roles": ["finance"], "reason": REASON}
    waiting = ask(house, "admin", "PATCH", f"/v1/staff/{asked['id']}", roles, 202)
    assert waiting["roles"] == ["treasury"]
    decide(house, "compliance", waiting["approval_id"])
    box.work()
    assert not alive(house, session), "a session does not outlive its roles"
    assert ask(house, "admin", "GET", "/v1/staff?q=tess")["items"][0]["roles"] == ["finance"]
    shut = ask(house, "admin", "PATCH", f"/v1/staff/{asked['id']}", {"status": "disabled", "reason": REASON})
    assert shut["status"] == "disabled"


def test_nobody_shuts_or_raises_themselves(house):
    own = f"/v1/staff/{house.ids['admin']}"
    for wish in ({"status": "locked"}, {"roles": ["admin", "finance"]}):
        assert ask(house, "admin", "PATCH", own, {**wish, "reason": REASON}, 409)["code"] == "own_account"
    retail = {"email": "x@first.example", "roles": ["retail"], "reason": REASON}
    ask(house, "admin", "POST", "/v1/staff", retail, 400)


def test_nobody_decides_about_their_own_roles(house, box):
    """A compliance officer may decide about roles, but not about the own ones, though somebody else asked."""
    wish = {"roles": ["compliance", "finance"], "reason": REASON}
    asked = ask(house, "admin", "PATCH", f"/v1/staff/{house.ids['compliance']}", wish, 202)["approval_id"]
    assert ask(house, "compliance", "GET", f"/v1/approvals/{asked}")["may_decide"] is False
    assert decide(house, "compliance", asked, 403)["code"] == "approval_own_request"
    reject = {"reason": "not my own"}
    assert (
        ask(house, "compliance", "POST", f"/v1/approvals/{asked}/reject", reject, 403)["code"] == "approval_own_request"
    )
    assert ask(house, "admin", "GET", f"/v1/approvals/{asked}")["state"] == "requested"


def test_another_account_of_ones_own_is_ones_own(house):
    """Who was locked as a customer does not open it as a member of staff."""
    mine = principals.ensure_customer(house.first, email="support.at.home@first.example", password=PASSWORD)
    principals.same_person(house.first, ["support.at.home@first.example", "support@first.example"])
    path, wish = f"/v1/customers/{mine}", {"status": "active", "reason": REASON}
    ask(house, "admin", "PATCH", path, {"status": "locked", "reason": REASON})
    assert ask(house, "support", "PATCH", path, wish, 409)["code"] == "own_account"
    assert ask(house, "admin", "PATCH", path, wish)["status"] == "active"


def test_a_rejected_wish_changes_nothing(house, customer, box):
    person, email, _ = customer
    waiting = patch(house, "admin", person, 202, email="never-" + email)
    decide(house, "compliance", waiting["approval_id"], verb="reject")
    box.work()
    with db.read_only(tenant=house.first) as tx:
        found = principals.find_principal(tx, person)
    assert found is not None and found.email == email

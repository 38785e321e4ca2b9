"""Registering, a lost password, another e-mail and a frozen account, over HTTP with mails as they are sent."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest

from identity.sessions import attempts
from kernel import cache, clock
from kernel.settings import settings
from tests.house import PASSWORD
from tests.mailbox import links, posting

NEW = "a lantern under the river mouth"


@pytest.fixture(autouse=True)
def fresh_counters(house):
    cache.client().flushall()
    attempts._local = attempts.LocalCounter()


@pytest.fixture
def box(house, monkeypatch):
    with posting(house, monkeypatch) as made:
        yield made


def post(house, path, body, expect, token=None):
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    answer = house.client.post(path, json=body, headers=headers)
    assert answer.status_code == expect, answer.text
    return answer.json() if answer.content else None


def verify(house, token, password=PASSWORD, *, expect=204):
    return post(house, "/v1/registrations/verify", {"token": token, "password": password}, expect)


def register(house, box, email, **more):
    """A customer who came alone."""
    post(house, "/v1/registrations", {"email": email, "password": PASSWORD, **more}, 202)
    verify(house, box.link(email, "/verify"))
    return house.login(email).json()["access_token"]


def test_an_account_exists_once_the_link_was_used(house, box):
    email = "ann@mail.example"
    asked = post(house, "/v1/registrations", {"email": " Ann@Mail.example ", "password": PASSWORD, "name": "Ann"}, 202)
    assert "mail" in asked["message"]
    assert house.login(email).json()["code"] == "invalid_credentials", "before the link there is nobody"
    token = box.link(email, "/verify")
    verify(house, token)
    opened = house.login(email)
    assert opened.status_code == 201, opened.text
    me = house.client.get("/v1/me", headers={"Authorization": f"Bearer {opened.json()['access_token']}"}).json()
    assert (me["name"], me["roles"], me["tenant_id"]) == ("Ann", ["retail"], str(house.first))
    assert verify(house, token, expect=404)["code"] == "link_invalid"


def test_a_known_address_is_told_so_by_mail_and_nobody_else_is(house, box):
    unknown = post(house, "/v1/registrations", {"email": "new@mail.example", "password": NEW}, 202)
    known = post(house, "/v1/registrations", {"email": "retail@first.example", "password": NEW}, 202)
    assert known == unknown
    mails = {to: (subject, body) for to, subject, body in box.fetch()}
    assert mails["retail@first.example"][0] == "You have an account already"
    assert links(mails["retail@first.example"][1]) == []
    assert mails["new@mail.example"][0] == "Confirm your e-mail"
    assert house.login("retail@first.example", NEW).status_code == 401, "the password of the account stays"


def test_of_two_registrations_of_an_address_one_becomes_the_account(house, box):
    for password in (PASSWORD, NEW):
        post(house, "/v1/registrations", {"email": "two@mail.example", "password": password}, 202)
    first, second = (links(body)[0][1] for _, _, body in box.fetch("two@mail.example"))
    verify(house, second, NEW)
    assert verify(house, first, expect=409)["code"] == "email_taken"
    assert house.login("two@mail.example", NEW).status_code == 201


def test_a_stranger_who_registers_an_address_first_has_no_password_of_its_account(house, box):
    """Nor after the owner asked for the mail again, which is that of the newest registration; the owner's own link goes on working."""
    email = "owner@mail.example"
    post(house, "/v1/registrations", {"email": email, "password": NEW}, 202)  # the stranger
    post(house, "/v1/registrations", {"email": email, "password": PASSWORD}, 202)
    post(house, "/v1/registrations", {"email": email, "password": NEW}, 202)  # the stranger
    post(house, "/v1/registrations/resend", {"email": email}, 202)
    strange, own, *more = (links(body)[0][1] for _, _, body in box.fetch(email))
    for token in (strange, *more):
        assert verify(house, token, expect=403)["code"] == "registration_password_wrong"
    assert house.login(email, NEW).json()["code"] == "invalid_credentials"
    verify(house, own)
    for token in (strange, *more):
        assert verify(house, token, NEW, expect=409)["code"] == "email_taken"
    assert house.login(email, NEW).json()["code"] == "invalid_credentials"
    assert house.login(email).status_code == 201


def test_the_mail_is_sent_again_to_who_waits_for_it_and_in_their_language(house, box):
    post(house, "/v1/registrations", {"email": "wei@mail.example", "password": PASSWORD, "locale": "zh"}, 202)
    [(_, subject, lost)] = box.fetch("wei@mail.example")
    assert subject == "请确认您的邮箱"
    post(house, "/v1/registrations/resend", {"email": "wei@mail.example"}, 202)
    post(house, "/v1/registrations/resend", {"email": "nobody@mail.example"}, 202)
    [(to, _, again)] = box.fetch()
    assert to == "wei@mail.example" and links(again) != links(lost)
    verify(house, links(again)[0][1])
    token = house.login("wei@mail.example").json()["access_token"]
    box.work()
    told = house.client.get("/v1/notice-preferences", headers={"Authorization": f"Bearer {token}"}).json()
    assert told["language"] == "zh"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "no address", "password": NEW}, 400, "email_invalid"),
        ({"email": "two@at@mail.example", "password": NEW}, 400, "email_invalid"),
        ({"email": "a@b.example\r\nBcc: x@y.example", "password": NEW}, 400, "email_invalid"),
        ({"email": "ann@mail.example", "password": "password1"}, 400, "password_too_weak"),
        ({"email": "retail@first.example", "password": "password1"}, 400, "password_too_weak"),
    ],
)
def test_what_cannot_be_registered_is_refused_whoever_has_an_account(house, box, body, status, code):
    assert post(house, "/v1/registrations", body, status)["code"] == code


def test_a_house_may_be_closed(house, box, monkeypatch):
    assert house.client.get("/v1/registrations/offer").json() == {"open": True}
    monkeypatch.setenv("RIVERMOUTH_REGISTRATION_OPEN", "false")
    settings.cache_clear()
    assert house.client.get("/v1/registrations/offer").json() == {"open": False}
    body = {"email": "late@mail.example", "password": NEW}
    assert post(house, "/v1/registrations", body, 403)["code"] == "registration_closed"


def test_one_address_gets_a_bounded_number_of_mails(house, box):
    body = {"email": "flooded@mail.example"}
    for _ in range(attempts.FAILURES):
        post(house, "/v1/password-resets", body, 202)
    answer = house.client.post("/v1/password-resets", json=body)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
    assert int(answer.headers["retry-after"]) > 0


def test_a_lost_password_is_replaced_by_mail_and_ends_every_session(house, box):
    old = register(house, box, "lost@mail.example")
    box.fetch()
    post(house, "/v1/password-resets", {"email": "nobody@mail.example"}, 202)
    post(house, "/v1/password-resets", {"email": "lost@mail.example"}, 202)
    token = box.link("lost@mail.example", "/reset")
    weak = {"token": token, "password": "password1"}
    assert post(house, "/v1/password-resets/confirm", weak, 400)["code"] == "password_too_weak"
    with house.sql("superuser") as connection:
        before = connection.execute("SELECT max(changed_at) FROM identity.credentials").fetchone()[0]
    post(house, "/v1/password-resets/confirm", {"token": token, "password": NEW}, 204)
    with house.sql("superuser") as connection:
        assert connection.execute("SELECT max(changed_at) FROM identity.credentials").fetchone()[0] > before
    again = post(house, "/v1/password-resets/confirm", {"token": token, "password": NEW}, 404)
    assert again["code"] == "link_invalid"
    assert house.login("lost@mail.example").status_code == 401
    assert house.login("lost@mail.example", NEW).status_code == 201
    assert house.client.get("/v1/me", headers={"Authorization": f"Bearer {old}"}).status_code == 401
    [(_, subject, body)] = box.fetch("lost@mail.example")
    assert subject == "Your password was changed"
    assert [page for page, _ in links(body)] == ["/freeze"]


def test_a_mailbox_alone_opens_no_account_with_a_second_factor(house, box):
    token = register(house, box, "guarded@mail.example")
    secret = post(house, "/v1/mfa/totp", None, 201, token)["secret"]
    now = clock.wall()
    code = pyotp.TOTP(secret).at(now - timedelta(seconds=30))
    post(house, "/v1/mfa/totp/confirm", {"totp": code}, 200, token)
    box.fetch()
    post(house, "/v1/password-resets", {"email": "guarded@mail.example"}, 202)
    wish = {"token": box.link("guarded@mail.example", "/reset"), "password": NEW}
    assert post(house, "/v1/password-resets/confirm", wish, 401)["code"] == "second_factor_required"
    assert house.login("guarded@mail.example").json()["code"] == "second_factor_required", "the old password stands"
    wish["totp"] = pyotp.TOTP(secret).at(now)
    post(house, "/v1/password-resets/confirm", wish, 204)


def test_an_email_changes_when_both_mailboxes_said_yes(house, box):
    token = register(house, box, "from@mail.example")
    box.fetch()
    post(house, "/v1/me/email", {"email": "to@mail.example"}, 202, token)
    mails = {to: links(body)[0] for to, _, body in box.fetch()}
    assert set(mails) == {"from@mail.example", "to@mail.example"}
    confirm = "/v1/email-changes/confirm"
    assert post(house, confirm, {"token": mails["to@mail.example"][1]}, 200) == {"done": False}
    assert house.login("to@mail.example").status_code == 401
    assert post(house, confirm, {"token": mails["from@mail.example"][1]}, 200) == {"done": True}
    assert house.login("from@mail.example").status_code == 401
    assert house.login("to@mail.example").status_code == 201
    assert house.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    told = {to: subject for to, subject, _ in box.fetch()}
    assert told["from@mail.example"] == "Your account has another e-mail now"
    assert told["to@mail.example"] == "This address is your account's now"


def test_an_email_of_somebody_else_is_refused_to_who_reads_it_alone(house, box):
    token = register(house, box, "covet@mail.example")
    box.fetch()
    post(house, "/v1/me/email", {"email": "retail@first.example"}, 202, token)
    found = {to: links(body)[0][1] for to, _, body in box.fetch()}
    confirm = "/v1/email-changes/confirm"
    post(house, confirm, {"token": found["covet@mail.example"]}, 200)
    assert post(house, confirm, {"token": found["retail@first.example"]}, 409)["code"] == "email_taken"
    same = post(house, "/v1/me/email", {"email": "COVET@mail.example"}, 409, token)
    assert same["code"] == "email_unchanged"


def test_the_link_in_a_security_mail_shuts_the_account_and_leaves_its_money_alone(house, box):
    token = register(house, box, "shut@mail.example")
    change = {"current_password": PASSWORD, "new_password": NEW}
    post(house, "/v1/me/password", change, 204, token)
    freeze = box.link("shut@mail.example", "/freeze")
    post(house, "/v1/account-freezes", {"token": freeze}, 204)
    assert house.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert house.login("shut@mail.example", NEW).json()["code"] == "invalid_credentials"
    [(_, subject, body)] = box.fetch("shut@mail.example")
    assert (subject, links(body)) == ("Your account is frozen", [])
    post(house, "/v1/password-resets", {"email": "shut@mail.example"}, 202)
    assert box.fetch("shut@mail.example") == [], "no mail opens it again"


def test_of_many_uses_of_one_link_at_once_one_wins(house, box):
    post(house, "/v1/registrations", {"email": "race@mail.example", "password": PASSWORD}, 202)
    body = {"token": box.link("race@mail.example", "/verify"), "password": PASSWORD}
    with ThreadPoolExecutor(8) as pool:  # as many as may wait for a password to be checked
        answers = list(pool.map(lambda _: house.client.post("/v1/registrations/verify", json=body), range(20)))
    assert Counter(answer.status_code for answer in answers) == {204: 1, 404: 19}


def test_no_event_queue_or_row_holds_a_link(house, box):
    post(house, "/v1/registrations", {"email": "plain@mail.example", "password": PASSWORD}, 202)
    token = box.link("plain@mail.example", "/verify")
    with house.sql("superuser") as connection:
        tables = connection.execute(
            "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for (table,) in tables:
            found = connection.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE %s", [f"%{token}%"])
            assert found.fetchone()[0] == 0, table

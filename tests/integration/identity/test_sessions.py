"""Logging in, being known, logging out: over HTTP and a real database."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import event

from identity.audit import refusals
from identity.principals import passwords
from identity.sessions import attempts, service
from kernel import cache, db
from tests.house import PASSWORD


@pytest.fixture(autouse=True)
def fresh_counters(house):
    cache.client().flushall()
    attempts._local = attempts.LocalCounter()
    yield
    cache.client().flushall()  # the next module logs in with the same names


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_a_login_answers_a_token_that_works(house):
    answer = house.login("retail@first.example")
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()["access_token"]
    assert token.startswith("rms_")
    me = house.client.get("/v1/me", headers=bearer(token)).json()
    assert me["email"] == "retail@first.example"
    assert (me["kind"], me["roles"], me["realm"]) == ("customer", ["retail"], "real")
    assert me["tenant_id"] == str(house.first)
    assert "orders:write" in me["permissions"]
    assert "sandbox" not in me["permissions"]


def test_the_database_holds_the_hash_of_the_token_and_nothing_else_of_it(house):
    token = house.login("retail@first.example").json()["access_token"]
    with house.sql("superuser") as connection:
        rows = connection.execute(
            "SELECT t.token_hash, to_jsonb(s)::text || to_jsonb(t)::text"
            " FROM identity.sessions s JOIN identity.tokens t ON t.session_id = s.id"
        ).fetchall()
    assert hashlib.sha256(token.encode()).digest() in [row[0] for row in rows]
    assert not any(token in row[1] or token[4:] in row[1] for row in rows)


def test_the_email_is_known_in_any_letter_case(house):
    assert house.login("  ReTail@First.EXAMPLE ").status_code == 201


def test_a_wrong_password_and_an_unknown_email_are_one_answer(house):
    wrong = house.login("retail@first.example", "wrong")
    unknown = house.login("nobody@first.example", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    strip = lambda answer: {k: v for k, v in answer.json().items() if k != "request_id"}  # noqa: E731
    assert strip(wrong) == strip(unknown)
    assert strip(wrong)["code"] == "invalid_credentials"
    assert set(wrong.headers) == set(unknown.headers)


def test_a_wrong_password_and_an_unknown_email_do_the_same_work(house, monkeypatch):
    statements = []
    checked = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda p, s: (checked.append(s is None), real(p, s))[1])

    def keep(_connection, _cursor, sql, *_rest):
        # Not whatever the house's feed reads beside us when its clock says so.
        if "identity." in sql or "app.tenant" in sql:
            statements.append(sql)

    event.listen(db.engine(), "before_cursor_execute", keep)
    monkeypatch.setattr(
        refusals, "_bound", refusals.Bound()
    )  # else whoever was refused often is no longer written down
    house.login("retail@first.example", "wrong")
    known, statements[:] = list(statements), []
    house.login("nobody@first.example", "wrong")
    assert checked == [False, True]
    assert known == statements != []


def test_logging_out_ends_this_session_and_no_other(house):
    mine = house.login("retail@first.example").json()["access_token"]
    second = house.login("retail@first.example").json()["access_token"]
    assert house.client.delete("/v1/sessions/current", headers=bearer(mine)).status_code == 204
    assert house.client.get("/v1/me", headers=bearer(mine)).status_code == 401
    assert house.client.delete("/v1/sessions/current", headers=bearer(mine)).status_code == 401
    assert house.client.get("/v1/me", headers=bearer(second)).status_code == 200


def test_a_session_ends_after_twelve_hours_of_wall_time(house, monkeypatch):
    answer = house.login("retail@first.example").json()
    real = service.wall
    monkeypatch.setattr(service, "wall", lambda: real() + timedelta(hours=11, minutes=59))
    assert house.client.get("/v1/me", headers=bearer(answer["access_token"])).status_code == 200
    monkeypatch.setattr(service, "wall", lambda: real() + timedelta(hours=12, seconds=1))
    expired = house.client.get("/v1/me", headers=bearer(answer["access_token"]))
    assert (expired.status_code, expired.json()["code"]) == (401, "unauthorized")
    assert expired.headers["www-authenticate"] == "Bearer"


def test_the_business_clock_does_not_end_a_session(house):
    token = house.login("retail@first.example").json()["access_token"]
    with house.sql("engine") as connection:
        connection.execute("""UPDATE kernel.clock SET "offset" = "offset" + interval '30 days'""")
    assert house.client.get("/v1/me", headers=bearer(token)).status_code == 200


def test_a_disabled_principal_is_cut_off_at_once(house):
    token = house.login("support@first.example").json()["access_token"]
    with house.sql("engine") as connection:
        connection.execute("UPDATE identity.principals SET status = 'disabled' WHERE email = 'support@first.example'")
    try:
        assert house.client.get("/v1/me", headers=bearer(token)).status_code == 401
        again = house.login("support@first.example")
        assert (again.status_code, again.json()["code"]) == (401, "invalid_credentials")
    finally:
        with house.sql("engine") as connection:
            connection.execute("UPDATE identity.principals SET status = 'active' WHERE email = 'support@first.example'")


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Basic cmV0YWlsOng=",
        "Bearer rms_",
        "Bearer rms_" + "a" * 43,
        "Bearer rms_" + "a" * 8000,
        "bearer \u00ff\u00fe",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
    ],
    ids=range(7),
)
def test_junk_in_the_authorization_header_is_401(house, header):
    answer = house.client.get("/v1/me", headers={"Authorization": header.encode("latin-1")})
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_two_authorization_headers_are_401(house):
    good = house.auth("retail")["Authorization"]
    answer = house.client.get("/v1/me", headers=[("Authorization", good), ("Authorization", good)])
    assert answer.status_code == 401


def test_the_realm_is_the_callers_wish_and_an_unknown_one_is_refused(house):
    headers = house.auth("retail")
    assert house.client.get("/v1/me", headers=headers | {"Rivermouth-Realm": "demo"}).json()["realm"] == "demo"
    assert house.client.get("/v1/me", headers=headers | {"Rivermouth-Realm": "real"}).json()["realm"] == "real"
    answer = house.client.get("/v1/me", headers=headers | {"Rivermouth-Realm": "dream"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_ten_failures_are_allowed_then_even_the_right_password_waits(house):
    for _ in range(attempts.FAILURES):
        assert house.login("retail@first.example", "wrong").status_code == 401
    blocked = house.login("retail@first.example")
    assert (blocked.status_code, blocked.json()["code"]) == (429, "too_many_attempts")
    assert 0 < int(blocked.headers["retry-after"]) <= attempts.WINDOW_S + 1
    assert house.login("retail2@first.example", "wrong").status_code == 401  # somebody else is not affected


def test_right_logins_are_never_counted(house):
    for _ in range(attempts.FAILURES + 5):
        assert house.login("retail@first.example").status_code == 201


def test_without_valkey_fewer_failures_are_allowed_but_logins_work(house, monkeypatch):
    class Away:
        def eval(self, *args):
            raise cache.ERRORS[0]("away")

    monkeypatch.setattr(cache, "client", Away)
    monkeypatch.setattr(cache, "configured", lambda: False)
    for _ in range(attempts.LOCAL_FAILURES):
        assert house.login("retail@first.example", "wrong").status_code == 401
    assert house.login("retail@first.example").status_code == 429
    for _ in range(5):
        assert house.login("admin@first.example").status_code == 201


def test_a_login_with_a_key_cannot_be_repeated_because_its_answer_was_a_secret(house):
    headers = {"Idempotency-Key": "login-1"}
    assert house.login("retail@first.example", headers=headers).status_code == 201
    again = house.login("retail@first.example", headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "secret_not_repeatable")
    with house.sql("superuser") as connection:
        (count,) = connection.execute("SELECT count(*) FROM kernel.http_idempotency WHERE key = 'login-1'").fetchone()
    assert count == 1


def test_a_refused_login_leaves_its_key_free(house):
    headers = {"Idempotency-Key": "login-2"}
    assert house.login("retail@first.example", "wrong", headers=headers).status_code == 401
    assert house.login("retail@first.example", PASSWORD, headers=headers).status_code == 201


def test_a_password_hash_of_other_parameters_is_renewed_at_login(house):
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    who = house.ids["product"]
    with house.sql("superuser") as connection:
        connection.execute("UPDATE identity.credentials SET password_hash = %s WHERE principal_id = %s", [weak, who])
    assert house.login("product@first.example").status_code == 201
    with house.sql("superuser") as connection:
        (now,) = connection.execute(
            "SELECT password_hash FROM identity.credentials WHERE principal_id = %s", [who]
        ).fetchone()
    assert now.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert house.login("product@first.example").status_code == 201


def test_a_crowd_at_the_gate_is_turned_away_and_not_counted(house, monkeypatch):
    def full(_password, _stored):
        raise passwords.GateFull

    with monkeypatch.context() as patch:
        patch.setattr(passwords, "matches", full)
        for _ in range(attempts.FAILURES + 2):
            answer = house.login("retail@first.example")
            assert (answer.status_code, answer.json()["code"]) == (429, "login_busy")
    assert house.login("retail@first.example").status_code == 201


def test_guesses_from_many_addresses_share_the_count_of_the_account_but_its_owner_does_not_wait(house):
    assert house.login("retail@first.example").status_code == 201  # so this place is known
    waits = [attempts.take("retail@first.example", f"203.0.113.{number}") for number in range(attempts.OF_ALL_PLACES)]
    assert set(waits) == {None}
    assert attempts.take("retail@first.example", "203.0.113.200") > 0
    assert attempts.take("retail@first.example", "2001:db8::1") > 0
    assert house.login("retail@first.example").status_code == 201
    assert attempts.take("support@first.example", "203.0.113.200") is None  # another account is another count


def test_an_address_of_ipv6_is_its_network(house):
    for number in range(attempts.FAILURES):
        assert attempts.take("treasury@first.example", f"2001:db8:1:2::{number:x}") is None
    assert attempts.take("treasury@first.example", "2001:db8:1:2:ffff::1") > 0
    assert attempts.take("treasury@first.example", "2001:db8:1:3::1") is None


def test_without_valkey_a_process_counts_all_places_together_too(house, monkeypatch):
    class Away:
        def eval(self, *args):
            raise cache.ERRORS[0]("away")

    monkeypatch.setattr(cache, "client", Away)
    waits = [attempts.take("finance@first.example", f"203.0.113.{n}") for n in range(attempts.LOCAL_OF_ALL_PLACES + 1)]
    assert waits[:-1] == [None] * attempts.LOCAL_OF_ALL_PLACES and waits[-1] > 0

"""Refused logins, second factors and step-ups are written down: with a bound, and alike for accounts that do not exist."""

from __future__ import annotations

import pytest

from identity.audit import refusals
from identity.audit.refusals import PER_ACTION, PER_SUBJECT, WINDOW_S, Bound
from kernel import cache
from kernel.ids import SYSTEM
from tests.house import PASSWORD
from tests.integration.identity.test_second_factors import person

__all__ = ["person"]


@pytest.fixture(autouse=True)
def nothing_refused_yet(house, monkeypatch):
    cache.client().flushall()
    monkeypatch.setattr(refusals, "_bound", Bound())


def lines(house, action):
    with house.sql("superuser") as connection:
        return connection.execute(
            "SELECT tenant_id, resource_id, actor, via, address, details FROM identity.audit_entries WHERE action = %s ORDER BY id",
            [action],
        ).fetchall()


def test_a_wrong_password_is_written_down_by_whom_it_was_tried_on(house):
    before = len(lines(house, "login.refused"))
    house.login("retail@first.example", "wrong")
    [(tenant, resource, actor, via, address, details)] = lines(house, "login.refused")[before:]
    assert (tenant, resource, actor) == (house.first, str(house.ids["retail"]), SYSTEM), (
        "nobody has proven to be anybody"
    )
    assert (via, address, details) == ("request", "127.0.0.1", {"left_out": 0})


def test_an_unknown_mail_leaves_a_line_too_in_no_house(house):
    before = len(lines(house, "login.refused"))
    house.login("nobody@nowhere.example", "wrong")
    [(tenant, resource, *_, details)] = lines(house, "login.refused")[before:]
    assert (tenant, resource) == (SYSTEM, str(SYSTEM))
    assert "nobody" not in str(details), "what somebody typed is not kept"


def test_a_flood_leaves_a_few_lines_and_the_next_one_says_how_many_there_were(house, monkeypatch):
    before = len(lines(house, "login.refused"))
    for _ in range(PER_SUBJECT + 3):
        house.login("finance@first.example", "wrong")
    assert len(lines(house, "login.refused")) - before == PER_SUBJECT
    later = refusals.clock.monotonic() + WINDOW_S + 1
    monkeypatch.setattr(refusals.clock, "monotonic", lambda: later)
    cache.client().flushall()
    house.login("finance@first.example", "wrong")
    assert lines(house, "login.refused")[-1][-1] == {"left_out": 3}


def test_a_wrong_code_and_a_refused_step_up_are_written_down(house, person):
    wrong = PASSWORD + "x"
    assert person.ask("POST", "/v1/step-up", {"password": wrong}).status_code == 401
    person.enrol()
    person.login(expect=401, totp="000000")
    assert person.ask("POST", "/v1/step-up", {"totp": "000000"}).status_code == 401
    assert person.ask("POST", "/v1/step-up", {"password": PASSWORD}).status_code == 403
    whys = [details["why"] for *_, details in lines(house, "step_up.refused")]
    assert whys == ["invalid_credentials", "second_factor_invalid", "step_up_required"]
    assert [details["why"] for *_, details in lines(house, "second_factor.refused")] == ["wrong", "wrong"]
    with house.sql("superuser") as connection:
        text = str(connection.execute("SELECT details::text FROM identity.audit_entries").fetchall())
    assert not any(secret in text for secret in (wrong, PASSWORD, "000000", person.secret))


def test_what_is_written_is_bounded_for_one_and_for_all():
    bound = Bound()
    taken = [bound.take("x.refused", f"s{n}", now=0.0) for n in range(PER_ACTION + 50)]
    assert sum(one is not None for one in taken) == PER_ACTION
    assert bound.take("y.refused", "s", now=0.0) == 0, "another action has its own"
    assert bound.take("x.refused", "s1", now=WINDOW_S + 1) == 0


def test_the_memory_of_it_is_bounded_too(monkeypatch):
    monkeypatch.setattr(refusals, "REMEMBERED", 10)
    bound = Bound()
    for number in range(100):
        bound.take("x.refused", f"s{number}", now=0.0)
    assert len(bound._windows) <= 10

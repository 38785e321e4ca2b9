"""Tokens that follow each other, and the list of places where somebody is logged in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from identity.sessions import refreshing, service
from kernel import cache


@pytest.fixture(autouse=True)
def fresh_counters(house):
    cache.client().flushall()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def logged_in(house, who="retail", **kwargs):
    answer = house.login(f"{who}@first.example", **kwargs)
    assert answer.status_code == 201, answer.text
    return answer.json()


def refresh(house, token):
    return house.client.post("/v1/sessions/refresh", json={"refresh_token": token})


def refused(answer):
    return (answer.status_code, answer.json()["code"]) == (401, "refresh_refused")


def alive(house, pair):
    return house.client.get("/v1/me", headers=bearer(pair["access_token"])).status_code == 200


def test_a_refresh_token_is_answered_with_the_next_pair(house):
    first = logged_in(house)
    answer = refresh(house, first["refresh_token"])
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    second = answer.json()
    assert len({first["access_token"], second["access_token"], first["refresh_token"], second["refresh_token"]}) == 4
    assert alive(house, second)
    assert alive(house, first), "requests under way with the old access token are not cut off"
    third = refresh(house, second["refresh_token"]).json()
    assert alive(house, third)


def test_a_refresh_token_of_an_ended_session_or_a_disabled_person_opens_nothing(house):
    ended, disabled = logged_in(house), logged_in(house, "support")
    assert house.client.delete("/v1/sessions/current", headers=bearer(ended["access_token"])).status_code == 204
    assert refused(refresh(house, ended["refresh_token"]))
    with house.sql("engine") as connection:
        connection.execute("UPDATE identity.principals SET status = 'disabled' WHERE email = 'support@first.example'")
    try:
        assert refused(refresh(house, disabled["refresh_token"]))
    finally:
        with house.sql("engine") as connection:
            connection.execute("UPDATE identity.principals SET status = 'active' WHERE email = 'support@first.example'")


def test_a_refresh_token_expires(house, monkeypatch):
    first = logged_in(house)
    real = refreshing.wall
    monkeypatch.setattr(refreshing, "wall", lambda: real() + refreshing.REFRESH_LIFE + timedelta(seconds=1))
    assert refused(refresh(house, first["refresh_token"]))


@pytest.mark.parametrize("token", ["x", "rmr_", "rmr_" + "a" * 43, "rmr_" + "é" * 43, "rms_" + "a" * 43])
def test_junk_is_no_refresh_token(house, token):
    assert refused(refresh(house, token))


def test_neither_kind_of_token_does_the_others_work(house):
    pair = logged_in(house)
    assert refused(refresh(house, pair["access_token"]))
    assert house.client.get("/v1/me", headers=bearer(pair["refresh_token"])).status_code == 401
    twisted = "rms_" + pair["refresh_token"][4:]
    assert house.client.get("/v1/me", headers=bearer(twisted)).status_code == 401


def test_the_database_alone_does_not_tell_the_successors(house):
    first = logged_in(house)
    second = refresh(house, first["refresh_token"]).json()
    with house.sql("superuser") as connection:
        text = str(connection.execute("SELECT * FROM identity.tokens").fetchall())
    for token in (first["refresh_token"], second["refresh_token"], second["access_token"]):
        assert token not in text
        assert token[4:] not in text


def test_somebody_sees_where_they_are_logged_in_and_ends_one_session(house):
    mine = logged_in(house, headers={"User-Agent": "telephone"})
    other = logged_in(house, headers={"User-Agent": "laptop" * 100})
    listed = house.client.get("/v1/sessions", headers=bearer(mine["access_token"])).json()["items"]
    (current,) = [session for session in listed if session["current"]]
    assert (current["user_agent"], current["address"]) == ("telephone", "127.0.0.1")
    laptop = next(session for session in listed if session["user_agent"].startswith("laptop"))
    killed = house.client.delete(f"/v1/sessions/{laptop['id']}", headers=bearer(mine["access_token"]))
    assert killed.status_code == 204
    assert not alive(house, other)
    assert refused(refresh(house, other["refresh_token"]))
    assert alive(house, mine)
    again = house.client.delete(f"/v1/sessions/{laptop['id']}", headers=bearer(mine["access_token"]))
    assert again.status_code == 404


def test_a_session_of_somebody_else_is_not_found(house):
    mine, theirs = logged_in(house), logged_in(house, "finance")
    listed = house.client.get("/v1/sessions", headers=bearer(theirs["access_token"])).json()["items"]
    session = next(s["id"] for s in listed if s["current"])
    assert house.client.delete(f"/v1/sessions/{session}", headers=bearer(mine["access_token"])).status_code == 404
    assert alive(house, theirs)


def test_all_other_sessions_end_at_once(house):
    mine, one, two = logged_in(house), logged_in(house), logged_in(house)
    assert house.client.delete("/v1/sessions", headers=bearer(mine["access_token"])).status_code == 204
    assert [alive(house, pair) for pair in (mine, one, two)] == [True, False, False]


def test_when_a_session_was_last_seen_is_kept_now_and_then(house, monkeypatch):
    mine = logged_in(house)
    real = service.wall
    monkeypatch.setattr(service, "wall", lambda: real() + timedelta(minutes=6))
    house.client.get("/v1/me", headers=bearer(mine["access_token"]))
    listed = house.client.get("/v1/sessions", headers=bearer(mine["access_token"])).json()["items"]
    (current,) = [session for session in listed if session["current"]]
    assert current["last_seen_at"] > current["created_at"]

"""Attack 30: a refresh token replayed after its grace ends the session and is an alarm; twenty at once inside it have one successor."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from identity.sessions import refreshing
from tests.integration.identity.test_refresh import alive, fresh_counters, logged_in, refresh, refused

__all__ = ["fresh_counters"]


def test_30_forty_parallel_refreshes_have_one_successor_and_nobody_is_logged_out(house):
    first = logged_in(house)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: refresh(house, first["refresh_token"]), range(40)))
    assert Counter(answer.status_code for answer in answers) == {201: 40}
    pairs = {tuple(sorted(answer.json().items())) for answer in answers}
    assert len(pairs) == 1
    second = answers[0].json()
    assert alive(house, second)
    assert refresh(house, second["refresh_token"]).status_code == 201


def test_30_a_refresh_token_replayed_after_the_grace_ends_the_session_and_is_an_alarm(house, monkeypatch):
    first, elsewhere = logged_in(house), logged_in(house)
    second = refresh(house, first["refresh_token"]).json()
    real = refreshing.wall
    monkeypatch.setattr(refreshing, "wall", lambda: real() + refreshing.GRACE - timedelta(seconds=5))
    assert refresh(house, first["refresh_token"]).json() == second, "within the grace an answer can be fetched again"
    monkeypatch.setattr(refreshing, "wall", lambda: real() + refreshing.GRACE + timedelta(seconds=1))
    assert refused(refresh(house, first["refresh_token"]))
    assert not alive(house, first)
    assert not alive(house, second)
    assert refused(refresh(house, second["refresh_token"]))
    assert alive(house, elsewhere), "another login of the same person is another session"
    with house.sql("superuser") as connection:
        reasons = connection.execute("SELECT end_reason FROM identity.sessions WHERE end_reason IS NOT NULL").fetchall()
    assert ("token_reused",) in reasons
    with house.sql("superuser") as connection:
        alarms = connection.execute(
            "SELECT topic FROM kernel.outbox WHERE topic LIKE 'identity.refresh_token%'"
        ).fetchall()
        lines = connection.execute(
            "SELECT count(*) FROM identity.audit_entries WHERE action = 'refresh_token.reused'"
        ).fetchone()
    assert alarms == [("identity.refresh_token_reused.v1",)]
    assert lines == (1,)

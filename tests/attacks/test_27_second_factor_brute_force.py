"""Attack 27: second factors guessed from many addresses and sessions. Counted per account; after five it is shut, and the owner gets a mail."""

import pytest

from identity.security import factors
from identity.sessions import attempts
from kernel import cache
from tests.attacks.people import OTHER_PASSWORD, Victim, refusal, wrong
from tests.mailbox import links, posting


@pytest.fixture(autouse=True)
def fresh_counters(house):
    cache.client().flushall()
    attempts._local = attempts.LocalCounter()


def test_27_guesses_from_everywhere_are_one_count_and_the_owner_is_told(house, monkeypatch):
    with posting(house, monkeypatch) as box:
        victim = Victim(house, factor=True)
        sessions = [victim.token, victim.token]
        house.client.post("/v1/password-resets", json={"email": victim.email})
        reset = {"token": box.link(victim.email, "/reset"), "password": OTHER_PASSWORD}
        guess = {"totp": wrong(victim)}
        ways = [
            lambda: victim.try_login(**guess, headers={"X-Forwarded-For": "198.51.100.1"}),
            lambda: victim.ask("POST", "/v1/step-up", guess, sessions[0]),
            lambda: victim.try_login(**guess, headers={"X-Forwarded-For": "203.0.113.9"}),
            lambda: house.client.post("/v1/password-resets/confirm", json={**reset, **guess}),
            lambda: victim.try_login(recovery_code="aaaa-bbbb-cccc-dddd"),
        ]
        assert len(ways) == factors.FAILURES
        for way in ways:
            assert refusal(way()) == (401, "second_factor_invalid")
        right = {"totp": victim.code()}
        for way in (
            lambda: victim.try_login(**right, headers={"X-Forwarded-For": "192.0.2.77"}),
            lambda: victim.ask("POST", "/v1/step-up", right),
            lambda: house.client.post("/v1/password-resets/confirm", json={**reset, **right}),
        ):
            answer = way()
            assert refusal(answer) == (429, "second_factor_locked"), "even the right code waits"
            assert int(answer.headers["retry-after"]) > 60
        [(_, subject, body)] = box.fetch(victim.email)
        assert subject == "Too many wrong codes for your account"
        assert [page for page, _ in links(body)] == ["/freeze"]

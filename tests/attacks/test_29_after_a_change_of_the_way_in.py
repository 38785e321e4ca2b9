"""Attack 29: a thief replaces password, second factor or e-mail. No new key for a day, all sessions out, and a mail with a link that freezes."""

from __future__ import annotations

import pytest

from identity.sessions import attempts
from kernel import cache, db
from tests.attacks.people import KEY, OTHER_PASSWORD, Victim, refusal
from tests.mailbox import links, posting
from tests.notice_board import advance, as_engine


@pytest.fixture(autouse=True)
def fresh_counters(house):
    cache.client().flushall()
    attempts._local = attempts.LocalCounter()


def _password(victim, _box):
    wish = {"current_password": victim.password, "new_password": OTHER_PASSWORD}
    assert victim.ask("POST", "/v1/me/password", wish, victim.token).status_code == 204
    victim.password = OTHER_PASSWORD


def _reset(victim, box):
    victim.house.client.post("/v1/password-resets", json={"email": victim.email})
    wish = {"token": box.link(victim.email, "/reset"), "password": OTHER_PASSWORD}
    assert victim.house.client.post("/v1/password-resets/confirm", json=wish).status_code == 204
    victim.password = OTHER_PASSWORD


def _email(victim, box):
    wanted = "thief-" + victim.email
    assert victim.ask("POST", "/v1/me/email", {"email": wanted}).status_code == 202
    for _, _, body in box.fetch():
        [(_, token)] = links(body)
        assert victim.house.client.post("/v1/email-changes/confirm", json={"token": token}).status_code == 200
    victim.email = wanted


def _factor(victim, _box):
    assert victim.ask("DELETE", "/v1/mfa/totp").status_code == 204


def _codes(victim, _box):
    """A code stands in for the factor: who has ten new ones needs nothing else of the owner's."""
    victim.codes = victim.ask("POST", "/v1/mfa/recovery-codes").json()["recovery_codes"]


@pytest.mark.parametrize("change", [_password, _reset, _email, _factor, _codes])
def test_29_a_change_ends_sessions_pauses_keys_and_mails_a_freeze_link(house, monkeypatch, change):
    with posting(house, monkeypatch) as box:
        victim = Victim(house, factor=change in {_factor, _codes})
        first = victim.email
        elsewhere = victim.login(totp=victim.code()) if victim.secret else victim.login()
        change(victim, box)
        assert victim.ask("GET", "/v1/me", token=elsewhere).status_code == 401
        inside = victim.login(recovery_code=victim.codes[0]) if change is _codes else victim.login()
        assert refusal(victim.ask("POST", "/v1/api-keys", KEY, inside)) == (403, "cooling_down")
        freezing = [token for _, _, body in box.fetch(first) for page, token in links(body) if page == "/freeze"]
        assert freezing, "the mail goes to where the owner reads"
        with as_engine(house.database, back_to=house.database.app):
            advance("23 hours")
        assert refusal(victim.ask("POST", "/v1/api-keys", KEY, inside)) == (403, "cooling_down")
        assert house.client.post("/v1/account-freezes", json={"token": freezing[0]}).status_code == 204
        assert victim.ask("GET", "/v1/me", token=inside).status_code == 401
        assert victim.try_login().status_code == 401
        with db.read_only(tenant=house.first) as tx:
            assert tx.scalar("SELECT status FROM identity.principals WHERE id = :id", id=victim.id) == "frozen"

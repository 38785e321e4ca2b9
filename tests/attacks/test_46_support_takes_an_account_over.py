"""Attack 46: support changes mail and second factors of a customer, then acts as that customer. A second role must agree, and then a day passes."""

from __future__ import annotations

import pytest

from identity.sessions import attempts
from kernel import cache
from tests.attacks.people import KEY, OTHER_PASSWORD, Victim, refusal
from tests.mailbox import links, posting

WHY = {"reason": "the customer asked, really"}


@pytest.fixture(autouse=True)
def fresh_counters(house):
    cache.client().flushall()
    attempts._local = attempts.LocalCounter()


def _patch(house, who, victim, **wish):
    return house.client.patch(f"/v1/customers/{victim.id}", json={**WHY, **wish}, headers=house.auth(who))


def _approve(house, who, approval):
    seen = house.client.get(f"/v1/approvals/{approval}", headers=house.auth(who))
    digest = seen.json().get("digest", "0" * 64)
    return house.client.post(f"/v1/approvals/{approval}/approve", json={"digest": digest}, headers=house.auth(who))


@pytest.mark.parametrize("wish", [{"reset_factors": True}, {"email": "mine@support.example"}])
def test_46_neither_support_nor_an_administrator_does_it_alone(house, monkeypatch, wish):
    with posting(house, monkeypatch) as box:
        victim = Victim(house, factor=True)
        asked = _patch(house, "support", victim, **wish)
        assert asked.status_code == 202, asked.text
        for who in ("support", "admin"):
            assert _approve(house, who, asked.json()["approval_id"]).status_code in {403, 404}, who
        box.work()
        after = house.client.get(f"/v1/customers/{victim.id}", headers=house.auth("support")).json()
        assert (after["email"], after["totp"]) == (victim.email, True)
        assert victim.ask("GET", "/v1/me").status_code == 200


def test_46_even_agreed_to_it_opens_nothing_for_a_day_and_the_owner_can_freeze(house, monkeypatch):
    with posting(house, monkeypatch) as box:
        victim = Victim(house, factor=True)
        for wish in ({"reset_factors": True}, {"email": "thief@support.example"}):
            asked = _patch(house, "support", victim, **wish)
            assert _approve(house, "compliance", asked.json()["approval_id"]).status_code == 200
            box.work()
        owner = [body for _, _, body in box.fetch(victim.email)]
        assert house.client.post("/v1/password-resets", json={"email": "thief@support.example"}).status_code == 202
        reset = {"token": box.link("thief@support.example", "/reset"), "password": OTHER_PASSWORD}
        assert house.client.post("/v1/password-resets/confirm", json=reset).status_code == 204
        inside = house.login("thief@support.example", OTHER_PASSWORD).json()["access_token"]
        assert refusal(victim.ask("POST", "/v1/api-keys", KEY, inside)) == (403, "cooling_down")
        freeze = [token for body in owner for page, token in links(body) if page == "/freeze"]
        assert house.client.post("/v1/account-freezes", json={"token": freeze[-1]}).status_code == 204
        assert victim.ask("GET", "/v1/me", token=inside).status_code == 401

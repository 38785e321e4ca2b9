"""What a login page and a console are told: by what one may log in, and when nobody is at the desk any more."""

from __future__ import annotations

import pytest

from kernel import settings as kernel_settings


@pytest.fixture
def configured(monkeypatch):
    def change(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"RIVERMOUTH_{name.upper()}", value)
        kernel_settings.settings.cache_clear()

    yield change
    monkeypatch.undo()
    kernel_settings.settings.cache_clear()


def offered(house):
    answer = house.client.get("/v1/sessions/methods")
    assert answer.status_code == 200
    return answer.json()


def idle(house, who):
    return house.client.get("/v1/me", headers=house.auth(who)).json()["idle_logout_s"]


def test_passkeys_are_offered_where_the_house_knows_its_address(house, configured):
    assert offered(house)["passkeys"] is True  # in a sandbox it is the page's own
    configured(mode="production")
    assert offered(house)["passkeys"] is False
    configured(public_url="https://trade.example")
    assert offered(house)["passkeys"] is True


def test_staff_are_sent_to_their_company_where_it_is_named_whole(house, configured):
    assert offered(house)["staff_login"] is False
    configured(oidc_issuer="https://login.company.example", oidc_client_id="rivermouth")
    assert offered(house)["staff_login"] is False
    configured(oidc_client_secret="known-to-both")
    assert offered(house)["staff_login"] is True
    configured(mode="production")
    assert offered(house)["staff_login"] is False, "it could not send them back"
    configured(public_url="https://trade.example")
    assert offered(house)["staff_login"] is True


def test_staff_are_logged_out_of_a_desk_that_nobody_touches_and_customers_are_not(house, configured):
    assert (idle(house, "finance"), idle(house, "retail")) == (1800, None)
    configured(staff_idle_s="60")
    assert (idle(house, "finance"), idle(house, "retail")) == (60, None)
    configured(staff_idle_s="0")
    assert idle(house, "finance") is None

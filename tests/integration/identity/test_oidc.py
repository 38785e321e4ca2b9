"""Staff log in at the provider: a real one on a local port, which may also lie."""

import httpx
import pytest
from joserfc.jwk import RSAKey

from kernel.settings import settings
from tests import oidc_provider
from tests.oidc_provider import CLIENT, SECRET


@pytest.fixture
def provider(house):
    with oidc_provider.running() as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIVERMOUTH_OIDC_ISSUER", made.issuer)
        patch.setenv("RIVERMOUTH_OIDC_CLIENT_ID", CLIENT)
        patch.setenv("RIVERMOUTH_OIDC_CLIENT_SECRET", SECRET)
        settings.cache_clear()
        yield made
    settings.cache_clear()


@pytest.fixture
def browser(house):
    with httpx.Client(base_url=str(house.client.base_url), timeout=30) as client:
        yield client


def to_the_door(browser):
    """Off to the provider and back to our door, which is not opened yet."""
    away = browser.get("/oauth/staff/login")
    assert away.status_code == 302, away.text
    back = httpx.get(away.headers["location"], timeout=60)
    assert back.status_code == 302
    return back.headers["location"]


def refused(answer):
    assert (answer.status_code, answer.json()["code"]) == (401, "oidc_failed"), answer.text
    assert "rivermouth_session" not in answer.headers.get("set-cookie", "")


def test_without_a_provider_there_is_no_such_door(browser):
    for path in ("login", "callback"):
        answer = browser.get(f"/oauth/staff/{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "oidc_not_configured")


def test_staff_come_back_with_a_session_that_has_proven_nothing_to_us(browser, provider):
    opened = browser.get(to_the_door(browser))
    assert (opened.status_code, opened.headers["location"]) == (302, "/"), opened.text
    me = browser.get("/v1/me").json()
    assert (me["email"], me["kind"]) == ("admin@first.example", "staff")
    headers = {"Rivermouth-CSRF": me["csrf_token"]}
    body = {"name": "x", "grants": ["client_credentials"], "scopes": ["read"], "confidential": True}
    answer = browser.post("/v1/oauth/clients", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


def test_an_answer_counts_once_and_in_the_browser_that_asked(house, browser, provider):
    door = to_the_door(browser)
    with httpx.Client(
        base_url=str(house.client.base_url), timeout=60
    ) as another:  # login CSRF: somebody else's answer, led here
        refused(another.get(door))
    refused(browser.get(door))  # and it is used up
    door = to_the_door(browser)
    refused(browser.get(door.replace("state=", "state=x")))
    door = to_the_door(browser)
    assert browser.get(door).status_code == 302
    refused(browser.get(door))
    redeemed = provider.redeemed
    refused(browser.get("/oauth/staff/callback"))
    assert provider.redeemed == redeemed


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"}, {"aud": "another"}, {"aud": [CLIENT, "another"]}, {"azp": "another"}, {"nonce": "another"},
        {"nonce": None}, {"exp": 1}, {"exp": None}, {"email_verified": False}, {"email_verified": "true"}, {"email": None},
        {"email": "nobody@first.example"}, {"email": "retail@first.example"}, {"sub": ""}, {"sub": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_provider_that_does_not_vouch_for_staff_of_ours_opens_nothing(browser, provider, lies):
    provider.lies = lies
    refused(browser.get(to_the_door(browser)))


def test_a_token_of_somebody_elses_key_opens_nothing(browser, provider):
    provider.signer = RSAKey.generate_key(2048, {"kid": "p1"})
    refused(browser.get(to_the_door(browser)))
    provider.signer = None
    provider.header = {"jwk": provider.key.as_dict(private=False)}
    refused(browser.get(to_the_door(browser)))


def test_an_account_belongs_to_one_person_at_the_provider_for_ever(browser, provider):
    provider.email = "support@first.example"
    assert browser.get(to_the_door(browser)).status_code == 302
    provider.subject = "person-2"  # who was given the mail address later
    refused(browser.get(to_the_door(browser)))


def test_a_provider_that_calls_itself_something_else_is_not_spoken_to(house, browser, provider):
    address, provider.issuer = provider.issuer, "https://evil.example"
    try:
        refused(browser.get("/oauth/staff/login"))
    finally:
        provider.issuer = address

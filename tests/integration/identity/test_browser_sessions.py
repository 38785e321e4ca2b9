"""A browser's session: a cookie that no script reads, and a token without which nothing is changed."""

import httpx
import pytest

from identity.sessions.cookies import COOKIE
from tests.house import PASSWORD

RETAIL = {"email": "retail@first.example", "password": PASSWORD}
ALERT = {"symbol": "BTC-USDT", "direction": "above", "price": "1000000"}


@pytest.fixture
def page(house):
    """A browser with our page open: it keeps cookies and names its origin."""
    base = str(house.client.base_url).rstrip("/")
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=30) as browser:
        yield browser


def test_a_browser_gets_a_cookie_and_no_token(page):
    answer = page.post("/v1/sessions", json=RETAIL)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["access_token"], body["token_type"]) == (None, "cookie")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{COOKIE}=rms_")
    for word in ("httponly", "samesite=strict", "path=/"):
        assert word in cookie
    assert "rms_" not in answer.text
    me = page.get("/v1/me").json()
    assert (me["email"], me["csrf_token"]) == (RETAIL["email"], body["csrf_token"]), "a page loaded anew finds it"


def test_what_changes_something_needs_the_token(page):
    token = page.post("/v1/sessions", json=RETAIL).json()["csrf_token"]
    for headers in ({}, {"Rivermouth-CSRF": "guessed"}, {"Rivermouth-CSRF": ""}):
        refused = page.post("/v1/price-alerts", json=ALERT, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_token_missing")
    assert page.post("/v1/price-alerts", json=ALERT, headers={"Rivermouth-CSRF": token}).status_code == 201
    assert page.get("/v1/price-alerts").json()["items"], "reading needs none"


def test_the_token_of_one_session_is_nothing_to_another(page, house):
    first = page.post("/v1/sessions", json=RETAIL).json()["csrf_token"]
    page.cookies.clear()
    page.post("/v1/sessions", json=RETAIL)
    refused = page.post("/v1/price-alerts", json=ALERT, headers={"Rivermouth-CSRF": first})
    assert refused.json()["code"] == "csrf_token_missing"


def test_logging_out_ends_the_session_and_takes_the_cookie(page):
    token = page.post("/v1/sessions", json=RETAIL).json()["csrf_token"]
    kept = page.cookies[COOKIE]
    assert page.delete("/v1/sessions/current").status_code == 403
    assert page.delete("/v1/sessions/current", headers={"Rivermouth-CSRF": token}).status_code == 204
    assert COOKIE not in page.cookies
    assert page.get("/v1/me", headers={"Cookie": f"{COOKIE}={kept}"}).status_code == 401


def test_a_page_of_somebody_else_gets_no_cookie(house):
    answer = house.client.post("/v1/sessions", json=RETAIL, headers={"Origin": "https://elsewhere.example"})
    assert "set-cookie" not in answer.headers
    assert answer.json()["token_type"] == "bearer"


def test_a_program_is_asked_for_no_token(house):
    made = house.client.post("/v1/price-alerts", json=ALERT, headers=house.auth("retail"))
    assert made.status_code == 201
    assert house.client.get("/v1/me", headers=house.auth("retail")).json()["csrf_token"] is None


def test_a_header_counts_more_than_a_cookie(page, house):
    page.post("/v1/sessions", json=RETAIL)
    assert page.get("/v1/me", headers=house.auth("admin")).json()["email"] == "admin@first.example"
    assert page.get("/v1/me", headers={"Authorization": "Bearer wrong"}).status_code == 401

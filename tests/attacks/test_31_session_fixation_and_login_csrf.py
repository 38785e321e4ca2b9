"""Attack 31: a session that the attacker chose, or a login that the attacker's page makes. The first is never taken, the second gets no cookie."""

import httpx
import pytest

from identity.sessions.cookies import COOKIE
from tests.attacks.people import Victim
from tests.house import PASSWORD

CREDENTIALS = {"email": "retail@first.example", "password": PASSWORD}


@pytest.fixture
def base(house):
    return str(house.client.base_url).rstrip("/")


def test_31_a_planted_session_is_not_the_one_after_the_login(house, base):
    planted = Victim(house).token  # the attacker's own, put into the victim's browser before the login
    with httpx.Client(base_url=base, headers={"Origin": base}, cookies={COOKIE: planted}, timeout=30) as browser:
        answer = browser.post("/v1/sessions", json=CREDENTIALS)
        assert answer.status_code in {201, 403}, answer.text
        if answer.status_code == 403:  # the planted cookie is refused before anything else
            browser.cookies.clear()
            answer = browser.post("/v1/sessions", json=CREDENTIALS)
        [fresh] = [value for name, value in answer.cookies.items() if name == COOKIE]
        assert fresh != planted
    seen = house.client.get("/v1/me", headers={"Authorization": f"Bearer {planted}"}).json()
    assert seen["email"] != CREDENTIALS["email"], "the planted session never becomes the victim's"


def test_31_a_session_id_that_nobody_gave_out_is_never_taken(house, base):
    invented = "rms_" + "A" * 43
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=30) as browser:
        answer = browser.post("/v1/sessions", json=CREDENTIALS, headers={"Cookie": f"{COOKIE}={invented}"})
        assert invented not in answer.headers.get("set-cookie", "")
    assert house.client.get("/v1/me", headers={"Cookie": f"{COOKIE}={invented}"}).status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"])
def test_31_a_login_from_a_foreign_page_sets_no_cookie(house, origin):
    answer = house.client.post("/v1/sessions", json=CREDENTIALS, headers={"Origin": origin})
    assert "set-cookie" not in answer.headers
    assert "access-control-allow-origin" not in answer.headers, "and its answer is not for that page to read"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_31_what_a_form_can_send_is_no_login(house, base, kind):
    text = f'{{"email":"{CREDENTIALS["email"]}","password":"{PASSWORD}","x":"="}}'
    answer = house.client.post("/v1/sessions", content=text, headers={"Content-Type": kind, "Origin": base})
    assert answer.status_code == 400
    assert "set-cookie" not in answer.headers


def test_31_a_foreign_page_cannot_use_the_session_it_knows_to_be_there(house, base):
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=30) as browser:
        browser.post("/v1/sessions", json=CREDENTIALS)
        forged = browser.delete("/v1/sessions", headers={"Origin": "https://evil.example"})
        assert (forged.status_code, forged.json()["code"]) == (403, "csrf_token_missing")

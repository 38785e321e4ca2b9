"""Programs in the browser: one asks and is allowed, a device is connected by its code, and both are ended under connected programs."""

import re
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import expect

from rivermouth.prove.stack import PASSWORD
from rivermouth.seed import TERMINAL
from tests.browser.texts import LANGUAGES, words
from tests.oauth_programs import DEVICE, pkce

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]


def registered(demo, name, callback):
    demo.admin.call("POST", "/v1/step-up", {"password": PASSWORD}).raise_for_status()
    body = {
        "name": name, "grants": ["authorization_code", "refresh_token"], "scopes": ["read", "trade"], "confidential": True,
        "redirect_uris": [callback],
    }  # fmt: skip
    return demo.admin.post("/v1/oauth/clients", body)


@LANGUAGES
def test_a_program_asks_is_allowed_and_is_ended(visitor, demo, language):
    texts = words(language, "oauth")
    visit = visitor("retail2", language=language)
    callback = f"{visit.base}/nowhere"
    program = registered(demo, f"Portfolio {language}", callback)
    proof = pkce()
    asked = {
        "response_type": "code", "client_id": program["client_id"], "redirect_uri": callback, "scope": "read trade", "state": "7",
        "code_challenge": proof.challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    page = visit.login(f"/oauth/authorize?{urlencode(asked)}")
    expect(page.get_by_role("heading", name=texts["room"]["connect"])).to_be_visible()
    expect(page.get_by_text(texts["scope"]["trade"])).to_be_visible()
    assert visit.violations() == []
    assert visit.raw_keys() == []
    page.get_by_role("button", name=texts["connect"]["yes"]).click()
    page.wait_for_url(re.compile(r"/nowhere\?code="))
    back = httpx.URL(page.url).params
    assert (back["state"], urlsplit(back["iss"]).port) == ("7", urlsplit(visit.base).port)
    form = {
        "grant_type": "authorization_code",
        "code": back["code"],
        "redirect_uri": callback,
        "code_verifier": proof.verifier,
    }
    got = httpx.post(
        f"{demo.base}/oauth/token", data=form, auth=(program["client_id"], program["client_secret"]), timeout=60
    ).json()
    mine = {"Authorization": f"Bearer {got['access_token']}"}
    assert httpx.get(f"{demo.base}/v1/balances", headers=mine, timeout=60).status_code == 200

    visit.go("/apps")
    row = page.get_by_role("row").filter(has_text=program["name"])
    expect(row.get_by_text(texts["apps"]["agreed"])).to_be_visible()
    assert visit.violations() == []
    row.get_by_role("button", name=texts["apps"]["end"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["apps"]["end"]).click()
    expect(row).to_have_count(0)
    assert httpx.get(f"{demo.base}/v1/balances", headers=mine, timeout=60).status_code == 401


@LANGUAGES
def test_a_device_is_connected_by_the_code_it_shows(visitor, demo, language):
    texts = words(language, "oauth")
    begun = httpx.post(
        f"{demo.base}/oauth/device_authorization", data={"client_id": TERMINAL, "scope": "read"}, timeout=60
    ).json()
    visit = visitor("retail2", language=language)
    page = visit.login(f"/device?user_code={begun['user_code']}")
    expect(page.get_by_role("textbox", name=texts["device"]["code"])).to_have_value(begun["user_code"])
    page.get_by_role("button", name=texts["device"]["next"]).click()
    expect(page.get_by_text(texts["device"]["warn"])).to_be_visible()
    assert visit.violations() == []
    page.get_by_role("button", name=texts["device"]["yes"]).click()
    expect(page.get_by_text(texts["device"]["allowed"])).to_be_visible()
    form = {"grant_type": DEVICE, "device_code": begun["device_code"], "client_id": TERMINAL}
    assert httpx.post(f"{demo.base}/oauth/token", data=form, timeout=60).json()["scope"] == "read"


def test_staff_register_a_program_and_its_secret_is_shown_once(visitor):
    texts = words("en", "oauth")
    visit = visitor("admin")
    page = visit.login("/programs")
    page.get_by_label(texts["programs"]["name"]).fill("Tax reports")
    page.get_by_label(texts["programs"]["uri"]).fill("https://tax.example/back")
    page.get_by_role("button", name=texts["programs"]["register"]).click()
    expect(page.get_by_text("rmx_")).to_be_visible()
    assert visit.violations() == []
    page.get_by_role("button", name=texts["programs"]["kept"]).click()
    expect(page.get_by_text("rmx_")).to_have_count(0)
    row = page.get_by_role("row").filter(has_text="Tax reports")
    row.get_by_role("button", name=texts["programs"]["remove"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["programs"]["remove"]).click()
    expect(row).to_have_count(0)

"""Security of one's account: an app is enrolled in the browser, demanded at the login, asked for again, and removed."""

import re
import time

import pyotp
import pytest
from playwright.sync_api import expect

from rivermouth.prove.stack import DOMAIN, PASSWORD, Client
from tests.browser.texts import LANGUAGES, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
WHO = "support"


def code(secret, steps=0):
    """A code early in its half minute, so that it is still good when it arrives."""
    while time.time() % 30 > 15:
        time.sleep(0.5)
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps)


@pytest.fixture
def guarded(demo):
    """Whoever enrols tells the secret; in the end the account is as it was."""
    secrets = []
    yield secrets.append
    if not secrets:
        return
    body = {"email": f"{WHO}@{DOMAIN}", "password": PASSWORD}
    http = Client(demo.base, f"auditor@{DOMAIN}").http
    answer = http.post("/v1/sessions", json=body)
    if answer.status_code == 401:
        answer = http.post("/v1/sessions", json={**body, "totp": code(secrets[-1], 1)})
        http.headers["Authorization"] = "Bearer " + answer.json()["access_token"]
        assert http.request("DELETE", "/v1/mfa/totp").status_code == 204


@LANGUAGES
def test_an_app_is_set_up_and_the_next_login_asks_for_its_code(visitor, guarded, language):
    texts, common = words(language, "account"), words(language, "common")
    visit = visitor(WHO, language=language)
    page = visit.login("/")
    page.get_by_role("button", name=re.compile(WHO, re.IGNORECASE)).first.click()
    page.get_by_role("link", name=common["settings"]["security"]).click()
    expect(page.get_by_role("heading", name=texts["room"]["security"])).to_be_visible()
    page.get_by_role("button", name=texts["factor"]["set_up"]).click()
    expect(page.get_by_role("img", name=texts["factor"]["qr"])).to_be_visible()
    assert visit.violations() == []
    secret = page.get_by_test_id("totp-secret").inner_text()
    guarded(secret)
    page.get_by_label(texts["factor"]["code"]).fill(code(secret, -1))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("recovery-codes").get_by_role("listitem")).to_have_count(10)
    recovery = page.get_by_test_id("recovery-codes").get_by_role("listitem").first.inner_text()
    page.get_by_role("button", name=texts["factor"]["kept"]).click()
    expect(page.get_by_text(texts["factor"]["codes_left"].replace("{{n}}", "10"))).to_be_visible()

    page.get_by_role("button", name=re.compile(WHO, re.IGNORECASE)).first.click()
    page.get_by_role("button", name=common["action"]["logout"]).click()
    page.locator("input[type=email]").fill(f"{WHO}@{DOMAIN}")
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    field = page.get_by_label(common["login"]["code"])
    expect(field).to_be_focused()
    field.fill("wrong-wrong-wrong-wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text(common["code"]["second_factor_invalid"])).to_be_visible()
    field.fill(recovery)
    page.keyboard.press("Enter")
    visit.settle()
    expect(page.get_by_text(texts["factor"]["codes_left"].replace("{{n}}", "9"))).to_be_visible()
    expect(page.locator("main .pill", has_text=texts["sessions"]["this"])).to_be_visible()

    page.get_by_role("button", name=texts["factor"]["remove"]).click()
    confirm = page.get_by_role("alertdialog")
    confirm.get_by_role("button", name=texts["factor"]["remove"]).click()
    expect(page.get_by_role("button", name=texts["factor"]["set_up"])).to_be_visible()


def test_a_session_that_proved_nothing_is_asked_before_what_is_dangerous(visitor, demo, guarded):
    texts = words("en", "account")
    visit = visitor(WHO)
    page = visit.login("/security")
    elsewhere = Client(demo.base, f"{WHO}@{DOMAIN}")
    secret = elsewhere.post("/v1/mfa/totp", None)["secret"]
    guarded(secret)
    elsewhere.post("/v1/mfa/totp/confirm", {"totp": code(secret, -1)})
    visit.go("/security")
    page.get_by_role("button", name=texts["factor"]["renew"]).click()
    asked = page.get_by_role("alertdialog", name=texts["factor"]["renew"])
    expect(asked.get_by_text(texts["factor"]["renew_ask"])).to_be_visible()
    asked.get_by_role("button", name=texts["factor"]["renew"]).click()
    question = page.get_by_role("dialog", name=texts["step_up"]["title"])
    question.get_by_label(texts["step_up"]["code"]).fill(code(secret))
    assert visit.violations() == []
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("recovery-codes").get_by_role("listitem")).to_have_count(10)
    visit.troubles[:] = [trouble for trouble in visit.troubles if "status of 403" not in trouble]  # the refusal itself


@LANGUAGES
def test_a_passkey_made_in_this_browser_opens_the_account(visitor, demo, language):
    """With the browser's virtual authenticator: registered, used for a login, removed."""
    texts, common = words(language, "account"), words(language, "common")
    who = "compliance"
    visit = visitor(who, language=language)
    page = visit.login("/security")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    made = devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )
    page.get_by_label(texts["passkey"]["name"]).fill("telephone")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("recovery-codes").get_by_role("listitem")).to_have_count(10)
    page.get_by_role("button", name=texts["factor"]["kept"]).click()
    expect(page.get_by_role("row").filter(has_text="telephone")).to_be_visible()
    stored = devices.send("WebAuthn.getCredentials", {"authenticatorId": made["authenticatorId"]})["credentials"]
    assert [credential["rpId"] for credential in stored] == ["localhost"]

    page.get_by_role("button", name=re.compile(who, re.IGNORECASE)).first.click()
    page.get_by_role("button", name=common["action"]["logout"]).click()
    page.get_by_role("button", name=common["login"]["passkey"]).click()
    visit.settle()
    expect(page.get_by_role("heading", name=texts["room"]["security"])).to_be_visible()
    assert visit.violations() == []

    page.get_by_role("button", name=texts["passkey"]["remove"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["passkey"]["remove"]).click()
    expect(page.get_by_text(texts["passkey"]["none"])).to_be_visible()
    page.get_by_role("button", name=re.compile(who, re.IGNORECASE)).first.click()
    page.get_by_role("button", name=common["action"]["logout"]).click()
    page.get_by_role("button", name=common["login"]["passkey"]).click()
    expect(page.get_by_text(common["code"]["passkey_invalid"])).to_be_visible()  # the device still has it; we do not

"""An account from the first page to the first login, a lost password, a shut account: all through the links of real mails."""

import re
import time

import pytest
from playwright.sync_api import expect

from kernel.ids import uuid7
from tests.browser.texts import LANGUAGES, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
FIRST, SECOND = "a lantern under the river mouth", "three herons beside cold water"
_LINK = re.compile(r"http://localhost:\d+(/[a-z-]+#rml_[A-Za-z0-9_-]{43})")


def link(demo, to, page):
    """The newest link to this page that was mailed to somebody."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for mail in demo.admin.get(f"/v1/sandbox/mails?to={to}")["items"]:
            found = [path for path in _LINK.findall(mail["body"]) if path.startswith(page + "#")]
            if found:
                return found[0]
        time.sleep(0.2)
    raise AssertionError(f"no mail to {to} with a link to {page}")


def log_in(page, texts, email, password):
    page.get_by_label(texts["login"]["email"]).fill(email)
    page.get_by_label(texts["login"]["password"]).fill(password)
    page.keyboard.press("Enter")


@LANGUAGES
def test_somebody_opens_an_account_forgets_the_password_and_shuts_it(demo, visitor, language):
    enter, common = words(language, "enter"), words(language, "common")
    email = f"{uuid7().hex[-12:]}@mail.example"
    visit = visitor("nobody", language=language)
    page = visit.page
    page.goto(visit.base + "/")
    page.get_by_role("link", name=common["login"]["help"]).click()
    page.get_by_role("link", name=enter["register"]["link"]).click()
    page.get_by_label(enter["email"]).fill(email)
    page.get_by_label(enter["password"]).fill(FIRST)
    assert visit.violations() == [] and visit.raw_keys() == [] and not visit.sideways()
    page.get_by_role("button", name=enter["register"]["act"]).click()
    expect(page.locator("main").get_by_role("status")).to_contain_text(email)

    page.goto(visit.base + link(demo, email, "/verify"))
    expect(page.get_by_role("button", name=enter["verify"]["act"])).to_be_enabled()
    expect(page).to_have_url(visit.base + "/verify")  # the secret does not stay in the address
    page.get_by_label(enter["verify"]["password"]).fill(FIRST)
    page.get_by_role("button", name=enter["verify"]["act"]).click()
    expect(page.locator("main").get_by_role("status")).to_have_text(enter["verify"]["done"])
    page.get_by_role("link", name=enter["to_login"]).click()

    page.get_by_role("link", name=common["login"]["help"]).click()
    page.get_by_label(enter["email"]).fill(email)
    page.get_by_role("button", name=enter["forgot"]["act"]).click()
    expect(page.locator("main").get_by_role("status")).to_contain_text(email)
    page.goto(visit.base + link(demo, email, "/reset"))
    page.get_by_label(enter["reset"]["password"]).fill(SECOND)
    assert visit.violations() == []
    page.get_by_role("button", name=enter["reset"]["act"]).click()
    expect(page.locator("main").get_by_role("status")).to_have_text(enter["reset"]["done"])
    page.get_by_role("link", name=enter["to_login"]).click()
    log_in(page, common, email, SECOND)
    page.locator("[data-testid=connection][data-status=live]").wait_for()

    page.goto(visit.base + link(demo, email, "/freeze"))
    page.get_by_role("button", name=enter["freeze"]["act"]).click()
    expect(page.locator("main").get_by_role("status")).to_have_text(enter["freeze"]["done"])
    page.get_by_role("link", name=enter["to_login"]).click()
    expect(page.get_by_role("button", name=common["action"]["login"], exact=True)).to_be_visible()


@LANGUAGES
def test_support_finds_a_customer_and_shuts_the_account(demo, visitor, language):
    texts = words(language, "customers")
    visit = visitor("support", language=language)
    page = visit.login("/customers")
    page.get_by_label(texts["list"]["find"]).fill("retail2@")
    page.get_by_role("link", name=re.compile("retail2@")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("retail2@")
    assert visit.violations() == [] and visit.raw_keys() == [] and not visit.sideways()
    page.get_by_role("button", name=texts["deeds"]["lock"]["act"]).click()
    page.get_by_label(texts["deeds"]["reason"]).fill("a telephone was stolen")
    page.get_by_role("alertdialog").get_by_role("button", name=texts["deeds"]["lock"]["act"]).click()
    expect(page.get_by_text(texts["status"]["locked"]).first).to_be_visible()
    page.get_by_role("button", name=texts["deeds"]["open"]["act"]).click()
    page.get_by_label(texts["deeds"]["reason"]).fill("it was found")
    page.get_by_role("alertdialog").get_by_role("button", name=texts["deeds"]["open"]["act"]).click()
    expect(page.get_by_text(texts["status"]["active"]).first).to_be_visible()

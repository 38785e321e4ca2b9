"""A customer comes from the wallet to the proof of reserves, checks the own part in the browser, and takes both files along."""

import json
import time

import pytest
from playwright.sync_api import expect

from tests.browser.texts import LANGUAGES, words
from tests.reserve_trees import script

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
PATIENCE_MS = 90_000


def published(demo):
    """Treasury's wish, carried out by the engine."""
    finance = demo.client("finance")
    asked = finance.post("/v1/reserves/snapshots", {})["id"]
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while True:
        states = {one["id"]: one["state"] for one in finance.get("/v1/reserves/snapshots")["items"]}
        if states[asked] == "published":
            return
        assert states[asked] in {"asked", "taken"}, states
        assert time.monotonic() < deadline
        time.sleep(0.5)


def saved(page, button):
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return json.loads(download.value.path().read_text())


@LANGUAGES
def test_a_customer_checks_the_own_part(visitor, demo, language):
    published(demo)
    texts, wallet = words(language, "reserves"), words(language, "wallet")
    visit = visitor("retail", language=language)
    visit.login("/wallet")
    page = visit.page
    page.get_by_role("link", name=wallet["wallet"]["reserves"]).click()
    expect(page.get_by_role("heading", name=texts["room"]["reserves"])).to_be_visible()
    page.get_by_role("button", name=texts["check"]["verb"]).click()
    expect(page.get_by_role("status").filter(has_text=texts["check"]["right"])).to_be_visible(timeout=PATIENCE_MS)
    page.locator("summary").first.click()
    assert (visit.violations(), visit.raw_keys(), visit.sideways()) == ([], [], False)
    proof = saved(page, texts["check"]["proof"])
    roots = saved(page, texts["check"]["published"])
    assert script().verify(proof, roots["items"])


def test_a_page_that_is_shown_a_wrong_leaf_says_so(visitor, demo):
    published(demo)
    texts = words("en", "reserves")
    visit = visitor("retail")

    def lower(route):
        answer = route.fetch()
        body = answer.json()
        body["items"][0]["units"] = str(int(body["items"][0]["units"]) - 1)
        route.fulfill(response=answer, json=body)

    visit.page.route("**/v1/reserves/proof", lower)
    visit.login("/reserves")
    visit.page.get_by_role("button", name=texts["check"]["verb"]).click()
    expect(visit.page.get_by_role("status").filter(has_text=texts["wrong"]["root"])).to_be_visible(timeout=PATIENCE_MS)
    assert visit.violations() == []

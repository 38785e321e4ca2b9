"""The editor of loan products: a mistake stands at its field while one types, and a second person publishes what both have seen."""

import pytest
from playwright.sync_api import expect

from tests.browser.texts import LANGUAGES, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
NAMES = {"en": "Story loan", "zh": "故事借款"}


@LANGUAGES
def test_a_product_is_typed_corrected_and_published_by_a_second_person(visitor, demo, language):
    texts, staff, name = words(language, "lending_products"), words(language, "staff"), NAMES[language]
    visit = visitor("product", language=language)
    page = visit.login("/lending/products")
    page.get_by_role("link", name=texts["list"]["new"]).click()
    page.get_by_label(texts["term"]["name"], exact=True).fill(name)
    page.get_by_label(texts["meaning"]["at"].replace("{{asset}}", "BTC").replace("{{quote}}", "USDT")).fill("30000")
    page.get_by_label(texts["term"]["line"], exact=True).select_option(label="house USDT · USDT")
    meaning = page.get_by_test_id("meaning")
    for amount in ("24,000", "25,500", "24,900", "24,600", "24,300"):
        expect(meaning).to_contain_text(amount)

    hard = page.get_by_label(texts["line"]["hard"], exact=True)
    hard.fill("0.802")
    wrong = page.locator(".field", has=hard).locator(".field-error")
    expect(wrong).to_contain_text("0.80804")  # the latest that a sale would bear
    keep = page.get_by_role("button", name=texts["save"]["new"])
    expect(keep).to_be_disabled()
    hard.fill("0.81")
    expect(wrong).to_have_count(0)
    assert visit.violations() == []
    keep.click()

    page.get_by_role("button", name=texts["publish"]["ask"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["publish"]["ask"]).click()
    waits = page.get_by_role("link", name=texts["approval"]["requested"])
    expect(waits).to_be_visible()
    approval = waits.get_attribute("href")

    checker = visitor("admin", language=language).login(approval)
    expect(checker.get_by_text("0.83")).to_be_visible()
    checker.get_by_role("button", name=staff["approval"]["approve"]).click()
    checker.get_by_role("alertdialog").get_by_role("button", name=staff["approval"]["approve"]).click()
    expect(checker.get_by_text(staff["why"]["carried_out"])).to_be_visible(timeout=60_000)

    page.get_by_role("link", name=texts["one"]["back"]).click()
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text(texts["status"]["published"], timeout=60_000)
    offered = demo.client("retail").get("/v1/loan-products")["items"]
    mine = next(one for one in offered if one["name"] == name)
    assert "hard" not in mine["collaterals"][0]
    assert visit.raw_keys() == []

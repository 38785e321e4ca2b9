"""Borrowing as people do it: an offer, the loan, what may be done with it until it is repaid; and the book for those who answer for it."""

from decimal import Decimal as D

import pytest
from playwright.sync_api import expect

from tests.browser.texts import LANGUAGES, words
from tests.e2e.trading import lent

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]


def free(client, asset):
    return D(client.balances()[asset]["available"])


def lend(demo, amount):
    """A loan on a tenth of a bitcoin, by the API."""
    me = demo.client("retail2")
    product = next(each for each in me.get("/v1/loan-products")["items"] if each["name"] == "BTC loan")
    wish = {
        "product_id": product["id"], "collateral": [{"asset": "BTC", "quantity": "0.1"}], "borrow_asset": "USDT", "amount": amount,
        "tenor_days": 90,
    }  # fmt: skip
    return me, lent(me, wish)


@LANGUAGES
def test_a_customer_borrows_adds_collateral_asks_what_if_and_repays(visitor, demo, language):
    texts = words(language, "borrow")
    demo.price("BTC-USDT", "60000")
    btc, usdt = free(demo.retail, "BTC"), free(demo.retail, "USDT")
    visit = visitor("retail", language=language)
    page = visit.login("/borrow")
    visit.settle()
    page.get_by_label(texts["offer"]["product"]).select_option(label="BTC loan")
    page.locator(".borrow-collateral input").first.fill("0.1")
    page.get_by_label(texts["offer"]["share"]).fill("50")
    amount = page.get_by_label(texts["offer"]["amount"].split("{{")[0])
    expect(amount).not_to_have_value("0")
    amount.fill("2400")
    expect(page.locator(".borrow-gauge")).to_contain_text(texts["gauge"]["displayed"])
    assert (visit.violations(), visit.raw_keys()) == ([], [])
    page.get_by_role("button", name=texts["offer"]["ask"]).click()
    offer = page.get_by_role("dialog")
    expect(offer).to_contain_text("2,400 USDT")
    assert visit.violations() == []
    offer.get_by_role("button", name=texts["offer"]["take"]).click()

    page.wait_for_url("**/borrow/*")
    visit.settle()
    expect(page.get_by_text(texts["means"]["HEALTHY"])).to_be_visible()
    assert free(demo.retail, "USDT") == usdt + 2400
    assert free(demo.retail, "BTC") == btc - D("0.1")

    page.get_by_role("button", name=texts["act"]["top_up"]).click()
    dialog = page.get_by_role("alertdialog")
    dialog.locator("input").fill("0.02")
    dialog.get_by_role("button", name=texts["act"]["top_up"]).click()
    expect(page.get_by_text("0.12 BTC").first).to_be_visible()

    page.get_by_label(texts["what_if"]["prices"]).fill("-60")
    expect(page.get_by_text(texts["what_if"]["means"]["WARNING"])).to_have_count(0)
    asked = page.get_by_role("region", name=texts["what_if"]["title"], exact=True)
    asked.get_by_label(texts["what_if"]["move"]).select_option("withdraw")
    asked.get_by_label(texts["what_if"]["amount"].replace("{{asset}}", "BTC")).fill("0.119")
    expect(asked.get_by_text(texts["what_if"]["refused"])).to_be_visible()
    asked.get_by_label(texts["what_if"]["move"]).select_option("repay")
    asked.get_by_label(texts["what_if"]["amount"].replace("{{asset}}", "USDT")).fill("400")
    expect(asked).to_contain_text("2,000 USDT")
    expect(asked.get_by_text(texts["what_if"]["refused"])).to_have_count(0)
    assert (visit.violations(), visit.raw_keys()) == ([], [])

    page.get_by_role("button", name=texts["act"]["repay"], exact=True).click()
    dialog.get_by_role("button", name=texts["act"]["repay"], exact=True).click()
    expect(page.get_by_text(texts["means"]["repaid"])).to_be_visible()
    assert (free(demo.retail, "BTC"), free(demo.retail, "USDT")) == (btc, usdt)
    assert visit.violations() == []


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("zh", "light")])
def test_borrowing_fits_a_telephone(visitor, demo, language, theme):
    demo.price("BTC-USDT", "60000")
    _me, loan = lend(demo, "1000")
    visit = visitor("retail2", language=language, theme=theme, width=390, height=844)
    visit.login("/borrow")
    for path in ("/borrow", f"/borrow/{loan['id']}"):
        visit.go(path)
        assert not visit.sideways(), path
        assert (visit.violations(), visit.raw_keys()) == ([], [])


@LANGUAGES
def test_the_book_and_its_stress_test_add_up_for_treasury(visitor, demo, language):
    texts = words(language, "lending_book")
    demo.price("BTC-USDT", "60000")
    lend(demo, "4000")
    visit = visitor("treasury", language=language)
    page = visit.login("/lending/book")
    visit.settle()
    expect(page.get_by_role("region", name=texts["book"]["products"], exact=True)).to_contain_text("BTC loan")
    expect(page.get_by_role("region", name=texts["book"]["funding"], exact=True)).to_contain_text("house USDT")
    assert (visit.violations(), visit.raw_keys(), visit.sideways()) == ([], [], False)

    visit.go("/lending/stress")
    page.get_by_role("button", name=texts["stress"]["all"].replace("{{percent}}", "−50")).click()
    page.get_by_role("button", name=texts["stress"]["run"]).click()
    expect(page.get_by_role("region", name=texts["stress"]["market"], exact=True)).to_contain_text("BTC")
    expect(page.locator(".curves svg").first).to_be_visible()
    assert (visit.violations(), visit.raw_keys(), visit.sideways()) == ([], [], False)

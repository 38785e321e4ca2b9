"""The staff's work from end to end: each role does what it is there for, by clicking, and the house behind it really changes."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.texts import LANGUAGES, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
MARKET = "ETH-BTC"


def sentence(text):
    """A text of the console with its parameters left open."""
    return re.compile(re.sub(r"\\\{\\\{.*?\\\}\\\}", ".*", re.escape(text)))


@LANGUAGES
def test_a_customer_changes_an_order_reads_its_story_and_cancels_it(visitor, demo, language):
    texts = words(language, "retail_more")
    order = demo.retail.order(
        symbol="BTC-USDT", side="buy", type="limit", quantity="0.02", limit_price="41234", venue="best"
    )
    page = visitor("retail", language=language).login("/orders")
    row = page.get_by_role("row").filter(has_text="41,234")
    row.get_by_role("button", name=sentence(texts["orders"]["amend_one"])).click()
    dialog = page.get_by_role("alertdialog")
    dialog.get_by_label(sentence(texts["amend"]["quantity"])).fill("0.01")
    expect(dialog.get_by_text(texts["amend"]["kept"])).to_be_visible()
    dialog.get_by_role("button", name=texts["amend"]["verb"]).click()
    expect(row.get_by_text("0.01")).to_be_visible()
    assert demo.retail.get(f"/v1/orders/{order['id']}")["quantity"] == "0.01"
    row.get_by_role("button", name=texts["orders"]["details"]).click()
    expect(page.get_by_role("dialog").get_by_text(texts["detail"]["happened"])).to_be_visible()
    page.keyboard.press("Escape")
    row.get_by_role("button", name=sentence(texts["orders"]["cancel_one"])).click()
    expect(row).to_have_count(0)
    assert demo.retail.finished(order["id"])["status"] == "cancelled"


@LANGUAGES
def test_treasury_stops_a_market_and_lets_it_go_on(visitor, demo, language):
    texts = words(language, "treasury")["controls"]
    page = visitor("treasury", language=language).login("/treasury/controls")
    page.get_by_label(texts["where"], exact=True).select_option("market")
    page.get_by_label(texts["scope"]["market"], exact=True).select_option(MARKET)
    page.get_by_label(texts["reason"], exact=True).fill("a drill of the kill switch")
    page.get_by_role("button", name=texts["review"]).click()
    review = page.get_by_role("alertdialog")
    expect(review).to_contain_text(MARKET)
    expect(review).to_contain_text(texts["does"]["no_new"])
    review.get_by_role("button", name=texts["verb"]["no_new"]).click()
    held = page.get_by_role("row").filter(has_text="a drill of the kill switch")
    expect(held).to_have_count(1)
    body = {"symbol": MARKET, "side": "buy", "type": "market", "quantity": "0.1", "venue": "best"}
    refused = demo.retail.call("POST", "/v1/orders", body)
    assert refused.is_client_error, refused.text

    held.get_by_role("button", name=texts["lift"]).click()
    lift = page.get_by_role("alertdialog")
    lift.get_by_label(texts["lift_reason"]).fill("the drill is over")
    lift.get_by_role("button", name=texts["lift"]).click()
    expect(held).to_have_count(0)
    assert demo.retail.finished(demo.retail.order(**body)["id"])["status"] == "filled"


@LANGUAGES
def test_finance_runs_a_reconciliation_and_follows_an_entry_to_its_source(visitor, demo, language):
    texts = words(language, "finance")
    demo.retail.order(symbol="BTC-USDT", side="buy", type="market", quantity="0.001", venue="best")
    page = visitor("finance", language=language).login("/finance/reconciliation")
    page.get_by_role("tab", name=texts["runs"]["title"]).click()
    page.get_by_role("button", name=texts["runs"]["start"]).click()
    page.wait_for_url("**/finance/reconciliation/runs/*")
    expect(page.locator("main .pill").filter(has_text=texts["run_status"]["done"]).first).to_be_visible(timeout=60_000)
    expect(page.get_by_text(texts["runs"]["no_breaks"])).to_be_visible()

    page.get_by_role("link", name=texts["rooms"]["journal"], exact=True).click()
    page.get_by_label(texts["account"]["begins_with"]).fill("customer")
    page.get_by_role("row").filter(has_text="BTC").get_by_role("link").first.click()
    page.locator("main a[href^='/finance/journals/']").first.click()
    page.wait_for_url("**/finance/journals/*")
    expect(page.get_by_text(texts["journal"]["source"], exact=True).first).to_be_visible()


@LANGUAGES
def test_finance_asks_for_a_file_and_gets_it(visitor, language):
    texts = words(language, "finance")["export"]
    page = visitor("finance", language=language).login("/finance/exports")
    before = page.get_by_role("link", name=texts["download"]).count()
    page.get_by_label(texts["what"], exact=True).select_option("balances")
    page.get_by_role("button", name=texts["request"]).click()
    expect(page.get_by_role("link", name=texts["download"])).to_have_count(before + 1, timeout=60_000)
    with page.expect_download() as started:
        page.get_by_role("link", name=texts["download"]).first.click()
    assert "asset" in started.value.path().read_text().splitlines()[0]


@LANGUAGES
def test_in_the_sandbox_a_fault_strikes_and_no_order_is_doubled(visitor, demo, language):
    texts = words(language, "sandbox")
    page = visitor("admin", language=language).login("/sandbox")
    panel = page.locator(".panel").filter(has_text=texts["faults"]["note"])
    panel.get_by_label(texts["faults"]["venue"], exact=True).select_option("kraken")
    panel.get_by_label(texts["faults"]["kind"], exact=True).select_option("drop_after_accept")
    page.get_by_role("button", name=texts["faults"]["inject"]).click()
    fault = page.get_by_role("row").filter(has_text=texts["faults"]["kinds"]["drop_after_accept"])
    expect(fault).to_have_count(1)
    placed = demo.retail.order(symbol="BTC-USDT", side="buy", type="market", quantity="0.001", venue="kraken")
    order = demo.retail.finished(placed["id"])
    assert order["status"] == "filled"
    sent = [child["client_order_id"] for child in order["venue_orders"]]
    there = [one["client_order_id"] for one in demo.venue_orders("kraken")]
    assert len(sent) == 1
    assert there.count(sent[0]) == 1
    expect(fault).to_contain_text(
        sentence(texts["faults"]["hits_of"].replace("{{hits}}", "1").replace("{{count}}", "1"))
    )

    page.get_by_role("button", name=texts["faults"]["reset"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["faults"]["reset"]).click()
    expect(page.get_by_text(texts["faults"]["was_reset"])).to_be_visible()
    expect(fault).to_have_count(0)


@LANGUAGES
def test_an_administrator_sets_a_price_and_a_customer_sees_it(visitor, language):
    texts = words(language, "sandbox")
    admin = visitor("admin", language=language).login("/sandbox")
    trader = visitor("retail", language=language).login("/trade/ETH-USDT")
    prices = admin.locator(".panel").filter(has_text=texts["prices"]["title"]).first
    prices.get_by_label(texts["word"]["market"]).select_option("ETH-USDT")
    prices.get_by_label(texts["word"]["price"]).fill("3456")
    prices.get_by_role("button", name=texts["prices"]["pin"]).click()
    expect(trader.locator(".retail-composite")).to_contain_text(re.compile(r"3,45[5-7]\."))
    prices.get_by_role("button", name=texts["prices"]["free"]).click()
    expect(admin.get_by_text(texts["prices"]["freed"])).to_be_visible()


@LANGUAGES
def test_who_only_reads_is_offered_nothing_to_change(visitor, language):
    finance, treasury = words(language, "finance"), words(language, "treasury")
    auditor = visitor("auditor", language=language).login("/finance/reconciliation")
    auditor.get_by_role("tab", name=finance["runs"]["title"]).click()
    expect(auditor.get_by_role("tabpanel")).to_be_visible()
    expect(auditor.get_by_role("button", name=finance["runs"]["start"])).to_have_count(0)
    support = visitor("support", language=language).login("/treasury/controls")
    expect(support.get_by_text(treasury["controls"]["read_only"])).to_be_visible()
    expect(support.get_by_role("button", name=treasury["controls"]["review"])).to_have_count(0)


def test_tabs_are_one_stop_and_move_by_arrows(visitor):
    page = visitor("retail").login("/orders")
    first, last = page.get_by_role("tab").first, page.get_by_role("tab").last
    first.focus()
    page.keyboard.press("ArrowLeft")
    expect(last).to_be_focused()
    expect(last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Home")
    expect(first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("tabpanel")).to_be_focused()

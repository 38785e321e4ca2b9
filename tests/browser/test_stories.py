"""One story per role, with the real stack behind it, in both languages."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.texts import LANGUAGES, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]


def filled(stack):
    return {order["id"] for order in stack.retail.get("/v1/orders?status=filled&limit=200")["items"]}


@LANGUAGES
def test_a_customers_first_order_by_keyboard_alone(visitor, demo, language):
    """From the login on: a quantity and Ctrl+Enter; at most fifteen keystrokes."""
    before = filled(demo)
    page = visitor("retail", language=language).login("/trade/BTC-USDT")
    expect(page.locator(".retail-ticket input[inputmode=decimal]").first).to_be_focused()
    expect(page.locator(".retail-ticket button[aria-keyshortcuts='Control+Enter']")).to_be_enabled()
    strokes = [*"0.002", "Control+Enter"]
    for stroke in strokes:
        page.keyboard.press(stroke)
    expect(page.locator(".toast.good").first).to_contain_text("0.002")
    assert len(strokes) <= 15
    assert len(filled(demo) - before) == 1


@LANGUAGES
def test_a_customer_rests_an_order_sees_it_and_takes_it_back(visitor, demo, language):
    texts = words(language, "retail")["trade"]
    page = visitor("retail", language=language).login("/trade/BTC-USDT")
    page.get_by_role("radio", name=texts["kind"]["limit"], exact=False).first.click(force=True)
    page.get_by_label(re.compile(re.escape(texts["ticket"]["limit"].split("(")[0].split("（")[0]))).first.fill("52000")
    page.get_by_label(re.compile("BTC")).last.fill("0.003")
    expect(page.locator(".retail-ticket button[aria-keyshortcuts='Control+Enter']")).to_be_enabled()  # prices are there
    page.keyboard.press("Control+Enter")
    confirm = page.get_by_role("alertdialog")
    expect(confirm).to_be_visible()  # so far from the market it is asked back
    confirm.get_by_role("button").first.click()
    row = page.get_by_role("row").filter(has_text="52,000")
    expect(row.first).to_be_visible()
    mine = [o for o in demo.retail.get("/v1/orders?status=resting")["items"] if o["limit_price"] == "52000"]
    assert len(mine) == 1
    demo.retail.call("DELETE", f"/v1/orders/{mine[0]['id']}")
    expect(row).to_have_count(0)  # the event came over the line, nobody pressed anything


def test_a_lost_line_comes_back_and_misses_no_order(visitor, demo):
    visit = visitor("retail")
    page = visit.login("/trade/BTC-USDT")
    visit.settle()
    page.locator("canvas").first.wait_for()  # what the page is still loading when the server goes is the next story
    pill = page.locator("[data-testid=connection]")
    demo.kill("api")
    expect(pill).to_have_attribute("data-status", "reconnecting")
    demo.wait_ready()
    order = demo.retail.order(
        symbol="BTC-USDT", side="buy", type="limit", quantity="0.004", limit_price="51234", venue="best"
    )
    expect(pill).to_have_attribute("data-status", "live")
    expect(page.get_by_role("row").filter(has_text="51,234").first).to_be_visible()
    demo.retail.call("DELETE", f"/v1/orders/{order['id']}")
    visit.troubles[:] = [
        t for t in visit.troubles if "ERR_" not in t and "Failed to load" not in t and "WebSocket" not in t
    ]


def blocked(page, name, times):
    """What has this name does not come so many times; where `times` is None, until it is unrouted."""
    left = [times]

    def answer(route):
        if left[0] == 0:
            route.continue_()
        else:
            left[0] = None if left[0] is None else left[0] - 1
            route.abort("connectionrefused")

    page.route(re.compile(rf"/assets/{name}$"), answer)
    return left


def expected(visit):
    """Forgets what a browser says of scripts that do not come."""
    visit.troubles[:] = [t for t in visit.troubles if "ERR_CONNECTION_REFUSED" not in t and "dynamically" not in t]


def test_a_part_that_does_not_come_at_once_is_asked_for_again(visitor):
    """Its script and its style, while the server is away for a moment; nothing of the page is lost."""
    visit = visitor("retail")
    chart, style = blocked(visit.page, "CandleView-.*js", 2), blocked(visit.page, "TradePage-.*css", 2)
    page = visit.login("/trade/BTC-USDT")
    page.locator("canvas").first.wait_for()
    assert (chart, style) == ([0], [0])
    assert page.locator(".retail-ticket").first.evaluate("it => getComputedStyle(it).display") != "block"
    expected(visit)


def test_a_part_that_never_comes_says_so_in_its_place_and_the_page_goes_on(visitor):
    """As after an update that has other scripts: one may go on with what is there, and the page read anew has it all."""
    visit = visitor("retail")
    page = visit.page
    blocked(page, "CandleView-.*js", None)
    visit.login("/trade/BTC-USDT")
    again = page.locator(".retail-chart [role=alert]").get_by_role("button")
    expect(again).to_be_visible(timeout=60_000)
    page.locator(".retail-ticket input[inputmode=decimal]").first.fill("0.002")
    page.unroute_all()
    again.click()
    page.locator("canvas").first.wait_for()
    expected(visit)


@LANGUAGES
def test_treasury_looks_at_every_venue(visitor, language):
    visit = visitor("treasury", language=language)
    page = visit.login("/treasury")
    for venue in ("Binance", "Bitfinex", "Kraken", "OKX"):
        expect(page.get_by_text(venue).first).to_be_visible()
    visit.go("/treasury/venues")
    expect(page.locator("main .panel")).not_to_have_count(0)
    visit.go("/treasury/exposure")
    expect(page.get_by_role("table").first).to_be_visible()


@LANGUAGES
def test_finance_finds_every_invariant_kept(visitor, demo, language):
    visit = visitor("finance", language=language)
    page = visit.login("/finance")
    found = demo.client("finance").get("/v1/invariants")["items"]
    assert len(found) > 30
    assert [row["name"] for row in found if not row["ok"]] == []
    visit.settle()
    verdict = words(language, "finance")["invariants"]["all_hold"].replace("{{all}}", str(len(found)))
    expect(page.get_by_text(verdict).first).to_be_visible()
    assert page.locator("main .pill.bad").count() == 0
    visit.go("/finance/trial-balance")
    expect(page.get_by_role("table").first).to_be_visible()


def test_in_the_sandbox_a_price_is_set_and_seen(visitor, demo):
    admin = visitor("admin").login("/sandbox")
    expect(admin.locator("main h1").first).to_be_visible()
    demo.price("ETH-USDT", "3111")
    trader = visitor("retail").login("/trade/ETH-USDT")
    expect(trader.get_by_text(re.compile(r"3,1(10|11)\.")).first).to_be_visible()
    began = time.monotonic()
    demo.price("ETH-USDT", "3000")
    expect(trader.get_by_text(re.compile(r"(3,000|2,999)\.")).first).to_be_visible()
    assert time.monotonic() - began < 30

"""The rooms of lending's staff: sales to the unit, prices that two people enter, and the lines that the money comes from."""

import time
from decimal import Decimal as D

import pytest
from playwright.sync_api import expect

from tests.browser.test_borrow import lend
from tests.browser.texts import LANGUAGES, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
PATIENCE_S = 90
PATIENCE_MS = PATIENCE_S * 1000


def sold(demo):
    """A loan that its customer repaid from the collateral: the sale's own account of it, once it is over."""
    demo.price("BTC-USDT", "60000")
    me, loan = lend(demo, "4000")
    product, deadline = demo.client("product"), time.monotonic() + PATIENCE_S
    repay = {"full": True, "from_collateral": True}
    while not (answer := me.call("POST", f"/v1/loans/{loan['id']}/repayments", repay)).is_success:
        assert time.monotonic() < deadline, answer.text  # prices were too old, or the books of a slow venue too thin
        time.sleep(0.2)
    while True:
        over = product.get("/v1/lending/liquidations?live=false")["items"]
        mine = [one for one in over if one["loan_id"] == loan["id"]]
        if mine:
            return product.get(f"/v1/lending/liquidations/{mine[0]['id']}")
        assert time.monotonic() < deadline, product.get("/v1/lending/liquidations")
        time.sleep(0.2)


def shown(amount):
    """As the console writes it: grouped, every digit that is there."""
    return f"{D(amount):,f}"


def clean(visit):
    assert (visit.violations(), visit.raw_keys(), visit.sideways()) == ([], [], False)


@LANGUAGES
def test_staff_follow_a_sale_from_its_fills_to_the_last_unit(visitor, demo, language):
    texts, story = words(language, "lending_sales"), sold(demo)
    visit = visitor("product", language=language)
    page = visit.login("/lending/liquidations")
    visit.settle()
    over = page.get_by_role("region", name=texts["list"]["over"], exact=True)
    row = over.get_by_role("row").filter(has=page.locator(f"a[href='/borrow/{story['loan_id']}']"))
    expect(row).to_contain_text(texts["cause"]["customer"])
    expect(row).to_contain_text(texts["status"]["done"])
    clean(visit)
    row.locator("a[href^='/lending/liquidations/']").click()

    page.wait_for_url(f"**/lending/liquidations/{story['id']}")
    visit.settle()
    fills = page.get_by_role("region", name=texts["fill"]["title"], exact=True)
    expect(fills.locator("tbody tr")).to_have_count(len(story["fills"]))
    for fill in story["fills"]:
        line = fills.get_by_role("row").filter(has_text=fill["trade_id"])
        expect(line).to_contain_text(f"{shown(fill['price'])} USDT")
        expect(line).to_contain_text(f"{shown(fill['received'])} USDT")
    money, settled = page.get_by_role("region", name=texts["money"]["title"], exact=True), story["settlement"]
    for name, amount in [("proceeds", settled["proceeds"]), ("surplus", settled["surplus"])]:
        cells = money.get_by_role("row").filter(has_text=texts["money"][name]).get_by_role("cell")
        expect(cells).to_have_text([texts["money"][name], shown(amount), "USDT"])
    expect(money.get_by_text(texts["money"]["whole"])).to_be_visible()
    expect(page.get_by_text(texts["evidence"]["none"])).to_be_visible()
    expect(page.get_by_text(texts["deed"]["over"]["settled"])).to_be_visible()
    clean(visit)


@LANGUAGES
def test_a_breaker_says_what_it_does_before_it_is_set(visitor, demo, language):
    texts, shared = words(language, "lending_sales"), words(language, "lending_book")
    visit = visitor("product", language=language)
    page = visit.login("/lending/liquidations")
    for level, reason in (("2", f"a rehearsal {language}"), ("0", f"it is over {language}")):
        page.get_by_role("button", name=texts["breaker"]["set"]).click()
        dialog = page.get_by_role("alertdialog")
        dialog.get_by_label(texts["col"]["collateral"], exact=True).select_option("ETH")
        dialog.get_by_label(texts["col"]["level"], exact=True).select_option(level)
        expect(dialog).to_contain_text(texts["breaker"]["does"][level])
        dialog.get_by_label(texts["deed"]["reason"]).fill(reason)
        dialog.get_by_role("button", name=texts["breaker"]["set"]).click()
        expect(page.get_by_role("row").filter(has_text=reason)).to_contain_text(texts["breaker"]["level"][level])
        standing = {one["asset"]: one["level"] for one in demo.client("product").get("/v1/lending/breakers")["items"]}
        assert standing["ETH"] == int(level)

    reader = visitor("treasury", language=language).login("/lending/liquidations")
    expect(reader.get_by_role("heading", name=shared["room"]["liquidations"])).to_be_visible()
    expect(reader.get_by_role("button", name=texts["breaker"]["set"])).to_have_count(0)


@LANGUAGES
def test_a_price_is_entered_with_two_venues_and_counts_once_a_second_person_agreed(visitor, demo, language):
    texts, reason = words(language, "lending_prices"), f"by telephone {language}"
    visit = visitor("product", language=language)
    page = visit.login("/lending/prices")
    page.get_by_role("button", name=texts["entry"]["enter"]).click()
    dialog = page.get_by_role("alertdialog")
    dialog.get_by_label(texts["col"]["market"], exact=True).select_option("ETH-USDT")
    dialog.get_by_label(texts["entry"]["price"].replace("{{quote}}", "USDT"), exact=True).fill("3005")
    for n, venue, price in (("1", "kraken", "3000"), ("2", "okx", "3004")):
        label = texts["entry"]["shows"].replace("{{quote}}", "USDT").replace("{{n}}", n)
        dialog.get_by_label(texts["entry"]["venue"].replace("{{n}}", n), exact=True).fill(venue)
        dialog.get_by_label(label, exact=True).fill(price)
    dialog.get_by_label(texts["entry"]["reason"], exact=True).fill(reason)
    ask = dialog.get_by_role("button", name=texts["entry"]["ask"])
    expect(dialog.get_by_text(texts["entry"]["fault"]["between"])).to_be_visible()
    expect(ask).to_be_disabled()
    dialog.get_by_label(texts["entry"]["price"].replace("{{quote}}", "USDT"), exact=True).fill("3002.5")
    clean(visit)
    ask.click()
    row = page.get_by_role("row").filter(has_text=reason)
    expect(row).to_contain_text(texts["entry"]["states"]["proposed"])
    expect(row).to_contain_text("3,002.5 USDT")

    waiting = demo.admin.get("/v1/approvals?kind=lending.entered_price&box=to_decide")["items"]
    (asked,) = [one for one in waiting if one["summary"]["reason"] == reason]
    demo.admin.post(f"/v1/approvals/{asked['id']}/approve", {"digest": asked["digest"]})
    expect(row).to_contain_text(texts["entry"]["states"]["standing"], timeout=PATIENCE_MS)
    clean(visit)


@LANGUAGES
def test_a_line_shows_what_was_drawn_on_it_and_another_is_asked_for(visitor, demo, language):
    texts, shared = words(language, "lending_funding"), words(language, "lending_book")
    demo.price("BTC-USDT", "60000")
    _me, loan = lend(demo, "1000")
    visit = visitor("product", language=language)
    page = visit.login("/lending/funding")
    page.get_by_role("link", name="house USDT").click()
    page.wait_for_url("**/lending/funding/*")
    visit.settle()
    moves = page.get_by_role("region", name=texts["move"]["title"], exact=True)
    draw = moves.get_by_role("row").filter(has=page.locator(f"a[href='/borrow/{loan['id']}']"))
    expect(draw).to_contain_text(texts["move"]["kinds"]["draw"])
    expect(draw).to_contain_text("1,000 USDT")
    clean(visit)

    visit.go("/lending/funding")
    name = f"a partner's {language}"
    page.get_by_role("button", name=texts["open"]["title"]).click()
    dialog = page.get_by_role("alertdialog")
    dialog.get_by_label(texts["open"]["name"], exact=True).fill(name)
    dialog.get_by_label(texts["open"]["source"], exact=True).fill("a partner")
    dialog.get_by_label(texts["open"]["limit"].replace("{{asset}}", "USDT"), exact=True).fill("250000")
    dialog.get_by_label(texts["open"]["rate"], exact=True).fill("4.25")
    dialog.get_by_role("button", name=texts["open"]["verb"]).click()
    # Open at once, or asked of a second person: as the house decides.
    opened = page.get_by_role("link", name=name)
    expect(opened.or_(page.get_by_role("link", name=shared["asked"]["look"]))).to_be_visible()
    clean(visit)


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_the_rooms_fit_a_telephone(visitor, demo, language, theme):
    story = sold(demo)
    line = demo.client("product").get("/v1/lending/funding-lines")["items"][0]
    visit = visitor("product", language=language, theme=theme, width=390, height=844)
    visit.login("/lending/liquidations")
    for path in (f"liquidations/{story['id']}", "prices", "funding", f"funding/{line['id']}"):
        visit.go(f"/lending/{path}")
        clean(visit)

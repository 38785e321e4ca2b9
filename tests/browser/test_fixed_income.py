"""The desk of fixed income: a product is typed in steps, published by a second person, planned day by day, and a day
of it stopped; what is owed, and coupons."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.texts import LANGUAGES, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
PATIENCE_MS = 90_000
TERMS = {
    "apr": "0.05", "payout": "at_maturity", "tenor": "30D", "daily_quota": "10000", "minimum": "100", "step": "10",
}  # fmt: skip


def clean(visit):
    assert (visit.violations(), visit.raw_keys(), visit.sideways()) == ([], [], False)


def refused(visit):
    """The browser itself tells of an answer that refuses."""
    visit.troubles[:] = [trouble for trouble in visit.troubles if "status of 400" not in trouble]


def next_month(demo):
    """The month after the house's own, as the calendar names it."""
    year, month = map(int, demo.client("product").get("/v1/earn/calendar")["month"].split("-"))
    return f"{year + month // 12}-{month % 12 + 1:02}"


def published(demo, name, **more):
    """A product that a second person published; and its id."""
    product = demo.client("product")
    made = product.post("/v1/earn/templates", {"name": name, "asset": "USDT", "terms": TERMS, **more})
    asked = product.post(f"/v1/earn/templates/{made['id']}/publish", {})["approval_id"]
    shown = demo.admin.get(f"/v1/approvals/{asked}")
    demo.admin.post(f"/v1/approvals/{asked}/approve", {"digest": shown["digest"]})
    return made["id"]


class Editor:
    """The steps of a product in one language."""

    def __init__(self, visit, language):
        self.visit, self.page = visit, visit.page
        self.texts, self.terms = words(language, "earndesk_template"), words(language, "earndesk_terms")

    def step(self, name):
        self.page.get_by_role("navigation", name=self.texts["steps"]).get_by_role(
            "button", name=self.terms["step"][name]
        ).click()

    def size(self, field):
        label = self.texts["field"]["in"].replace("{{name}}", self.terms["term"][field]).replace("{{asset}}", "USDT")
        return self.page.get_by_label(label, exact=True)

    def save(self):
        self.page.get_by_role("button", name=self.texts["save"]["verb"], exact=True).click()


@LANGUAGES
def test_a_product_is_typed_in_steps_published_by_a_second_person_and_a_day_of_it_stopped(visitor, demo, language):
    name = {"en": "Story month", "zh": "故事月"}[language]
    visit = visitor("product", language=language)
    visit.login("/fixed-income/templates/new")
    editor = Editor(visit, language)
    _typed(editor, name)
    approval, template = _asked(editor)

    staff, terms = words(language, "staff"), editor.terms
    checker = visitor("admin", language=language).login(approval)
    asked = checker.get_by_role("region", name=staff["approval"]["what"])
    expect(asked).to_contain_text(terms["early"]["FORFEIT_CURRENT"])  # in words, as the digest covers it
    expect(asked).to_contain_text("4.109589 USDT")
    checker.get_by_role("button", name=staff["approval"]["approve"]).click()
    checker.get_by_role("alertdialog").get_by_role("button", name=staff["approval"]["approve"]).click()
    expect(checker.get_by_text(staff["why"]["carried_out"])).to_be_visible(timeout=PATIENCE_MS)

    _stopped(visit, demo, template, words(language, "earndesk_calendar"))


def _typed(editor, name):
    """What is refused stands at its field and on its step; what is typed and not saved survives leaving."""
    page, texts = editor.page, editor.texts
    page.get_by_label(editor.terms["term"]["name"], exact=True).fill(name)
    rate = page.get_by_label(texts["rates"]["apr"])
    rate.fill("500")
    editor.step("size")
    for field, amount in (("daily_quota", "10000"), ("minimum", "15"), ("step", "10")):
        editor.size(field).fill(amount)
    editor.save()
    expect(page.locator(".field", has=rate).locator(".field-error")).to_contain_text("%")  # in percent, as it was typed
    clean(editor.visit)
    rate.fill("5")
    editor.step("size")
    wrong = page.locator(".field", has=editor.size("minimum")).locator(".field-error")
    expect(wrong).to_contain_text("a multiple of the step")
    editor.size("minimum").fill("100")
    expect(wrong).to_have_count(0)
    refused(editor.visit)

    editor.visit.go("/fixed-income")
    editor.visit.go("/fixed-income/templates/new?step=size")
    expect(page.get_by_text(texts["kept"]["note"])).to_be_visible()
    expect(editor.size("minimum")).to_have_value("100")
    editor.save()


def _asked(editor):
    """The plan to the last unit, and the question to a second person; its address and the product's id."""
    page, texts = editor.page, editor.texts
    page.wait_for_url("**/fixed-income/templates/*step=check")
    plan = page.get_by_role("table", name=texts["plan"]["title"])
    expect(plan.get_by_role("row").last).to_contain_text("4.109589 USDT")
    clean(editor.visit)
    page.get_by_role("button", name=texts["publish"]["ask"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["publish"]["ask"]).click()
    waits = page.get_by_role("link", name=texts["approval"]["requested"])
    expect(waits).to_be_visible()
    return waits.get_attribute("href"), page.url.rsplit("/", 1)[1].partition("?")[0]


def _stopped(visit, demo, template, texts):
    page, month = visit.page, next_month(demo)
    visit.go(f"/fixed-income/calendar?template={template}&month={month}")
    day = page.locator(f"[data-date='{month}-15']")
    expect(day).to_contain_text(texts["state"]["planned"], timeout=PATIENCE_MS)
    page.locator(f"[data-date='{month}-01']").focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    sales = page.get_by_role("region", name=texts["day"]["title"].replace("{{day}}", f"{month}-15"), exact=True)
    clean(visit)
    sales.get_by_role("button").first.click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["stop"]["verb"]).click()
    expect(day).to_contain_text(texts["state"]["withdrawn"])
    expect(page.locator(f"[data-date='{month}-16']")).to_contain_text(texts["state"]["planned"])
    days = demo.client("product").get(f"/v1/earn/calendar?template={template}&month={month}")["items"]
    assert [one["sale_date"] for one in days if one["status"] == "withdrawn"] == [f"{month}-15"]


@LANGUAGES
def test_a_next_version_says_what_it_changes(visitor, demo, language):
    texts, terms = words(language, "earndesk_template"), words(language, "earndesk_terms")
    template = published(demo, f"Versions {language}")
    visit = visitor("product", language=language)
    page = visit.login(f"/fixed-income/templates/{template}")
    following = page.get_by_role("button", name=texts["one"]["next"])
    expect(following).to_be_visible(timeout=PATIENCE_MS)  # once the engine has published it
    following.click()
    page.get_by_label(texts["rates"]["apr"]).fill("4")
    Editor(visit, language).save()
    page.wait_for_url("**version=2&step=check")
    changes = page.get_by_role("table", name=texts["check"]["changes"].replace("{{n}}", "1"))
    rate = changes.get_by_role("row").filter(has_text=terms["term"]["tiers"])
    expect(rate).to_contain_text("5 %")
    expect(rate).to_contain_text("4 %")
    expect(changes.get_by_role("row").filter(has_text=terms["term"]["daily_quota"])).to_have_count(0)
    clean(visit)

    reader = visitor("treasury", language=language).login(f"/fixed-income/templates/{template}?version=2")
    expect(reader.get_by_role("heading", name=texts["history"]["title"])).to_be_visible()
    expect(reader.get_by_role("button", name=texts["save"]["verb"], exact=True)).to_have_count(0)


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_what_is_owed_is_seen_one_by_one_and_by_the_day_it_falls_due(visitor, demo, language, theme):
    texts, payouts = words(language, "earndesk_subscriptions"), words(language, "earndesk_payouts")
    offer = next(
        one for one in demo.retail.get("/v1/earn/instances?open=true")["items"] if one["name"] == "Quarter USDT"
    )
    wish = {
        "instance_id": offer["id"],
        "principal": "2000",
        "expected_apr": offer["apr"],
        "expected_version": offer["version"],
    }
    made = demo.retail.post("/v1/earn/subscriptions", wish)
    visit = visitor("product", language=language, theme=theme, width=390, height=844)
    page = visit.login("/fixed-income/subscriptions")
    row = page.get_by_role("row").filter(has=page.locator(f"a[href='/fixed-income/subscriptions/{made['id']}']"))
    expect(row).to_contain_text("2,000 USDT")
    clean(visit)
    visit.go(f"/fixed-income/subscriptions/{made['id']}")
    plan = page.get_by_role("region", name=texts["plan"], exact=True)
    expect(plan.locator("tbody tr")).to_have_count(len(made["plan"]))
    clean(visit)
    visit.go("/fixed-income/liabilities")
    ladder = {
        key: said.replace("{{asset}}", "USDT")
        for key, said in words(language, "earndesk_liabilities")["ladder"].items()
    }
    page.get_by_role("region", name=ladder["of"], exact=True).locator("summary").click()
    days = page.get_by_role("table", name=ladder["days"], exact=True)
    maturity = days.get_by_role("row").filter(has_text=made["maturity"])
    expect(maturity).to_contain_text("USDT")
    clean(visit)
    visit.go("/fixed-income/payouts")
    page.get_by_role("button", name=payouts["run"]["verb"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=payouts["run"]["verb"]).click()
    told = payouts["run"]["paid_other"].replace("{{count}}", r"\d+")
    expect(page.locator(".pill").filter(has_text=re.compile(told.replace("rows", "rows?")))).to_be_visible()
    clean(visit)


@LANGUAGES
def test_a_coupon_is_typed_published_in_words_and_stopped(visitor, demo, language):
    texts, staff, name = words(language, "earndesk_coupons"), words(language, "staff"), f"Spring {language}"
    visit = visitor("product", language=language)
    page = visit.login("/fixed-income/coupons/new")

    def field(which):
        return page.get_by_label(texts["field"][which].replace("{{asset}}", "USDT"), exact=True)

    for which, typed in (("name", name), ("boost", "1.25"), ("max_principal", "2000"), ("budget", "300")):
        field(which).fill(typed)
    save = page.get_by_role("button", name=texts["save"], exact=True)
    save.click()
    expect(page.locator(".field", has=field("starts_at")).locator(".field-error")).to_have_text(texts["fault"]["empty"])
    refused(visit)
    field("starts_at").fill("2026-01-01T00:00")
    field("ends_at").fill("2099-12-31T23:59")
    clean(visit)
    save.click()

    page.get_by_role("button", name=texts["publish"]["verb"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["publish"]["verb"]).click()
    waits = page.get_by_role("link", name=words(language, "earndesk_template")["approval"]["requested"])
    expect(waits).to_be_visible()
    checker = visitor("admin", language=language).login(waits.get_attribute("href"))
    asked = checker.get_by_role("region", name=staff["approval"]["what"])
    for said in ("+ 1.25 %", "2,000 USDT", texts["said"]["everybody"], texts["said"]["whole_term"]):
        expect(asked).to_contain_text(said)
    checker.get_by_role("button", name=staff["approval"]["approve"]).click()
    checker.get_by_role("alertdialog").get_by_role("button", name=staff["approval"]["approve"]).click()

    stop = page.get_by_role("button", name=texts["stop"]["verb"])
    expect(stop).to_be_visible(timeout=PATIENCE_MS)  # once the engine has published it
    clean(visit)
    stop.click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["stop"]["verb"]).click()
    expect(page.get_by_text(texts["status"]["stopped"], exact=True)).to_be_visible()

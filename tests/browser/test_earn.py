"""Earning as people do it: an offer, its plan to the last unit, a subscription, and its early end; and what goes wrong on the way."""

from datetime import datetime, timedelta
from decimal import Decimal as D

import pytest
from playwright.sync_api import expect

from kernel.ids import uuid7
from tests.browser.texts import LANGUAGES, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]

QUARTER = "Quarter USDT"  # 8 % on the first 10,000, 6 % above; an early end pays interest to the day
MONTH = "30 days USDT"  # 5 %, and the customer chooses what happens at the maturity


def free(client):
    return D(client.balances()["USDT"]["available"])


def running(client):
    return client.get("/v1/earn/subscriptions?status=active&limit=100")["items"]


def offer_of(client, name):
    """The sale that is open."""
    return next(one for one in client.get("/v1/earn/instances?open=true")["items"] if one["name"] == name)


def bought(client, name, principal):
    offer = offer_of(client, name)
    wish = {"instance_id": offer["id"], "principal": principal, "expected_apr": offer["apr"], "expected_version": offer["version"]}  # fmt: skip
    done = client.call("POST", "/v1/earn/subscriptions", wish, headers={"Idempotency-Key": f"k-{uuid7()}"})
    assert done.status_code == 201, done.text
    return done.json()


def filled(text, **values):
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def to_the_last_step(page, texts, amount):
    """From the offer's room to where only the yes is missing."""
    page.get_by_label(filled(texts["amount"]["label"], asset="USDT")).fill(amount)
    page.get_by_role("button", name=texts["amount"]["next"]).click()
    page.get_by_role("button", name=texts["plan"]["next"]).click()
    page.get_by_role("checkbox").check()


def without_refusals(visit):
    """Forgets that a browser notes each refusal and each lost answer."""
    visit.troubles[:] = [one for one in visit.troubles if "status of 409" not in one and "ERR_" not in one]


@LANGUAGES
def test_a_customer_subscribes_sees_the_plan_and_ends_it_early(visitor, demo, language):
    texts = words(language, "earn")
    before = free(demo.retail)
    visit = visitor("retail", language=language)
    page = visit.login("/earn")
    visit.settle()
    assert (visit.violations(), visit.raw_keys()) == ([], [])
    page.get_by_role("link", name=filled(texts["offers"]["subscribe_to"], name=QUARTER)).click()
    visit.settle()
    amount = page.get_by_label(filled(texts["amount"]["label"], asset="USDT"))
    amount.fill("90")
    expect(page.get_by_text(filled(texts["amount"]["fault"]["minimum"], of="100 USDT"))).to_be_visible()
    amount.fill("12005")
    expect(page.get_by_text(filled(texts["amount"]["fault"]["step"], of="10 USDT"))).to_be_visible()
    expect(page.get_by_role("button", name=texts["amount"]["next"])).to_be_disabled()
    amount.fill("12000")
    expect(page.locator(".earn-estimate")).to_contain_text("7.66 %")
    expect(page.locator(".earn-estimate")).to_contain_text(
        filled(texts["estimate"]["part"], sum="2,000 USDT", rate="6 %")
    )
    assert (visit.violations(), visit.raw_keys()) == ([], [])
    page.get_by_role("button", name=texts["amount"]["next"]).click()
    expect(page.get_by_role("heading", name=texts["subscribe"]["head"]["plan"])).to_be_focused()
    plan = page.get_by_role("table", name=filled(texts["plan"]["title"], asset="USDT"))
    expect(plan.locator("tbody tr")).to_have_count(3)
    last = plan.locator("tbody tr").last.locator("td").all_inner_texts()
    page.get_by_role("button", name=texts["plan"]["next"]).click()
    yes = page.get_by_role("button", name=filled(texts["confirm"]["yes"], sum="12,000 USDT"))
    expect(yes).to_be_disabled()
    page.get_by_role("checkbox").check()
    assert (visit.violations(), visit.raw_keys()) == ([], [])
    yes.dblclick()

    page.get_by_role("button", name=texts["redeem"]["ask"]).wait_for()
    visit.settle()
    assert free(demo.retail) == before - 12000, "however often it was pressed"
    expect(plan.locator("tbody tr").last.locator("td")).to_have_text(last)
    assert (visit.violations(), visit.raw_keys()) == ([], [])

    visit.go("/earn")
    expect(page.locator(".earn-summary")).to_contain_text("12,000 USDT")
    page.get_by_role("tab", name=texts["mine"]["calendar"]).click()
    expect(page.get_by_role("table", name=texts["mine"]["calendar"])).to_contain_text(QUARTER)
    page.get_by_role("button", name=texts["calendar"]["after"]).click()
    expect(page.locator(".earn-day.pays, .earn-day.home").first).to_be_visible()
    assert (visit.violations(), visit.raw_keys()) == ([], [])

    page.get_by_role("tab", name=texts["mine"]["running"]).click()
    page.get_by_role("table", name=texts["mine"]["running"]).get_by_role("link", name=QUARTER).first.click()
    page.get_by_role("button", name=texts["redeem"]["ask"]).click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text(texts["redeem"]["cash"])
    assert free(demo.retail) == before - 12000, "looking changes nothing"
    assert (visit.violations(), visit.raw_keys()) == ([], [])
    dialog.get_by_role("button", name=texts["redeem"]["yes"]).click()
    expect(page.get_by_role("table")).to_contain_text(texts["plan"]["state"]["void"])
    expect(page.get_by_role("button", name=texts["redeem"]["ask"])).to_have_count(0)
    assert free(demo.retail) == before
    assert visit.violations() == []


def test_a_lost_reply_buys_once(visitor, demo):
    texts, common = words("en", "earn"), words("en", "common")
    me = demo.client("retail2")
    before, had = free(me), len(running(me))
    visit = visitor("retail2")
    page = visit.login(f"/earn/offers/{offer_of(me, QUARTER)['id']}")
    visit.settle()
    lost = []

    def lose(route):
        if route.request.method != "POST" or lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)  # it was done, and nobody heard
            route.abort("aborted")

    page.route("**/v1/earn/subscriptions", lose)
    to_the_last_step(page, texts, "500")
    page.get_by_role("button", name=filled(texts["confirm"]["yes"], sum="500 USDT")).click()
    expect(page.get_by_role("alert")).to_contain_text(common["code"]["no_answer"])
    again = page.get_by_role("button", name=texts["confirm"]["again"])
    expect(again).to_be_enabled()
    assert (lost, visit.violations()) == ([201], [])
    again.click()
    page.get_by_role("button", name=texts["redeem"]["ask"]).wait_for()
    assert (free(me), len(running(me))) == (before - 500, had + 1)
    without_refusals(visit)


def test_changed_terms_and_missing_money_are_said_and_asked_again(visitor, demo):
    """The page is shown another rate, and then more money, than there is: what the house answers is put into words that help."""
    texts = words("en", "earn")
    me = demo.client("retail2")
    offer, before = offer_of(me, QUARTER), free(me)
    visit = visitor("retail2")
    page = visit.page
    one, all_ = f"**/v1/earn/instances/{offer['id']}", "**/v1/balances"

    def better(route):
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"apr": "0.09", "tiers": [{"above": "0", "apr": "0.09"}]})

    def richer(route):
        answer = route.fetch()
        items = [row | {"available": "400000"} if row["asset"] == "USDT" else row for row in answer.json()["items"]]
        route.fulfill(response=answer, json=answer.json() | {"items": items})

    page.route(one, better)
    page.route(all_, richer)
    visit.login(f"/earn/offers/{offer['id']}")
    visit.settle()
    to_the_last_step(page, texts, "400000")
    page.unroute(one)
    yes = page.get_by_role("button", name=filled(texts["confirm"]["yes"], sum="400,000 USDT"))
    yes.click()
    expect(page.get_by_text(texts["changed"]["title"])).to_be_visible()
    told = page.get_by_role("table", name=texts["changed"]["what"])
    expect(told).to_contain_text("9 %")
    expect(told).to_contain_text("8 % on the first 10,000 USDT")
    assert (visit.violations(), visit.raw_keys()) == ([], [])
    page.get_by_role("button", name=texts["changed"]["agree"]).click()
    page.get_by_role("button", name=texts["plan"]["next"]).click()
    page.get_by_role("checkbox").check()
    page.unroute(all_)
    yes.click()
    missing = f"{(400000 - before).normalize():,f}"
    expect(page.get_by_text(f"{missing} USDT are missing")).to_be_visible()
    page.get_by_role("button", name=texts["confirm"]["other_amount"]).click()
    expect(page.get_by_text(filled(texts["amount"]["fault"]["funds"], of=f"{missing} USDT"))).to_be_visible()
    assert (free(me), visit.violations()) == (before, [])
    without_refusals(visit)


@LANGUAGES
def test_a_coupon_adds_its_bonus_and_the_maturity_is_chosen_and_changed(visitor, demo, language):
    """A coupon is used once by each customer: one language, one customer."""
    texts, name = words(language, "earn"), {"en": "retail", "zh": "retail2"}[language]
    me = demo.client(name)
    coupon = me.get("/v1/earn/coupons/mine")["items"][0]
    before = free(me)
    visit = visitor(name, language=language)
    page = visit.login("/earn")
    expect(page.get_by_role("table", name=texts["coupon"]["mine"])).to_contain_text(coupon["name"])
    visit.go(f"/earn/offers/{offer_of(me, MONTH)['id']}")
    page.get_by_label(filled(texts["amount"]["label"], asset="USDT")).fill("1000")
    page.get_by_label(texts["coupon"]["label"]).select_option(coupon["id"])
    expect(page.locator(".earn-estimate")).to_contain_text(texts["estimate"]["bonus"])
    assert (visit.violations(), visit.raw_keys()) == ([], [])
    page.get_by_role("button", name=texts["amount"]["next"]).click()
    plan = page.get_by_role("table", name=filled(texts["plan"]["title"], asset="USDT"))
    expect(plan).to_contain_text(texts["plan"]["bonus"])
    page.get_by_role("button", name=texts["plan"]["next"]).click()
    page.get_by_role("radio", name=texts["renewal"]["name"]["renew_principal"]).check()
    page.get_by_role("checkbox").check()
    assert (visit.violations(), visit.raw_keys()) == ([], [])
    page.get_by_role("button", name=filled(texts["confirm"]["yes"], sum="1,000 USDT")).click()
    expect(page.get_by_role("radio", name=texts["renewal"]["name"]["renew_principal"])).to_be_checked()
    visit.settle()
    expect(page.get_by_text(coupon["name"])).to_be_visible()
    one = running(me)[0]
    assert (one["renewal"], one["coupon"]["id"], D(one["plan"][0]["bonus"]) > 0) == (
        "renew_principal",
        coupon["id"],
        True,
    )

    page.get_by_role("radio", name=texts["renewal"]["name"]["renew_all"]).check()
    expect(
        page.get_by_text(filled(texts["renewal"]["done"], name=texts["renewal"]["name"]["renew_all"]))
    ).to_be_visible()
    assert me.get(f"/v1/earn/subscriptions/{one['id']}")["renewal"] == "renew_all"
    assert (visit.violations(), visit.raw_keys()) == ([], [])
    page.get_by_role("button", name=texts["redeem"]["ask"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["redeem"]["yes"]).click()
    expect(page.get_by_role("button", name=texts["redeem"]["ask"])).to_have_count(0)
    assert free(me) == before


def test_a_sale_closes_by_the_houses_time_and_not_by_the_readers(visitor, demo):
    """The reader's clock is five hours late; what is left is what the house says, or a little less."""
    texts = words("en", "earn")
    visit = visitor("retail2")
    visit.page.clock.install(time=datetime.now().astimezone() - timedelta(hours=5))

    def left():
        offer = offer_of(demo.client("retail2"), QUARTER)
        return int((datetime.fromisoformat(offer["closes_at"]) - datetime.fromisoformat(offer["at"])).total_seconds())

    def told(seconds):
        hours, minutes = seconds // 3600, seconds // 60 % 60
        key = "hours" if hours else "minutes"
        text = filled(texts["left"][key], hours=str(hours), minutes=str(minutes), seconds=f"{seconds % 60:02d}")
        return filled(texts["closing"]["closes"], left=text)

    visit.login("/earn")
    visit.settle()
    most = left()
    said = visit.page.get_by_role("article", name=QUARTER).get_by_role("timer").inner_text()
    assert said in {told(seconds) for seconds in range(max(left() - 60, 0), most + 60)}


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("zh", "light")])
def test_earning_fits_a_telephone(visitor, demo, language, theme):
    me = demo.client("retail2")
    one = bought(me, "30 days USDT", "100")
    visit = visitor("retail2", language=language, theme=theme, width=390, height=844)
    visit.login("/earn")
    for path in ("/earn", f"/earn/offers/{offer_of(me, QUARTER)['id']}", f"/earn/{one['id']}"):
        visit.go(path)
        assert not visit.sideways(), path
        assert (visit.violations(), visit.raw_keys()) == ([], [])

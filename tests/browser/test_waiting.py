"""What waits for people, and what the house remembers of them: inbox, webhooks, approvals, audit, roles, and a desk that nobody touches."""

import re
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from playwright.sync_api import expect
from standardwebhooks import Webhook

from rivermouth.prove.stack import DOMAIN
from tests.browser.texts import LANGUAGES, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]


def until(read, within_s=60):
    deadline = time.monotonic() + within_s
    while not (found := read()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found
    return found


@pytest.fixture
def receiver(demo):
    """A customer's program at the one private address that this sandbox may tell; it keeps what it is told."""
    got = []

    class Program(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    host, port = demo.env["RIVERMOUTH_WEBHOOK_PRIVATE_TARGETS"].split(":")
    server = HTTPServer((host, int(port)), Program)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield got
    server.shutdown()
    thread.join()
    server.server_close()


@LANGUAGES
def test_the_inbox_counts_what_is_new_and_forgets_it_when_it_is_read(visitor, demo, language):
    texts, common = words(language, "inbox"), words(language, "common")
    me = demo.retail
    until(lambda: me.call("PUT", "/v1/notice-preferences", {"language": language}).status_code == 200)
    alert = me.post("/v1/price-alerts", {"symbol": "ETH-USDT", "direction": "above", "price": "3005"})
    demo.price("ETH-USDT", "3000")
    until(lambda: me.get(f"/v1/price-alerts/{alert['id']}")["status"] == "armed")
    demo.price("ETH-USDT", "3010")
    until(lambda: [n for n in me.get("/v1/notices?unread=true")["items"] if n["kind"] == "price_alert"])
    demo.price("ETH-USDT", "3000")
    unread = me.get("/v1/notices")["unread"]
    visit = visitor("retail", language=language)
    page = visit.login("/fees")
    page.get_by_role("link", name=common["nav"]["unread"].replace("{{n}}", str(unread))).click()
    fresh = page.locator(".inbox-notice.fresh")
    expect(fresh.first).to_contain_text("ETH-USDT")
    assert visit.violations() == []
    before = fresh.count()
    fresh.first.get_by_role("button").click()
    expect(fresh).to_have_count(before - 1)
    page.get_by_role("button", name=texts["list"]["read_all"]).click()
    expect(fresh).to_have_count(0)
    expect(page.get_by_role("link", name=common["nav"]["inbox"], exact=True)).to_be_visible()
    assert me.get("/v1/notices")["unread"] == 0

    box = page.get_by_role("checkbox", name=f"{texts['kind']['price_alert']}: {texts['channel']['mail']}")
    box.check()
    expect(page.get_by_role("checkbox", name=texts["kind"]["password_changed"]).first).to_be_disabled()
    page.get_by_role("button", name=texts["wish"]["save"]).click()
    expect(page.get_by_text(texts["wish"]["saved"])).to_be_visible()
    [wish] = [one for one in me.get("/v1/notice-preferences")["kinds"] if one["kind"] == "price_alert"]
    assert wish["channels"]["mail"] is True
    me.call("PUT", "/v1/notice-preferences", {"language": "en"})
    me.call("DELETE", f"/v1/price-alerts/{alert['id']}")


def test_a_webhook_is_made_tested_and_told_once_more(visitor, demo, receiver):
    language = "en"
    texts = words(language, "programs")
    visit = visitor("retail", language=language)
    page = visit.login("/keys")
    page.get_by_role("link", name=texts["room"]["webhooks"]).click()
    page.get_by_label(texts["hook"]["url"]).fill(f"http://{demo.env['RIVERMOUTH_WEBHOOK_PRIVATE_TARGETS']}/{language}")
    page.keyboard.press("Enter")
    secret = page.get_by_test_id("secret").inner_text()
    assert visit.violations() == []
    page.get_by_role("button", name=texts["key"]["kept"]).click()
    expect(page.get_by_test_id("secret")).to_have_count(0)
    row = page.get_by_role("row").filter(has_text=f"/{language}")
    row.get_by_role("button", name=texts["hook"]["test"]).click()
    delivered = page.get_by_role("row").filter(has_text=texts["delivery_state"]["delivered"])
    expect(delivered).to_have_count(1, timeout=60_000)
    delivered.get_by_role("button", name=texts["delivery"]["replay"]).click()
    until(lambda: len(receiver) == 2)
    told = [Webhook(secret).verify(body, headers) for headers, body in receiver]
    assert [one["type"] for one in told] == ["webhook.tested"] * 2
    assert len({headers["webhook-id"] for headers, _ in receiver}) == 1
    row.get_by_role("button", name=texts["hook"]["remove"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["hook"]["remove"]).click()
    expect(row).to_have_count(0)


def test_a_key_for_a_program_ends_by_itself_and_may_be_signed_by_a_key_of_ones_own(visitor, demo, tmp_path):
    language = "zh"
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = tmp_path / "public.pem"
    public = Ed25519PrivateKey.generate().public_key()
    pem.write_bytes(public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
    texts = words(language, "programs")["key"]
    name = f"own pair {language}"
    page = visitor("retail", language=language).login("/keys")
    page.get_by_label(texts["name"], exact=True).fill(name)
    page.get_by_label(texts["ends"], exact=True).select_option("30")
    page.get_by_text(texts["own_pair"]).click()
    page.locator("input[type=file]").set_input_files(pem)
    expect(page.get_by_label(texts["public"])).to_have_value(re.compile("BEGIN PUBLIC KEY"))
    page.get_by_role("button", name=texts["create"]).click()
    expect(page.get_by_text(texts["no_secret"])).to_be_visible()
    [made] = [key for key in demo.retail.get("/v1/api-keys")["items"] if key["name"] == name]
    assert made["algorithm"] == "ed25519"
    assert made["expires_at"] is not None
    demo.retail.call("DELETE", f"/v1/api-keys/{made['id']}")


@LANGUAGES
def test_a_second_person_agrees_to_exactly_what_stands_there(visitor, demo, language):
    texts = words(language, "staff")
    finance = demo.client("finance")
    amount = {"en": "0.0123", "zh": "0.0124"}[language]
    body = {"from": f"retail2@{DOMAIN}", "to": f"retail@{DOMAIN}", "asset": "USDT", "memo": "a drill"}
    asked = finance.post("/v1/transfers", {**body, "amount": amount})
    assert asked["status"] == "awaiting_approval"

    maker = visitor("finance", language=language).login("/approvals")
    maker.get_by_label(texts["approval"]["box"], exact=True).select_option("asked")
    maker.get_by_role("row").filter(has_text=amount).get_by_role("link").click()
    expect(maker.get_by_text(texts["why"]["own"])).to_be_visible()
    expect(maker.get_by_role("button", name=texts["approval"]["approve"])).to_have_count(0)

    visit = visitor("finance2", language=language)
    checker = visit.login("/approvals")
    row = checker.get_by_role("row").filter(has_text=amount)
    expect(row).to_contain_text(texts["approval"]["yours"])
    row.get_by_role("link").click()
    expect(checker.get_by_test_id("digest")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    assert visit.violations() == []
    checker.get_by_role("button", name=texts["approval"]["approve"]).click()
    dialog = checker.get_by_role("alertdialog")
    expect(dialog).to_contain_text(amount)
    dialog.get_by_role("button", name=texts["approval"]["approve"]).click()
    expect(checker.get_by_text(texts["why"]["carried_out"])).to_be_visible(timeout=60_000)
    assert finance.get(f"/v1/transfers/{asked['id']}")["status"] == "posted"
    expect(maker.get_by_text(texts["why"]["carried_out"])).to_be_visible(timeout=60_000)  # who asked sees it too


def test_a_second_person_refuses_and_says_why(visitor, demo):
    language = "zh"
    texts = words(language, "staff")
    amount = "0.0223"
    body = {"from": f"retail2@{DOMAIN}", "to": f"retail@{DOMAIN}", "asset": "USDT", "amount": amount}
    asked = demo.client("finance").post("/v1/transfers", body)
    page = visitor("finance2", language=language).login("/approvals")
    page.get_by_role("row").filter(has_text=amount).get_by_role("link").click()
    page.get_by_role("button", name=texts["approval"]["reject"]).click()
    dialog = page.get_by_role("alertdialog")
    verb = dialog.get_by_role("button", name=texts["approval"]["reject"])
    expect(verb).to_be_disabled()
    dialog.get_by_label(texts["approval"]["why"]).fill("nobody knows what for")
    verb.click()
    expect(page.get_by_text("nobody knows what for")).to_be_visible()
    until(lambda: demo.client("finance").get(f"/v1/transfers/{asked['id']}")["status"] == "cancelled")


def test_the_auditor_follows_a_person_through_the_audit(visitor, demo):
    language = "en"
    texts = words(language, "staff")
    demo.client("finance")
    visit = visitor("auditor", language=language)
    page = visit.login("/audit")
    expect(page.get_by_text(texts["chain"]["title"])).to_be_visible()
    page.get_by_label(texts["audit"]["filter"]["action"]).fill("session")
    page.get_by_role("button", name=texts["audit"]["look"]).click()
    page.wait_for_url("**/audit?action=session")
    visit.settle()
    rows = page.locator("tbody tr")
    assert {text.split(".")[0] for text in rows.locator("td:nth-child(3)").all_inner_texts()} == {"session"}
    mine = f"auditor@{DOMAIN}"
    me = demo.client("auditor").get("/v1/me")
    rows.filter(has_text=me["name"] or mine).first.get_by_role("button").first.click()
    page.wait_for_url(f"**actor={me['id']}**")
    visit.settle()
    rows.first.get_by_role("button").last.click()
    entry = page.get_by_role("dialog")
    expect(entry).to_contain_text(me["id"])
    expect(entry).to_contain_text(texts["audit"]["after"])
    assert visit.violations() == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name=texts["room"]["roles"], exact=True).click()
    trading = page.locator("tbody tr", has=page.get_by_text("orders:write", exact=True))
    expect(trading.get_by_text(texts["roles"]["yes"])).to_have_count(1)  # customers alone


def test_a_desk_that_nobody_touches_is_cleared(visitor):
    language = "zh"
    texts = words(language, "staff")["idle"]
    visit = visitor("support", language=language)

    def hurried(route):
        answer = route.fetch()
        body = answer.json()
        route.fulfill(response=answer, json={**body, **({"idle_logout_s": 14} if "id" in body else {})})

    visit.page.route("**/v1/me", hurried)
    page = visit.login("/treasury/controls")
    question = page.get_by_role("alertdialog", name=texts["title"])
    expect(question).to_be_visible(timeout=30_000)
    question.get_by_role("button", name=texts["stay"]).click()
    expect(question).to_have_count(0)
    expect(question).to_be_visible(timeout=30_000)
    assert visit.violations() == []
    expect(page.locator("input[type=password]")).to_be_visible(timeout=60_000)
    assert page.request.get(visit.base + "/v1/me").status == 401


def test_where_passkeys_lead_nowhere_no_button_offers_them(visitor):
    common = words("en", "common")["login"]
    visit = visitor("retail")
    visit.page.goto(visit.base)
    expect(visit.page.get_by_role("button", name=common["passkey"])).to_be_visible()
    visit.page.route(
        "**/v1/sessions/methods", lambda route: route.fulfill(json={"passkeys": False, "staff_login": False})
    )
    with visit.page.expect_response("**/v1/sessions/methods"):
        visit.page.reload()
    expect(visit.page.locator("input[type=password]")).to_be_visible()
    expect(visit.page.get_by_role("button", name=common["passkey"])).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_where_staff_have_a_company_login_the_page_leads_there(visitor, language):
    visit = visitor("finance", language=language)
    company = words(language, "enter")["company"]
    visit.page.goto(visit.base)
    expect(visit.page.locator("input[type=password]")).to_be_visible()
    expect(visit.page.get_by_role("link", name=company)).to_have_count(0)
    visit.page.route(
        "**/v1/sessions/methods", lambda route: route.fulfill(json={"passkeys": True, "staff_login": True})
    )
    visit.page.reload()
    expect(visit.page.get_by_role("link", name=company)).to_have_attribute("href", "/oauth/staff/login")
    assert visit.raw_keys() == []

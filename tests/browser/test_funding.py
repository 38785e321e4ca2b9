"""Money in and out as customers see it. The wallet's answers are told by the test, so that each of its states can be shown when it is wanted."""

import json
import re
from decimal import Decimal as D
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from kernel.money import canonical
from rivermouth.prove.stack import PASSWORD
from tests.browser.texts import LANGUAGES, filled, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]

AT, LATER = "2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z"
COLD, HOT = "0x52908400098527886e0f7030069857d2e4169ee7", "0xde709f2102306220921060314715629080e2fb77"
MINE, MEMO = "0x8617e340b3d01fa5f11f306f4090fd50e238070d", "104729"


def network(asset, name, title, *, memo=False):
    return {
        "asset": asset, "network": name, "title": title, "kind": "evm", "deposits": True, "withdrawals": True, "confirmations": 12, "final_confirmations": 64,
        "memo_required": memo, "minimum_deposit": "5", "minimum_withdrawal": "10", "withdrawal_fee": "1.5", "explorer": "https://scan.example/tx/{txid}",
    }  # fmt: skip


def deposit(**changes):
    return {
        "id": "d1", "asset": "USDT", "network": "ethereum", "amount": "250.5", "address": MINE, "memo": None, "txid": "0x" + "ab" * 32, "output": 0, "status": "confirming",
        "confirmations": 5, "confirmations_to_credit": 12, "confirmations_to_final": 64, "reason": None, "seen_at": AT, "credited_at": None, "final_at": None, **changes,
    }  # fmt: skip


def entry(name, address, *, status="active"):
    return {"id": name, "network": "ethereum", "address": address, "memo": None, "label": name, "status": status, "active_from": LATER, "created_at": AT}  # fmt: skip


def withdrawal(wish, **changes):
    return {
        "id": "w1", "asset": wish["asset"], "network": wish["network"], "amount": wish["amount"], "fee": "1.5", "total": "81", "address": COLD, "memo": None, "label": "cold",
        "internal": False, "state": "review", "status": "in_review", "steps": [{"name": "review", "at": AT}], "txid": None, "confirmations": 0, "explorer_url": None, "reason": None,
        "can_cancel": True, "cancelling": False, "created_at": AT, "updated_at": AT, **changes,
    }  # fmt: skip


class Wallet:
    """What the wallet's routes answer; `wished` are the withdrawals it was asked for, with their keys."""

    def __init__(self):
        self.networks = [network("USDT", "ethereum", "Ethereum"), network("USDT", "hub", "Hub", memo=True)]
        self.addresses, self.deposits, self.withdrawals, self.book = [], [], [], []
        self.wished, self.refusals, self.lost = [], [], 0

    def tell(self, page):
        page.route(
            re.compile(r"/v1/(networks|deposit-addresses|deposits|withdrawals|address-book)(/|\?|$)"), self._answer
        )

    def _answer(self, route):
        request, parts = route.request, urlsplit(route.request.url)
        room, _, one = parts.path.removeprefix("/v1/").partition("/")
        body = json.loads(request.post_data) if request.method == "POST" else {}
        if request.method == "POST" and self.refusals:
            return route.fulfill(status=403, json=self.refusals.pop(0), content_type="application/problem+json")
        if room == "withdrawals" and request.method == "POST":
            self.wished.append((body, request.headers["idempotency-key"]))
            if self.lost:
                self.lost -= 1
                return route.abort("aborted")
            self.withdrawals = [withdrawal(body)]
            return route.fulfill(status=201, json=self.withdrawals[0])
        if room == "withdrawals" and request.method == "DELETE":
            self.withdrawals[0].update(state="cancelled", status="cancelled", can_cancel=False)
            return route.fulfill(json=self.withdrawals[0])
        if room == "address-book" and request.method == "POST":
            self.book.insert(0, {**entry(body["label"], body["address"], status="waiting"), **body})
            return route.fulfill(status=201, json=self.book[0])
        if room == "address-book" and request.method == "DELETE":
            gone = next(each for each in self.book if each["id"] == one)
            self.book.remove(gone)
            return route.fulfill(json={**gone, "status": "removed"})
        if room == "deposit-addresses":
            found = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
            asked = {key: value[0] for key, value in parse_qs(parts.query).items()}
            return route.fulfill(
                status=200 if found["address"] else 202,
                json={**found, **asked, "minimum": "5", "confirmations": 12, "created_at": AT},
            )
        if one:
            return route.fulfill(json=next(each for each in self.withdrawals if each["id"] == one))
        rows = {
            "networks": self.networks,
            "deposits": self.deposits,
            "withdrawals": self.withdrawals,
            "address-book": self.book,
        }[room]
        wanted = parse_qs(parts.query).get("status")
        return route.fulfill(
            json={"items": [row for row in rows if wanted is None or row["status"] in wanted], "next_cursor": None}
        )


@pytest.fixture
def wallet():
    return Wallet()


def in_order(visit):
    return visit.violations(), visit.raw_keys(), visit.sideways()


CLEAN = ([], [], False)


@LANGUAGES
def test_a_customer_learns_where_to_send_and_sees_it_come(visitor, wallet, language):
    texts = words(language, "funding")
    wallet.addresses = [{"address": None, "memo": None, "status": "preparing"}, {"address": MINE, "memo": MEMO, "status": "ready"}]  # fmt: skip
    wallet.deposits = [deposit()]
    visit = visitor("retail", language=language, width=390)
    wallet.tell(visit.page)
    page = visit.login("/wallet")
    page.get_by_role("link", name=texts["room"]["deposit"], exact=True).click()
    page.get_by_role("heading", name=texts["deposit"]["title"], exact=True).wait_for()
    page.get_by_label(texts["choice"]["asset"]).select_option("USDT")
    page.get_by_label(texts["choice"]["network"]).select_option("hub")
    expect(page.get_by_role("img", name=filled(texts["deposit"]["qr"], asset="USDT"))).to_be_visible()
    expect(page.get_by_text(filled(texts["deposit"]["only"], asset="USDT", network="Hub"))).to_be_visible()
    address = page.get_by_role("group", name=filled(texts["deposit"]["address"], asset="USDT"))
    memo = page.get_by_role("group", name=texts["deposit"]["memo"])
    assert address.locator("code").text_content() == MINE
    assert address.locator("b").all_text_contents() == [MINE[:6], MINE[-4:]]
    assert memo.locator("code").text_content() == MEMO
    size = "e => getComputedStyle(e).fontSize"
    assert memo.locator("code").evaluate(size) == address.locator("code").evaluate(size)
    rows = page.get_by_role("table", name=texts["deposit"]["list"])
    expect(rows).to_contain_text("5/12")
    expect(rows).to_contain_text(filled(texts["deposit"]["means"]["confirming"], left="7"))
    expect(rows.get_by_role("link")).to_have_attribute("href", "https://scan.example/tx/0x" + "ab" * 32)
    assert in_order(visit) == CLEAN
    wallet.deposits[0].update(status="credited", confirmations=12)
    expect(rows).to_contain_text(filled(texts["deposit"]["means"]["credited"], left="52"))
    wallet.deposits[0].update(status="final", confirmations=64)
    expect(rows).to_contain_text(texts["deposit"]["means"]["final"])
    assert in_order(visit) == CLEAN


@LANGUAGES
def test_a_withdrawal_is_looked_at_proven_followed_and_cancelled(visitor, demo, wallet, language):
    most = D(demo.retail.balances()["USDT"]["available"]) - D("118.5") - D("1.5")  # what may not leave yet, and the fee
    texts, account = words(language, "funding"), words(language, "account")
    wallet.book = [entry("cold", COLD), entry("hot", HOT, status="waiting")]
    wallet.deposits = [deposit(status="credited", amount="118.5", confirmations=20)]
    wallet.refusals = [{"status": 403, "code": "step_up_required", "title": "", "detail": "", "methods": ["password"]}]
    visit = visitor("retail", language=language)
    wallet.tell(visit.page)
    page = visit.login("/withdraw?asset=USDT&network=ethereum")
    visit.settle()
    expect(page.get_by_role("radio", name=re.compile("^hot"))).to_be_disabled()
    expect(page.get_by_text(filled(texts["book"]["waits_until"], at="2026-11-23 10:00:00"))).to_be_visible()
    page.get_by_role("radio", name=re.compile("^cold")).check()
    amount = page.get_by_label(filled(texts["withdraw"]["amount"], asset="USDT"))
    page.get_by_role("button", name=texts["withdraw"]["all"], exact=True).click()
    expect(amount).to_have_value(canonical(most))
    amount.fill(canonical(most + D("0.1")))
    expect(
        page.get_by_text(filled(texts["withdraw"]["fault"]["funds"], of=f"{D(canonical(most)):,} USDT"))
    ).to_be_visible()
    amount.fill("79.5")
    assert in_order(visit) == CLEAN
    page.get_by_role("button", name=texts["withdraw"]["review"]).click()
    review = page.get_by_role("alertdialog")
    assert review.locator("code").text_content() == COLD
    expect(review).to_contain_text("81 USDT")
    assert visit.violations() == []
    review.get_by_role("button", name=filled(texts["review"]["yes"], sum="79.5 USDT")).click()
    question = page.get_by_role("dialog", name=account["step_up"]["title"])
    question.get_by_label(account["step_up"]["password"]).fill(PASSWORD)
    page.keyboard.press("Enter")

    page.wait_for_url("**/withdrawals/w1")
    assert [wish for wish, _ in wallet.wished] == [{"asset": "USDT", "network": "ethereum", "amount": "79.5", "address_id": "cold"}]  # fmt: skip
    steps = page.get_by_role("main").get_by_role("listitem")
    expect(page.locator("[aria-current=step]")).to_contain_text(texts["withdrawal"]["step"]["checked"])
    assert in_order(visit) == CLEAN
    wallet.withdrawals[0].update(state="unknown", status="sending")
    expect(page.get_by_text(texts["withdrawal"]["means"]["unknown"])).to_be_visible()
    wallet.withdrawals[0].update(state="review", status="in_review")
    expect(page.get_by_text(texts["withdrawal"]["means"]["in_review"])).to_be_visible()
    page.get_by_role("button", name=texts["withdrawal"]["cancel"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["withdrawal"]["cancel"]).click()
    expect(page.get_by_text(texts["withdrawal"]["means"]["cancelled"])).to_be_visible()
    expect(steps.nth(1)).to_contain_text(texts["withdrawal"]["status"]["cancelled"])
    expect(page.get_by_role("button", name=texts["withdrawal"]["cancel"])).to_have_count(0)
    assert in_order(visit) == CLEAN
    visit.troubles[:] = [one for one in visit.troubles if "status of 403" not in one]


def test_a_lost_reply_is_unknown_and_asked_for_under_the_same_key(visitor, wallet):
    texts = words("en", "funding")
    wallet.book, wallet.lost = [entry("cold", COLD)], 1
    visit = visitor("retail2")
    wallet.tell(visit.page)
    page = visit.login("/withdraw?asset=USDT&network=ethereum")
    page.get_by_role("radio", name=re.compile("^cold")).check()
    page.get_by_label(filled(texts["withdraw"]["amount"], asset="USDT")).fill("50")
    page.get_by_role("button", name=texts["withdraw"]["review"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=filled(texts["review"]["yes"], sum="50 USDT")).click()
    expect(page.get_by_text(texts["unknown"]["title"])).to_be_visible()
    expect(page.get_by_text(texts["unknown"]["not_found"])).to_be_visible()
    page.get_by_role("link", name=texts["room"]["book"]).click()
    page.get_by_role("link", name=texts["room"]["withdraw"], exact=True).click()
    expect(page.get_by_text(texts["unknown"]["title"])).to_be_visible()
    expect(page.get_by_role("button", name=texts["withdraw"]["review"])).to_have_count(0)
    assert in_order(visit) == CLEAN
    page.get_by_role("button", name=texts["unknown"]["again"]).click()
    page.wait_for_url("**/withdrawals/w1")
    (first, key), (second, again) = wallet.wished
    assert (first, key) == (second, again)
    visit.troubles[:] = [one for one in visit.troubles if "ERR_" not in one]


def test_a_lost_reply_to_what_was_done_is_found(visitor, wallet):
    texts = words("en", "funding")
    wallet.book, wallet.lost = [entry("cold", COLD)], 1
    visit = visitor("retail2")
    wallet.tell(visit.page)
    page = visit.login("/withdraw?asset=USDT&network=ethereum")
    page.get_by_role("radio", name=re.compile("^cold")).check()
    page.get_by_label(filled(texts["withdraw"]["amount"], asset="USDT")).fill("50")
    page.get_by_role("button", name=texts["withdraw"]["review"]).click()
    yes = page.get_by_role("alertdialog").get_by_role("button", name=filled(texts["review"]["yes"], sum="50 USDT"))
    expect(yes).to_be_enabled()
    wallet.withdrawals = [withdrawal({"asset": "USDT", "network": "ethereum", "amount": "50"})]
    yes.click()
    page.wait_for_url("**/withdrawals/w1")
    assert len(wallet.wished) == 1
    visit.troubles[:] = [one for one in visit.troubles if "ERR_" not in one]


@LANGUAGES
def test_an_address_is_added_waits_and_is_removed(visitor, wallet, language):
    texts = words(language, "funding")
    wallet.book = [entry("cold", COLD)]
    visit = visitor("retail", language=language)
    wallet.tell(visit.page)
    page = visit.login("/address-book")
    visit.settle()
    add = page.get_by_role("button", name=texts["book"]["save"], exact=True)
    page.get_by_label(texts["choice"]["network"]).select_option("hub")
    page.get_by_label(texts["book"]["label"]).fill("savings")
    page.get_by_label(texts["book"]["address"], exact=True).fill(HOT[:-1])
    expect(page.get_by_text(filled(texts["book"]["fault"]["evm"], network="Hub"))).to_be_visible()
    page.get_by_label(texts["book"]["address"], exact=True).fill(HOT)
    expect(add).to_be_disabled()
    page.get_by_label(texts["book"]["memo"], exact=True).fill(MEMO)
    assert in_order(visit) == CLEAN
    add.click()
    row = page.get_by_role("table", name=texts["book"]["list"]).get_by_role("row").filter(has_text="savings")
    expect(row).to_contain_text(texts["book"]["status"]["waiting"])
    expect(row).to_contain_text(filled(texts["book"]["with_memo"], memo=MEMO))
    assert in_order(visit) == CLEAN
    row.get_by_role("button").click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["book"]["remove"], exact=True).click()
    expect(row).to_have_count(0)
    assert [one["label"] for one in wallet.book] == ["cold"]


def test_where_no_network_is_offered_the_wallet_has_no_such_doors(visitor, wallet):
    texts = words("en", "funding")
    wallet.networks = []
    visit = visitor("retail")
    wallet.tell(visit.page)
    page = visit.login("/wallet")
    visit.settle()
    expect(page.get_by_role("navigation", name=texts["doors"])).to_have_count(0)
    visit.go("/deposit")
    expect(page.get_by_text(texts["none_here"])).to_be_visible()

"""Treasury takes a proposal, is shown where the money would go, asks for the transfer, follows it, and keeps the list of addresses."""

import pytest
from playwright.sync_api import expect

from tests.browser.played import AT, CLEAN, LATER, Proof, approval, approvals, in_order, listed, networks, play
from tests.browser.texts import filled, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
ADDRESS = "0x8617e340b3d01fa5f11f306f4090fd50e238070d"
PROPOSAL = {
    "id": "p1", "from": "venue:kraken", "to": "venue:okx", "asset": "USDT", "network": "ethereum", "amount": "5000", "fee": "2.5", "minutes": 20, "usable": "120",
    "line": "1000", "computed_at": AT, "expires_at": LATER,
}  # fmt: skip


def rail(venue, **changes):
    return {
        "location": f"venue:{venue}", "asset": "USDT", "network": "ethereum", "fee": "2.5", "minimum": "10", "deposits": True, "withdrawals": True, "memo_required": False,
        "address": ADDRESS, "memo": None, "read_at": AT, **changes,
    }  # fmt: skip


def place(venue, state):
    return {
        "id": f"l-{venue}", "location": f"venue:{venue}", "asset": "USDT", "network": "ethereum", "address": ADDRESS, "memo": None, "key_name": None, "state": state,
        "created_by": "p1", "approved_by": None, "created_at": AT, "decided_at": None,
    }  # fmt: skip


def transfer(wish, **changes):
    return {
        "id": "t1", "from": wish["from"], "to": wish["to"], "asset": "USDT", "network": "ethereum", "amount": wish["amount"], "fee": "2.5", "address": ADDRESS, "memo": None,
        "minutes": 20, "state": "draft", "reason": None, "proposal_id": None, "approval_id": "a-t1", "venue_ref": None, "txid": None, "left": None, "left_fee": None,
        "arrived": None, "received": None, "settle_reason": None, "settle_asked_by": None, "settled_by": None, "settle_approval_id": None, "decide_approval_id": None,
        "can_cancel": True, "can_settle": False, "can_decide": False, "created_by": "p1", "approved_by": None, "created_at": AT, "approved_at": None, "left_at": None, "arrived_at": None,
        "ended_at": None, "late_at": None, **changes,
    }  # fmt: skip


class Desk:
    def __init__(self):
        self.places, self.transfers, self.approvals, self.wished = [place("okx", "waiting")], [], [], []

    def tell(self, page):
        play(page, {
            "treasury/proposals": lambda *_asked: listed([PROPOSAL]), "treasury/rails": lambda *_asked: listed([rail("kraken"), rail("okx")]),
            "treasury/addresses": self._addresses, "treasury/transfers": self._transfers, "approvals": approvals(self.approvals), "networks": networks,
        })  # fmt: skip

    def _addresses(self, method, rest, _query, body):
        if method == "GET":
            return listed(self.places)
        self.wished.append((method, body))
        if method == "DELETE":
            next(one for one in self.places if one["id"] == rest).update(state="removed")
            return 204, None
        self.places.append(place(body["location"].removeprefix("venue:"), "waiting"))
        self.approvals.append(approval("wallet.treasury_address", "l-kraken", {}))
        return 202, {"approval_id": "a-l-kraken"}

    def _transfers(self, method, rest, _query, body):
        if method == "GET":
            return self.transfers[0] if rest else listed(self.transfers)
        self.wished.append((method, body))
        if method == "DELETE":
            self.transfers[0].update(state="cancelled", can_cancel=False, ended_at=LATER)
            return self.transfers[0]
        self.transfers.append(transfer(body))
        summary = {
            "from": "kraken", "to": "okx", "asset": "USDT", "amount": "5000", "fee": "2.5", "address": ADDRESS, "network": "ethereum", "minutes": 20,
        }  # fmt: skip
        self.approvals.append(approval("wallet.treasury_transfer", "t1", summary))
        return 202, self.transfers[0]


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_a_proposal_becomes_a_transfer_that_is_followed(visitor, language, width):
    texts, staff = words(language, "treasury_moves"), words(language, "staff")
    desk = Desk()
    visit = visitor("treasury", language=language, width=width)
    desk.tell(visit.page)
    page = visit.login("/treasury/transfers")
    said = {"amount": "5000", "asset": "USDT", "from": "Kraken", "to": "OKX"}
    take = page.get_by_role("button", name=filled(texts["proposal"]["take_of"], **said))
    expect(page.get_by_text(filled(texts["proposal"]["below"], to="OKX", usable="120", line="1,000"))).to_be_visible()
    take.click()
    expect(page.get_by_label(texts["form"]["to"], exact=True)).to_have_value("venue:okx")
    amount = page.get_by_label(filled(texts["form"]["amount"], asset="USDT"))
    expect(amount).to_have_value("5000")
    expect(page.get_by_role("link", name=texts["form"]["to_addresses"])).to_be_visible()
    review = page.get_by_role("button", name=texts["form"]["review"])
    expect(review).to_be_disabled()
    desk.places[0].update(state="active")
    visit.go("/treasury/transfers")
    take.click()
    amount.fill("9")
    expect(page.get_by_text(filled(texts["form"]["below"], **{"from": "Kraken", "minimum": "10 USDT"}))).to_be_visible()
    amount.fill("4000")
    assert in_order(visit) == CLEAN
    review.click()
    sure = page.get_by_role("alertdialog")
    expect(sure).to_contain_text("4,002.5 USDT")
    assert sure.locator("code").text_content() == ADDRESS
    assert visit.violations() == []
    sure.get_by_role("button", name=texts["form"]["ask"], exact=True).click()

    page.wait_for_url("**/treasury/transfers/t1")
    wish = {
        "asset": "USDT",
        "from": "venue:kraken",
        "to": "venue:okx",
        "network": "ethereum",
        "amount": "4000",
        "proposal_id": "p1",
    }
    assert desk.wished == [("POST", wish)]
    page.get_by_role("status").get_by_role("link", name=words(language, "treasury_wallet")["approval"]["look"]).click()
    asked = page.get_by_role("region", name=staff["approval"]["what"], exact=True)
    expect(asked.locator(".treasury-large")).to_have_text("5,000 USDT")
    expect(asked).to_contain_text("Kraken")
    assert asked.locator("code.funding-address").text_content() == ADDRESS
    assert in_order(visit) == CLEAN
    left = {"left": "4000", "left_fee": "2.5", "left_at": LATER, "approved_at": LATER, "txid": "0x" + "ab" * 32}
    desk.transfers[0].update(state="in_transit", can_cancel=False, late_at=LATER, **left)
    asked.get_by_role("link", name=staff["approval"]["thing"]).click()
    expect(page.get_by_text(texts["means"]["in_transit"])).to_be_visible()
    expect(page.locator(".pill").filter(has_text=texts["late"])).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=texts["step"]["left"])).to_be_visible()
    assert in_order(visit) == CLEAN
    desk.transfers[0].update(state="reserved", can_cancel=True)
    page.get_by_role("button", name=texts["one"]["cancel"]).click()
    sure.get_by_role("button", name=texts["one"]["cancel"]).click()
    expect(page.locator(".pill").filter(has_text=texts["state"]["cancelled"])).to_be_visible()


def test_an_address_is_asked_for_and_removed(visitor):
    texts = words("en", "treasury_moves")
    desk = Desk()
    desk.places[0].update(state="active")
    visit = visitor("treasury", width=390)
    desk.tell(visit.page)
    page = visit.login("/treasury/addresses")
    page.get_by_label(texts["address"]["choose"]).select_option(label="Kraken · USDT · Ethereum")
    page.get_by_role("button", name=texts["form"]["review"]).click()
    sure = page.get_by_role("alertdialog")
    assert sure.locator("code").text_content() == ADDRESS
    sure.get_by_role("button", name=texts["address"]["ask"], exact=True).click()
    rows = page.get_by_role("table", name=texts["address"]["list"])
    expect(rows.get_by_role("link", name=texts["address"]["look"])).to_have_attribute("href", "/approvals/a-l-kraken")
    expect(page.get_by_text(texts["address"]["none_to_add"])).to_be_visible()
    assert in_order(visit) == CLEAN
    gone = filled(texts["address"]["remove_of"], place="OKX", asset="USDT", network="Ethereum")
    rows.get_by_role("button", name=gone).click()
    sure.get_by_role("button", name=texts["address"]["remove"], exact=True).click()
    expect(rows).to_contain_text(texts["address"]["state"]["removed"])
    expect(rows.get_by_role("button", name=gone)).to_have_count(0)
    assert [method for method, _body in desk.wished] == ["POST", "DELETE"]
    assert in_order(visit) == CLEAN


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("zh", 390, "dark")])
def test_what_came_short_is_settled_by_two_people(visitor, language, width, scheme):
    texts, staff = words(language, "treasury_moves"), words(language, "staff")
    wish = {"from": "venue:kraken", "to": "venue:okx", "amount": "4000"}
    short = {
        "state": "arrived",
        "can_cancel": False,
        "can_settle": True,
        "left": "4000",
        "left_at": AT,
        "arrived": "3990",
        "arrived_at": LATER,
        "txid": "0x" + "ab" * 32,
    }
    one, asked, proof = transfer(wish, **short), [], Proof()
    summary = {
        "from": "kraken", "to": "okx", "asset": "USDT", "network": "ethereum", "txid": one["txid"], "left": "4000", "arrived": "3990", "state": "arrived", "received": "3992.5",
        "reason": "statement of today, line 7",
    }  # fmt: skip

    def answer(method, _rest, _query, body):
        if method == "GET":
            return one
        if (refused := proof.wanted()) is not None:
            return refused
        asked.append(body)
        one.update(settle_approval_id="a-t1")
        return 202, {"approval_id": "a-t1"}

    visit = visitor("treasury", language=language, width=width)
    visit.page.emulate_media(color_scheme=scheme)
    proof.tell(visit.page)
    play(visit.page, {
        "treasury/transfers": answer, "approvals": approvals([approval("wallet.treasury_settlement", "t1", summary)]), "networks": networks,
    })  # fmt: skip
    page = visit.login("/treasury/transfers/t1")
    begin = page.get_by_role("button", name=texts["settle"]["begin"], exact=True)
    begin.click()
    form = page.get_by_role("alertdialog")
    ask = form.get_by_role("button", name=texts["settle"]["ask"], exact=True)
    received = form.get_by_label(filled(texts["settle"]["received_in"], to="OKX", asset="USDT"))
    received.fill("3989.9")
    expect(form).to_contain_text(filled(texts["settle"]["below"], arrived="3,990 USDT"))
    form.get_by_label(texts["settle"]["reason_how"]).fill("statement of today, line 7")
    expect(ask).to_be_disabled()
    received.fill("3992.50")
    loss = filled(texts["settle"]["does"]["loss"], to="OKX", received="3,992.5 USDT", sum="7.5 USDT")
    expect(form).to_contain_text(loss)
    assert in_order(visit) == CLEAN
    ask.click()
    proof.give(visit, words(language, "account"))
    waits = page.get_by_role("status").filter(has_text=words(language, "treasury_wallet")["approval"]["title"])
    expect(waits).to_contain_text(staff["state"]["requested"])
    assert asked == [{"received": "3992.5", "reason": "statement of today, line 7"}]
    waits.get_by_role("link").click()

    what = page.get_by_role("region", name=staff["approval"]["what"], exact=True)
    expect(what).to_contain_text(loss)
    for said in ("Kraken", "4,000 USDT", "3,990 USDT", texts["state"]["arrived"], "statement of today, line 7"):
        expect(what).to_contain_text(said)
    assert what.locator("code.funding-address").text_content() == one["txid"]
    assert in_order(visit) == CLEAN
    two = {"settle_reason": "statement of today, line 7", "settle_asked_by": "p1", "settled_by": "p2"}
    one.update(state="settled", can_settle=False, received="3992.5", ended_at=LATER, **two)
    what.get_by_role("link", name=staff["approval"]["thing"]).click()
    expect(page.locator(".pill").filter(has_text=texts["state"]["settled"])).to_be_visible()
    expect(page.get_by_role("region", name=texts["one"]["what"])).to_contain_text("3,992.5 USDT")
    expect(begin).to_have_count(0)


def test_two_people_say_what_became_of_one_that_the_custodian_says_nothing_of(visitor):
    texts, wallet, staff = words("zh", "treasury_moves"), words("zh", "treasury_wallet"), words("zh", "staff")
    wish = {"from": "wallet:ethereum", "to": "venue:okx", "amount": "4000"}
    lost = {"state": "unknown", "can_cancel": False, "can_decide": True, "fee": "0", "late_at": LATER}
    one, asked, proof = transfer(wish, **lost), [], Proof()
    txid = "0x" + "ab" * 32
    summary = {
        "from": "wallet:ethereum", "to": "okx", "asset": "USDT", "network": "ethereum", "amount": "4000", "address": ADDRESS, "memo": None, "state": "unknown",
        "verdict": "paid", "txid": txid, "evidence": "explorer, block 7",
    }  # fmt: skip

    def answer(method, _rest, _query, body):
        if method == "GET":
            return one
        if (refused := proof.wanted()) is not None:
            return refused
        asked.append(body)
        one.update(decide_approval_id="a-t1")
        return 202, {"approval_id": "a-t1"}

    visit = visitor("treasury", language="zh", width=390)
    proof.tell(visit.page)
    play(visit.page, {
        "treasury/transfers": answer, "approvals": approvals([approval("wallet.treasury_decision", "t1", summary)]), "networks": networks,
    })  # fmt: skip
    page = visit.login("/treasury/transfers/t1")
    expect(page.get_by_text(texts["means"]["unknown_wallet"])).to_be_visible()
    page.get_by_role("button", name=texts["decide"]["begin"], exact=True).click()
    form = page.get_by_role("alertdialog")
    ask = form.get_by_role("button", name=texts["settle"]["ask"], exact=True)
    form.get_by_label(wallet["manual"]["evidence_how"]).fill("explorer, block 7")
    expect(ask).to_be_disabled()
    form.get_by_label(wallet["manual"]["verdict"], exact=True).select_option("paid")
    form.get_by_label(wallet["manual"]["txid"]).fill(txid)
    does = filled(texts["decide"]["does"]["paid"], **{"from": "Ethereum", "to": "OKX", "amount": "4,000 USDT"})
    expect(form).to_contain_text(does)
    assert in_order(visit) == CLEAN
    ask.click()
    proof.give(visit, words("zh", "account"))
    waits = page.get_by_role("status").filter(has_text=wallet["approval"]["title"])
    expect(waits).to_contain_text(staff["state"]["requested"])
    assert asked == [{"verdict": "paid", "txid": txid, "evidence": "explorer, block 7"}]
    waits.get_by_role("link").click()
    what = page.get_by_role("region", name=staff["approval"]["what"], exact=True)
    for said in (does, "explorer, block 7", texts["state"]["unknown"], wallet["manual"]["verdicts"]["paid"]):
        expect(what).to_contain_text(said)
    assert in_order(visit) == CLEAN

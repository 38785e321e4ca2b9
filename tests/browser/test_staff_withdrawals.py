"""A reviewer finds what waits for a person, sees all that is known of it, asks a second person, and sends it back when that one does not agree."""

import pytest
from playwright.sync_api import expect

from tests.browser.played import AT, BEFORE, CLEAN, LATER, Proof, approval, approvals, in_order, listed, networks, play
from tests.browser.texts import filled, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
TO, CUSTOMER = "0x52908400098527886e0f7030069857d2e4169ee7", "019f1c2a-0000-7000-8000-00000000000a"
KIND = "wallet.withdrawal"


def withdrawal(number, **changes):
    return {
        "id": number, "asset": "USDT", "network": "ethereum", "amount": "2500", "fee": "1.5", "total": "2501.5", "address": TO, "memo": None, "label": "cold", "internal": False,
        "state": "review", "status": "in_review", "steps": [{"name": "review", "at": AT}], "txid": None, "confirmations": 0, "explorer_url": None, "reason": None,
        "can_cancel": True, "cancelling": False, "created_at": AT, "updated_at": AT,
        "review": {
            "customer_id": CUSTOMER, "reasons": ["new_address", "above_unreviewed"], "value": "2500", "address_since": BEFORE, "approval_id": None, "contradiction": None,
        }, **changes,
    }  # fmt: skip


class Desk:
    """What the withdrawals' routes answer; `asked` are the deeds that came."""

    def __init__(self):
        sent = {"state": "final", "status": "completed", "amount": "70", "txid": "0x" + "ab" * 32}
        self.rows = [withdrawal("w1"), withdrawal("w0", **sent)]
        self.approvals, self.asked = [], []

    def tell(self, page):
        play(page, {"withdrawals": self._withdrawals, "approvals": approvals(self.approvals), "networks": networks})

    def _withdrawals(self, method, rest, query, body):
        number, _, deed = rest.partition("/")
        if method == "GET":
            wanted = [row for row in self.rows if query.get("state") in {None, row["state"]}]
            return next(row for row in self.rows if row["id"] == number) if number else listed(wanted)
        self.asked.append((deed, body))
        one = self.rows[0]
        if deed == "reject":
            one.update(
                state="rejected",
                status="rejected",
                reason=body["reason"],
                steps=[*one["steps"], {"name": "rejected", "at": AT}],
            )
            return one
        summary = {
            "amount": "2500",
            "asset": "USDT",
            "address": TO,
            "network": "ethereum",
            "customer": CUSTOMER,
            "review": ["new_address"],
            "memo": None,
        }
        self.approvals[:] = [approval(KIND, "w1", summary)]
        one["review"] = {**one["review"], "approval_id": "a-w1"}
        return 202, {"approval_id": "a-w1"}


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_a_withdrawal_is_reviewed_asked_about_and_sent_back(visitor, language, width):
    texts, staff = words(language, "treasury_wallet"), words(language, "staff")
    desk = Desk()
    visit = visitor("treasury", language=language, width=width)
    desk.tell(visit.page)
    page = visit.login("/treasury")
    page.get_by_role("link", name=words(language, "treasury")["room"]["withdrawals"]).click()
    rows = page.get_by_role("table", name=texts["withdrawal"]["list"])
    expect(rows.get_by_role("link")).to_have_count(1)
    expect(rows).to_contain_text(texts["why"]["new_address"])
    assert in_order(visit) == CLEAN
    page.get_by_label(texts["col"]["state"], exact=True).select_option("failed")
    expect(page.get_by_text(texts["withdrawal"]["none_such"])).to_be_visible()
    page.get_by_label(texts["col"]["state"], exact=True).select_option("review")
    rows.get_by_role("link").click()

    what = page.get_by_role("region", name=texts["withdrawal"]["what"])
    assert what.locator("code").first.text_content() == CUSTOMER
    assert what.locator("code.funding-address").first.text_content() == TO
    expect(what).to_contain_text("2天" if language == "zh" else "2 days")
    expect(what).to_contain_text(texts["why"]["above_unreviewed"])
    history = page.get_by_role("table", name=texts["withdrawal"]["history"])
    expect(history).to_contain_text("70 USDT")
    assert in_order(visit) == CLEAN

    page.get_by_role("button", name=texts["withdrawal"]["release"], exact=True).click()
    sure = page.get_by_role("alertdialog")
    assert sure.locator("code").text_content() == TO
    sure.get_by_role("button", name=texts["withdrawal"]["release"], exact=True).click()
    waits = page.get_by_role("status").filter(has_text=texts["approval"]["title"])
    expect(waits).to_contain_text(staff["state"]["requested"])
    expect(page.get_by_role("button", name=texts["withdrawal"]["release"], exact=True)).to_have_count(0)
    waits.get_by_role("link").click()

    asked = page.get_by_role("region", name=staff["approval"]["what"], exact=True)
    expect(asked.locator(".treasury-large")).to_have_text("2,500 USDT")
    assert asked.locator("code.funding-address").text_content() == TO
    expect(asked).to_contain_text(texts["why"]["new_address"])
    assert in_order(visit) == CLEAN
    desk.approvals[0].update(state="rejected", reason="call them first", checker="p2", checker_name="Bo")
    asked.get_by_role("link", name=staff["approval"]["thing"]).click()

    expect(page.get_by_role("button", name=texts["withdrawal"]["release_again"])).to_be_visible()
    expect(waits).to_contain_text("call them first")
    page.get_by_role("button", name=texts["withdrawal"]["reject"]).click()
    back = sure.get_by_role("button", name=texts["withdrawal"]["reject"])
    expect(back).to_be_disabled()
    sure.get_by_label(texts["withdrawal"]["reject_why"]).fill("the receiver is not who you think")
    back.click()
    expect(page.get_by_text("the receiver is not who you think")).to_be_visible()
    expect(page.get_by_role("button", name=texts["withdrawal"]["reject"])).to_have_count(0)
    assert [deed for deed, _body in desk.asked] == ["release", "reject"]
    assert in_order(visit) == CLEAN


def test_a_refusal_is_said_and_the_room_shows_what_is_so_now(visitor):
    texts = words("en", "treasury_wallet")
    one = withdrawal("w1")

    def answer(method, rest, *_more):
        if method == "GET":
            return one if rest else listed([one])
        one.update(state="reserved", status="processing")
        return 409, {"status": 409, "code": "withdrawal_decided", "title": "decided", "detail": "decided"}

    visit = visitor("compliance")
    known = {"id": CUSTOMER, "email": "anna@example.com"}
    play(visit.page, {"withdrawals": answer, "networks": networks, "customers": lambda *_asked: known})
    page = visit.login("/treasury/withdrawals/w1")
    page.get_by_role("button", name=texts["withdrawal"]["release"], exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["withdrawal"]["release"], exact=True).click()
    expect(page.get_by_text(texts["code"]["withdrawal_decided"])).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".pill").filter(has_text=texts["withdrawal"]["state"]["reserved"]).first).to_be_visible()
    expect(page.get_by_role("button", name=texts["withdrawal"]["reject"])).to_have_count(0)
    visit.troubles[:] = [one for one in visit.troubles if "status of 409" not in one]


TXID = "0x" + "cd" * 32


def decision(**changes):
    return {
        "verdict": "paid", "txid": TXID, "evidence": "block 7 of today", "state": "proposed", "told": None, "proposed_by": "p1", "confirmed_by": None, "proposed_at": AT,
        "asked_at": None, "ended_at": None, **changes,
    }  # fmt: skip


def say_that_it_was_paid(visit, manual):
    """The form filled in, with what it says of the money; answers that sentence."""
    form = visit.page.get_by_role("alertdialog")
    assert form.locator("code.funding-address").text_content() == TO
    ask = form.get_by_role("button", name=manual["ask"], exact=True)
    verdict = form.get_by_label(manual["verdict"], exact=True)
    sums = {"total": "2,501.5 USDT", "amount": "2,500 USDT", "fee": "1.5 USDT"}
    verdict.select_option("unpaid")
    expect(form).to_contain_text(filled(manual["does"]["unpaid"], **sums))
    verdict.select_option("paid")
    form.get_by_label(manual["evidence_how"]).fill("block 7 of today")
    txid = form.get_by_label(manual["txid"])
    txid.fill("https://scan.example/tx/1")
    expect(form).to_contain_text(manual["txid_wrong"])
    expect(ask).to_be_disabled()
    txid.fill(TXID)
    does = filled(manual["does"]["paid"], **sums)
    expect(form).to_contain_text(does)
    assert in_order(visit) == CLEAN
    ask.click()
    return does


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("zh", 390, "dark")])
def test_two_people_say_what_became_of_one_that_nobody_can_tell(visitor, language, width, scheme):
    texts, staff = words(language, "treasury_wallet"), words(language, "staff")
    manual = texts["manual"]
    steps = [{"name": "reserved", "at": BEFORE}, {"name": "unknown", "at": AT}, {"name": "manual", "at": LATER}]
    one, asked, proof = withdrawal("w1", state="manual", status="sending", can_cancel=False, steps=steps), [], Proof()
    one["review"] |= {"contradiction": "broadcast: 2600 USDT on ethereum", "reported_at": AT, "decision": None}
    summary = {
        "customer": CUSTOMER, "asset": "USDT", "network": "ethereum", "amount": "2500", "fee": "1.5", "address": TO, "memo": None, "state": "manual", "verdict": "paid",
        "txid": TXID, "evidence": "block 7 of today",
    }  # fmt: skip

    def answer(method, rest, _query, body):
        if method == "GET":
            return one if rest else listed([one])
        if (refused := proof.wanted()) is not None:
            return refused
        asked.append(body)
        one["review"] |= {"approval_id": "a-w1", "decision": decision()}
        return 202, {"approval_id": "a-w1"}

    visit = visitor("treasury", language=language, width=width)
    visit.page.emulate_media(color_scheme=scheme)
    proof.tell(visit.page)
    waiting = approvals([approval("wallet.withdrawal_decision", "w1", summary)])
    play(visit.page, {"withdrawals": answer, "approvals": waiting, "networks": networks})
    page = visit.login("/treasury/withdrawals/w1")
    room = page.get_by_role("region", name=manual["title"])
    expect(room).to_contain_text(manual["cause"]["contradicted"])
    expect(room).to_contain_text("broadcast: 2600 USDT on ethereum")
    assert in_order(visit) == CLEAN
    room.get_by_role("button", name=manual["decide"], exact=True).click()
    does = say_that_it_was_paid(visit, manual)
    proof.give(visit, words(language, "account"))
    waits = room.get_by_role("status")
    expect(waits).to_contain_text(staff["state"]["requested"])
    assert asked == [{"verdict": "paid", "txid": TXID, "evidence": "block 7 of today"}]
    expect(room.get_by_role("button", name=manual["replace"])).to_be_visible()
    waits.get_by_role("link").click()

    what = page.get_by_role("region", name=staff["approval"]["what"], exact=True)
    expect(what.locator(".treasury-large")).to_have_text("2,500 USDT")
    for said in (
        does,
        CUSTOMER,
        TO,
        TXID,
        manual["verdicts"]["paid"],
        texts["withdrawal"]["state"]["manual"],
        "block 7 of today",
    ):
        expect(what).to_contain_text(said)
    assert in_order(visit) == CLEAN
    one["review"]["decision"] = decision(
        state="refused", told=f"confirming {TO}", confirmed_by="p2", asked_at=LATER, ended_at=LATER
    )
    what.get_by_role("link", name=staff["approval"]["thing"]).click()
    expect(room).to_contain_text(manual["state"]["refused"])
    expect(room).to_contain_text(texts["withdrawal"]["state"]["confirming"])
    expect(room.get_by_role("button", name=manual["decide"], exact=True)).to_be_visible()
    one["review"]["decision"] = decision(state="asking", confirmed_by="p2", asked_at=LATER)
    expect(room).to_contain_text(manual["means"]["asking"])
    expect(room.get_by_role("button")).to_have_count(0)
    assert in_order(visit) == CLEAN

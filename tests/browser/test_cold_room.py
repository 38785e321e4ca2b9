"""A cold spend as staff see it: asked for, agreed to, what the bytes say beside what was asked for, signatures handed in; a draft that differs is not given out."""

import pytest
from playwright.sync_api import expect

from tests.browser.played import AT, CLEAN, approval, approvals, in_order, listed, networks, play
from tests.browser.texts import filled, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
HOT, COLD = "0x8617e340b3d01fa5f11f306f4090fd50e238070d", "0x52908400098527886e0f7030069857d2e4169ee7"
HOLDERS = [
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x3599689e6292b81b2d85451025146515070129bb",
]


def draft(**changes):
    return {
        "kind": "safe", "wallet": COLD, "digest": "0x" + "cd" * 32, "inputs": [], "pays": [{"address": HOT, "amount": "40", "change": False}], "fee": None, "nonce": 7,
        "needed": 2, "holders": HOLDERS, "signed_by": [], "to_sign": '{"primaryType":"SafeTx"}', "matches": True, "differences": [], **changes,
    }  # fmt: skip


class Desk:
    def __init__(self):
        self.spends, self.approvals, self.handed_in = [], [], []

    def tell(self, page):
        play(page, {"treasury/cold-spends": self._answer, "approvals": approvals(self.approvals), "networks": networks})

    def _answer(self, method, rest, _query, body):
        if method == "POST" and not rest:
            self.spends.append({
                "id": "c1", "reason": None, "address": None, "txid": None, "confirmations": 0, "can_cancel": True, "created_by": "p1", "approved_by": None,
                "created_at": AT, "approved_at": None, "ended_at": None, "state": "waiting_approval", "approval_id": "a-c1", "draft": None, "signatures": [], **body,
            })  # fmt: skip
            summary = {
                "from": "cold",
                "to": "hot",
                "network": "ethereum",
                "asset": "USDT",
                "amount": "40",
                "fee_cap": "0.01",
            }
            self.approvals.append(approval("wallet.cold_spend", "c1", summary))
            return 202, self.spends[0]
        if method == "POST":
            self.handed_in.append(body["signed"])
            one = self.spends[0]
            one["draft"] = draft(signed_by=HOLDERS[:1])
            one["signatures"] = [{"id": "s1", "state": "counted", "reason": None, "handed_in_by": "p1", "at": AT}]
            return 202, one
        if method == "DELETE":
            self.spends[0].update(state="cancelled", can_cancel=False)
            return self.spends[0]
        return self.spends[0] if rest else listed(self.spends)


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_what_holders_sign_stands_in_clear(visitor, language, width):
    texts, staff = words(language, "treasury_cold"), words(language, "staff")
    desk = Desk()
    visit = visitor("treasury", language=language, width=width)
    desk.tell(visit.page)
    page = visit.login("/treasury/cold")
    expect(page.get_by_text(texts["none"])).to_be_visible()
    assert in_order(visit) == CLEAN
    page.get_by_label(filled(texts["form"]["amount"], asset="USDT")).fill("40")
    page.get_by_label(texts["form"]["fee_cap"]).fill("0.01")
    page.get_by_role("button", name=texts["form"]["review"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["form"]["ask"], exact=True).click()
    page.get_by_role("status").get_by_role("link").click()
    asked = page.get_by_role("region", name=staff["approval"]["what"], exact=True)
    expect(asked.locator(".treasury-large")).to_have_text("40 USDT")
    expect(asked).to_contain_text(words(language, "treasury_wallet")["place"]["cold"])
    assert in_order(visit) == CLEAN
    desk.spends[0].update(state="drafted", draft=draft(), address=HOT)
    asked.get_by_role("link", name=staff["approval"]["thing"]).click()

    said = page.get_by_role("region", name=texts["draft"]["title"], exact=True)
    expect(said.get_by_text(texts["draft"]["matches"])).to_be_visible()
    assert page.get_by_role("group", name=texts["draft"]["digest"]).locator("code").text_content() == "0x" + "cd" * 32
    assert said.get_by_role("table", name=texts["draft"]["pays"]).locator("code").text_content() == HOT
    expect(said).to_contain_text(filled(texts["draft"]["count"], n="0", needed="2"))
    with page.expect_download() as saved:
        page.get_by_role("button", name=texts["draft"]["save"]).click()
    assert saved.value.path().read_text() == draft()["to_sign"]
    assert in_order(visit) == CLEAN
    page.get_by_label(texts["draft"]["signed"]).fill(" 0xab cd ")
    page.keyboard.press("Enter")
    expect(said).to_contain_text(filled(texts["draft"]["count"], n="1", needed="2"))
    expect(page.locator(".pill").filter(has_text=texts["given"]["state"]["counted"])).to_be_visible()
    assert desk.handed_in == ["0xabcd"]

    desk.spends[0]["draft"] = draft(matches=False, differences=["it pays 41"])
    expect(said.get_by_role("alert")).to_contain_text("it pays 41")
    expect(page.get_by_role("button", name=texts["draft"]["save"])).to_have_count(0)
    assert in_order(visit) == CLEAN
    page.get_by_role("button", name=texts["cancel"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["cancel"]).click()
    expect(page.get_by_text(texts["means"]["cancelled"])).to_be_visible()

"""Finance and compliance find what arrived and is not simply the customer's, and ask a second person about it."""

import pytest
from playwright.sync_api import expect

from tests.browser.played import AT, CLEAN, approval, approvals, in_order, listed, networks, play
from tests.browser.texts import filled, words

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.xdist_group("browser")]
ADDRESS, CUSTOMER = "0x8617e340b3d01fa5f11f306f4090fd50e238070d", "019f1c2a-0000-7000-8000-00000000000a"


def deposit(number, status, **changes):
    return {
        "id": number, "customer_id": CUSTOMER, "asset": "USDT", "network": "ethereum", "amount": "250.5", "address": ADDRESS, "memo": None, "txid": "0x" + "ab" * 32,
        "output": 0, "status": status, "confirmations": 64, "confirmations_to_credit": 12, "confirmations_to_final": 64, "reason": None, "seen_at": AT,
        "credited_at": None, "final_at": None, "missing": None, **changes,
    }  # fmt: skip


class Desk:
    def __init__(self):
        self.rows = [
            deposit("d1", "held", reason="account_frozen"),
            deposit("d2", "held", reason="account_frozen", amount="9", confirmations=60),
            deposit("d3", "suspense", reason="memo_missing", customer_id=None, amount="77"),
            deposit("d5", "held", reason="account_frozen", amount="12", refund_refused="address_invalid"),
            deposit("d4", "reversed", reason="spent", missing="0.7"),
        ]
        self.approvals, self.asked = [], []

    def tell(self, page):
        known = {"id": CUSTOMER, "email": "anna@example.com"}
        play(page, {
            "deposits": self._deposits, "treasury/suspense": self._suspense, "approvals": approvals(self.approvals), "networks": networks,
            "customers": lambda *_asked: known,
        })  # fmt: skip

    def _deposits(self, method, rest, query, body):
        if method == "GET":
            return listed(row for row in self.rows if row["status"] == query["status"])
        return self._ask("wallet.deposit_refund" if rest.endswith("/refund") else "wallet.deposit_release", rest, body)

    def _suspense(self, _method, rest, _query, body):
        return self._ask("wallet.suspense", rest, body)

    def _ask(self, kind, rest, body=None):
        number, deed = rest.split("/")
        self.asked.append((number, deed, body))
        self.approvals.append(approval(kind, number, {}))
        return 202, {"approval_id": f"a-{number}"}


@pytest.mark.parametrize(("language", "width"), [("en", 390), ("zh", 1280)])
def test_what_arrived_and_is_nobodys_yet_is_decided_by_two(visitor, language, width):
    texts = words(language, "treasury_wallet")
    own = texts["deposit"]
    desk = Desk()
    visit = visitor("compliance", language=language, width=width)
    desk.tell(visit.page)
    page = visit.login("/treasury/controls")
    page.get_by_role("navigation", name=words(language, "treasury")["nav"]["label"]).get_by_role(
        "link", name=words(language, "treasury")["room"]["deposits"]
    ).click()
    held = page.get_by_role("table", name=own["list"]["held"])
    expect(held).to_contain_text(own["why"]["account_frozen"])
    expect(held).to_contain_text(filled(own["not_final"], left="4"))
    assert in_order(visit) == CLEAN
    held.get_by_role("button", name=filled(own["release_of"], sum="250.5 USDT")).click()
    sure = page.get_by_role("alertdialog")
    expect(sure).to_contain_text("anna@example.com")
    assert visit.violations() == []
    sure.get_by_role("button", name=own["release"], exact=True).click()
    expect(held.get_by_role("link", name=own["waits"])).to_have_attribute("href", "/approvals/a-d1")
    expect(held).to_contain_text(filled(own["refund_refused"], why=own["why"]["address_invalid"]))
    held.get_by_role("button", name=filled(own["refund_of"], sum="12 USDT")).click()
    back = sure.get_by_role("button", name=own["refund"], exact=True)
    sure.get_by_label(own["refund_to"]).fill(ADDRESS[:-1])
    sure.get_by_label(own["refund_why"]).fill("its sender is listed")
    expect(sure.get_by_text(own["refund_to_wrong"])).to_be_visible()
    expect(back).to_be_disabled()
    sure.get_by_label(own["refund_to"]).fill(ADDRESS)
    assert visit.violations() == []
    back.click()
    expect(held.get_by_role("link", name=own["waits"]).nth(1)).to_have_attribute("href", "/approvals/a-d5")

    page.get_by_role("tab", name=own["list"]["suspense"]).click()
    page.get_by_role("button", name=filled(own["claim_of"], sum="77 USDT")).click()
    give = sure.get_by_role("button", name=own["claim"], exact=True)
    sure.get_by_label(own["claimant"]).fill(CUSTOMER[:-1])
    expect(sure.get_by_text(own["claimant_wrong"])).to_be_visible()
    expect(give).to_be_disabled()
    sure.get_by_label(own["claimant"]).fill(CUSTOMER)
    expect(sure.get_by_text(filled(own["claimant_is"], email="anna@example.com"))).to_be_visible()
    give.click()
    expect(page.get_by_role("link", name=own["waits"])).to_have_attribute("href", "/approvals/a-d3")
    assert in_order(visit) == CLEAN

    page.get_by_role("tab", name=own["list"]["reversed"]).click()
    expect(page.get_by_role("table", name=own["list"]["reversed"])).to_contain_text("0.7 USDT")
    page.get_by_role("button", name=filled(own["reopen_of"], sum="250.5 USDT")).click()
    sure.get_by_role("button", name=own["reopen"], exact=True).click()
    expect(page.get_by_role("link", name=own["waits"])).to_be_visible()
    page.get_by_role("tab", name=own["list"]["below_minimum"]).click()
    expect(page.get_by_text(own["none"]["below_minimum"])).to_be_visible()
    assert in_order(visit) == CLEAN
    sent_back = {"address": ADDRESS, "memo": None, "reason": "its sender is listed"}
    assert desk.asked == [
        ("d1", "release", None),
        ("d5", "refund", sent_back),
        ("d3", "claim", {"customer_id": CUSTOMER}),
        ("d4", "release", None),
    ]

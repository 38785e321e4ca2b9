"""Money in and out of a house, over HTTP as its people see it: a demo with chains of its own, a custodian, and nothing played.

Blocks come when the story wants them, so that no state is over before it was looked at.
"""

import json
import re
import subprocess
import sys
from decimal import Decimal as D
from pathlib import Path

import pytest
from embit.bech32 import encode
from playwright.sync_api import expect

from rivermouth import demo_wallet, seed
from rivermouth.prove import pages
from rivermouth.prove.silence import advance
from rivermouth.prove.stack import PASSWORD, running
from tests.browser.texts import words
from tests.e2e.trading import trade, until
from tools import system_packages

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("wallet_story")]

CREDITED, FINAL = 3, 6
DAY_S = 24 * 3600
SMALLEST = {"ETH": D("0.00000001"), "USDT": D("0.000001"), "BTC": D("0.00000001")}
VERIFIER = Path(__file__).parents[2] / "sdk" / "verify_reserves.py"
STRANGERS = {"ethereum": "0x" + "5a" * 20, "bitcoin": encode("rltc", 0, range(20))}


class House:
    """One demo and its people. `retail` has coins from the beginning; `retail2` has no ETH."""

    def __init__(self, stack):
        self.stack, self.entries = stack, {}
        self.wire = demo_wallet.wire_of(stack.data)
        self.networks = {row["network"] for row in stack.retail.get("/v1/networks")["items"]}

    def blocks(self, count=0, network="ethereum", **more):
        self.stack.admin.post("/v1/sandbox/chain/blocks", {"network": network, "count": count, **more})

    def reorg(self, count, network="ethereum"):
        self.stack.admin.post("/v1/sandbox/chain/reorgs", {"network": network, "count": count})

    def pay(self, address, amount, **more):
        """From a stranger; waits in the node for a block."""
        wish = {"address": address, "amount": amount, **more}
        return self.stack.admin.post("/v1/sandbox/chain/payments", wish)["txid"]

    def address(self, who, asset="ETH", network="ethereum"):
        asked = f"/v1/deposit-addresses?asset={asset}&network={network}"
        return until("an address", lambda: who.get(asked), lambda row: row["status"] == "ready")["address"]

    def deposit(self, who, txid, status):
        """The customer's own row of a payment, once it is so."""

        def row():
            found = [one for one in who.get("/v1/deposits?limit=100")["items"] if one["txid"] == txid]
            return found[0] if found else {"status": None}

        wanted = {status} if isinstance(status, str) else status
        return until(status, row, lambda one: one["status"] in wanted)

    def prove(self, who):
        """A login is a proof for ten minutes, and business time runs in this story."""
        who.call("POST", "/v1/step-up", {"password": PASSWORD}).raise_for_status()

    def write_down(self, who, address, network="ethereum"):
        self.prove(who)
        wish = {"network": network, "address": address, "memo": None, "label": "Outside"}
        self.entries[who.email, network] = who.post("/v1/address-book", wish)["id"]

    def withdraw(self, who, amount, asset="ETH", network="ethereum"):
        self.prove(who)
        wish = {"asset": asset, "network": network, "amount": amount, "address_id": self.entries[who.email, network]}
        return who.post("/v1/withdrawals", wish)

    def withdrawal(self, who, one, state):
        wanted = {state} if isinstance(state, str) else state
        return until(
            state, lambda: who.get(f"/v1/withdrawals/{one['id']}"), lambda row: row["state"] in wanted | {"failed"}
        )

    def through(self, who, one, network="ethereum"):
        """Block after block until it is final."""

        def look():
            self.blocks(1, network)
            return who.get(f"/v1/withdrawals/{one['id']}")

        return until("final", look, lambda row: row["state"] in {"final", "failed", "manual"})

    def agree(self, second, approval_id):
        asked = second.get(f"/v1/approvals/{approval_id}")
        second.post(f"/v1/approvals/{approval_id}/approve", {"digest": asked["digest"]})

    def on_the_chain(self):
        """Network and asset → what the custodian finds there, in all of its wallets."""
        found = {}
        for row in self.wire.ask("GET", "/v1/balances")["items"]:
            place = row["network"], row["asset"]
            found[place] = found.get(place, D(0)) + D(row["confirmed"])
        return found

    def hot(self, network, asset):
        rows = self.wire.ask("GET", "/v1/balances")["items"]
        return sum(
            D(row["confirmed"])
            for row in rows
            if (row["wallet"], row["network"], row["asset"]) == ("hot", network, asset)
        )

    def in_the_books(self):
        rows = self.stack.client("treasury").get("/v1/treasury/balances")["items"]
        wallets = [row for row in rows if row["location"].startswith("wallet:")]
        return {(row["location"].removeprefix("wallet:"), row["asset"]): D(row["ledger"]) for row in wallets}

    def holder(self, number, draft):
        """What one of the cold wallet's holders makes of a draft, with the key that lies in the demo's directory."""
        command = [sys.executable, "-m", "rivermouth", "cold-sign", str(number), "--data", str(self.stack.data)]
        done = subprocess.run(command, input=draft, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def available(self, who, asset="ETH"):
        return D(who.balances().get(asset, {"available": "0"})["available"])


@pytest.fixture(scope="module")
def house():
    with running(env={"RIVERMOUTH_DEMO_CHAIN": "on"}) as stack:
        story = House(stack)
        for symbol, price in (("BTC-USDT", "60000"), ("ETH-USDT", "3000")):
            stack.price(symbol, price)
        for network in story.networks:
            story.blocks(network=network, every_s=0)
            for name in ("retail", "retail2"):
                story.write_down(stack.client(name), STRANGERS[network], network)
        too_soon = stack.retail.call(
            "POST",
            "/v1/withdrawals",
            {"asset": "ETH", "network": "ethereum", "amount": "0.1", "address_id": story.entries[stack.retail.email, "ethereum"]},
        )  # fmt: skip
        assert (too_soon.status_code, too_soon.json()["code"]) == (409, "address_not_active")
        advance(stack, DAY_S + 60)
        stack.admin.post("/v1/sandbox/deposits", {"email": stack.retail.email, "asset": "ETH", "amount": "5"})
        yield story
        assert stack.broken_invariants() == []


def test_a_deposit_is_seen_confirms_is_credited_and_becomes_final(house):
    who = house.stack.retail
    before = house.available(who)
    txid = house.pay(house.address(who), "2.5")
    house.blocks(1)
    seen = house.deposit(who, txid, {"seen", "confirming"})
    assert (seen["amount"], seen["confirmations_to_credit"], seen["confirmations_to_final"]) == ("2.5", CREDITED, FINAL)
    assert house.available(who) == before
    house.blocks(1)
    assert until("counts", lambda: house.deposit(who, txid, "confirming"), lambda row: row["confirmations"] == 2)
    house.blocks(1)
    house.deposit(who, txid, "credited")
    assert house.available(who) == before + D("2.5")
    house.prove(who)
    some = str(before + D("2.4"))
    wish = {"asset": "ETH", "network": "ethereum", "amount": some, "address_id": house.entries[who.email, "ethereum"]}
    early = who.call("POST", "/v1/withdrawals", wish)
    assert (early.status_code, early.json()["code"]) == (409, "funds_unsettled")
    house.blocks(3)
    assert house.deposit(who, txid, "final")["confirmations"] == FINAL


def test_a_small_withdrawal_passes_by_itself(house):
    who = house.stack.retail
    one = house.withdraw(who, "0.1")  # 300 USDT
    assert one["state"] != "review", one
    done = house.through(who, one)
    assert (done["state"], done["status"], done["fee"]) == ("final", "completed", "0.001")


def test_a_large_withdrawal_waits_for_two_people(house):
    stack, who = house.stack, house.stack.retail
    one = house.withdraw(who, "1")
    assert (one["state"], one["status"], one["can_cancel"]) == ("review", "in_review", True)
    treasury, compliance = stack.client("treasury"), stack.client("compliance")
    waits = next(row for row in treasury.get("/v1/withdrawals?state=review")["items"] if row["id"] == one["id"])
    assert waits["review"]["reasons"] == ["above_unreviewed"]
    approval = treasury.post(f"/v1/withdrawals/{one['id']}/release", {})["approval_id"]
    digest = treasury.get(f"/v1/approvals/{approval}")["digest"]
    own = treasury.call("POST", f"/v1/approvals/{approval}/approve", {"digest": digest})
    assert (own.status_code, own.json()["code"]) == (403, "approval_own_request")
    house.agree(compliance, approval)
    house.withdrawal(who, one, {"broadcast", "confirming"})
    late = who.call("DELETE", f"/v1/withdrawals/{one['id']}")
    assert (late.status_code, late.json()["code"]) == (409, "already_signed")
    done = house.through(who, one)
    assert done["state"] == "final", done
    names = [step["name"] for step in done["steps"]]
    assert names[:2] == ["review", "approved"], names
    assert names[-1] == "final", names


def test_a_block_that_leaves_the_chain_takes_a_deposit_with_it(house):
    who = house.stack.retail
    before = house.available(who)
    early = house.pay(house.address(who), "0.4")
    house.blocks(1)
    house.deposit(who, early, {"seen", "confirming"})
    house.reorg(1)
    house.deposit(who, early, "orphaned")
    late = house.pay(house.address(who), "0.7")
    house.blocks(CREDITED)
    house.deposit(who, late, "credited")
    assert house.available(who) == before + D("0.7")
    house.reorg(CREDITED)
    house.deposit(who, late, "reversed")
    assert house.available(who) == before


def test_what_was_spent_before_its_block_left_is_owed_and_the_customer_frozen(house):
    stack, who = house.stack, house.stack.client("retail2")
    txid = house.pay(house.address(who), "1.5")
    house.blocks(CREDITED)
    house.deposit(who, txid, "credited")
    sold = trade(stack, customer=who, symbol="ETH-USDT", side="sell", quantity="1")
    assert sold["status"] == "filled", sold
    house.reorg(CREDITED)
    taken = house.deposit(who, txid, "reversed")
    assert house.available(who) == 0
    refused = who.call("POST", "/v1/orders", {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.001"})  # fmt: skip
    assert refused.json()["code"] == "account_frozen", refused.text
    house.blocks(FINAL)
    finance, compliance = stack.client("finance"), stack.client("compliance")
    house.agree(compliance, finance.post(f"/v1/deposits/{taken['id']}/release", {})["approval_id"])
    again = until(
        "accounts open",
        lambda: who.call("POST", "/v1/orders", {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "0.001"}),
        lambda answer: answer.is_success or answer.json()["code"] != "account_frozen",
    )  # fmt: skip
    assert again.is_success, again.text


def test_a_token_comes_and_goes_like_a_coin(house):
    who = house.stack.retail
    before = house.available(who, "USDT")
    txid = house.pay(house.address(who, "USDT"), "750.25", asset="USDT")
    house.blocks(CREDITED)
    assert house.deposit(who, txid, "credited")["asset"] == "USDT"
    assert house.available(who, "USDT") == before + D("750.25")
    house.blocks(FINAL - CREDITED)
    house.deposit(who, txid, "final")
    one = house.withdraw(who, "400", "USDT")
    assert (one["fee"], one["total"]) == ("2", "402")
    done = house.through(who, one)
    assert done["state"] == "final", done
    assert house.available(who, "USDT") == before + D("750.25") - 402


@pytest.fixture
def outputs(house):
    if "bitcoin" not in house.networks:
        system_packages.not_run(f"the demo's chain of outputs: {system_packages.install_line()}")
    return house


def test_a_chain_of_outputs_pays_and_is_paid(outputs):
    who, house = outputs.stack.retail, outputs
    before = house.available(who, "BTC")
    txid = house.pay(house.address(who, "BTC", "bitcoin"), "0.05", network="bitcoin")
    house.blocks(1, "bitcoin")
    house.deposit(who, txid, {"seen", "confirming"})
    house.reorg(1, "bitcoin")
    house.deposit(who, txid, "orphaned")
    house.blocks(CREDITED, "bitcoin")  # the payment is in the next block again
    house.deposit(who, txid, "credited")
    assert house.available(who, "BTC") == before + D("0.05")
    house.blocks(FINAL - CREDITED, "bitcoin")
    house.deposit(who, txid, "final")
    one = house.withdraw(who, "0.01", "BTC", "bitcoin")
    assert house.through(who, one, "bitcoin")["state"] == "final"


COLD = "/v1/treasury/cold-spends"


@pytest.mark.parametrize(
    ("network", "asset", "kind"), [("ethereum", "ETH", "safe"), ("bitcoin", "BTC", "psbt")], ids=["safe", "psbt"]
)
def test_a_cold_wallet_pays_with_two_of_three_holders_and_not_with_one(house, network, asset, kind):
    if network not in house.networks:
        system_packages.not_run(f"the demo's chain of outputs: {system_packages.install_line()}")
    treasury, before = house.stack.client("treasury"), house.hot(network, asset)
    spend = treasury.post(COLD, {"network": network, "asset": asset, "amount": "3", "fee_cap": "0.01"})
    house.agree(house.stack.client("treasury2"), spend["approval_id"])
    look = lambda: treasury.get(f"{COLD}/{spend['id']}")  # noqa: E731
    draft = until("a draft", look, lambda row: row["state"] == "drafted")["draft"]
    assert (draft["kind"], draft["matches"], draft["needed"], draft["signed_by"]) == (kind, True, 2, [])
    assert (draft["pays"][0]["amount"], draft["pays"][0]["change"]) == ("3", False)

    def sign(holder):
        signed = house.holder(holder, draft["to_sign"])
        treasury.post(f"{COLD}/{spend['id']}/signatures", {"signed": signed})

    sign(1)
    until("one of two", look, lambda row: len(row["draft"]["signed_by"]) == 1)
    house.blocks(2, network)
    assert look()["state"] == "drafted"
    assert house.hot(network, asset) == before
    sign(3)

    def mined():
        house.blocks(1, network)
        return look()

    done = until("final", mined, lambda row: row["state"] in {"final", "failed"})
    assert (done["state"], [one["state"] for one in done["signatures"]]) == ("final", ["counted", "counted"])
    paid = house.hot(network, asset) - before
    assert D("2.99") < paid <= 3  # the hot wallet pays for the Safe's transaction


@pytest.fixture
def visits(house):
    """People at windows of their own, by name; their pages must have been clean."""
    if system_packages.chromium() is None:
        system_packages.not_run(f"browser tests: no Chromium here; {system_packages.install_line()}")
    opened = []
    with pages.browser() as browser:
        address = house.stack.base.replace("127.0.0.1", "localhost")

        def visit(name):
            opened.append(pages.Visit(browser, address, name, language="en", theme="dark", width=1280, height=900))
            return opened[-1]

        yield visit
        assert [one.troubles for one in opened] == [[] for _ in opened]
        for one in opened:
            one.close()


@pytest.mark.browser
def test_a_customer_sees_money_come_and_go_in_the_browser(house, visits):
    """Nothing of the wallet's answers is played here: they come from the chain."""
    texts, visit = words("en", "funding"), visits("retail")
    page = visit.login("/deposit?asset=ETH&network=ethereum")
    expect(page.get_by_role("img", name="QR code of your ETH address")).to_be_visible(timeout=60_000)
    address = page.get_by_role("group", name="Your ETH address").locator("code").text_content()
    assert address == house.address(house.stack.retail)
    txid = house.pay(address, "0.31")
    row = page.get_by_role("table", name=texts["deposit"]["list"]).get_by_role("row").filter(has_text="0.31")
    for status, blocks in (("seen", 1), ("confirming", 1), ("credited", CREDITED - 2), ("final", FINAL - CREDITED)):
        house.blocks(blocks)
        house.deposit(house.stack.retail, txid, status)
        expect(row).to_contain_text(texts["deposit"]["status"][status], timeout=60_000)

    visit.go("/withdraw?asset=ETH&network=ethereum")
    page.get_by_role("radio", name=re.compile("^Outside")).check()
    page.get_by_label("Amount that arrives (ETH)").fill("0.07")
    page.get_by_role("button", name=texts["withdraw"]["review"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Withdraw 0.07 ETH").click()
    page.wait_for_url("**/withdrawals/*")
    one = {"id": page.url.rpartition("/")[2]}
    house.withdrawal(house.stack.retail, one, {"broadcast", "confirming"})
    expect(page.get_by_text(texts["withdrawal"]["means"]["on_the_chain"])).to_be_visible(timeout=60_000)
    assert house.through(house.stack.retail, one)["state"] == "final"
    expect(page.get_by_text(texts["withdrawal"]["means"]["completed"])).to_be_visible(timeout=60_000)
    assert (visit.violations(), visit.raw_keys(), visit.sideways()) == ([], [], False)


@pytest.mark.browser
def test_staff_let_a_withdrawal_out_in_the_browser(house, visits):
    """One asks, another reads what is asked for and agrees."""
    who = house.stack.retail
    one = house.withdraw(who, "0.8")
    assert one["state"] == "review", one
    texts, staff = words("en", "treasury_wallet"), words("en", "staff")
    reviewer, second = visits("treasury"), visits("compliance")
    page = reviewer.login("/treasury/withdrawals")
    rows = page.get_by_role("table", name=texts["withdrawal"]["list"])
    rows.get_by_role("row").filter(has_text="0.8 ETH").get_by_role("link").click()
    expect(
        page.get_by_text(texts["why"]["above_unreviewed"]).first
    ).to_be_visible()  # others may wait for the same reason
    page.get_by_role("button", name=texts["withdrawal"]["release"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["withdrawal"]["release"]).click()
    expect(page.get_by_role("alertdialog")).to_be_hidden()

    other = second.login("/approvals")
    other.get_by_role("row").filter(has_text="0.8 ETH").get_by_role("link").click()
    expect(other.locator("main code").filter(has_text=STRANGERS["ethereum"]).first).to_be_visible()
    other.get_by_role("button", name=staff["approval"]["approve"]).click()
    other.get_by_role("alertdialog").get_by_role("button", name=staff["approval"]["approve"]).click()
    house.withdrawal(who, one, {"broadcast", "confirming"})
    assert house.through(who, one)["state"] == "final"
    expect(page.get_by_text(texts["withdrawal"]["state"]["final"]).first).to_be_visible(timeout=60_000)
    assert [visit.violations() + visit.raw_keys() for visit in (reviewer, second)] == [[], []]


@pytest.mark.browser
def test_treasury_reads_a_draft_and_takes_care_of_an_alert_in_the_browser(house, visits):
    stack, treasury = house.stack, house.stack.client("treasury")
    texts, visit = words("en", "treasury_cold"), visits("treasury")
    spend = treasury.post(COLD, {"network": "ethereum", "asset": "ETH", "amount": "4", "fee_cap": "0.01"})
    house.agree(stack.client("treasury2"), spend["approval_id"])
    stack.admin.post("/v1/sandbox/venue-balances", {"venue": "kraken", "asset": "BTC", "free": "0.5"})
    page = visit.login(f"/treasury/cold/{spend['id']}")
    expect(page.get_by_text(texts["draft"]["matches"])).to_be_visible(timeout=60_000)
    draft = treasury.get(f"{COLD}/{spend['id']}")["draft"]
    digest = page.get_by_role("group", name=texts["draft"]["digest"]).locator("code")
    assert digest.text_content() == draft["digest"]
    pays = page.get_by_role("table", name=texts["draft"]["pays"])
    expect(pays).to_contain_text("4 ETH")
    assert pays.locator("code").first.text_content() == draft["pays"][0]["address"]
    page.get_by_role("button", name=texts["cancel"]).click()
    page.get_by_role("alertdialog").get_by_role("button", name=texts["cancel"]).click()
    look = lambda: treasury.get(f"{COLD}/{spend['id']}")  # noqa: E731
    until("taken back", look, lambda row: row["state"] == "cancelled")

    visit.go("/treasury/alerts")
    row = page.get_by_role("table", name=words("en", "treasury")["alerts"]["open"]).get_by_role("row")
    mine = row.filter(has_text="Kraken").filter(has_text="BTC")
    mine.get_by_role("button", name="Take care of Kraken BTC").click(timeout=60_000)
    expect(mine.get_by_role("button")).to_have_count(0)
    alerts = treasury.get("/v1/treasury/alerts")["items"]
    assert [one["acked_at"] is not None for one in alerts if one["location"] == "venue:kraken"] == [True]
    assert (visit.violations(), visit.raw_keys(), visit.sideways()) == ([], [], False)


def test_the_chain_is_the_books(house):
    """Finer parts of a coin than the books count are carried: less than one unit."""
    for network in house.networks:
        house.blocks(FINAL, network)

    def difference():
        chain, books = house.on_the_chain(), house.in_the_books()
        return {place: chain.get(place, D(0)) - books.get(place, D(0)) for place in chain.keys() | books.keys()}

    found = until("books as the chain", difference, lambda all_: all(abs(d) < SMALLEST[a] for (_, a), d in all_.items()))  # fmt: skip
    assert {network for network, _ in found} == house.networks
    assert {asset for _, asset in found} >= {"ETH", "USDT"}


def test_every_customer_checks_the_proof_of_reserves_without_the_house(house, tmp_path):
    """By the script that is handed out, which knows nothing of the product; the published sum is what their leaves add up to."""
    stack, owed = house.stack, {}
    asked = stack.client("treasury").post("/v1/reserves/snapshots", {})["id"]
    state = lambda: stack.client("treasury").get("/v1/reserves/snapshots")["items"]  # noqa: E731
    until("published", state, lambda rows: any(row["id"] == asked and row["state"] == "published" for row in rows))
    public = stack.retail.get("/v1/reserves")
    (tmp_path / "reserves.json").write_text(json.dumps(public))
    for name in seed.RETAIL:
        own = stack.client(name).get(f"/v1/reserves/proof?snapshot_id={asked}")
        (tmp_path / "proof.json").write_text(json.dumps(own))
        command = [sys.executable, "-I", str(VERIFIER), "proof.json", "reserves.json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
        assert (done.returncode, own["customer_id"] in done.stdout) == (0, True), done.stdout + done.stderr
        for item in own["items"]:
            owed[item["asset"]] = owed.get(item["asset"], D(0)) + D(item["amount"])
    published = next(entry for entry in public["items"] if entry["id"] == asked)
    assert owed == {row["asset"]: D(row["liabilities"]) for row in published["assets"] if D(row["liabilities"])}

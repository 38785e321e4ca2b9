"""A venue runs dry, and two people refill it: one alarm in each room and in the mail, a proposal, a second person, a transfer, all well again.

Customers' orders drain it and are hedged there; what leaves another venue leaves it by the client library's own withdrawal.
"""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import httpx
import pytest

from rivermouth.prove.silence import advance
from rivermouth.prove.stack import DOMAIN, PASSWORD
from tests.e2e.trading import ask, trade, until

pytestmark = [pytest.mark.stack]
A, PLACE = "okx", "venue:okx"
BEFORE = {"USDT": ("250000", "120000", "100000"), "ETH": ("50", "30", "25")}
"""What the venue has at first, and treasury's lines for it."""
AFTER = {"USDT": ("10000000", "500000", "100000"), "ETH": ("3000", "150", "30")}
SENT = {"draft", "reserved", "unknown", "sent"}


class Story:
    """Treasury's desk, the customer whose orders drain the venue, and all that hears of it."""

    def __init__(self, stack, chat):
        self.stack, self.chat = stack, chat
        self.treasury, self.customer = stack.client("treasury"), stack.retail
        self.channels, self.mails_before = [], [mail["body"] for mail in self._mails()]

    # the world
    def furnish(self):
        """Lines first: what the venue has then falls below none."""
        for asset, (free, warning, critical) in BEFORE.items():
            self.line(asset, warning, critical)
            self.holds(asset, free)

    def restore(self):
        for asset, (free, warning, critical) in AFTER.items():
            self.holds(asset, free)
            self.line(asset, warning, critical)

    def holds(self, asset, free):
        self.stack.admin.post("/v1/sandbox/venue-balances", {"venue": A, "asset": asset, "free": free})

    def line(self, asset, warning, critical):
        body = {"location": PLACE, "asset": asset, "warning": warning, "critical": critical}
        self.treasury.post("/v1/treasury/lines", body)

    def hold(self, venue, held):
        body = {"venue": venue, "held": held}
        httpx.post(f"{self.stack.urls()['simulator']}/control/moves", json=body, timeout=30).raise_for_status()

    def left(self, venue):
        url = f"{self.stack.urls()['simulator']}/control/venues/{venue}/withdrawals"
        return {row["client_id"]: row for row in httpx.get(url, timeout=30).json()["items"]}

    def buys(self, quantity):
        assert trade(self.stack, quantity=quantity, venue=A)["status"] == "filled"

    def sells(self, quantity):
        assert trade(self.stack, symbol="ETH-BTC", side="sell", quantity=quantity, venue=A)["status"] == "filled"

    # who hears of it
    def open_rooms(self):
        self.treasury.call("POST", "/v1/step-up", {"password": PASSWORD}).raise_for_status()
        for room, address, topic in (
            ("ops", self.chat.robot("ops"), "treasury"),
            ("slack", self.chat.hook("slack"), "treasury"),
            ("superiors", self.chat.robot("superiors"), "escalations"),
        ):
            body = {"name": room, "address": address, "topics": [topic], "language": "en"}
            self.channels.append(self.treasury.post("/v1/channels", body)["id"])
        for room in ("ops", "slack", "superiors"):
            until("the first message", lambda room=room: self.chat.texts(room), lambda texts: len(texts) == 1)

    def close_rooms(self):
        for channel in self.channels:
            self.treasury.call("DELETE", f"/v1/channels/{channel}")

    def heard(self, room):
        """Messages about the venue, each as its lines about the venue."""
        told = [[line for line in text.splitlines() if A in line] for text in self.chat.texts(room)]
        return [lines for lines in told if lines]

    def hears(self, room, words):
        """A minute later what waits is told."""
        advance(self.stack, 61)
        until(words, lambda: self.heard(room), lambda told: any(words in line for lines in told for line in lines))

    def _mails(self):
        found = []
        for who in ("treasury", "admin"):
            items = self.stack.admin.get(f"/v1/sandbox/mails?to={who}@{DOMAIN}&limit=1000")["items"]
            found += [mail | {"who": who} for mail in items if PLACE in mail["body"]]
        return found

    def mails(self, who):
        return [m for m in self._mails() if m["who"] == who and m["body"] not in self.mails_before]

    # what treasury sees
    def balance(self, asset):
        items = self.treasury.get("/v1/treasury/balances")["items"]
        return next(row for row in items if (row["location"], row["asset"]) == (PLACE, asset))

    def alerts(self):
        items = self.treasury.get("/v1/treasury/alerts?state=open")["items"]
        return [alert for alert in items if alert["location"] == PLACE]

    def below(self):
        return {alert["asset"]: alert for alert in self.alerts() if alert["kind"] == "below_line"}

    def acknowledge(self, alert):
        assert self.treasury.post(f"/v1/treasury/alerts/{alert['id']}/ack", {})["acked_by"]

    def proposals(self):
        items = self.treasury.get("/v1/treasury/proposals")["items"]
        return {p["asset"]: p for p in items if p["to"] == PLACE}

    def roads(self, asset):
        """(cost per unit, source, network) of whoever could bring it: open at both ends, to an approved address."""
        rails = [r for r in self.treasury.get("/v1/treasury/rails")["items"] if r["asset"] == asset]
        approved = {
            a["network"]: a["address"]
            for a in self.treasury.get("/v1/treasury/addresses")["items"]
            if (a["location"], a["asset"], a["state"]) == (PLACE, asset, "active")
        }
        taken = {
            r["network"]
            for r in rails
            if r["location"] == PLACE and r["deposits"] and r["address"] in {None, approved.get(r["network"])}
        } & approved.keys()
        return [
            (Decimal(r["fee"]), r["location"], r["network"])
            for r in rails
            if r["location"] != PLACE and r["withdrawals"] and r["network"] in taken
        ]

    def transfer(self, transfer_id):
        return self.treasury.get(f"/v1/treasury/transfers/{transfer_id}")

    def notices_of(self, transfers):
        items = self.treasury.get("/v1/notices")["items"]
        return [notice for notice in items if notice["params"].get("transfer") in transfers]

    def asks(self, proposal):
        body = {name: proposal[name] for name in ("from", "to", "asset", "network", "amount")}
        return self.treasury.post("/v1/treasury/transfers", body | {"proposal_id": proposal["id"]})

    def decides(self, who, asked):
        digest = self.treasury.get(f"/v1/approvals/{asked['approval_id']}")["digest"]
        client = self.stack.client(who)
        return client.call("POST", f"/v1/approvals/{asked['approval_id']}/approve", {"digest": digest})


@pytest.fixture
def story(stack, chat):
    told = Story(stack, chat)
    for asset, amount in (("USDT", "300000"), ("ETH", "40")):
        stack.admin.post("/v1/sandbox/deposits", {"email": stack.retail.email, "asset": asset, "amount": amount})
    told.furnish()
    yield told
    for venue in ("binance", "bitfinex", "kraken"):
        told.hold(venue, held=False)
    told.close_rooms()
    told.restore()


def test_a_venue_that_customers_drain_is_refilled_by_two_people(story):
    _drained_by_orders_it_is_one_message_for_everybody(story)
    _who_has_not_been_answered_calls_again(story)
    refused = ask(story.stack, {"symbol": "BTC-USDT", "side": "buy", "type": "market", "quantity": "1", "venue": A})
    assert (refused.status_code, refused.json()["code"]) == (409, "venue_balance_low")
    transfers = _what_is_proposed_two_people_send(story)
    _it_is_late_and_then_there(story, transfers)
    _it_is_well_again(story)
    story.buys("1")
    assert story.balance("USDT")["level"] == "ok"


def _drained_by_orders_it_is_one_message_for_everybody(story):
    """Two assets of the venue fall far below their lines at once."""
    story.buys("1")
    story.buys("1")
    story.sells("10")
    assert {story.balance(asset)["level"] for asset in BEFORE} == {"ok"}
    story.open_rooms()
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda order: order[0](order[1]), ((story.buys, "1"), (story.sells, "20"))))
    alerts = until("both alerts", story.below, lambda found: len(found) == 2)
    assert {alert["level"] for alert in alerts.values()} == {"critical"}
    for room in ("ops", "slack"):
        story.hears(room, "CRITICAL: USDT at venue:okx")
        [lines] = story.heard(room)
        assert sorted(line.split(":")[1].strip() for line in lines) == ["ETH at venue", "USDT at venue"]
    mails = until(
        "mails", lambda: story.mails("treasury"), lambda m: {a for a in BEFORE if _named(m, a)} == set(BEFORE)
    )
    assert len(mails) <= len({alert["first_at"] for alert in alerts.values()})
    assert story.heard("superiors") == story.mails("admin") == []


def _named(mails, asset):
    """How often a mail names the balance."""
    return sum(" ".join(mail["body"].split()).count(f"{PLACE} {asset} ") for mail in mails)


def _who_has_not_been_answered_calls_again(story):
    """It falls further, and nobody is told; one of the two is acknowledged, the other is told to the superiors."""
    story.buys("0.5")
    until("the figure", lambda: story.below()["USDT"], lambda alert: Decimal(alert["usable"]) < 45_000)
    story.acknowledge(story.below()["ETH"])
    advance(story.stack, 600)
    assert all(alert["escalations"] == 0 for alert in story.alerts())
    advance(story.stack, 300)
    for room in ("superiors", "ops", "slack"):
        story.hears(room, "Nobody has acknowledged for 15 minutes and more: USDT at venue:okx")
    [told] = story.heard("superiors")
    assert not any("ETH" in line for line in told)
    assert [len(lines) for lines in story.heard("ops")] == [2, 1], "nothing between the alarm and the call"
    [mail] = until("the mail", lambda: story.mails("admin"), lambda mails: len(mails) == 1)
    assert "unanswered" in mail["subject"]
    story.acknowledge(story.below()["USDT"])


def _what_is_proposed_two_people_send(story):
    proposals = until("proposals", story.proposals, lambda found: set(found) == set(BEFORE))
    transfers = {}
    for asset, proposal in proposals.items():
        _, warning, _ = BEFORE[asset]
        cheapest = min(story.roads(asset))
        assert (Decimal(proposal["fee"]), proposal["from"], proposal["network"]) == cheapest
        assert Decimal(proposal["usable"]) < Decimal(proposal["line"]) == Decimal(warning), "why"
        missing = 2 * Decimal(warning) - Decimal(proposal["usable"])
        assert missing - Decimal("0.000001") < Decimal(proposal["amount"]) <= missing, "as finely as it can be sent"
        story.hold(proposal["from"].removeprefix("venue:"), held=True)
        asked = story.asks(proposal)
        assert (asked["state"], asked["can_cancel"]) == ("draft", True)
        own = story.decides("treasury", asked)
        assert (own.status_code, own.json()["code"]) == (403, "approval_own_request")
        assert story.decides("treasury2", asked).is_success
        transfers[asset] = asked["id"]
    for asset, transfer_id in transfers.items():
        row = until("leaving", lambda t=transfer_id: story.transfer(t), lambda row: row["state"] not in SENT)
        assert (row["state"], row["left"]) == ("in_transit", proposals[asset]["amount"]), row
        assert story.balance(asset)["in_transit"] == row["left"]
        left = story.left(row["from"].removeprefix("venue:"))[transfer_id.replace("-", "")]
        assert (left["amount"], left["address"]) == (row["left"], row["address"])
    return transfers


def _it_is_late_and_then_there(story, transfers):
    for alert in story.alerts():
        story.acknowledge(alert)
    advance(story.stack, 31 * 60)
    until("late", lambda: story.transfer(transfers["USDT"])["late_at"], lambda at: at is not None)
    assert story.transfer(transfers["ETH"])["late_at"] is None
    story.hears("ops", "takes three times as long as it should")
    [late] = until("the notice", lambda: story.notices_of(transfers.values()), len)
    assert (late["kind"], late["params"]["destination"]) == ("treasury_transfer_late", A)
    for transfer_id in transfers.values():
        story.hold(story.transfer(transfer_id)["from"].removeprefix("venue:"), held=False)
    for asset, transfer_id in transfers.items():
        done = until("there", lambda t=transfer_id: story.transfer(t), lambda row: row["state"] != "in_transit")
        assert (done["state"], done["arrived"]) == ("closed", done["left"]), done
        assert Decimal(done["left_fee"]) == Decimal(done["fee"]) > 0
        until("the balance", lambda a=asset: story.balance(a), lambda b: (b["in_transit"], b["level"]) == ("0", "ok"))
    sent = story.treasury.call("DELETE", f"/v1/treasury/transfers/{transfers['USDT']}")
    assert sent.json()["code"] == "treasury_transfer_sent"


def _it_is_well_again(story):
    def calmer():
        advance(story.stack, 121)
        return story.alerts()

    until("calm", calmer, lambda alerts: alerts == [])
    for room in ("ops", "slack"):
        for asset in BEFORE:
            story.hears(room, f"{asset} at venue:okx is well again")
    assert story.chat.refused == []


def test_hostile_input_is_a_clear_refusal(stack):
    treasury = stack.client("treasury")
    until("rails", lambda: treasury.get("/v1/treasury/rails")["items"], len)
    good = {"from": "venue:binance", "to": PLACE, "asset": "USDT", "network": "tron", "amount": "2500"}
    for change, status in (
        ({"from": "venue:../etc"}, 400),
        ({"from": "binance"}, 400),
        ({"to": "wallet:ethereum"}, 422),
        ({"amount": "NaN"}, 400),
        ({"amount": 1e9}, 400),
        ({"amount": "-1"}, 422),
        ({"amount": "1e400"}, 400),
        ({"asset": "USDT'; --"}, 400),
        ({"network": "TRON"}, 400),
        ({"address": "TEVIL"}, 400),
        ({"proposal_id": "x"}, 400),
    ):
        answer = treasury.call("POST", "/v1/treasury/transfers", good | change)
        assert answer.status_code == status, (change, answer.text)
        assert answer.json()["code"], change
    assert stack.retail.call("GET", "/v1/treasury/transfers").status_code == 403
    assert stack.client("finance").call("POST", "/v1/treasury/transfers", good).status_code == 403

"""Transfers on the running product: at once, on a moment to come that the engine keeps, and with a second person of finance."""

import time
from datetime import datetime, timedelta
from decimal import Decimal

import pytest


def _until_posted(client, transfer, within_s=90):
    deadline = time.monotonic() + within_s
    while (found := client.get(f"/v1/transfers/{transfer['id']}"))["status"] != "posted":
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    return found


@pytest.mark.stack
def test_at_once_later_and_with_a_second_person(stack):
    friend, finance = stack.client("retail2"), stack.client("finance")
    mail = "retail2@demo.rivermouth.example"

    def money():
        return Decimal(friend.balances()["USDT"]["posted"])

    before = money()
    made = stack.retail.post("/v1/transfers", {"to": mail, "asset": "USDT", "amount": "1.5"})
    assert made["status"] == "posted"
    soon = (datetime.fromisoformat(made["created_at"]) + timedelta(minutes=10)).isoformat()
    waits = stack.retail.post("/v1/transfers", {"to": mail, "asset": "USDT", "amount": "2", "execute_at": soon})
    assert waits["status"] == "scheduled"
    asked = finance.post("/v1/transfers", {"from": mail, "to": made["from"], "asset": "USDT", "amount": "1"})
    assert asked["status"] == "awaiting_approval"
    assert stack.client("finance2").post(f"/v1/transfers/{asked['id']}/approve", None)["status"] == "posted"
    inbox = stack.client("finance2")
    other = finance.post("/v1/transfers", {"from": mail, "to": made["from"], "asset": "USDT", "amount": "0.5"})
    waiting = inbox.get("/v1/approvals?box=to_decide&kind=payments.transfer")["items"]
    seen = next(item for item in waiting if item["resource_id"] == other["id"])
    assert inbox.post(f"/v1/approvals/{seen['id']}/approve", {"digest": seen["digest"]})["checker"]
    _until_posted(finance, other)
    stack.admin.post("/v1/sandbox/clock", {"advance": "PT11M"})
    done = _until_posted(stack.retail, waits)
    assert money() == before + 2
    journal = finance.get(f"/v1/ledger/journals/{done['journal_id']}")
    assert sum(Decimal(line["amount"]) for line in journal["lines"]) == 0
    for transfer in (made, done):
        assert friend.post(f"/v1/transfers/{transfer['id']}/reverse", None)["status"] == "posted"
    assert money() == before - Decimal("1.5")

"""Treasury brings money to a venue, over HTTP and through the engine's own lanes: two people, one withdrawal, nothing left in transit."""

import time
from decimal import Decimal

import pytest

pytestmark = [pytest.mark.stack]
PATIENCE_S = 90


def until(read, holds):
    """What was read once it holds."""
    last = time.monotonic() + PATIENCE_S
    while not holds(found := read()):
        assert time.monotonic() < last, str(found)
        time.sleep(0.3)
    return found


def agree(stack, approval_id):
    second = stack.client("treasury2")
    asked = second.get(f"/v1/approvals/{approval_id}")
    second.post(f"/v1/approvals/{approval_id}/approve", {"digest": asked["digest"]})


def rail(stack, place):
    rows = stack.client("treasury").get("/v1/treasury/rails")["items"]
    found = [r for r in rows if (r["location"], r["asset"], r["network"]) == (place, "USDT", "tron")]
    return found[0] if found else None


def allow(stack, place):
    """The address of the venue may be paid to, if a test before has not done it."""
    treasury = stack.client("treasury")
    taken = until(lambda: rail(stack, place), lambda row: row is not None and row["address"])
    known = [a for a in treasury.get("/v1/treasury/addresses")["items"] if a["address"] == taken["address"]]
    if not known:
        wish = {k: taken[k] for k in ("location", "asset", "network", "address", "memo")} | {"key_name": "treasury"}
        agree(stack, treasury.post("/v1/treasury/addresses", wish)["approval_id"])
    until(
        lambda: [
            a["state"] for a in treasury.get("/v1/treasury/addresses")["items"] if a["address"] == taken["address"]
        ],
        lambda states: states == ["active"],
    )


def test_money_goes_from_one_venue_to_another_and_nothing_stays_in_transit(stack):
    treasury = stack.client("treasury")
    until(lambda: rail(stack, "venue:binance"), lambda row: row is not None)
    allow(stack, "venue:okx")
    wish = {"from": "venue:binance", "to": "venue:okx", "asset": "USDT", "network": "tron", "amount": "2500"}
    asked = treasury.post("/v1/treasury/transfers", wish)
    assert (asked["state"], asked["can_cancel"]) == ("draft", True)
    digest = treasury.get(f"/v1/approvals/{asked['approval_id']}")["digest"]
    own = treasury.call("POST", f"/v1/approvals/{asked['approval_id']}/approve", {"digest": digest})
    assert (own.status_code, own.json()["code"]) == (403, "approval_own_request")
    agree(stack, asked["approval_id"])
    done = until(
        lambda: treasury.get(f"/v1/treasury/transfers/{asked['id']}"), lambda row: row["state"] in {"closed", "failed"}
    )
    assert (done["state"], done["left"], done["arrived"]) == ("closed", "2500", "2500"), done
    assert Decimal(done["left_fee"]) == Decimal(done["fee"]) > 0
    assert treasury.call("DELETE", f"/v1/treasury/transfers/{asked['id']}").json()["code"] == "treasury_transfer_sent"


def test_hostile_input_is_a_clear_refusal(stack):
    treasury = stack.client("treasury")
    until(lambda: rail(stack, "venue:binance"), lambda row: row is not None)
    allow(stack, "venue:okx")
    good = {"from": "venue:binance", "to": "venue:okx", "asset": "USDT", "network": "tron", "amount": "2500"}
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

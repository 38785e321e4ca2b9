"""Cold to hot through the platform: two people ask, a real custodian drafts, holders sign elsewhere, a real chain pays."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from kernel import db
from kernel.signing import Signer
from tests import cold_desk
from tests.cold_holders import Holders
from tests.custodian_process import CustodianProcess, environment
from tests.ledger_books import as_engine
from tests.utxo_desk import FINAL, written
from wallet_bridge.networks.queries import Offer

D = Decimal
NETWORK = "bitcoin"
OFFER = Offer(
    network=NETWORK, asset="BTC", title="Bitcoin", kind="utxo", deposits=True, withdrawals=True, confirmations=2,
    final_confirmations=FINAL, memo_required=False, minimum_deposit=D("0.001"), minimum_withdrawal=D("0.001"),
    withdrawal_fee=D("0.0001"), fee_asset="BTC", fee_cap=D("0.001"), explorer=None,
)  # fmt: skip
ASKED = {"network": NETWORK, "asset": "BTC", "amount": "40", "fee_cap": "0.01"}


@pytest.fixture(scope="module")
def cold(house, litecoin, bare_cluster, tmp_path_factory):
    """One custodian and one cold wallet of five outputs for all tests here."""
    holders, bridge, folder = Holders(), Signer("bridge", os.urandom(32)), tmp_path_factory.mktemp("cold")
    file = written(
        litecoin, folder, name=NETWORK, native="BTC", assets={"BTC": {"decimals": 8}}, poll_s=0.1, cold=holders.address,
        utxo={"cold": holders.descriptor},
    )  # fmt: skip
    url = bare_cluster.create("template0").owner
    custodian = CustodianProcess(litecoin, environment(url, file, folder, bridge), bridge, folder / "custodian.log")
    for _ in range(5):
        litecoin.ask("sendtoaddress", holders.address, 50)
    litecoin.mine(FINAL)
    with cold_desk.opened(house, custodian, OFFER, holders, ASKED) as desk:
        yield desk


def test_two_people_ask_two_holders_sign_and_the_hot_wallet_is_fuller(cold):
    before, spend = cold.hot(), cold.made()
    assert (spend["state"], spend["draft"], spend["can_cancel"]) == ("waiting_approval", None, True)
    assert (
        cold.ask("POST", f"/v1/approvals/{spend['approval_id']}/approve", {"digest": "0" * 64}).status_code == 403
    )  # the same person
    cold.agree(spend)

    seen = cold.until(spend, "drafted")
    draft = seen["draft"]
    assert (draft["matches"], draft["differences"], draft["needed"], draft["signed_by"]) == (True, [], 2, [])
    assert [(one["amount"], one["change"]) for one in draft["pays"]] == [
        ("40", False),
        (draft["pays"][1]["amount"], True),
    ]

    assert cold.hand_in(spend, draft["to_sign"]).status_code == 202  # nobody has signed it
    cold.engine()
    refused = cold.look(spend)["signatures"][0]
    assert refused["state"] == "refused"
    assert refused["reason"].startswith("signature_unfit")

    one = cold.sign(spend, 0)
    assert (one["state"], len(one["draft"]["signed_by"]), one["can_cancel"]) == ("drafted", 1, False)
    assert cold.ask("DELETE", f"{cold.path}/{spend['id']}").json()["code"] == "cold_spend_signed"
    cold.node.mine(2)
    cold.engine()
    assert cold.look(spend)["state"] == "drafted"  # one of two pays nothing

    cold.sign(spend, 2)
    done = cold.until(spend, "final", mining=True)
    assert (done["txid"], done["confirmations"] >= FINAL) == (draft["digest"], True)
    assert [signature["state"] for signature in done["signatures"]] == ["refused", "counted", "counted"]
    assert cold.hot() == before + 40
    assert cold.ask("GET", cold.path).json()["items"][0]["state"] == "final"
    assert cold.hand_in(spend, draft["to_sign"]).json()["code"] == "cold_spend_not_drafted"


def test_what_nobody_agreed_to_never_reaches_the_custodian(cold):
    before, spend = cold.told(), cold.made()
    cold.agree(spend, "reject")
    assert cold.look(spend)["state"] == "refused"
    taken_back = cold.made()
    assert cold.ask("DELETE", f"{cold.path}/{taken_back['id']}").json()["state"] == "cancelled"
    cold.engine()
    assert cold.told() == before


def test_a_draft_that_nobody_signed_is_taken_back_at_the_custodian(cold):
    spend = cold.drafted()
    for _press in range(2):
        answer = cold.ask("DELETE", f"{cold.path}/{spend['id']}")
        assert answer.status_code == 200, answer.text
    cold.until(spend, "cancelled")


def test_nobody_signs_what_differs_from_what_was_agreed_to(cold):
    spend = cold.drafted()
    with as_engine(cold.house.database), db.transaction(tenant=cold.house.first) as tx:
        tx.execute(
            "UPDATE wallet_bridge.cold_spends SET draft = jsonb_set(draft, '{pays,0,address}', '\"ltc1qsomebodyelse\"') WHERE id = :id",
            id=spend["id"],
        )  # fmt: skip
    shown = cold.look(spend)["draft"]
    assert (shown["matches"], shown["differences"]) == (False, ["it pays ltc1qsomebodyelse"])
    assert cold.hand_in(spend, cold.holders.sign(0, shown["to_sign"])).json()["code"] == "cold_draft_differs"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"network": "nowhere"}, "network_unknown"),
        ({"amount": "0"}, "cold_amount_unfit"),
        ({"amount": "-1"}, "cold_amount_unfit"),
        ({"amount": "0.000000001"}, "cold_amount_unfit"),
        ({"fee_cap": "0"}, "cold_amount_unfit"),
        ({"to": "me"}, "invalid_request"),
    ],
)
def test_nonsense_is_refused(cold, changed, code):
    assert cold.ask("POST", cold.path, ASKED | changed).json()["code"] == code


def test_what_the_custodian_cannot_do_ends_with_its_reason(cold):
    spend = cold.made(amount="0.00000001")  # dust on this network
    cold.agree(spend)
    refused = cold.until(spend, "refused")
    assert refused["reason"].startswith("amount_unfit")

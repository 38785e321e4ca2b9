"""The cold wallet on a real chain: drafted from the approved row, signed by two of three elsewhere, checked, stored and sent."""

from __future__ import annotations

import base64
import os
import time
from decimal import Decimal

import pytest
from embit.psbt import PSBT
from embit.transaction import TransactionOutput

from kernel import db
from kernel.signing import Signer
from tests.cold_holders import Holders
from tests.custodian_process import CustodianProcess, environment
from tests.utxo_desk import FINAL, NETWORK, opened, written
from wallet_bridge.custodian import errors
from wallet_bridge.custodian.chains import scripts
from wallet_bridge.custodian.cold import service as cold
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.transfers import service as transfers

APPROVALS = [{"by": "anna", "at": "2026-01-01T00:00:00Z"}, {"by": "ben", "at": "2026-01-01T00:01:00Z"}]


@pytest.fixture
def holders():
    return Holders()


@pytest.fixture
def vault(litecoin, custody_url, tmp_path, holders):
    """A desk whose cold wallet holds 50."""
    desk = opened(litecoin, tmp_path, custody_url, cold=holders.address, utxo={"cold": holders.descriptor})
    desk.block()
    for amount in ("30", "20"):
        desk.give(holders.address, amount)
    desk.block(FINAL)
    return desk


def wish(desk, amount="40", **changed):
    usual = {
        "source": "cold",
        "destination": {"type": "hot"},
        "purpose": "treasury",
        "approvals": APPROVALS,
    }
    return desk.wish(amount, **(usual | changed))


def drafted(desk, **changed):
    one = desk.take(wish(desk, **changed))
    desk.pay()
    return one, cold.view(desk.house, one.id)


def test_the_address_is_the_one_that_the_node_derives(litecoin, holders):
    text = litecoin.ask("getdescriptorinfo", holders.descriptor)["descriptor"]
    assert litecoin.ask("deriveaddresses", text, [0, 0]) == [holders.address]


def test_two_of_three_holders_pay_and_one_alone_does_not(vault, holders):
    one, seen = drafted(vault)
    assert [(pay.address, pay.amount, pay.change) for pay in seen.pays] == [
        (vault.hot, Decimal(40), False), (holders.address, Decimal(10) - seen.fee, True),
    ]  # fmt: skip
    assert (sum(place.amount for place in seen.inputs), seen.needed, seen.signed_by) == (50, 2, [])
    assert transfers.view(one.id).reason == "it waits for signatures of 2 of 3 holders"

    first = cold.hand_in(vault.house, one.id, holders.sign(0, seen.to_sign))
    assert (first.state.value, first.signed_by) == ("accepted", [holders.roots[0].my_fingerprint.hex()])
    again = cold.hand_in(vault.house, one.id, holders.sign(0, seen.to_sign))
    assert (again.state.value, again.signed_by) == ("accepted", first.signed_by)
    vault.pay()
    assert vault.state(one) == "accepted"
    assert seen.digest not in vault.node.ask("getrawmempool")

    second = cold.hand_in(vault.house, one.id, holders.sign(2, seen.to_sign))
    assert (second.state.value, len(second.signed_by)) == ("signed", 2)
    done = vault.through(one)
    assert (done.state.value, done.txid, done.fee) == ("final", seen.digest, seen.fee)
    assert (vault.owned("hot"), vault.owned("cold")) == (40, 10 - seen.fee)
    told = [
        (event.type.value, event.data)
        for event in feed.after(0, limit=500).items
        if event.type.value.startswith("cold.")
    ]
    assert [(kind, len(data["signed_by"])) for kind, data in told] == [
        ("cold.drafted", 0), ("cold.cosigned", 1), ("cold.cosigned", 2),
    ]  # fmt: skip
    assert {data["client_ref"] for _, data in told} == {done.client_ref}


def test_a_second_signer_may_sign_what_the_first_one_signed(vault, holders):
    one, seen = drafted(vault)
    both = holders.sign(1, holders.sign(0, seen.to_sign))
    assert cold.hand_in(vault.house, one.id, both).state.value == "signed"


def test_drafts_share_no_output_and_a_cancelled_one_gives_its_own_back(vault, holders):
    first, seen = drafted(vault, amount="15")
    second = vault.take(wish(vault, "40"))
    vault.pay()
    assert vault.state(second) == "accepted"
    with pytest.raises(errors.TransferNotFound):
        cold.view(vault.house, second.id)
    assert transfers.cancel(first.id).state.value == "cancelled"
    with pytest.raises(errors.TransferNotFound):
        cold.hand_in(vault.house, first.id, holders.sign(0, seen.to_sign))
    vault.pay()
    assert len(cold.view(vault.house, second.id).inputs) == 2


def test_what_somebody_has_signed_is_not_cancelled(vault, holders):
    one, seen = drafted(vault)
    cold.hand_in(vault.house, one.id, holders.sign(0, seen.to_sign))
    with pytest.raises(errors.AlreadySigned):
        transfers.cancel(one.id)


def test_our_own_keys_never_pay_from_cold(vault):
    one = vault.take(vault.wish("1"))
    vault.pay()
    assert vault.state(one) == "accepted"


def test_a_draft_that_pays_somebody_else_is_neither_shown_nor_sent(vault, holders):
    """Whoever writes into our database changes the draft, not the row that two people approved."""
    one, seen = drafted(vault)
    made = PSBT.from_base64(seen.to_sign)
    thief = scripts.of_address(vault.house.network(NETWORK).utxo, vault.stranger())
    pays = [TransactionOutput(made.tx.vout[0].value, thief), *made.tx.vout[1:]]
    made.outputs[0].script_pubkey, made.outputs[0].value = pays[0].script_pubkey, pays[0].value
    stolen = made.serialize()
    assert PSBT.parse(stolen).tx.vout[0].script_pubkey == thief
    with db.transaction() as tx:
        tx.execute("UPDATE custody.cold_drafts SET raw = :psbt", psbt=stolen)
    with pytest.raises(errors.DraftUnfit):
        cold.view(vault.house, one.id)
    both = holders.sign(1, holders.sign(0, base64.b64encode(stolen).decode()))
    with pytest.raises(errors.DraftUnfit):
        cold.hand_in(vault.house, one.id, both)
    assert vault.state(one) == "accepted"


def test_signatures_for_another_payment_are_refused(vault, holders):
    one, seen = drafted(vault)
    made = PSBT.from_base64(seen.to_sign)
    made.outputs[1].value -= 1
    for text in (
        holders.sign(0, base64.b64encode(made.serialize()).decode()),
        seen.to_sign,
        "AAAA",
        "cHNidP8=",
        "=",
        seen.to_sign[:80],
    ):
        with pytest.raises(errors.SignatureUnfit):
            cold.hand_in(vault.house, one.id, text)
    assert cold.view(vault.house, one.id).signed_by == []


def test_a_draft_on_outputs_that_a_reorganisation_took_away_is_not_shown(vault):
    one, _seen = drafted(vault)
    vault.node.reorganise(FINAL)
    vault.read()
    with pytest.raises(errors.DraftUnfit):
        cold.view(vault.house, one.id)


@pytest.mark.parametrize(
    "changed",
    [
        {"approvals": []},
        {"approvals": APPROVALS[:1]},
        {"approvals": [APPROVALS[0], APPROVALS[0] | {"at": "2026-01-02T00:00:00Z"}]},
        {"destination": {"type": "cold"}},
        {"source_address": "rltc1qts50ad58v4ewva95j4faxvnkhmnsdl2m0xf46f"},
        {"destination": {"type": "address", "address": "rltc1qts50ad58v4ewva95j4faxvnkhmnsdl2m0xf46f"}},
    ],
)
def test_cold_pays_into_hot_or_to_the_whitelist_with_two_approvals(vault, changed):
    with pytest.raises(errors.DestinationUnfit):
        vault.take(wish(vault, **changed))


def test_a_network_without_a_descriptor_has_nothing_to_draft(utxo):
    with pytest.raises(errors.DestinationUnfit):
        utxo.take(wish(utxo))


def test_over_http_from_the_draft_to_the_chain(litecoin, empty_url, tmp_path, holders):
    bridge = Signer("bridge", os.urandom(32))
    file = written(litecoin, tmp_path, poll_s=0.1, cold=holders.address, utxo={"cold": holders.descriptor})
    process = CustodianProcess(
        litecoin, environment(empty_url, file, tmp_path, bridge), bridge, tmp_path / "custodian.log"
    )
    litecoin.ask("sendtoaddress", holders.address, 5)
    litecoin.mine(FINAL)
    process.start()
    try:
        hot = next(
            one["address"] for one in process.ask("GET", "/v1/balances").json()["items"] if one["wallet"] == "hot"
        )
        asked = {
            "client_ref": "t/1", "source": "cold", "destination": {"type": "address", "address": hot}, "asset": "LTC",
            "network": NETWORK, "amount": "4", "fee_cap": "0.01", "purpose": "treasury", "approvals": APPROVALS,
        }  # fmt: skip
        path = f"/v1/transfers/{process.ask('POST', '/v1/transfers', asked).json()['id']}"
        wait(lambda: process.ask("GET", f"{path}/cold").status_code == 200)
        psbt = process.ask("GET", f"{path}/cold").json()["to_sign"]
        refused = process.ask("POST", f"{path}/cold", {"signed": psbt})
        assert (refused.status_code, refused.json()["code"]) == (400, "signature_unfit")
        for holder in (0, 1):
            assert process.ask("POST", f"{path}/cold", {"signed": holders.sign(holder, psbt)}).status_code == 200

        def final():
            litecoin.mine()
            return process.ask("GET", path).json()["state"] == "final"

        wait(final)
    finally:
        process.stop()


def wait(holds):
    until = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.1)

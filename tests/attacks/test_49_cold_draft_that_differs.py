"""Attack 49: a payment out of the cold wallet whose draft does something else than the row that two people approved.

As at Bybit: the signers believed that they pay, and signed a delegatecall. Whoever writes into the custodian's database changes the draft,
or hands in what was signed over another one; the Safe on the chain is a real one.
"""

from __future__ import annotations

import json

import pytest

from kernel import db
from tests.custodian_desk import TOKEN
from tests.safe_desk import vault
from wallet_bridge.custodian import errors
from wallet_bridge.custodian.chains.eth import encode
from wallet_bridge.custodian.chains.safes import NOBODY, SafeTx, fields_of
from wallet_bridge.custodian.localnet import safe as localnet

THIEF = "0x" + "ba" * 19 + "d0"
KINDS = ["address", "uint256", "bytes", *["uint8"], *["uint256"] * 3, *["address"] * 2, "uint256"]


@pytest.fixture
def desk(anvil, custody_url, tmp_path):
    return vault(anvil, tmp_path, custody_url)


def tampered(stored: bytes, **changed) -> bytes:
    return encode(KINDS, [*(dict(fields_of(stored)) | changed).values()])


def put(one, stored: bytes) -> None:
    with db.transaction() as tx:
        tx.execute("UPDATE custody.cold_drafts SET raw = :raw WHERE transfer_id = :id", raw=stored, id=one.id)


def others(desk):
    """What a thief would like to have signed."""
    safe = desk.safe.address
    yield "delegatecall", {"operation": 1}
    yield "delegatecall elsewhere", {"to": THIEF, "operation": 1, "data": bytes.fromhex("deadbeef"), "value": 0}
    yield "recipient", {"to": THIEF}
    yield "amount", {"value": 9 * 10**18}
    yield "refund", {"gasPrice": 10**12, "refundReceiver": THIEF}
    yield "token refund", {"gasToken": THIEF}
    yield "gas", {"safeTxGas": 1}
    yield "base gas", {"baseGas": 1}
    yield "nonce", {"nonce": 5}
    yield "data", {"data": b"\x00"}
    for method, kinds, values in (
        ("addOwnerWithThreshold", ["address", "uint256"], [THIEF, 1]),
        ("swapOwner", ["address"] * 3, ["0x" + "1".rjust(40, "0"), desk.owners.addresses[0], THIEF]),
        ("changeThreshold", ["uint256"], [1]),
        ("enableModule", ["address"], [THIEF]),
        ("setGuard", ["address"], [NOBODY]),
        ("setFallbackHandler", ["address"], [THIEF]),
    ):
        yield method, {"to": safe, "value": 0, "data": localnet.call(method, kinds, values)}


def test_49_a_draft_that_was_changed_is_shown_to_nobody_and_never_sent(desk):
    one, seen = desk.drafted("2")
    right = desk.stored(seen)
    desk.cosigned(one, seen)
    for what, changed in others(desk):
        wrong = tampered(right, **changed)
        put(one, wrong)
        with pytest.raises(errors.DraftUnfit):
            desk.view(one)
            pytest.fail(f"shown: {what}")
        to_sign = json.dumps(desk.safe.to_sign(wrong))
        with pytest.raises(errors.DraftUnfit):
            desk.hand_in(one, desk.owners.sign(2, to_sign))
        desk.desk.pay()
        assert (desk.told(one).state.value, desk.told(one).attempts) == ("accepted", []), what
    put(one, b"\x00")
    with pytest.raises(errors.DraftUnfit):
        desk.view(one)
    assert desk.held() == 10
    put(one, right)
    assert (desk.done(one).state.value, desk.held()) == ("final", 8)


def test_49_signatures_over_another_draft_do_not_count(desk):
    one, seen = desk.drafted("2")
    right = desk.stored(seen)
    for what, changed in others(desk):
        to_sign = json.dumps(desk.safe.to_sign(tampered(right, **changed)))
        with pytest.raises(errors.SignatureUnfit):
            desk.hand_in(one, desk.owners.sign(0, to_sign))
            pytest.fail(f"taken: {what}")
    assert desk.view(one).signed_by == []


def test_49_signatures_put_into_the_database_are_recovered_anew(desk):
    """A thief's own under an owner's name, one over another draft, the same one twice."""
    one, seen = desk.drafted("2")
    desk.hand_in(one, desk.owners.sign(0, seen.to_sign))
    wrong = json.dumps(desk.safe.to_sign(tampered(desk.stored(seen), to=THIEF)))
    forged = [desk.owners.sign(1, wrong), desk.owners.sign(0, seen.to_sign)]
    with db.transaction() as tx:
        for number, signed in enumerate(forged, start=1):
            tx.execute(
                """INSERT INTO custody.cold_signatures (transfer_id, input, public_key, signature, at)
                   VALUES (:id, 0, :owner, :signature, now())""",
                id=one.id, owner=bytes.fromhex(desk.owners.addresses[number][2:]), signature=bytes.fromhex(signed[2:]),
            )  # fmt: skip
    assert desk.view(one).signed_by == [desk.owners.addresses[0]]
    assert (desk.done(one).state.value, desk.held()) == ("accepted", 10)


def test_49_a_token_goes_to_nobody_else_either(desk):
    token = desk.desk.contract()
    token.hold(desk.safe.address, 50_000_000)
    one, seen = desk.drafted("50", asset=TOKEN)
    stored = desk.stored(seen)
    send = ["address", "uint256"]
    for data in (
        localnet.call("transfer", send, [THIEF, 50_000_000]),
        localnet.call("transfer", send, [desk.hot, 49_000_000]),
        localnet.call("approve", send, [desk.hot, 50_000_000]),
        localnet.call("transfer", send, [desk.hot, 50_000_000]) + b"\x00",
    ):
        put(one, tampered(stored, data=data))
        with pytest.raises(errors.DraftUnfit):
            desk.view(one)
    put(one, SafeTx(THIEF, 0, fields_of(stored)["data"], seen.nonce or 0).encoded())
    with pytest.raises(errors.DraftUnfit):
        desk.view(one)
    assert token.held(desk.safe.address) == 50_000_000

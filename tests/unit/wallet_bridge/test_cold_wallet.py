"""A cold wallet of several holders: what counts are their signatures over our draft, and nothing else that is handed in."""

from __future__ import annotations

import pytest
from embit import bip32, ec
from embit.psbt import PSBT, ser_string
from embit.script import p2wpkh
from embit.transaction import SIGHASH, Transaction
from hypothesis import given
from hypothesis import strategies as st

from wallet_bridge.custodian.cold.wallet import ColdWallet, NotADescriptor, NotThisDraft

ROOTS = [bip32.HDKey.from_seed(bytes([number]) * 32) for number in range(1, 4)]
PATH = "48h/2h/0h/2h"


def descriptor(roots=ROOTS, needed=2, tail="/0/*", private=False):
    keys = []
    for root in roots:
        key = root.derive(f"m/{PATH}")
        keys.append(f"[{root.my_fingerprint.hex()}/{PATH}]{(key if private else key.to_public()).to_base58()}{tail}")
    return f"wsh(sortedmulti({needed},{','.join(keys)}))"


WALLET = ColdWallet(descriptor())
STRANGER = p2wpkh(ec.PrivateKey(b"\x07" * 32))


def draft(pays=90_000):
    return WALLET.draft([("aa" * 32, 0, 60_000), ("bb" * 32, 1, 50_000)], [(STRANGER, pays), (WALLET.script, 15_000)])


def signed(root, made=None, **how):
    psbt = PSBT.parse(made or draft())
    assert psbt.sign_with(root, **how)
    return psbt.serialize()


def test_two_of_three_are_enough_and_one_is_not():
    found = dict(WALLET.signatures(draft(), signed(ROOTS[0])))
    assert WALLET.finish(draft(), found) is None
    assert len(WALLET.signers(draft(), found)) == 1
    found |= WALLET.signatures(draft(), signed(ROOTS[2]))
    made = WALLET.finish(draft(), found)
    assert made.txid() == PSBT.parse(draft()).tx.txid()
    assert all(len(one.witness.items) == 4 for one in made.vin)


def test_the_same_holder_twice_is_one():
    found = {**WALLET.signatures(draft(), signed(ROOTS[0])), **WALLET.signatures(draft(), signed(ROOTS[0]))}
    assert WALLET.finish(draft(), found) is None


def test_a_signature_of_half_the_inputs_is_none_of_its_holder():
    found = dict(WALLET.signatures(draft(), signed(ROOTS[0])) | WALLET.signatures(draft(), signed(ROOTS[1])))
    del found[next(iter(found))]
    assert WALLET.finish(draft(), found) is None


def test_strangers_sign_nothing():
    other = bip32.HDKey.from_seed(b"\x09" * 32)
    psbt = PSBT.parse(draft())
    for number, place in enumerate(psbt.inputs):
        key = ec.PrivateKey(other.key.secret)
        place.partial_sigs[key.get_public_key()] = key.sign(psbt.sighash(number)).serialize() + b"\x01"
    assert WALLET.signatures(draft(), psbt.serialize()) == {}


def test_a_signature_of_another_transaction_is_refused():
    with pytest.raises(NotThisDraft):
        WALLET.signatures(draft(), signed(ROOTS[0], draft(pays=90_001)))


def test_a_signature_moved_under_our_transaction_does_not_hold():
    """The draft is ours to the byte; the signatures under it are of a transaction that pays somebody else."""
    other, own = PSBT.parse(signed(ROOTS[0], draft(pays=90_001))), PSBT.parse(draft())
    for mine, theirs in zip(own.inputs, other.inputs, strict=True):
        mine.partial_sigs.update(theirs.partial_sigs)
    assert WALLET.signatures(draft(), own.serialize()) == {}


@pytest.mark.parametrize("kind", [SIGHASH.NONE, SIGHASH.SINGLE, SIGHASH.ALL | SIGHASH.ANYONECANPAY])
def test_a_signature_that_leaves_something_open_is_refused(kind):
    psbt = PSBT.parse(draft())
    key = ROOTS[0].derive(f"m/{PATH}/0/0").key
    for number, place in enumerate(psbt.inputs):
        digest = psbt.sighash(number, sighash=kind)
        place.partial_sigs[key.get_public_key()] = key.sign(digest).serialize() + bytes([kind])
    assert WALLET.signatures(draft(), psbt.serialize()) == {}


def test_a_lie_about_what_is_spent_changes_nothing():
    """Amounts are of our own draft: one who signs a smaller input than there is, signs something else."""
    psbt = PSBT.parse(draft())
    psbt.inputs[0].witness_utxo.value = 10**12
    psbt.inputs[1].witness_utxo.value = 1
    psbt.sign_with(ROOTS[0])
    assert WALLET.signatures(draft(), psbt.serialize()) == {}


@given(st.binary(max_size=300), st.integers(0, 2_000))
def test_whatever_is_handed_in_ends(garbage, cut):
    whole = signed(ROOTS[0])
    for given_ in (garbage, draft()[:cut], draft() + garbage, whole[:cut] + garbage, head() + garbage):
        try:
            found = WALLET.signatures(draft(), given_)
        except NotThisDraft:
            continue
        assert set(found) <= set(WALLET.signatures(draft(), whole))


def head():
    psbt = PSBT.parse(draft())

    class Out(bytearray):
        def write(self, data):
            self.extend(data)
            return len(data)

    out = Out(b"psbt\xff")
    ser_string(out, b"\x00")
    ser_string(out, psbt.tx.serialize())
    return bytes(out)


@pytest.mark.parametrize(
    "tail", [b"\xff" + b"\xff" * 8, b"\xfe\xff\xff\xff\xff", b"\x01\x00\xff" + b"\xff" * 8, b"", b"\x05ab"]
)
def test_a_length_that_cannot_be_is_refused_at_once(tail):
    with pytest.raises(NotThisDraft):
        WALLET.signatures(draft(), head() + tail)


def test_a_draft_tells_a_signers_device_what_is_its_own():
    psbt = PSBT.parse(draft())
    assert [out.witness_script is not None for out in psbt.outputs] == [False, True]
    for place in [*psbt.inputs, psbt.outputs[1]]:
        prints = {path.fingerprint for path in place.bip32_derivations.values()}
        assert prints == {root.my_fingerprint for root in ROOTS}


def test_its_size_is_no_smaller_than_what_is_sent():
    made = WALLET.finish(
        draft(), {**WALLET.signatures(draft(), signed(ROOTS[0])), **WALLET.signatures(draft(), signed(ROOTS[1]))}
    )
    stripped = len(Transaction(2, [type(one)(one.txid, one.vout) for one in made.vin], made.vout, 0).serialize())
    vsize = -(-(3 * stripped + len(made.serialize())) // 4)
    assert vsize <= 11 + 2 * WALLET.input_size + 31 + 43 <= vsize + 8


@pytest.mark.parametrize(
    "text",
    [
        "", "garbage", "wsh(", "wpkh(" + "02" + "11" * 32 + ")", descriptor(private=True), descriptor().replace("wsh(", "sh("),
        descriptor(needed=4), descriptor()[:-20], "pkh(c0ffee00)",
    ],
)  # fmt: skip
def test_what_describes_no_wallet_of_several_holders_is_refused(text):
    with pytest.raises(NotADescriptor):
        ColdWallet(text)


def test_without_a_branch_it_is_one_key_each():
    assert ColdWallet(descriptor(tail="/0/0")).script == WALLET.script

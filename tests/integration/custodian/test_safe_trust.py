"""Whether a Safe is what it seems, read from the chain before its owners are asked and again before anything is sent."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.custodian_desk import FINAL, NETWORK, opened, written
from tests.safe_desk import SafeDesk, fresh, vault
from wallet_bridge.custodian import errors, networks
from wallet_bridge.custodian import vault as custodians_vault
from wallet_bridge.custodian.chains.eth import to_checksum_address
from wallet_bridge.custodian.chains.safes import NOBODY, Safe, SafeTx
from wallet_bridge.custodian.localnet import CHAIN_ID, packages
from wallet_bridge.custodian.localnet import safe as localnet
from wallet_bridge.custodian.localnet.owners import NEEDED, Owners
from wallet_bridge.custodian.states_of_chains import states

ELSE = to_checksum_address("0x" + "ab" * 20)


@pytest.fixture
def desk(anvil, custody_url, tmp_path):
    return vault(anvil, tmp_path, custody_url)


def look(desk):
    return desk.desk.do(lambda own: custodians_vault.look(own, NETWORK))


def refused(desk: SafeDesk) -> str:
    """Why nothing is drafted for it."""
    one = desk.take("1")
    desk.desk.pay()
    with pytest.raises(errors.TransferNotFound):
        desk.view(one)
    return desk.told(one).reason or ""


def add_module(desk):
    desk.administer("enableModule", ["address"], [ELSE])


def set_guard(desk):
    # The contract asks a guard what it is; nobody is at that address, so the slot is written as a delegatecall would.
    slot = "0x4a204f620c8c5ccdca3fd54d003badd85ba500436a431f0cbda4f558c93c34c8"
    desk.anvil.ask("anvil_setStorageAt", desk.safe.address, slot, "0x" + ELSE[2:].lower().rjust(64, "0"))


def set_handler(desk):
    desk.administer("setFallbackHandler", ["address"], [ELSE])


def lower_threshold(desk):
    desk.administer("changeThreshold", ["uint256"], [1])


def change_code(desk):
    """What was done to Bybit: the owners believed that they pay, and the wallet got other code."""
    other = localnet.sent(desk.anvil, None, bytes.fromhex("600160005500"))["contractAddress"]
    desk.anvil.ask("anvil_setStorageAt", desk.safe.address, "0x" + 64 * "0", "0x" + other[2:].rjust(64, "0"))


UNTRUSTED = [
    (add_module, "module"), (set_guard, "guard"), (set_handler, "fallback handler"), (lower_threshold, "threshold is 1"),
    (change_code, "does not run the code of Safe 1.4.1"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "why"), UNTRUSTED)
def test_a_safe_that_somebody_else_may_move_is_refused(desk, change, why):
    assert look(desk).trouble is None
    change(desk)
    assert why in refused(desk)
    state = next(one for one in desk.desk.do(_states) if one.network == NETWORK)
    assert state.last_error is not None and why in state.last_error


@pytest.mark.parametrize(("change", "why"), UNTRUSTED[:1] + UNTRUSTED[3:])
def test_one_that_changed_after_all_have_signed_is_not_sent(desk, change, why):
    """Signed for the number after the change, so that nothing but the state of the Safe stands against it."""
    blocker, _ = desk.drafted("1")
    one, seen = desk.drafted("2")
    desk.cosigned(one, seen)
    change(desk)
    desk.desk.pay()
    told = desk.told(one)
    assert told.state.value == "accepted" and why in told.reason
    assert told.attempts == []
    with pytest.raises(errors.DraftUnfit, match=why):
        desk.view(one)
    assert desk.told(blocker).state.value == "accepted"


def test_what_the_file_names_may_stand_beside_the_owners(anvil, custody_url, tmp_path):
    desk = vault(anvil, tmp_path, custody_url, modules=[ELSE], guard=ELSE, fallback_handler=ELSE)
    add_module(desk)
    desk.administer("setFallbackHandler", ["address"], [ELSE], nonce=1)
    set_guard(desk)
    assert look(desk).trouble is None


def test_a_safe_of_one_is_refused(anvil, custody_url, tmp_path):
    assert "threshold is 1" in refused(vault(anvil, tmp_path, custody_url, threshold=1))


def test_an_account_is_no_safe(anvil, custody_url, tmp_path, desk):
    desk.desk.file = written(anvil, tmp_path, cold=ELSE, safe={})
    assert refused(desk) == "there is no Safe at the address of the cold wallet"


def test_an_owner_who_was_removed_does_not_count(desk):
    """Two had signed number 1; number 0 takes one of them out of the Safe."""
    desk.drafted("1")
    one, seen = desk.drafted("2")
    desk.cosigned(one, seen, (0, 1))
    leaving = desk.owners.addresses[0]
    owners = look(desk).owners
    before = {owner: owners[place - 1] if place else "0x" + "1".rjust(40, "0") for place, owner in enumerate(owners)}
    desk.administer("removeOwner", ["address", "address", "uint256"], [before[leaving], leaving, 2])
    desk.desk.pay()
    assert desk.told(one).reason == "1 of the 2 signatures that it needs are there, of 2 owners"
    assert desk.view(one).signed_by == [desk.owners.addresses[1]]
    told = {row["transfer_id"]: row["signed_by"] for row in desk.desk.told("cold.changed")}
    assert told[str(one.id)] == [desk.owners.addresses[1]]
    look(desk)
    assert len(desk.desk.told("cold.changed")) == len(told)  # once
    with pytest.raises(errors.SignatureUnfit):
        desk.hand_in(one, desk.owners.sign(0, seen.to_sign))
    desk.cosigned(one, seen, (2,))
    assert (desk.done(one).state.value, desk.held()) == ("final", 8)


def test_a_higher_threshold_counts_at_once(desk):
    desk.drafted("1")
    one, seen = desk.drafted("2")
    desk.cosigned(one, seen)
    desk.administer("changeThreshold", ["uint256"], [3])
    desk.desk.pay()
    assert desk.told(one).reason == "2 of the 3 signatures that it needs are there, of 3 owners"
    assert desk.told(one).attempts == []


def test_nothing_is_moved_into_one_that_is_not_trusted(desk):
    look(desk)
    desk.take(source="hot", destination={"type": "cold"}, approvals=[])
    add_module(desk)
    look(desk)
    with pytest.raises(errors.DestinationUnfit, match="module"):
        desk.take(source="hot", destination={"type": "cold"}, approvals=[])


def test_only_an_owners_signature_of_eip_712_counts(desk):
    """Not what is no signature, a contract's, one over a plain text, or somebody else's."""
    one, seen = desk.drafted()
    signed = desk.owners.sign(0, seen.to_sign)
    others = [signed[:-2] + f"{last:02x}" for last in (0, 1, 31, 32)]
    nothing = ["0x", "0x00", "zz", "=", "0x" + "00" * 65, "0x" + "11" * 64 + "1b", seen.digest]
    for text in (*others, *nothing, fresh().sign(0, seen.to_sign)):
        with pytest.raises(errors.SignatureUnfit):
            desk.hand_in(one, text)
    assert desk.view(one).signed_by == []


@pytest.mark.parametrize(
    "signed", ["0x", "0x00", "zz", "=", "0x" + "00" * 65, "0x" + "11" * 64 + "1b", "0x" + "11" * 64 + "01"]
)
def test_what_is_no_signature_is_refused(desk, signed):
    one, _seen = desk.drafted()
    with pytest.raises(errors.SignatureUnfit):
        desk.hand_in(one, signed)


@pytest.mark.parametrize("last", [0, 1, 31, 32])
def test_signatures_of_contracts_and_of_plain_texts_are_refused(desk, last):
    one, seen = desk.drafted()
    signed = desk.owners.sign(0, seen.to_sign)
    with pytest.raises(errors.SignatureUnfit):
        desk.hand_in(one, signed[:-2] + f"{last:02x}")


def test_who_is_no_owner_does_not_count(desk):
    one, seen = desk.drafted()
    with pytest.raises(errors.SignatureUnfit):
        desk.hand_in(one, fresh().sign(0, seen.to_sign))
    assert desk.view(one).signed_by == []


@pytest.mark.parametrize(
    "changed", [{"cold": None}, {"cold": NOBODY[:-1]}, {"safe": {"guard": "0x12"}}, {"safe": {"owners": []}}]
)
def test_the_file_is_refused_where_it_says_no_safe(anvil, tmp_path, changed):
    with pytest.raises(ValidationError):
        networks.read(written(anvil, tmp_path, **({"cold": ELSE, "safe": {}} | changed)))


def test_the_owners_rejection_of_a_draft_ends_it(desk):
    """As owners do in a Safe's own application: nothing, to itself, under the same number."""
    one, seen = desk.drafted()
    desk.hand_in(one, desk.owners.sign(0, seen.to_sign))
    assert desk.outside(SafeTx(desk.safe.address, 0, b"", 0))["status"] == "0x1"
    desk.mine(FINAL)
    assert desk.told(one).state.value == "failed"


async def _states(own):
    return states(own)


def test_the_safe_of_a_chain_of_ones_own_lies_where_it_was_foretold(anvil, custody_url, tmp_path):
    """The demo's file of networks names it before there is a chain."""
    packages(print)
    owners = Owners.kept(tmp_path)
    address = localnet.address_of(owners.addresses, NEEDED)
    assert Owners.kept(tmp_path).addresses == owners.addresses
    for _twice in range(2):
        assert localnet.placed(anvil, owners.addresses, NEEDED) == address
        anvil.mine()
    desk = SafeDesk(opened(anvil, tmp_path, custody_url, cold=address, safe={}), owners, Safe(address, CHAIN_ID))
    state = look(desk)
    assert (state.trouble, state.threshold, sorted(state.owners)) == (None, 2, sorted(owners.addresses))
    with pytest.raises(ValueError, match="typed data"):
        owners.sign(0, "{}")

"""Deposits on a real chain: seen in a block, final when deep enough, orphaned by a reorganisation, and every event numbered."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.custodian_desk import FINAL
from wallet_bridge.custodian.chains.eth import Account
from wallet_bridge.custodian.deposits import service as deposits
from wallet_bridge.custodian.feed import service as feed
from wallet_bridge.custodian.reader import TooDeep


def test_an_address_belongs_to_one_owner_for_ever(desk):
    first, again, other = desk.address("a"), desk.address("a"), desk.address("b")
    assert (first.address, first.index) == (again.address, again.index)
    assert other.address != first.address and other.index == first.index + 1


def test_a_deposit_is_seen_confirmed_and_final(desk):
    own = desk.address()
    txid = desk.give(own.address, "1.5")
    desk.anvil.mine()
    desk.read()
    (seen,) = desk.told()
    assert (seen["_type"], seen["txid"], seen["amount"], seen["owner_ref"]) == (
        "deposit.seen",
        txid,
        "1.5",
        "customer-1",
    )
    desk.anvil.mine(FINAL)
    desk.read()
    kinds = [event["_type"] for event in desk.told()]
    assert kinds == ["deposit.seen", *["deposit.confirming"] * (FINAL - 2), "deposit.final"]
    assert [event["confirmations"] for event in desk.told()] == [*range(1, FINAL + 1)]


def test_payments_to_strangers_are_nobodys(desk):
    desk.address()
    desk.give(desk.anvil.ask("eth_accounts")[7], "1")
    desk.anvil.mine()
    desk.read()
    assert desk.told() == []


def test_several_payments_in_a_block_are_several_deposits(desk):
    own = desk.address()
    paid = {desk.give(own.address, amount) for amount in ("1", "2", "3")}
    desk.anvil.mine()
    desk.read()
    told = desk.told("deposit.seen")
    assert {event["txid"] for event in told} == paid
    assert sum(Decimal(event["amount"]) for event in told) == 6


@pytest.mark.parametrize("depth", range(1, FINAL + 1))
def test_a_reorganisation_orphans_it_and_it_is_seen_again_where_it_comes_back(desk, depth):
    own = desk.address()
    desk.anvil.mine()
    desk.read()
    raw = give_signed(desk, own.address)
    desk.anvil.mine(depth)
    desk.read()
    desk.anvil.reorganise(depth)
    desk.read()
    assert desk.told()[-1]["_type"] == "deposit.orphaned"
    desk.anvil.ask("eth_sendRawTransaction", raw)
    desk.anvil.mine(FINAL)
    desk.read()
    kinds = [event["_type"] for event in desk.told()]
    assert kinds.count("deposit.seen") == 2
    assert kinds[-1] == "deposit.final"


def test_twice_as_deep_as_final_is_remembered(desk, monkeypatch):
    """The block below all that may be replaced is the common one: without it nobody could read on."""
    monkeypatch.setattr(deposits, "_FEWEST_KEPT", 1)
    own = desk.address()
    desk.anvil.mine(3)
    desk.give(own.address, "1")
    desk.anvil.mine(2 * FINAL)
    desk.read()
    assert desk.told()[-1]["_type"] == "deposit.final"
    desk.anvil.reorganise(2 * FINAL)
    desk.read()
    assert desk.told()[-1]["_type"] == "deposit.orphaned"


def give_signed(desk, to):
    """Bytes that can be sent again after the block that had them is gone."""
    someone = Account.create()
    desk.anvil.ask("anvil_setBalance", someone.address, hex(10**19))
    made = someone.sign_transaction(
        {"chainId": 31337, "nonce": 0, "to": to, "value": 10**18, "gas": 21_000, "gasPrice": 10**11}
    )
    raw = "0x" + made.raw_transaction.hex().removeprefix("0x")
    desk.anvil.ask("eth_sendRawTransaction", raw)
    return raw


def test_events_are_numbered_without_a_gap(desk):
    own = desk.address()
    desk.give(own.address, "1")
    desk.anvil.mine(FINAL)
    desk.read()
    page = feed.after(0, limit=2)
    rest = feed.after(page.items[-1].seq, limit=100)
    assert [event.seq for event in (*page.items, *rest.items)] == list(range(1, page.head + 1))


def test_history_that_changed_below_everything_is_left_to_people(desk):
    desk.anvil.mine(3)
    desk.read()
    desk.anvil.reorganise(3)
    with pytest.raises(TooDeep):
        desk.read()
    assert desk.told() == []


def test_blocks_that_are_replaced_are_others_though_nothing_was_in_them(desk):
    """A node that builds an empty block again within its second builds the same one: nothing would have changed."""
    for _ in range(10):
        desk.anvil.mine(2)
        before = desk.anvil.ask("eth_getBlockByNumber", "latest", False)
        desk.anvil.reorganise(2)
        after = desk.anvil.ask("eth_getBlockByNumber", "latest", False)
        assert after["number"] == before["number"]
        assert after["hash"] != before["hash"]

"""Payments out on a real chain: taken once, stored before they are sent, final when enough blocks stand on them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel import db
from tests.custodian_desk import FINAL, NETWORK, WEI
from wallet_bridge.custodian import errors, payer, states_of_chains
from wallet_bridge.custodian.chains.evm import EvmChain
from wallet_bridge.custodian.chains.port import NotTaken
from wallet_bridge.custodian.payer import account
from wallet_bridge.custodian.transfers import service as transfers


def through(desk, one):
    """Round after round, a block after each, until nothing is left to do."""
    for _ in range(FINAL + 3):
        desk.pay()
        desk.anvil.mine()
    desk.pay()
    return transfers.view(one.id)


def test_a_transfer_is_signed_sent_confirmed_and_final(desk):
    desk.fund_hot()
    to = desk.anvil.ask("eth_accounts")[5]
    before = desk.held(to)
    one = desk.take(desk.wish("1.25"))
    assert desk.state(one) == "accepted"

    done = through(desk, one)
    assert (done.state.value, len(done.attempts)) == ("final", 1)
    assert desk.held(to) - before == Decimal("1.25")
    assert done.fee is not None and 0 < done.fee <= done.fee_cap
    assert Decimal(100) - desk.held(desk.house.hot(NETWORK)) == Decimal("1.25") + done.fee
    kinds = [event["_type"] for event in desk.told()]
    assert kinds[:2] == ["transfer.signed", "transfer.broadcast"]
    assert set(kinds[2:-1]) == {"transfer.confirming"} and kinds[-1] == "transfer.final"


def test_a_reference_is_one_transfer_whatever_happens(desk):
    desk.fund_hot()
    wish = desk.wish(ref="w/same")
    first, again = desk.take(wish), desk.take(wish)
    assert first.id == again.id
    with pytest.raises(errors.ClientRefConflict):
        desk.take(desk.wish("2", ref="w/same"))
    before = desk.held(first.address)
    through(desk, first)
    desk.take(wish)
    through(desk, first)
    assert desk.held(first.address) - before == 1


def test_what_was_stored_and_not_sent_is_sent_with_the_same_bytes(desk):
    desk.fund_hot()
    one = desk.take(desk.wish())
    desk.do(sign_only)
    stored = transfers.view(one.id).attempts[0].txid
    assert desk.state(one) == "signed"
    assert desk.anvil.ask("eth_getTransactionByHash", stored) is None
    done = through(desk, one)
    assert (done.state.value, done.txid) == ("final", stored)


async def sign_only(own):
    chain, payer = own.chain(NETWORK), own.hot(NETWORK)
    transfers.sign_all(own, NETWORK, {payer: await account(chain, payer, transfers.waiting(NETWORK)[payer])})


def test_cancelled_until_signed_and_never_after(desk):
    desk.fund_hot()
    early, late = desk.take(desk.wish()), desk.take(desk.wish())
    assert transfers.cancel(early.id).state.value == "cancelled"
    assert transfers.cancel(early.id).state.value == "cancelled"
    desk.pay()
    assert desk.state(late) == "broadcast"
    with pytest.raises(errors.AlreadySigned):
        transfers.cancel(late.id)
    assert desk.state(early) == "cancelled"


def test_what_the_wallet_cannot_pay_waits_and_lets_others_go(desk):
    desk.fund_hot("3")
    large, small = desk.take(desk.wish("50")), desk.take(desk.wish("1"))
    desk.pay()
    assert desk.state(small) == "broadcast"
    seen = transfers.view(large.id)
    assert (seen.state.value, seen.reason) == ("accepted", "the wallet does not hold enough")


def test_stored_bytes_count_before_any_block_has_them(desk):
    """Two that fit one by one and not together: the second must not be signed on the first one's money."""
    desk.fund_hot("3")
    first, second = desk.take(desk.wish("2")), desk.take(desk.wish("2"))
    desk.pay()
    assert (desk.state(first), desk.state(second)) == ("broadcast", "accepted")


@pytest.mark.parametrize(("depth", "state"), [(1, "confirming"), (FINAL, "final")])
def test_what_a_block_took_after_the_balance_was_read_is_not_spent_again(desk, depth, state):
    """The balance is as of one block, and so is what counts as still leaving, whatever state a transfer has reached meanwhile."""
    desk.fund_hot("2.5")
    first, second = desk.take(desk.wish("1")), desk.take(desk.wish("2"))
    desk.do(sign_only)
    assert (desk.state(first), desk.state(second)) == ("signed", "accepted")

    async def read_then_confirm_then_sign(own):
        hot = own.hot(NETWORK)
        early = await account(own.chain(NETWORK), hot, transfers.waiting(NETWORK)[hot])
        await payer.pay(own, NETWORK)
        desk.anvil.mine(depth)
        await payer.pay(own, NETWORK)
        return transfers.sign_all(own, NETWORK, {hot: early})

    assert desk.do(read_then_confirm_then_sign) == 0
    assert (desk.state(first), desk.state(second)) == (state, "accepted")


def test_one_is_not_outbid_with_coins_that_are_promised_to_another(desk):
    desk.fund_hot("2.01")
    first, second = desk.take(desk.wish("1", fee_cap="0.5")), desk.take(desk.wish("1"))
    desk.pay()
    assert (desk.state(first), desk.state(second)) == ("broadcast", "broadcast")
    spare = Decimal("0.01") - sum(transfers.view(one.id).attempts[0].max_fee for one in (first, second))
    desk.anvil.ask("anvil_setBalance", desk.house.hot(NETWORK), hex(int((Decimal("2.01") - spare) * WEI)))
    make_old(first)
    desk.pay()
    seen = transfers.view(first.id)
    assert (len(seen.attempts), seen.reason) == (1, "the wallet does not hold enough for the network's fee")


def test_a_fee_above_the_cap_is_not_paid(desk):
    desk.fund_hot()
    one = desk.take(desk.wish(fee_cap="0.000000000000001"))
    desk.pay()
    seen = transfers.view(one.id)
    assert (seen.state.value, seen.reason) == ("accepted", "the network's fee is above the cap of this transfer")


def test_a_reorganisation_takes_it_back_and_the_same_bytes_are_sent_again(desk):
    desk.fund_hot()
    one = desk.take(desk.wish())
    desk.pay()
    desk.anvil.mine(2)
    desk.pay()
    assert desk.state(one) == "confirming"
    txid = transfers.view(one.id).txid
    desk.anvil.reorganise(2)
    desk.pay()
    assert desk.state(one) == "broadcast"
    done = through(desk, one)
    assert (done.state.value, done.txid, len(done.attempts)) == ("final", txid, 1)


def test_what_was_final_and_is_taken_back_all_the_same_is_sent_again_and_stays_final(desk):
    desk.fund_hot()
    desk.anvil.mine(2)
    desk.read()
    done = through(desk, desk.take(desk.wish()))
    desk.read()
    assert done.state.value == "final"
    desk.anvil.reorganise(FINAL + 3)
    desk.read()
    assert desk.anvil.ask("eth_getTransactionReceipt", done.txid) is None
    [state] = states_of_chains.states(desk.house)
    assert done.txid in state.last_error
    later = desk.take(desk.wish("2"))
    assert through(desk, later).state.value == "final"  # its nonce is the next one: it could never pay alone
    desk.read()
    assert desk.anvil.ask("eth_getTransactionReceipt", done.txid)["status"] == "0x1"
    assert transfers.view(done.id).state.value == "final"
    assert transfers.taken_back(NETWORK) == []
    assert [one["txid"] for one in desk.told("transfer.final")] == [done.txid, transfers.view(later.id).txid]


def test_one_that_is_stuck_is_outbid_with_the_same_nonce(desk):
    desk.fund_hot()
    one = desk.take(desk.wish())
    desk.pay()
    make_old(one)
    desk.pay()
    seen = transfers.view(one.id)
    assert [attempt.nonce for attempt in seen.attempts] == [seen.attempts[0].nonce] * 2
    assert seen.attempts[1].max_fee > seen.attempts[0].max_fee
    done = through(desk, one)
    assert done.state.value == "final"
    mined = [desk.anvil.ask("eth_getTransactionReceipt", attempt.txid) for attempt in done.attempts]
    assert sum(receipt is not None for receipt in mined) == 1


def test_one_whose_fee_the_node_does_not_take_any_more_is_outbid(desk, monkeypatch):
    """Fees rose between the signature and the first time that the node saw it."""
    desk.fund_hot()
    one = desk.take(desk.wish())
    send, shown = EvmChain.send, []

    async def choosy(chain, raw):
        shown.append(raw)
        return NotTaken("max fee per gas less than block base fee") if raw == shown[0] else await send(chain, raw)

    monkeypatch.setattr(EvmChain, "send", choosy)
    desk.pay()
    assert desk.state(one) == "signed"
    make_old(one)
    desk.pay()
    done = through(desk, one)
    assert (done.state.value, len(done.attempts), done.txid) == ("final", 2, done.attempts[1].txid)


def make_old(one):
    with db.transaction() as tx:
        tx.execute(
            "UPDATE custody.attempts SET created_at = created_at - interval '1 day' WHERE transfer_id = :id", id=one.id
        )


def test_nonces_rise_without_a_gap(desk):
    desk.fund_hot()
    made = [desk.take(desk.wish("0.1")) for _ in range(5)]
    desk.pay()
    nonces = sorted(transfers.view(one.id).attempts[0].nonce for one in made)
    assert nonces == list(range(5))
    assert {through(desk, one).state.value for one in made} == {"final"}


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"amount": "0"}, errors.AmountUnfit),
        ({"amount": "-1"}, errors.AmountUnfit),
        ({"amount": "0.0000000000000000001"}, errors.AmountUnfit),
        ({"fee_cap": "-1"}, errors.AmountUnfit),
        ({"fee_cap": "0.0000000000000000001"}, errors.AmountUnfit),
        ({"asset": "USDT"}, errors.NetworkUnknown),
        ({"network": "nowhere"}, errors.NetworkUnknown),
        ({"destination": {"type": "address", "address": "0x12"}}, errors.AddressInvalid),
        ({"destination": {"type": "address", "address": "0x52908400098527886E0F7030069857D2E4169Ee7"}}, errors.AddressInvalid),
        ({"destination": {"type": "address"}}, errors.DestinationUnfit),
        ({"destination": {"type": "cold"}}, errors.DestinationUnfit),
        ({"destination": {"type": "whitelist", "whitelist_id": "01900000-0000-7000-8000-000000000009"}}, errors.DestinationUnfit),
        ({"source": "deposits"}, errors.DestinationUnfit),
        ({"source_address": "0x52908400098527886E0F7030069857D2E4169EE7"}, errors.DestinationUnfit),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_and_nothing_is_kept(desk, changed, error):
    wish = desk.wish(ref="w/bad", **changed)
    with pytest.raises(error):
        desk.take(wish)
    with pytest.raises(errors.TransferNotFound):
        transfers.view_by_ref("w/bad")


def test_the_hot_wallet_pays_nothing_to_itself(desk):
    """Whoever wrote down its address as theirs would be debited, and the coins would stay."""
    wish = desk.wish(ref="w/own", destination={"type": "address", "address": desk.house.hot(NETWORK).lower()})
    with pytest.raises(errors.DestinationUnfit):
        desk.take(wish)
    with pytest.raises(errors.TransferNotFound):
        transfers.view_by_ref("w/own")


def test_a_deposit_address_is_emptied_into_the_hot_wallet_and_nowhere_else(desk):
    own, hot = desk.address(), desk.house.hot(NETWORK)
    desk.give(own.address, "2")
    desk.anvil.mine()
    sweep = {"source": "deposits", "source_address": own.address.lower(), "purpose": "sweep"}
    with pytest.raises(errors.DestinationUnfit):
        desk.take(desk.wish("1", **sweep))
    one = desk.take(desk.wish("1.5", destination={"type": "address", "address": hot.lower()}, **sweep))
    done = through(desk, one)
    assert done.state.value == "final"
    assert desk.held(hot) == Decimal("1.5")
    assert desk.held(own.address) == Decimal("0.5") - done.fee

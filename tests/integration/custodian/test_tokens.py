"""Tokens on a real chain: what a contract's log says is credited and nothing else, and what a contract would refuse is not signed."""

from __future__ import annotations

import json
import os
from decimal import Decimal

import pytest

from tests.custodian_desk import FINAL, NETWORK, TOKEN, opened, with_tokens
from tests.integration.custodian.test_transfers import make_old, through
from wallet_bridge.custodian.chains.eth import to_checksum_address
from wallet_bridge.custodian.localnet.token import Manners, Token, placed
from wallet_bridge.custodian.states_of_chains import balances, states
from wallet_bridge.custodian.transfers import service as transfers

UNIT = 10**6


@pytest.fixture
def desk(anvil, custody_url, tmp_path):
    return opened(anvil, tmp_path, custody_url, assets=with_tokens(TOKEN, "USDC"))


@pytest.fixture
def token(desk):
    return desk.contract()


def read_block(desk):
    desk.anvil.mine()
    desk.read()


# Deposits ------------------------------------------------------------------------------------------------------------------------


def test_a_token_is_credited_by_its_log(desk, token):
    own = desk.address()
    txid = desk.give_tokens(token, own.address, 25 * UNIT)
    read_block(desk)
    (seen,) = desk.told()
    assert (seen["txid"], seen["asset"], seen["amount"], seen["owner_ref"]) == (txid, TOKEN, "25", "customer-1")
    desk.anvil.mine(FINAL)
    desk.read()
    assert desk.told()[-1]["_type"] == "deposit.final"


def test_three_transfers_in_one_transaction_are_three_deposits(desk, token):
    own = desk.address()
    txid = desk.give_tokens(token, own.address, 7 * UNIT, method="thrice")
    read_block(desk)
    told = desk.told("deposit.seen")
    assert {one["txid"] for one in told} == {txid}
    assert len({one["output"] for one in told}) == len(told) == 3
    assert [one["amount"] for one in told] == ["7"] * 3 and token.held(own.address) == 21 * UNIT


def test_of_a_token_that_keeps_a_part_what_arrived_is_credited(desk):
    token, own = desk.contract(Manners(fee=10)), desk.address()
    desk.give_tokens(token, own.address, 50 * UNIT)
    read_block(desk)
    (seen,) = desk.told()
    assert Decimal(seen["amount"]) * UNIT == token.held(own.address) == 45 * UNIT


def reverted(desk, own):
    """Included, and undone: status 0."""
    token = desk.contract()
    token.freeze(own.address)
    return desk.give_tokens(token, own.address, UNIT)


def of_a_fake(desk, own):
    """A contract of somebody else's, that calls itself by the same name and pays as the real one does."""
    desk.contract()
    return desk.give_tokens(placed(desk.anvil, to_checksum_address(os.urandom(20))), own.address, UNIT)


def with_calldata_only(desk, own):
    """The transaction succeeds, its calldata says transfer, and no log does."""
    token = desk.contract(Manners(polite=True))
    token.freeze(own.address)
    return desk.give_tokens(token, own.address, UNIT)


def to_a_contract_that_does_nothing(desk, own):
    token = desk.contract()
    token.become(b"\x00")
    return desk.give_tokens(token, own.address, UNIT)


@pytest.mark.parametrize("pay", [reverted, of_a_fake, with_calldata_only, to_a_contract_that_does_nothing])
def test_what_no_log_of_the_real_contract_says_is_no_deposit(desk, pay):
    own = desk.address()
    txid = pay(desk, own)
    read_block(desk)
    receipt = desk.anvil.ask("eth_getTransactionReceipt", txid)
    assert receipt is not None and int(receipt["status"], 16) == (pay is not reverted)
    assert desk.told() == []


def test_an_amount_beyond_all_reason_is_no_deposit_and_somebody_hears_of_it(desk, token):
    own, rich = desk.address(), desk.anvil.ask("eth_accounts")[0]
    token.hold(rich, 2**255)
    txid = token.pay(rich, own.address, 2**254)
    desk.anvil.mine()
    desk.give_tokens(token, own.address, UNIT)
    read_block(desk)
    assert [one["amount"] for one in desk.told()] == ["1"]
    (state,) = states(desk.house)
    assert txid in state.last_error and TOKEN in state.last_error


def test_a_flood_of_dust_is_all_seen_and_stops_nobody(desk, token):
    own, other = desk.address(), desk.address("b")
    for _ in range(60):
        desk.give_tokens(token, own.address, 1)
    desk.give_tokens(token, other.address, 5 * UNIT)
    read_block(desk)
    desk.anvil.mine(FINAL)
    desk.read()
    final = desk.told("deposit.final")
    assert len(final) == 61
    assert [one["amount"] for one in final if one["owner_ref"] == "b"] == ["5"]


# Payments ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def to():
    """An address that nobody else ever pays."""
    return to_checksum_address(os.urandom(20))


def pay_tokens(desk, to, amount="40", *, asset=TOKEN, **more):
    return desk.take(desk.wish(amount, asset=asset, destination={"type": "address", "address": to}, **more))


@pytest.mark.parametrize("manners", [Manners(), Manners(silent=True), Manners(polite=True)])
def test_a_token_is_paid_whether_its_contract_answers_or_not(desk, to, manners):
    token, hot = desk.contract(manners), desk.fund_hot()
    token.hold(hot, 100 * UNIT)
    done = through(desk, pay_tokens(desk, to))
    assert (done.state.value, token.held(to), token.held(hot)) == ("final", 40 * UNIT, 60 * UNIT)
    assert Decimal(100) - desk.held(hot) == done.fee


@pytest.mark.parametrize("manners", [Manners(), Manners(polite=True)])
def test_what_the_contract_would_refuse_fails_before_it_is_signed(desk, to, manners):
    token, hot = desk.contract(manners), desk.fund_hot()
    token.hold(hot, 100 * UNIT)
    token.freeze(to)
    one = pay_tokens(desk, to)
    desk.pay()
    seen = transfers.view(one.id)
    assert (seen.state.value, seen.attempts, seen.txid) == ("failed", [], None)
    assert "the contract refuses this" in seen.reason or "would not pay this" in seen.reason
    assert [event["_type"] for event in desk.told()] == ["transfer.failed"]
    fine = pay_tokens(desk, to_checksum_address(os.urandom(20)))
    assert through(desk, fine).state.value == "final"


@pytest.mark.parametrize("manners", [Manners(), Manners(polite=True)])
def test_a_contract_that_changed_its_mind_after_the_signing_did_not_pay(desk, to, manners):
    """Included with status 0, or with status 1 and a false: both are failed, and both cost their fee."""
    token, hot = desk.contract(manners), desk.fund_hot()
    token.hold(hot, 100 * UNIT)
    one = pay_tokens(desk, to)
    desk.pay()
    token.freeze(to)
    done = through(desk, one)
    assert (done.state.value, token.held(to)) == ("failed", 0)
    assert 0 < done.fee == Decimal(100) - desk.held(hot)


def test_a_coin_for_a_contract_that_does_not_want_it_is_not_signed(desk, to):
    desk.fund_hot()
    Token(desk.anvil, to).become(Token.BROKEN)
    one = pay_tokens(desk, to, "1", asset="ETH")
    desk.pay()
    assert (desk.state(one), transfers.view(one.id).attempts) == ("failed", [])


def test_a_broken_contract_stops_its_own_payments_only(desk, to, token):
    hot = desk.fund_hot()
    token.hold(hot, 100 * UNIT)
    Token(desk.anvil, desk.contract(asset="USDC").address).become(Token.BROKEN)
    broken, coin, good = (
        pay_tokens(desk, to, asset="USDC"),
        pay_tokens(desk, to, "1", asset="ETH"),
        pay_tokens(desk, to),
    )
    assert {through(desk, one).state.value for one in (coin, good)} == {"final"}
    seen = transfers.view(broken.id)
    assert (seen.state.value, seen.reason) == ("accepted", "the token's contract does not answer")
    told = desk.do(balances)
    assert {one.asset for one in told if one.wallet == "hot"} == {"ETH", TOKEN}


def test_without_coins_for_the_fee_a_token_waits(desk, to, token):
    hot = desk.house.hot(NETWORK)
    token.hold(hot, 100 * UNIT)
    one = pay_tokens(desk, to)
    desk.pay()
    seen = transfers.view(one.id)
    assert (seen.state.value, seen.reason) == ("accepted", "the wallet does not hold enough for the network's fee")
    desk.fund_hot()
    assert through(desk, one).state.value == "final"


def test_a_stuck_token_payment_is_outbid_as_nodes_want_it(desk, to, token):
    hot = desk.fund_hot()
    token.hold(hot, 100 * UNIT)
    one = pay_tokens(desk, to)
    desk.pay()
    make_old(one)
    desk.pay()
    desk.pay()  # the newest bytes are shown to the node
    first, second = transfers.view(one.id).attempts
    assert desk.anvil.ask("eth_getTransactionByHash", first.txid) is None  # the node took the other in its place
    assert through(desk, one).txid == second.txid


def test_a_node_of_another_network_is_trouble_and_nothing_is_signed(desk, to):
    desk.fund_hot()
    one = pay_tokens(desk, to, "1", asset="ETH")
    right = desk.file.read_text()
    told = json.loads(right)
    told[NETWORK]["chain_id"] = 1
    desk.file.write_text(json.dumps(told))
    for work in (desk.pay, desk.read):
        with pytest.raises(Exception, match="the node is of chain 31337, not of 1"):
            work()
    assert transfers.view(one.id).attempts == []
    desk.file.write_text(right)
    assert through(desk, one).state.value == "final"

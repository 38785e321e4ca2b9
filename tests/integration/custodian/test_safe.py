"""A Safe on a real chain: drafted from the approved row, signed by two of three elsewhere, handed in by the hot wallet."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from kernel import db
from tests.custodian_desk import FINAL, NETWORK, TOKEN
from tests.integration.custodian.test_transfers import make_old
from tests.safe_desk import APPROVALS, fresh, vault
from wallet_bridge.custodian import errors
from wallet_bridge.custodian.chains.rpc import RpcError
from wallet_bridge.custodian.chains.safes import SafeTx, fields_of
from wallet_bridge.custodian.cold.safes import safe_of
from wallet_bridge.custodian.localnet import safe as localnet
from wallet_bridge.custodian.localnet.token import Manners
from wallet_bridge.custodian.states_of_chains import balances
from wallet_bridge.custodian.transfers import service as transfers

GAS_PRICE_ROOM = Decimal("0.01")


@pytest.fixture
def desk(anvil, custody_url, tmp_path):
    return vault(anvil, tmp_path, custody_url)


def test_two_of_three_owners_pay_and_one_alone_does_not(desk):
    one, seen = desk.drafted("2")
    assert (seen.kind, seen.wallet, seen.fee, seen.nonce, seen.inputs) == ("safe", desk.safe.address, None, 0, [])
    assert [(pay.address, pay.amount, pay.change) for pay in seen.pays] == [(desk.hot, Decimal(2), False)]
    assert (seen.needed, seen.holders, seen.signed_by) == (2, desk.desk.told("cold.drafted")[0]["holders"], [])
    assert sorted(seen.holders) == sorted(desk.owners.addresses)
    assert desk.told(one).reason == "0 of the 2 signatures that it needs are there, of 3 owners"

    first = desk.hand_in(one, desk.owners.sign(1, seen.to_sign))
    again = desk.hand_in(one, desk.owners.sign(1, seen.to_sign))
    assert first.signed_by == again.signed_by == [desk.owners.addresses[1]]
    assert desk.done(one).state.value == "accepted"
    assert (desk.told(one).reason, desk.held()) == ("1 of the 2 signatures that it needs are there, of 3 owners", 10)

    second = desk.hand_in(one, desk.owners.sign(2, seen.to_sign))
    assert sorted(second.signed_by) == sorted(desk.owners.addresses[1:])
    done = desk.done(one)
    assert (done.state.value, desk.held()) == ("final", 8)
    assert desk.desk.held(desk.hot) == 100 + 2 - done.fee
    assert 0 < done.fee < GAS_PRICE_ROOM
    assert len(desk.desk.told("cold.cosigned")) == 2
    assert [event["_type"] for event in desk.desk.told()][3:] == [
        "transfer.signed", "transfer.broadcast", *["transfer.confirming"] * 1, "transfer.final",
    ]  # fmt: skip


def test_the_contract_itself_refuses_one_of_two(desk):
    one, seen = desk.drafted()
    owner = desk.owners.addresses[0]
    signature = bytes.fromhex(desk.owners.sign(0, seen.to_sign)[2:])
    data = desk.safe.call(desk.stored(seen), {owner: signature})

    async def call(own):
        await own.chain(NETWORK)._rpc.ask(
            "eth_call", {"from": desk.hot, "to": desk.safe.address, "data": "0x" + data.hex()}, "latest"
        )

    with pytest.raises(RpcError, match="GS020"):
        desk.desk.do(call)
    desk.hand_in(one, "0x" + signature.hex())
    assert localnet.sent(desk.anvil, desk.safe.address, data)["status"] == "0x0"
    assert (desk.done(one).state.value, desk.held()) == ("accepted", 10)


def test_what_is_signed_is_what_the_contract_hashes(desk):
    _one, seen = desk.drafted()
    told = desk.anvil.ask(
        "eth_call",
        {
            "to": desk.safe.address,
            "data": "0x" + localnet.call(
                "getTransactionHash",
                ["address", "uint256", "bytes", "uint8", "uint256", "uint256", "uint256", "address", "address", "uint256"],
                [*fields_of(desk.stored(seen)).values()],
            ).hex(),
        },
        "latest",
    )  # fmt: skip
    assert seen.digest == told
    assert json.loads(seen.to_sign)["domain"] == {"chainId": 31337, "verifyingContract": desk.safe.address}


def test_a_token_is_paid(desk):
    token = desk.desk.contract()
    token.hold(desk.safe.address, 70_000_000)
    one, seen = desk.drafted("50", asset=TOKEN)
    assert [(pay.address, pay.amount) for pay in seen.pays] == [(desk.hot, Decimal(50))]
    desk.cosigned(one, seen, (2, 0))
    assert desk.done(one).state.value == "final"
    assert (token.held(desk.hot), token.held(desk.safe.address)) == (50_000_000, 20_000_000)


def test_drafts_have_numbers_of_their_own_and_go_in_order(desk):
    (first, seen), (second, later) = desk.drafted("1"), desk.drafted("2")
    assert (seen.nonce, later.nonce) == (0, 1)
    desk.cosigned(second, later)
    desk.desk.pay()
    assert "number 1 of the Safe, which is at 0" in desk.told(second).reason
    desk.cosigned(first, seen)
    assert desk.done(first).state.value == "final"
    assert desk.done(second).state.value == "final"
    assert desk.held() == 7


def test_a_cancelled_draft_gives_its_number_back(desk):
    first, _ = desk.drafted("1")
    assert transfers.cancel(first.id).state.value == "cancelled"
    second, seen = desk.drafted("2")
    assert seen.nonce == 0
    desk.hand_in(second, desk.owners.sign(0, seen.to_sign))
    with pytest.raises(errors.AlreadySigned):
        transfers.cancel(second.id)


def test_more_than_it_holds_is_not_drafted(desk):
    desk.drafted("7")
    second = desk.take("4")
    desk.desk.pay()
    assert desk.told(second).reason == "the wallet does not hold enough"
    with pytest.raises(errors.TransferNotFound):
        desk.view(second)


def test_the_balance_says_what_still_leaves_and_whose_the_fee_is(desk):
    one, seen = desk.drafted("2")
    desk.cosigned(one, seen)
    desk.desk.read()
    desk.desk.pay()
    found = {(line.wallet, line.asset): line for line in desk.desk.do(balances)}
    assert (found["cold", "ETH"].confirmed, found["cold", "ETH"].pending_out) == (10, 2)
    assert found["hot", "ETH"].pending_out == desk.told(one).attempts[0].max_fee


def test_a_reorganisation_takes_it_back_and_the_same_bytes_are_sent_again(desk):
    one, seen = desk.drafted("2")
    desk.mine(2)
    desk.cosigned(one, seen)
    desk.desk.pay()
    desk.mine()
    assert desk.told(one).state.value == "confirming"
    desk.anvil.reorganise(1)
    desk.desk.read()
    desk.desk.pay()
    assert (desk.told(one).state.value, desk.held()) == ("broadcast", 10)
    done = desk.done(one)
    assert (done.state.value, len(done.attempts), desk.held()) == ("final", 1, 8)


def test_an_attempt_that_no_block_takes_is_outbid_with_the_same_nonce(desk):
    file = json.loads(desk.desk.file.read_text())
    file[NETWORK]["bump_after_s"] = 1
    desk.desk.file.write_text(json.dumps(file))
    one, seen = desk.drafted("2")
    desk.cosigned(one, seen)
    desk.desk.pay()
    make_old(one)
    desk.desk.pay()
    first, second = desk.told(one).attempts
    assert first.nonce == second.nonce and second.max_fee > first.max_fee
    done = desk.done(one)
    assert (done.state.value, done.txid, desk.held()) == ("final", second.txid, 8)


# Other ways --------------------------------------------------------------------------------------------------------------------------


def test_who_else_hands_it_in_pays_it_too_and_nothing_is_sent_twice(desk):
    one, seen = desk.drafted("2")
    desk.cosigned(one, seen)
    foreign = desk.outside(desk.stored(seen))
    done = desk.done(one)
    assert (done.state.value, done.txid, done.fee, done.attempts) == ("final", foreign["transactionHash"], 0, [])
    assert desk.held() == 8


def test_who_else_hands_it_in_before_our_own_transaction(desk):
    """Ours is included after it, and refused: what it cost is told, and the transfer is paid."""
    one, seen = desk.drafted("2")
    desk.cosigned(one, seen)
    desk.desk.pay()
    own = desk.told(one).attempts[0].txid
    desk.anvil.ask("anvil_dropTransaction", own)
    raw = raw_of(one)
    desk.outside(desk.stored(seen))
    desk.anvil.ask("eth_sendRawTransaction", "0x" + raw.hex())
    desk.mine()
    done = desk.done(one)
    assert desk.anvil.ask("eth_getTransactionReceipt", own)["status"] == "0x0"
    assert (done.state.value, desk.held()) == ("final", 8)
    assert done.txid != own and done.fee == 100 + 2 - desk.desk.held(desk.hot)


def test_a_number_that_the_owners_used_otherwise_ends_the_transfer(desk):
    one, seen = desk.drafted("2")
    desk.hand_in(one, desk.owners.sign(0, seen.to_sign))
    desk.outside(SafeTx(desk.anvil.ask("eth_accounts")[7], 10**18, b"", 0))
    desk.desk.pay()
    assert desk.told(one).state.value == "accepted"
    desk.mine(FINAL)
    assert (desk.told(one).state.value, desk.told(one).reason) == (
        "failed", "replaced: the Safe did something else under its number 0",
    )  # fmt: skip
    with pytest.raises(errors.SignatureUnfit):
        desk.hand_in(one, fresh().sign(0, seen.to_sign))
    desk.cosigned(one, seen)
    assert (desk.done(one).state.value, desk.held()) == ("failed", 9)


def test_included_and_refused_it_may_still_be_paid(desk):
    """The receiver's token froze them between the question and the block: the signatures stay good, so nobody is told that it failed."""
    token = desk.desk.contract()
    token.hold(desk.safe.address, 70_000_000)
    one, seen = desk.drafted("50", asset=TOKEN)
    desk.cosigned(one, seen)
    desk.desk.pay()
    token.freeze(desk.hot)
    told = desk.done(one)
    assert (told.state.value, token.held(desk.hot)) == ("broadcast", 0)
    assert "the contract refuses this payment" in told.reason
    token.freeze(desk.hot, 0)
    done = desk.done(one)
    assert (done.state.value, len(done.attempts), token.held(desk.hot)) == ("final", 2, 50_000_000)
    assert done.attempts[0].nonce != done.attempts[1].nonce
    assert done.fee == 100 - desk.desk.held(desk.hot)


def test_what_a_refused_attempt_cost_is_told_when_its_number_is_used_up(desk):
    token = desk.desk.contract()
    token.hold(desk.safe.address, 70_000_000)
    one, seen = desk.drafted("50", asset=TOKEN)
    desk.cosigned(one, seen)
    desk.desk.pay()
    token.freeze(desk.hot)
    attempt = desk.done(one).attempts[0].txid
    desk.outside(SafeTx(desk.safe.address, 0, b"", 0))
    desk.mine(FINAL)
    told = desk.told(one)
    assert (told.state.value, told.txid) == ("failed", attempt)
    assert 0 < told.fee == 100 - desk.desk.held(desk.hot)


def test_a_token_that_only_says_no_has_not_paid(desk):
    """The Safe did it and its number is gone; the token answered false."""
    token = desk.desk.contract(Manners(polite=True))
    token.hold(desk.safe.address, 70_000_000)
    one, seen = desk.drafted("50", asset=TOKEN)
    desk.cosigned(one, seen)
    token.freeze(desk.hot)
    told = desk.done(one)
    assert (told.state.value, told.reason) == ("failed", "the transaction was included and did not succeed")
    assert 0 < told.fee == 100 - desk.desk.held(desk.hot)


@pytest.mark.parametrize(
    "changed",
    [
        {"approvals": APPROVALS[:1]},
        {"destination": {"type": "cold"}},
        {"destination": {"type": "address", "address": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"}},
    ],
)
def test_a_safe_pays_into_hot_or_to_the_whitelist_with_two_approvals(desk, changed):
    with pytest.raises(errors.DestinationUnfit):
        desk.take(**changed)


def test_the_safe_of_the_file_is_the_cold_wallet(desk):
    assert safe_of(desk.desk.house.network(NETWORK)) == desk.safe


def raw_of(one):
    with db.read_only() as tx:
        return bytes(tx.scalar("SELECT raw FROM custody.attempts WHERE transfer_id = :id", id=one.id))

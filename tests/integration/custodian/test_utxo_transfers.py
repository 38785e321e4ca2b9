"""Payments out of outputs on a real chain: stored before they are sent, outbid on the same outputs, and no output for two."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from embit.transaction import TransactionOutput

from kernel import db
from tests.utxo_desk import FINAL, NETWORK
from wallet_bridge.custodian import errors
from wallet_bridge.custodian.chains import scripts
from wallet_bridge.custodian.outputs import service as outputs
from wallet_bridge.custodian.payer import account
from wallet_bridge.custodian.transfers import service as transfers


def inputs(utxo, txid):
    return {(one["txid"], one["vout"]) for one in utxo.transaction(txid)["vin"]}


def test_a_transfer_is_signed_sent_confirmed_and_final_and_its_change_comes_back(utxo):
    utxo.fund_hot("10")
    one = utxo.take(utxo.wish("1.25"))
    assert utxo.state(one) == "accepted"

    done = utxo.through(one)
    assert (done.state.value, len(done.attempts)) == ("final", 1)
    assert utxo.received(done.address) == Decimal("1.25")
    assert done.fee is not None and 0 < done.fee <= done.fee_cap
    assert utxo.owned("hot") == Decimal(10) - Decimal("1.25") - done.fee
    (spent,) = inputs(utxo, done.txid)
    prior = utxo.transaction(spent[0])["vout"][spent[1]]["value"]
    outs = sum(Decimal(str(out["value"])) for out in utxo.transaction(done.txid)["vout"])
    assert Decimal(str(prior)) - outs == done.fee
    kinds = [event["_type"] for event in utxo.told()]
    assert kinds[:2] == ["transfer.signed", "transfer.broadcast"]
    assert set(kinds[2:-1]) == {"transfer.confirming"} and kinds[-1] == "transfer.final"


def test_deposits_are_paid_from_as_they_lie_and_change_is_no_deposit(utxo):
    first, second = utxo.address("a"), utxo.address("b")
    utxo.give(first.address, "1")
    utxo.give(second.address, "1")
    utxo.block(FINAL)
    one = utxo.take(utxo.wish("1.5"))
    done = utxo.through(one)
    assert done.state.value == "final"
    assert len(inputs(utxo, done.txid)) == 2
    assert (utxo.owned("deposits"), utxo.owned("hot")) == (0, Decimal("0.5") - done.fee)
    assert len(utxo.told("deposit.seen")) == 2


def test_what_is_not_deep_enough_is_not_spent(utxo):
    own = utxo.address()
    utxo.give(own.address, "2")
    utxo.block(FINAL - 1)
    one = utxo.take(utxo.wish("1"))
    utxo.pay()
    seen = transfers.view(one.id)
    assert (seen.state.value, seen.reason) == (
        "accepted",
        "the wallet does not hold enough that is deep enough to be spent",
    )
    utxo.block()
    utxo.pay()
    assert utxo.state(one) == "broadcast"


def test_what_was_stored_and_not_sent_is_sent_with_the_same_bytes(utxo):
    utxo.fund_hot()
    one = utxo.take(utxo.wish())
    utxo.do(sign_only)
    stored = transfers.view(one.id).attempts[0].txid
    assert utxo.state(one) == "signed"
    with pytest.raises(RuntimeError):
        utxo.transaction(stored)
    done = utxo.through(one)
    assert (done.state.value, done.txid) == ("final", stored)


async def sign_only(own):
    payer = own.hot(NETWORK)
    transfers.sign_all(own, NETWORK, {payer: await account(own.chain(NETWORK), payer, [])})


def test_bytes_that_the_node_knows_or_a_block_has_are_sent_all_the_same(utxo):
    utxo.fund_hot()
    one = utxo.take(utxo.wish())
    utxo.pay()
    with db.read_only() as tx:
        raw = bytes(tx.scalar("SELECT raw FROM custody.attempts WHERE transfer_id = :id", id=one.id))
    again = lambda own: own.chain(NETWORK).send(raw)  # noqa: E731
    assert type(utxo.do(again)).__name__ == "Sent"
    utxo.block()
    assert type(utxo.do(again)).__name__ == "Sent"
    assert utxo.through(one).state.value == "final"


def test_cancelled_until_signed_and_never_after(utxo):
    utxo.fund_hot()
    early, late = utxo.take(utxo.wish()), utxo.take(utxo.wish())
    assert transfers.cancel(early.id).state.value == "cancelled"
    utxo.pay()
    assert utxo.state(late) == "broadcast"
    with pytest.raises(errors.AlreadySigned):
        transfers.cancel(late.id)
    assert utxo.state(early) == "cancelled"


def test_two_transfers_of_a_round_use_different_outputs(utxo):
    utxo.fund_hot("3", "3", "3")
    made = [utxo.take(utxo.wish("1")) for _ in range(4)]
    utxo.pay()
    states = [utxo.state(one) for one in made]
    assert states == ["broadcast"] * 3 + ["accepted"]
    used = [inputs(utxo, transfers.view(one.id).attempts[0].txid) for one in made[:3]]
    assert len(set.union(*used)) == 3
    assert {utxo.through(one).state.value for one in made} == {
        "final"
    }  # the fourth from change, once that is deep enough


def test_two_payers_at_once_never_use_the_same_output(utxo):
    utxo.fund_hot(*["2"] * 6)
    made = [utxo.take(utxo.wish("1")) for _ in range(6)]
    ready = threading.Barrier(2)

    def payer():
        own = utxo.house
        ready.wait()
        transfers.sign_all(own, NETWORK, {own.hot(NETWORK): paying})

    paying = utxo.do(lambda own: account(own.chain(NETWORK), own.hot(NETWORK), []))
    both = [threading.Thread(target=payer) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    with db.read_only() as tx:
        rows = tx.all("SELECT DISTINCT txid, output, transfer_id FROM custody.spends")
    assert len(rows) == len({row.transfer_id for row in rows}) == 6
    assert {utxo.through(one).state.value for one in made} == {"final"}


def test_the_database_itself_gives_an_output_to_one_transfer(utxo):
    utxo.fund_hot("2")
    first, second = utxo.take(utxo.wish("1")), utxo.take(utxo.wish("1"))
    utxo.pay()
    spent = inputs(utxo, transfers.view(first.id).attempts[0].txid)
    with pytest.raises(outputs.OutputTaken), db.transaction() as tx:
        outputs.use(tx, NETWORK, second.id, list(spent))


def make_old(one):
    with db.transaction() as tx:
        tx.execute(
            "UPDATE custody.attempts SET created_at = created_at - interval '1 day' WHERE transfer_id = :id", id=one.id
        )


def outbid(utxo):
    utxo.fund_hot("5", "5")
    one = utxo.take(utxo.wish())
    utxo.pay()
    make_old(one)
    utxo.pay()
    utxo.pay()  # the round after sends it
    seen = transfers.view(one.id)
    first, second = seen.attempts
    assert second.max_fee > first.max_fee
    assert len(utxo.told("transfer.replaced")) == 1
    return one, first, second


def test_one_that_is_stuck_is_outbid_on_the_same_outputs(utxo):
    one, first, second = outbid(utxo)
    assert utxo.node.ask("getrawmempool").count(second.txid) == 1
    assert first.txid not in utxo.node.ask("getrawmempool")
    done = utxo.through(one)
    assert (done.state.value, done.txid, done.fee) == ("final", second.txid, second.max_fee)
    assert utxo.received(done.address) == 1
    assert utxo.owned() == 9 - second.max_fee


def test_the_first_one_may_still_win(utxo):
    one, first, _second = outbid(utxo)
    with db.read_only() as tx:
        raw = bytes(tx.scalar("SELECT raw FROM custody.attempts WHERE transfer_id = :id AND number = 1", id=one.id))
    utxo.node.mine_only([raw.hex()])
    utxo.read()
    done = utxo.through(one)
    assert (done.state.value, done.txid, done.fee) == ("final", first.txid, first.max_fee)
    assert utxo.received(done.address) == 1
    assert utxo.owned() == 9 - first.max_fee


def test_what_only_a_losing_attempt_would_have_spent_is_free_again(utxo):
    """The second attempt needed another output for its higher fee; the first one was included all the same."""
    utxo.fund_hot("1.00001", "0.5")
    one = utxo.take(utxo.wish("1", fee_cap="0.01"))
    utxo.pay()
    make_old(one)
    utxo.pay()
    first, second = transfers.view(one.id).attempts
    with db.read_only() as tx:
        raw = bytes(tx.scalar("SELECT raw FROM custody.attempts WHERE transfer_id = :id AND number = 1", id=one.id))
        kept = tx.scalar("SELECT count(*) FROM custody.spends WHERE transfer_id = :id", id=one.id)
    assert kept == 2
    utxo.node.mine_only([raw.hex()])
    utxo.read()
    assert utxo.through(one).txid == first.txid
    assert first.txid != second.txid
    two = utxo.take(utxo.wish("0.4"))
    assert utxo.through(two).state.value == "final"


def test_outbidding_stops_at_the_cap(utxo):
    utxo.fund_hot("5")
    one = utxo.take(utxo.wish(fee_cap="0.000002"))
    utxo.pay()
    make_old(one)
    utxo.pay()
    seen = transfers.view(one.id)
    assert (seen.state.value, len(seen.attempts)) == ("broadcast", 1)
    assert seen.reason == "the network's fee is above the cap of this transfer"


def test_a_reorganisation_takes_it_back_and_the_same_bytes_are_sent_again(utxo):
    utxo.fund_hot()
    one = utxo.take(utxo.wish())
    utxo.pay()
    utxo.block(2)
    utxo.pay()
    assert utxo.state(one) == "confirming"
    txid = transfers.view(one.id).txid
    utxo.node.reorganise(2)
    utxo.read()
    utxo.pay()
    assert utxo.state(one) == "broadcast"
    assert utxo.owned("hot") == 10
    done = utxo.through(one)
    assert (done.state.value, done.txid, len(done.attempts)) == ("final", txid, 1)


def spend_elsewhere(utxo, one, *, blocks):
    """Somebody with the same keys pays a stranger from the output that this transfer uses, and a miner prefers that."""
    (place,) = inputs(utxo, transfers.view(one.id).attempts[0].txid)
    with db.read_only() as tx:
        (used,) = outputs.used(tx, NETWORK, one.id)
    assert (used.txid, used.number) == place
    chain = utxo.house.chain(NETWORK)
    script = scripts.of_address(utxo.house.network(NETWORK).utxo, utxo.stranger())
    made = chain._signed([used], [TransactionOutput(int(used.amount * 10**8) - 10_000, script)])
    utxo.node.mine_only([made.serialize().hex()])
    for _ in range(blocks - 1):
        utxo.node.mine_only()
    utxo.read()


def test_one_whose_output_was_spent_elsewhere_has_failed_only_when_that_is_deep(utxo):
    utxo.fund_hot("5")
    one = utxo.take(utxo.wish())
    utxo.pay()
    spend_elsewhere(utxo, one, blocks=FINAL - 1)
    utxo.pay()
    assert utxo.state(one) == "broadcast"
    utxo.node.mine_only()
    utxo.read()
    utxo.pay()
    done = transfers.view(one.id)
    assert (done.state.value, done.reason) == ("failed", "another transaction spent one of its outputs")
    with db.read_only() as tx:
        assert tx.scalar("SELECT count(*) FROM custody.spends") == 0


def test_one_whose_output_was_spent_elsewhere_for_a_while_is_paid_after_all(utxo):
    utxo.fund_hot("5")
    one = utxo.take(utxo.wish())
    utxo.pay()
    spend_elsewhere(utxo, one, blocks=2)
    utxo.pay()
    utxo.node.reorganise(2)
    utxo.node.ask("generateblock", utxo.node.miner, [raw_of(one)])
    utxo.read()
    done = utxo.through(one)
    assert done.state.value == "final"
    assert utxo.received(done.address) == 1


def raw_of(one):
    with db.read_only() as tx:
        return bytes(tx.scalar("SELECT raw FROM custody.attempts WHERE transfer_id = :id", id=one.id)).hex()


def test_a_flood_of_dust_does_not_stop_payments_nor_is_it_touched(utxo):
    own = utxo.address()
    utxo.fund_hot("2")
    with db.transaction() as tx:  # five thousand outputs that cost more than they bring
        tx.execute(
            """INSERT INTO custody.outputs (network, txid, output, address, amount, wallet, index, height, rests)
               SELECT :network, lpad(to_hex(n), 64, '0'), 0, :address, 0.0000006, 'deposits', 0, 1, 0 FROM generate_series(1, 5000) n""",
            network=NETWORK, address=own.address,
        )  # fmt: skip
    one = utxo.take(utxo.wish("1"))
    done = utxo.through(one)
    assert done.state.value == "final"
    assert len(inputs(utxo, done.txid)) == 1


def test_change_that_would_be_dust_is_left_to_the_miner(utxo):
    utxo.fund_hot("1")
    one = utxo.take(utxo.wish("0.99995"))
    done = utxo.through(one)
    assert (done.state.value, done.fee) == ("final", Decimal("0.00005"))
    assert len(utxo.transaction(done.txid)["vout"]) == 1
    assert utxo.owned() == 0


@pytest.mark.parametrize("kind", ["bech32", "p2sh-segwit", "legacy"])
def test_every_kind_of_address_is_paid(utxo, kind):
    utxo.fund_hot("5")
    one = utxo.take(utxo.wish(destination={"type": "address", "address": utxo.stranger(kind)}))
    assert utxo.through(one).state.value == "final"
    assert utxo.received(one.address) == 1


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"amount": "0"}, errors.AmountUnfit),
        ({"amount": "0.000000001"}, errors.AmountUnfit),
        ({"amount": "0.00005"}, errors.AmountUnfit),
        ({"fee_cap": "0.000000001"}, errors.AmountUnfit),
        ({"asset": "BTC"}, errors.NetworkUnknown),
        *(
            ({"destination": {"type": "address", "address": address}}, errors.AddressInvalid)
            for address in (
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9",
                "rltc1qts50ad58v4ewva95j4faxvnkhmnsdl2m0xf46g",
                "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
                "0x52908400098527886E0F7030069857D2E4169EE7",
                "rltc1",
                "1",
                "tmweb1qq",
            )
        ),
        (
            {"source": "deposits", "source_address": "rltc1qts50ad58v4ewva95j4faxvnkhmnsdl2m0xf46f"},
            errors.DestinationUnfit,
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_kept(utxo, changed, error):
    wish = utxo.wish(ref="w/bad", **changed)
    with pytest.raises(error):
        utxo.take(wish)
    with pytest.raises(errors.TransferNotFound):
        transfers.view_by_ref("w/bad")

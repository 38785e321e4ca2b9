"""Deposits on a chain of outputs: each output is one, a reorganisation takes them away and gives them back, and our own table follows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel import db
from tests.utxo_desk import FINAL, opened
from wallet_bridge.custodian.chains.port import ChainAway


def test_a_deposit_is_seen_confirmed_and_final(utxo):
    own = utxo.address()
    assert own.address.startswith("rltc1q")
    txid = utxo.give(own.address, "1.5")
    utxo.block()
    (seen,) = utxo.told()
    assert (seen["_type"], seen["txid"], seen["amount"], seen["owner_ref"]) == (
        "deposit.seen",
        txid,
        "1.5",
        "customer-1",
    )
    utxo.block(FINAL)
    assert [event["_type"] for event in utxo.told()] == [
        "deposit.seen",
        *["deposit.confirming"] * (FINAL - 2),
        "deposit.final",
    ]
    assert [event["confirmations"] for event in utxo.told()] == [*range(1, FINAL + 1)]


def test_three_outputs_of_one_transaction_are_three_deposits(utxo):
    """To one address too: a transaction is written by hand, for no wallet pays an address twice."""
    own, coin = utxo.address(), utxo.node.ask("listunspent", 1)[0]
    left = Decimal(str(coin["amount"])) - Decimal("6.001")
    pays = [{own.address: "1"}, {own.address: "2"}, {own.address: "3"}, {utxo.stranger(): str(left)}]
    raw = raw_transaction(utxo, coin, pays)
    txid = utxo.node.ask("sendrawtransaction", raw, 0)
    utxo.block()
    told = utxo.told("deposit.seen")
    assert [(event["txid"], event["output"], event["amount"]) for event in told] == [
        (txid, 0, "1"),
        (txid, 1, "2"),
        (txid, 2, "3"),
    ]
    assert utxo.owned("deposits") == 6


def raw_transaction(utxo, coin, pays):
    """The node refuses two outputs to one address; so each is made with one of its own, and its script then replaced."""
    places = [{utxo.stranger(): amount} for one in pays for amount in one.values()]
    raw = utxo.node.ask("createrawtransaction", [{"txid": coin["txid"], "vout": coin["vout"]}], places)
    for place, one in zip(places, pays, strict=True):
        old, new = (utxo.node.ask("validateaddress", next(iter(which)))["scriptPubKey"] for which in (place, one))
        raw = raw.replace(old, new)
    signed = utxo.node.ask("signrawtransactionwithwallet", raw)
    assert signed["complete"]
    return signed["hex"]


def test_payments_to_strangers_are_nobodys(utxo):
    utxo.address()
    utxo.give(utxo.stranger(), "1")
    utxo.block()
    assert (utxo.told(), utxo.owned()) == ([], 0)


@pytest.mark.parametrize("depth", range(1, FINAL + 1))
def test_a_reorganisation_orphans_it_and_it_is_seen_again_where_it_comes_back(utxo, depth):
    """Before it is final and after: the last depth takes away a final one."""
    own = utxo.address()
    utxo.block()
    utxo.give(own.address, "1")
    utxo.block(depth)
    assert utxo.told()[-1]["_type"] == ("deposit.final" if depth == FINAL else utxo.told()[-1]["_type"])
    utxo.node.reorganise(depth)
    utxo.read()
    assert utxo.told()[-1]["_type"] == "deposit.orphaned"
    assert utxo.owned() == 0
    utxo.block(FINAL)
    kinds = [event["_type"] for event in utxo.told()]
    assert kinds.count("deposit.seen") == 2
    assert kinds[-1] == "deposit.final"
    assert utxo.owned() == 1


def test_a_miners_reward_is_a_deposit_that_rests_before_it_is_spent(utxo):
    own = utxo.address()
    (block,) = utxo.node.ask("generatetoaddress", 1, own.address)
    utxo.block(FINAL)
    (seen,) = utxo.told("deposit.final")
    assert seen["block"] == block
    one = utxo.take(utxo.wish("0.001"))
    utxo.pay()
    assert utxo.state(one) == "accepted"
    utxo.block(101 - 1 - FINAL)
    utxo.pay()
    assert utxo.state(one) == "broadcast"


def test_a_node_is_entered_with_the_cookie_that_it_wrote(litecoin, custody_url, tmp_path):
    cookie = tmp_path / "cookie"
    desk = opened(
        litecoin, tmp_path, custody_url, rpc=f"http://127.0.0.1:{litecoin.port}", utxo={"cookie": str(cookie)}
    )
    with pytest.raises(ChainAway):
        desk.read()
    cookie.write_text("localnet:old")
    with pytest.raises(ChainAway):
        desk.read()
    cookie.write_text("localnet:localnet")
    desk.block()


def test_the_balance_is_what_our_outputs_say(utxo):
    own = utxo.address()
    utxo.fund_hot("3", "4")
    utxo.give(own.address, "0.5")
    utxo.block()

    async def held(house):
        return await house.chain("litecoin").balances(house.hot("litecoin"))

    assert utxo.do(held) == {"LTC": Decimal("7.5")}
    with db.read_only() as tx:
        rows = tx.all("SELECT wallet, index, amount FROM custody.outputs ORDER BY amount")
    assert [(row.wallet, row.index, row.amount) for row in rows] == [
        ("deposits", 0, Decimal("0.5")), ("hot", 0, Decimal(3)), ("hot", 0, Decimal(4)),
    ]  # fmt: skip

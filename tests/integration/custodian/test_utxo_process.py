"""`rivermouth custodian` on a chain of outputs, killed at every place of a block and of a payment: each transfer is paid once."""

from __future__ import annotations

import base64
import os
import signal
import time
from decimal import Decimal
from pathlib import Path

import pytest

from kernel import failpoints
from kernel.ids import uuid7
from kernel.signing import Signer
from tests.custodian_process import CustodianProcess, environment
from tests.utxo_desk import FINAL, NETWORK, written
from wallet_bridge.custodian import house, networks
from wallet_bridge.custodian.deposits import service as _deposits  # noqa: F401  they name the places
from wallet_bridge.custodian.keys import Seed
from wallet_bridge.custodian.transfers import service as _transfers  # noqa: F401

AMOUNTS = ("1", "0.5", "0.25")
PATIENCE_S = 180.0
STEPS = ("custody.block.", "custody.sign.", "custody.send.", "custody.sent.", "custody.located.")
PLACES = sorted(name for name in failpoints.NAMES if name.startswith(STEPS))


@pytest.fixture
def start(litecoin, empty_url, tmp_path):
    made = []

    def one(module="rivermouth"):
        bridge = Signer("bridge", os.urandom(32))
        env = environment(empty_url, written(litecoin, tmp_path, poll_s=0.1), tmp_path, bridge)
        made.append(CustodianProcess(litecoin, env, bridge, tmp_path / "custodian.log", module))
        return made[-1]

    yield one
    for process in made:
        process.stop()


def hot_of(process):
    seed = Seed(base64.b64decode(process.env["RIVERMOUTH_CUSTODIAN_SEED"]))
    return house.build(networks.read(Path(process.env["RIVERMOUTH_CUSTODIAN_NETWORKS"])), seed).hot(NETWORK)


def wishes(node):
    """Each to an address of its own, that nobody else ever pays."""
    return [
        {
            "client_ref": f"w/{uuid7()}", "destination": {"type": "address", "address": node.ask("getnewaddress", "", "bech32")},
            "asset": "LTC", "network": NETWORK, "amount": amount, "fee_cap": "0.01", "purpose": "withdrawal",
        }
        for amount in AMOUNTS
    ]  # fmt: skip


def received(node, wish):
    return Decimal(str(node.ask("getreceivedbyaddress", wish["destination"]["address"], 1)))


def lies_on(node, address):
    return Decimal(str(node.ask("scantxoutset", "start", [f"addr({address})"])["total_amount"]))


def until(process, holds):
    """With block after block."""

    def mined():
        process.anvil.mine()
        return holds()

    wait(process, mined)


def wait(process, holds):
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, process.log.read_text()
        time.sleep(0.1)


def paid_once_in_spite_of(process, place):
    """Kill it there, start it again, and hold every transfer against the chain."""
    node, hot = process.anvil, hot_of(process)
    wanted = wishes(node)
    process.start({"RIVERMOUTH_FAILPOINT": f"{place}:1"})
    for _ in wanted:
        node.ask("sendtoaddress", hot, 10)
    node.mine(FINAL)
    if ".block." not in place:
        wait(
            process, lambda: process.ask("GET", "/v1/chain-state").json()["items"][0]["lag"] == 0
        )  # or there is nothing to pay from
        process.want(wanted[:1])
    until(process, lambda: process.dead() is not None)
    assert process.dead() == -signal.SIGKILL, process.log.read_text()
    node.mine()  # what reached the node is in a block before anybody looks
    process.start()
    process.want(wanted)
    until(process, lambda: all(process.found(wish)["state"] in {"final", "failed"} for wish in wanted))
    told = [process.found(wish) for wish in wanted]
    assert [one["state"] for one in told] == ["final"] * len(wanted)
    assert [received(node, wish) for wish in wanted] == [Decimal(wish["amount"]) for wish in wanted]
    fees = sum(Decimal(one["fee"]) for one in told)
    assert lies_on(node, hot) == 30 - sum(map(Decimal, AMOUNTS)) - fees


def test_every_place_is_tried():
    assert len(PLACES) == 10


@pytest.mark.parametrize("place", PLACES)
def test_killed_anywhere_it_pays_each_transfer_exactly_once(start, place):
    paid_once_in_spite_of(start(), place)


def test_a_custodian_that_sends_before_it_stores_is_found_out(start):
    with pytest.raises(AssertionError):
        paid_once_in_spite_of(start("tests.custodian_mutant"), "custody.sign.before_commit")

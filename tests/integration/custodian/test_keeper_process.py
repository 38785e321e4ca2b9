"""The custodian moves money between its own wallets as a process: killed at every place of that, it moves it once and tells it once."""

from __future__ import annotations

import os
import signal
import time
from decimal import Decimal

import pytest

from tests.custodian_desk import NETWORK, TOKEN, WEI, with_tokens
from tests.custodian_process import prepared
from wallet_bridge.custodian.chains.eth import to_checksum_address
from wallet_bridge.custodian.localnet.token import placed

UNIT = 10**6
PATIENCE_S = 180.0
PLACES = (
    "custody.sweep.before_commit", "custody.sweep.after_commit", "custody.float.before_commit", "custody.float.after_commit",
)  # fmt: skip


def served():
    assets = with_tokens()
    assets["ETH"]["float"] = {"min": "10", "target": "20", "max": "50"}
    assets[TOKEN]["sweep_from"] = "5"
    cold = to_checksum_address(os.urandom(20))
    return {"assets": assets, "sweep_fee_cap": "0.01", "sweep_every_s": 0.2, "cold": cold}


@pytest.fixture
def process(anvil, empty_url, tmp_path):
    made = prepared(anvil, empty_url, tmp_path, **served())
    yield made
    made.stop()


def events(process):
    return process.ask("GET", "/v1/events?limit=500").json()["items"]


def own(process):
    """The last word on each transfer of its own."""
    return {
        one["data"]["client_ref"]: one
        for one in events(process)
        if one["data"].get("client_ref", "").startswith("house/")
    }


def _until(process, holds):
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, process.log.read_text()
        process.anvil.mine()
        time.sleep(0.1)


def deposit_and_overflow(process, network):
    """A deposit that is worth a sweep, and more in the hot wallet than its bounds allow."""
    wanted = {"client_ref": "a/1", "owner_ref": "customer-1", "asset": TOKEN, "network": NETWORK}
    address = process.ask("POST", "/v1/addresses", wanted).json()["address"]
    token, rich = placed(process.anvil, network["assets"][TOKEN]["contract"]), process.anvil.ask("eth_accounts")[0]
    token.hold(rich, 100 * UNIT)
    token.pay(rich, address, 7 * UNIT)
    process.anvil.ask("anvil_setBalance", process.hot(), hex(60 * WEI))
    return token, address


@pytest.mark.parametrize("place", PLACES)
def test_killed_anywhere_it_moves_its_money_once(process, place):
    network, hot = process.served(), process.hot()
    process.anvil.ask("anvil_setBalance", hot, hex(30 * WEI))  # within its bounds
    process.start({"RIVERMOUTH_FAILPOINT": f"{place}:1"})
    token, address = deposit_and_overflow(process, network)
    _until(process, lambda: process.dead() is not None)
    assert process.dead() == -signal.SIGKILL, process.log.read_text()
    process.start()
    _until(process, lambda: [one["type"] for one in own(process).values()] == ["transfer.final"] * 3)
    told = {ref.split("/")[1]: one["data"] for ref, one in own(process).items()}
    assert set(told) == {"gas", "sweep", "cold"}
    assert (token.held(hot), token.held(address)) == (7 * UNIT, 0)
    assert sum(one["type"] == "float.high" for one in events(process)) == 1
    cold = int(process.anvil.ask("eth_getBalance", network["cold"], "latest"), 16)
    left = int(process.anvil.ask("eth_getBalance", hot, "latest"), 16)
    spent = sum(Decimal(told[kind]["fee"]) for kind in ("gas", "cold")) + Decimal(told["gas"]["amount"])
    assert Decimal(cold) / WEI == Decimal(told["cold"]["amount"]) and left + cold == 60 * WEI - spent * WEI

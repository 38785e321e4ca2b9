"""A payment out of a Safe over HTTP, by a custodian that is killed while it hands it in: paid once, and told once."""

from __future__ import annotations

import signal
import time
from decimal import Decimal

import pytest

from tests.custodian_desk import NETWORK, WEI
from tests.custodian_process import prepared
from tests.safe_desk import APPROVALS, fresh
from wallet_bridge.custodian.localnet import packages
from wallet_bridge.custodian.localnet import safe as localnet

PATIENCE_S = 180.0


@pytest.fixture
def owners():
    return fresh()


@pytest.fixture
def process(anvil, empty_url, tmp_path, owners):
    packages(print)
    address = localnet.deployed(anvil, owners.addresses, 2)
    anvil.ask("anvil_setBalance", address, hex(10 * WEI))
    made = prepared(anvil, empty_url, tmp_path, cold=address, safe={})
    yield made
    made.stop()


def held(process, address):
    return Decimal(int(process.anvil.ask("eth_getBalance", address, "latest"), 16)) / WEI


def until(process, holds):
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, process.log.read_text()
        time.sleep(0.1)


def killed(process):
    until(process, lambda: process.dead() is not None)
    assert process.dead() == -signal.SIGKILL, process.log.read_text()


def test_killed_before_and_after_it_is_sent_it_is_paid_once(process, owners):
    process.anvil.ask("anvil_setBalance", process.hot(), hex(WEI))
    process.start({"RIVERMOUTH_FAILPOINT": "custody.sign.after_commit:1"})
    asked = {
        "client_ref": "c/1", "source": "cold", "destination": {"type": "hot"}, "asset": "ETH", "network": NETWORK, "amount": "4",
        "fee_cap": "0.01", "purpose": "treasury", "approvals": APPROVALS,
    }  # fmt: skip
    path = f"/v1/transfers/{process.ask('POST', '/v1/transfers', asked).json()['id']}"
    until(process, lambda: process.ask("GET", f"{path}/cold").status_code == 200)
    seen = process.ask("GET", f"{path}/cold").json()
    assert (seen["kind"], seen["nonce"], seen["fee"], seen["needed"]) == ("safe", 0, None, 2)
    assert seen["pays"] == [{"address": process.hot(), "amount": "4", "change": False}]
    for number in (0, 0, 2):
        signed = owners.sign(number, seen["to_sign"])
        assert process.ask("POST", f"{path}/cold", {"signed": signed}).status_code == 200
    killed(process)
    process.start({"RIVERMOUTH_FAILPOINT": "custody.send.after:1"})
    killed(process)
    process.start()

    def final():
        process.anvil.mine()
        return process.ask("GET", path).json()["state"] == "final"

    until(process, final)
    told = process.ask("GET", path).json()
    assert len(told["attempts"]) == 1
    assert held(process, process.served()["cold"]) == 6
    assert held(process, process.hot()) == 5 - Decimal(told["fee"])
    events = [one["type"] for one in process.ask("GET", "/v1/events?limit=500").json()["items"]]
    for once in ("cold.drafted", "transfer.signed", "transfer.final"):
        assert events.count(once) == 1
    assert events.count("cold.cosigned") == 2

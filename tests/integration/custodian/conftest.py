"""An empty database of the custodian for each test; nodes are one of each kind for all tests of a worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rivermouth import ports
from tests import utxo_desk
from tests.custodian_desk import CustodianDesk, opened
from tools import system_packages
from wallet_bridge.custodian.localnet import Anvil, NoNodeHere
from wallet_bridge.custodian.localnet.litecoin import Litecoin, find


@pytest.fixture(scope="session")
def litecoin(servers_directory: Path) -> Iterator[Litecoin]:
    try:
        binary = find()
    except NoNodeHere as error:
        system_packages.not_run(f"custodian on a chain of outputs: {error}")
    node = Litecoin(binary, ports.free(), servers_directory / "litecoin")
    process = node.spawn()
    while not node.ready():
        assert process.poll() is None, node.log.read_text()
        time.sleep(0.05)
    node.fund()
    yield node
    process.kill()
    process.wait(10)


@pytest.fixture
def desk(anvil: Anvil, custody_url: str, tmp_path: Path) -> CustodianDesk:
    return opened(anvil, tmp_path, custody_url)


@pytest.fixture
def utxo(litecoin: Litecoin, custody_url: str, tmp_path: Path) -> utxo_desk.UtxoDesk:
    return utxo_desk.opened(litecoin, tmp_path, custody_url)

"""One real node of a chain of outputs for all tests of a worker that ask for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rivermouth import ports
from tools import system_packages
from wallet_bridge.custodian.localnet import NoNodeHere
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

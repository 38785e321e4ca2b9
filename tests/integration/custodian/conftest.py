"""An empty database of the custodian for each test; nodes are one of each kind for all tests of a worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import utxo_desk
from tests.custodian_desk import CustodianDesk, opened
from wallet_bridge.custodian.localnet import Anvil
from wallet_bridge.custodian.localnet.litecoin import Litecoin


@pytest.fixture
def desk(anvil: Anvil, custody_url: str, tmp_path: Path) -> CustodianDesk:
    return opened(anvil, tmp_path, custody_url)


@pytest.fixture
def utxo(litecoin: Litecoin, custody_url: str, tmp_path: Path) -> utxo_desk.UtxoDesk:
    return utxo_desk.opened(litecoin, tmp_path, custody_url)

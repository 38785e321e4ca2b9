"""An empty database of the custodian for each test; the node is one for all of a worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.custodian_desk import CustodianDesk, opened
from wallet_bridge.custodian.localnet import Anvil


@pytest.fixture
def desk(anvil: Anvil, custody_url: str, tmp_path: Path) -> CustodianDesk:
    return opened(anvil, tmp_path, custody_url)

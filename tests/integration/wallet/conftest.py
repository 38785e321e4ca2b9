"""A bridge with a real custodian on a real node, for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import wallet_desk
from tests.house import house
from tests.wallet_desk import WalletDesk

__all__ = ["house"]


@pytest.fixture
def wallet(anvil, custody_url, database, valkey_url, tmp_path) -> Iterator[WalletDesk]:
    with wallet_desk.opened(anvil, custody_url, database, valkey_url, tmp_path) as desk:
        yield desk

from decimal import Decimal

import pytest

from tests.deposit_books import open_deposits
from tests.ledger_books import open_books
from wallet_bridge.deposits import arriving


@pytest.fixture
def books(database):
    with open_books(database) as opened:
        yield opened


@pytest.fixture
def deposits(database, monkeypatch):
    """Whatever a test did, the books and the rows agree before and after the fold."""
    monkeypatch.setattr(arriving, "price_of", {"ETH": Decimal(2_000), "USDT": Decimal(1)}.get)
    with open_deposits(database) as opened:
        yield opened
        assert opened.broken() == {}
        opened.fold()
        assert opened.broken() == {}

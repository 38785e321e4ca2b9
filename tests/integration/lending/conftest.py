import pytest

from tests.broker_desk import open_desk
from tests.ledger_books import open_books
from tests.liquidation_desk import LiquidationDesk
from tests.loan_books import open_lender


@pytest.fixture
def books(database):
    with open_books(database) as opened:
        yield opened


@pytest.fixture
def lender(database, valkey_server):
    with open_lender(database, valkey_server.url) as opened:
        yield opened
        assert opened.broken() == {}


@pytest.fixture
def selling(database, valkey_url):
    """A desk for the sale of collateral; whatever a test did, the books stand before and after the fold."""
    with open_desk(database, valkey_url, LiquidationDesk) as opened:
        yield opened
        assert opened.broken() == {}
        opened.fold()
        assert opened.broken() == {}

import pytest

from tests.ledger_books import open_books


@pytest.fixture
def books(database):
    with open_books(database) as opened:
        yield opened

import pytest

from tests.broker_desk import open_desk


@pytest.fixture
def desk(database, valkey_url):
    """Whatever a test did, the books stand before and after the fold."""
    with open_desk(database, valkey_url) as opened:
        yield opened
        assert opened.broken() == {}
        opened.fold()
        assert opened.broken() == {}

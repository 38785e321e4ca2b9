import pytest

from tests.earn_books import open_earn


@pytest.fixture
def earn(database):
    """Whatever a test did, the books and the plans agree before and after the fold."""
    with open_earn(database) as opened:
        yield opened
        assert opened.broken() == {}
        opened.fold()
        assert opened.broken() == {}

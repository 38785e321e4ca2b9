import pytest

from kernel.settings import settings
from tests.audit_trail import KEY_SETTING
from tests.earn_books import open_earn


@pytest.fixture
def signing_key(monkeypatch, tmp_path):
    """The engine's key, and a data directory of this test alone."""
    monkeypatch.setenv("RIVERMOUTH_AUDIT_KEYS", KEY_SETTING)
    monkeypatch.setenv("RIVERMOUTH_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


@pytest.fixture
def books(database):
    with open_earn(database) as opened:
        yield opened

"""Limits for one test: other than the roomy ones that all tests have, and counted from nothing."""

import pytest

from kernel import cache, rates
from kernel.settings import settings


def _begin_anew():
    settings.cache_clear()
    rates.forget()
    for key in cache.client().scan_iter("rm:rate*"):
        cache.client().delete(key)


@pytest.fixture
def limits(house, monkeypatch):
    """Call it with the text of RIVERMOUTH_RATE_LIMITS, and with other settings by their names."""

    def use(text="", **settings_of_the_process):
        monkeypatch.setenv("RIVERMOUTH_RATE_LIMITS", text)
        for name, value in settings_of_the_process.items():
            monkeypatch.setenv(f"RIVERMOUTH_{name.upper()}", str(value))
        _begin_anew()

    yield use
    monkeypatch.undo()
    _begin_anew()

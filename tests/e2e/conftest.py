"""One running demo for all end-to-end tests of a worker; every test starts from reset faults and pinned prices."""

import time

import pytest

from rivermouth.prove.stack import running


@pytest.fixture(scope="session")
def demo():
    with running() as stack:
        yield stack


def _wait_for_all_venues(demo, symbol):
    """A venue that a test has silenced comes back by itself; the next test wants all four."""
    deadline = time.monotonic() + 40
    while True:
        venues = demo.retail.get(f"/v1/markets/{symbol}/quotes")["venues"]
        if all(v["state"] == "SYNCED" for v in venues):
            return
        assert time.monotonic() < deadline, venues
        time.sleep(0.1)


@pytest.fixture
def stack(demo):
    demo.reset()
    for symbol, price in (("BTC-USDT", "60000"), ("ETH-USDT", "3000"), ("ETH-BTC", "0.05")):
        demo.price(symbol, price)
        _wait_for_all_venues(demo, symbol)
    yield demo
    demo.reset()
    assert demo.broken_invariants() == []

"""One running demo for all end-to-end tests of a worker; every test starts from reset faults and pinned prices."""

import pytest

from rivermouth.prove.stack import running
from tests.e2e.trading import wait_for_all_venues


@pytest.fixture(scope="session")
def demo():
    with running() as stack:
        yield stack


@pytest.fixture
def stack(demo):
    demo.reset()
    for symbol, price in (("BTC-USDT", "60000"), ("ETH-USDT", "3000"), ("ETH-BTC", "0.05")):
        demo.price(symbol, price)
        wait_for_all_venues(demo, symbol)
    yield demo
    demo.reset()
    assert demo.broken_invariants() == []

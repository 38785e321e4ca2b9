"""One running demo for all end-to-end tests of a worker; every test starts from reset faults and pinned prices."""

from decimal import Decimal

import pytest

from rivermouth.prove.stack import running
from tests.e2e.trading import wait_for_all_venues


@pytest.fixture(scope="package")
def demo():
    """Not of the session: it would go on beside all tests that come after these, and takes a third of a core."""
    with running() as stack:
        yield stack


def _top_up(demo):
    """Which tests share a demo is the scheduler's choice: none may find that the others have spent everything."""
    have = demo.retail.balances()
    for asset, least, more in (("USDT", 50_000, "100000"), ("BTC", 1, "2")):
        if Decimal(have[asset]["available"]) < least:
            wanted = {"email": demo.retail.email, "asset": asset, "amount": more}
            demo.admin.post("/v1/sandbox/deposits", wanted)


@pytest.fixture
def stack(demo):
    demo.reset()
    _top_up(demo)
    for symbol, price in (("BTC-USDT", "60000"), ("ETH-USDT", "3000"), ("ETH-BTC", "0.05")):
        demo.price(symbol, price)
        wait_for_all_venues(demo, symbol)
    yield demo
    demo.reset()
    assert demo.broken_invariants() == []

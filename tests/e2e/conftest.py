"""One running demo for all end-to-end tests of a worker; every test starts from reset faults and pinned prices."""

from decimal import Decimal
from pathlib import Path

import pytest

from rivermouth.prove.stack import running
from tests.chat_houses import ChatHouses, Doors
from tests.e2e.trading import wait_for_all_venues


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a demo of their own come first: the shared one goes on beside all that follow its first test, with a gigabyte of memory."""
    places = [place for place, item in enumerate(items) if item.path.is_relative_to(Path(__file__).parent)]
    sorted_ones = sorted((items[place] for place in places), key=lambda item: "demo" in item.fixturenames)
    for place, item in zip(places, sorted_ones, strict=True):
        items[place] = item


@pytest.fixture(scope="package")
def chat_doors(tmp_path_factory):
    """The way to DingTalk and Slack, which are on this machine."""
    doors = Doors(ChatHouses(), tmp_path_factory.mktemp("chat"))
    yield doors
    doors.close()


@pytest.fixture(scope="package")
def demo(chat_doors):
    """Not of the session: it would go on beside all tests that come after these, and takes a third of a core."""
    with running(env=chat_doors.environment) as stack:
        yield stack


@pytest.fixture
def chat(chat_doors):
    """What DingTalk and Slack have been told."""
    return chat_doors.houses


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

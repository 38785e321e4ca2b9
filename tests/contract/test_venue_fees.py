"""What each venue says it charges our account, through unmodified ccxt."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from simulator_server import start_simulator
from venue_desk import D, with_gateway

from venues.accounts import VENUES
from venues.gateway import VenueFees
from venues.simulator.listings import LISTINGS

SYMBOLS = ("BTC-USDT", "ETH-USDT", "ETH-BTC")


@pytest.fixture(scope="module")
def simulator():
    with start_simulator(tick_s=0) as running:
        yield running


@pytest.mark.parametrize("venue", VENUES)
def test_fees_of_our_account(simulator, venue):
    told = with_gateway(simulator, venue, lambda gateway: gateway.fees([*SYMBOLS, "NO-SUCH"]))
    assert set(told) == set(SYMBOLS)
    row = LISTINGS[venue]
    assert told["BTC-USDT"] == VenueFees(
        maker=row.maker_fee, taker=row.taker_fee, volume=D(0) if venue == "kraken" else None
    )


@pytest.mark.parametrize("venue", VENUES)
def test_the_last_price_of_what_is_listed(simulator, venue):
    simulator.pin("BTC-USDT", "60000")
    price = with_gateway(simulator, venue, lambda gateway: gateway.last_price("BTC-USDT"))
    assert abs(price - 60000) < 600
    assert with_gateway(simulator, venue, lambda gateway: gateway.last_price("BNB-USDT")) is None

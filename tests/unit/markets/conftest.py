"""Books and instruments for tests of a market in memory."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from markets.instruments.service import Instrument
from markets.instruments.states import FillMode, MarketStatus, Trigger
from markets.shard import MarketState
from venues.books import BookState, VenueBook

VENUES = ("binance", "okx", "kraken", "bitfinex")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BTC = Instrument(
    "BTC-USDT",
    "BTC",
    "USDT",
    Decimal("0.01"),
    Decimal("0.00001"),
    Decimal(5),
    Trigger.EXECUTABLE,
    FillMode.PASS_THROUGH,
    Decimal(0),
    MarketStatus.TRADING,
)


class Market:
    """A MarketState with a clock that the test moves; kraken and bitfinex are polled."""

    def __init__(self):
        self.state = MarketState(BTC, venues=VENUES, poll_s=1.0)
        self.now = 1000.0
        self.sequence = 0

    def book(self, venue, mid, *, state=BookState.SYNCED, half=1, **changes):
        self.sequence += 1
        mid = Decimal(mid)
        fields = {
            "venue": venue,
            "symbol": "BTC-USDT",
            "bids": ((mid - half, Decimal(2)),),
            "asks": ((mid + half, Decimal(3)),),
            "last": mid,
            "volume_24h": Decimal(1000),
            "sequence": self.sequence,
            "received_mono": self.now,
            "received_at": NOON,
            "state": state,
            "polled": venue in {"kraken", "bitfinex"},
        }
        self.state.on_book(VenueBook(**(fields | changes)))

    def books(self, mid, venues=VENUES):
        for venue in venues:
            self.book(venue, mid)

    def tick(self, after=0.0):
        self.now += after
        return self.state.tick(self.now, NOON + timedelta(seconds=self.now - 1000.0))


@pytest.fixture
def market():
    return Market()
